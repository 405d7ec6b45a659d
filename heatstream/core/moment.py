"""When a step of counting happens, and in how large a picture; and whom it still remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, overload

from heatstream.core.geometry import Bools, Floats
from heatstream.core.types import GAP_S, MEMORY_S


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


@overload
def remembered(seen_s: float, now_s: float, last_s: float) -> bool: ...
@overload
def remembered(seen_s: Floats, now_s: float, last_s: float) -> Bools: ...
def remembered(seen_s: float | Floats, now_s: float, last_s: float) -> bool | Bools:
    """Whether a track seen at ``seen_s``, or each of those seen at ``seen_s`` (N,), is remembered at ``now_s``.

    That is for ``MEMORY_S``, or for ``GAP_S`` if it was there in the frame before, of ``last_s``: then none in between
    could have shown it. All in media seconds.
    """
    age_s: Any = now_s - seen_s
    kept: bool | Bools = (abs(age_s) <= MEMORY_S) | ((seen_s == last_s) & (abs(age_s) <= GAP_S))
    return kept
