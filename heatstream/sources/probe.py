"""A short look at a source: one picture, what is known of it, and how long it took. The page's "Test connection"."""

from __future__ import annotations

import time
from dataclasses import dataclass

from heatstream.core.errors import SourceUnreadableError
from heatstream.core.types import ImageArray, SourceInfo
from heatstream.sources.base import redacted
from heatstream.sources.opening import open_source


@dataclass(frozen=True, slots=True)
class Probe:
    """What ``probe`` saw: ``still`` is BGR uint8 (H, W, 3), read-only.

    ``delay_s`` is the time from asking to the first picture in seconds, None where it says nothing of the source.
    """

    info: SourceInfo
    still: ImageArray
    delay_s: float | None


def probe(text: str, *, timeout_s: float = 10.0, operator: bool = False) -> Probe:
    """Open the source ``text``, take its first picture and close it again.

    Raises:
        AccessError: the address may not be opened.
        SourceError: it gives no picture within ``timeout_s`` seconds; its leaves tell why.
    """
    began_s = time.monotonic()
    with open_source(text, timeout_s=timeout_s, operator=operator) as source:
        frame = next(iter(source.frames()), None)
        if frame is None:
            raise SourceUnreadableError(f"{redacted(text)} gives no picture; choose another source")
        return Probe(source.info, frame.image, time.monotonic() - began_s)
