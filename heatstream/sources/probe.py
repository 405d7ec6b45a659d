"""What a source gives when it is tried: its first picture, what is known of it, and how long that took."""

from __future__ import annotations

import time
from dataclasses import dataclass

from heatstream.core.errors import SourceUnreadableError
from heatstream.core.types import ImageArray, SourceInfo
from heatstream.sources.opening import open_source


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found: ``still`` is the first picture, BGR uint8; ``delay_s`` the time until it came, seconds."""

    info: SourceInfo
    still: ImageArray
    delay_s: float | None


def probe(text: str, *, timeout_s: float = 10.0) -> Probe:
    """Open a source, take its first picture, and close it again.

    Raises:
        SourceError: it cannot be opened, or gives no picture.
        AccessError: its address may not be opened.
    """
    began_s = time.monotonic()
    with open_source(text, timeout_s=timeout_s) as source:
        for frame in source.frames():
            return Probe(source.info, frame.image, time.monotonic() - began_s)
        raise SourceUnreadableError(f"{source.info.label} gave no picture")
