"""What every source of frames has in common: the protocol, the options of opening, and a source's name in messages."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from heatstream.core.errors import ControlsError
from heatstream.core.types import Frame, SourceInfo


class Source(Protocol):
    """An opened camera, file or stream that gives frames.

    It is a context manager. ``close`` is idempotent and may be called from any thread: it ends an iteration that
    runs elsewhere without an error. ``frames`` after ``close`` raises ``ClosedError``.
    """

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""

    @property
    def damaged(self) -> int:
        """How often data could not be decoded so far."""

    @property
    def position_s(self) -> float:
        """The place of the last frame in its file, seconds from the file's start; ``start_s`` of a later opening."""

    def frames(self) -> Iterator[Frame]:
        """The frames as fast as they are asked for; a second call goes on where the first one stopped."""

    def close(self) -> None:
        """Give everything back."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How to open a source: begin ``start_s`` seconds into it, give up after ``timeout_s`` or when ``stop`` is set.

    ``operator``: who asks may open every address (see ``addresses.check_address``).
    """

    start_s: float = 0.0
    timeout_s: float = 10.0
    stop: threading.Event | None = None
    operator: bool = False

    def __post_init__(self) -> None:
        if not (self.start_s >= 0 and math.isfinite(self.start_s)):
            raise ControlsError(f"the start must be 0 seconds or later, not {self.start_s}")
        if not self.timeout_s > 0:
            raise ControlsError(f"the time to open must be more than 0 seconds, not {self.timeout_s}")


def is_url(text: str) -> bool:
    """True for ``scheme://...``."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.isascii() and scheme.replace("+", "").replace("-", "").isalnum()


def redacted(text: str) -> str:
    """``text`` as it may be shown and logged: a URL loses its user, password, query and fragment."""
    if not is_url(text):
        return text
    scheme, _, rest = text.partition("://")
    try:
        parts = urlsplit(text)
        host, path = parts.netloc.rpartition("@")[2], parts.path
    except ValueError:
        host, path = rest.rpartition("@")[2].partition("/")[0], ""
    return f"{scheme}://{host}{path}"
