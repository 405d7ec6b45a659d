"""Where each track has been in the last seconds: bounded, and forgotten with the track."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from heatstream.core.controls import Anchor
from heatstream.core.geometry import anchors
from heatstream.core.moment import Moment
from heatstream.core.types import FloatArray, Tracks

#: Seconds of a path that are kept, the most points of it, and how long a track may be hidden before it is forgotten.
KEEP_S = 3.0
MAX_POINTS = 32
FORGET_S = 1.0


@dataclass(slots=True)
class _Path:
    class_id: int
    seen_s: float
    points: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=MAX_POINTS))


class Trails:
    """The recent anchors of every track, in normalised 0-1 coordinates, so that they survive a change of size.

    A path ends ``KEEP_S`` media seconds back. A track that has not been seen for ``FORGET_S``, or belongs to another
    run, is forgotten.
    """

    def __init__(self) -> None:
        self._run = 0
        self._paths: dict[int, _Path] = {}

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._paths)

    def step(self, tracks: Tracks, moment: Moment, anchor: Anchor) -> None:
        """Add the places of one frame's tracks and forget what is old."""
        now_s = moment.time_s
        if moment.run != self._run:
            self._run = moment.run
            self._paths.clear()
        places = anchors(tracks.xyxy, anchor) / moment.size_wh
        for track_id, class_id, (x, y) in zip(
            tracks.track_id.tolist(), tracks.class_id.tolist(), places.tolist(), strict=True
        ):
            path = self._paths.setdefault(track_id, _Path(class_id, now_s))
            path.class_id, path.seen_s = class_id, now_s
            # Spaced in time so that the memory spans it all at any frame rate; the last point is always the newest.
            if not path.points or now_s - path.points[-1][0] >= KEEP_S / MAX_POINTS:
                path.points.append((now_s, x, y))
            else:
                path.points[-1] = (path.points[-1][0], x, y)
        for track_id, path in list(self._paths.items()):
            if now_s - path.seen_s > FORGET_S:
                del self._paths[track_id]
                continue
            while path.points and now_s - path.points[0][0] > KEEP_S:
                path.points.popleft()

    def paths(self) -> Iterator[tuple[int, int, FloatArray]]:
        """Track id, class id and path of each track: float32 (N, 2), normalised 0-1, oldest first, N >= 1."""
        for track_id, path in self._paths.items():
            if path.points:
                yield track_id, path.class_id, np.array([point[1:] for point in path.points], np.float32)
