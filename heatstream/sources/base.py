"""What every source of frames has in common: the protocol, the options of opening, and a source's name in messages."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

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


#: Stands in an address where a secret was taken out.
MARK = "***"
#: Cheap recorders want user and password in the path: ``/user=admin_password=1234_channel=1.sdp``.
PATH_SECRETS = re.compile(
    r"((?:user(?:name)?|usr|login|pass(?:w(?:or)?d)?|pwd|psw|token)=)([^/&;]+?)(?=_[a-z]+=|[&/;]|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How to open a source: begin ``start_s`` seconds into it, give up after ``timeout_s`` or when ``stop`` is set.

    ``operator``: whoever runs HeatStream named it, so that it may lie in a private network (see ``addresses``).
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


@dataclass(frozen=True, slots=True)
class UrlParts:
    """A URL as it is written, in pieces; ``query`` begins with ``?`` and ``fragment`` with ``#`` if there is one."""

    scheme: str
    userinfo: str
    host: str
    path: str
    query: str
    fragment: str


def split_url(text: str) -> UrlParts:
    """The pieces of a text for which ``is_url`` is true; ``host`` has the port.

    A password with ``/``, ``?`` or ``#`` in it is recognised where no port could stand for it.
    """
    scheme, _, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" not in authority and "@" in rest and not re.fullmatch(r"[^:]*(?::\d*)?|\[.*\](?::\d*)?", authority):
        authority = rest[: rest.rindex("@")] + re.split(r"[/?#]", rest[rest.rindex("@") :], maxsplit=1)[0]
    userinfo, _, host = authority.rpartition("@")
    tail, hash_mark, fragment = rest[len(authority) :].partition("#")
    path, question_mark, query = tail.partition("?")
    return UrlParts(scheme, userinfo, host, path, question_mark + query, hash_mark + fragment)


def redacted(text: str) -> str:
    """``text`` as it may be shown and logged: a URL loses its user, password, query and fragment."""
    text = text.strip()
    if not is_url(text):
        return text
    parts = split_url(text)
    path = PATH_SECRETS.sub(rf"\1{MARK}", parts.path)
    if "@" in path and not parts.userinfo and ":" in parts.host:  # host and port, or user and half a password
        return f"{parts.scheme}://..."
    host = re.sub(r"^([^:\[\]]*):(?!\d*$).*", r"\1", parts.host)  # what is no port may be a password
    return f"{parts.scheme}://{host}{path}"
