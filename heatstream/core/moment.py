"""When a step of counting happens, and in how large a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """The frame that a step belongs to; the fields mean what they mean in ``types.Frame``.

    ``time_s`` is media time in seconds, ``utc_s`` epoch seconds or None, ``size_wh`` the frame's pixels.
    """

    frame: int
    time_s: float
    run: int
    utc_s: float | None
    size_wh: tuple[int, int]
