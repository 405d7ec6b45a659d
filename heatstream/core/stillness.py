"""Which tracks have been standing still, and for how long: a parked car would be the hottest spot of every picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatstream.core.moment import remembered
from heatstream.core.types import Tracks

#: A track stands still while the middle of its box stays within this share of the box's size (the side of a square of
#: its area) from where it began to; wider than the jitter of boxes, narrower than a step.
REACH = 0.3


@dataclass(slots=True)
class _Stand:
    """Where a track has been standing since when, and when it was last seen."""

    x: float
    y: float
    reach: float
    since_s: float
    seen_s: float


class Stillness:
    """Remembers the tracks of the last seconds (``remembered``); a new track where one was lost goes on standing."""

    def __init__(self) -> None:
        self._stands: dict[int, _Stand] = {}

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._stands)

    def forget(self) -> None:
        """Begin anew: other tracks, or another time."""
        self._stands.clear()

    def step(self, tracks: Tracks, time_s: float, last_s: float) -> npt.NDArray[np.float64]:
        """For how many seconds (N,) each track has been standing still at ``time_s`` (media time); the frame before was
        at ``last_s``."""
        stands = self._stands
        for track_id in [key for key, one in stands.items() if not remembered(one.seen_s, time_s, last_s)]:
            del stands[track_id]
        boxes = tracks.xyxy.astype(np.float64)
        sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
        reaches = (REACH * np.sqrt(sides.prod(axis=1))).tolist()
        middles = ((boxes[:, :2] + boxes[:, 2:]) / 2).tolist()
        present = set(tracks.track_id.tolist())
        stood = np.zeros(len(tracks))
        for i, track_id in enumerate(tracks.track_id.tolist()):
            (x, y), reach = middles[i], reaches[i]
            stand = stands.get(track_id) or self._left_here(x, y, present)
            if stand is None or not _within(stand, x, y):
                stand = _Stand(x, y, reach, time_s, time_s)
            stand.seen_s = time_s
            stands[track_id] = stand
            stood[i] = time_s - stand.since_s
        return stood

    def _left_here(self, x: float, y: float, present: set[int]) -> _Stand | None:
        """The stand of a track that is out of sight now and stood here: its id has changed."""
        for track_id, stand in self._stands.items():
            if track_id not in present and _within(stand, x, y):
                return self._stands.pop(track_id)
        return None


def _within(stand: _Stand, x: float, y: float) -> bool:
    return math.hypot(x - stand.x, y - stand.y) <= stand.reach
