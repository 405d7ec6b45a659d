"""Ways over the demo plaza: rounded paths that lead around what stands there, and walking along them in time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from heatstream.demo.layout import BLOCKS, Block
from heatstream.demo.view import Floats

Place = tuple[float, float]

#: Distance between the points that a path keeps, m.
STEP_M = 0.25
#: How long slowing down for a stop takes, s.
EASE_S = 0.7
#: Room that a walker leaves beside what stands in the way, m.
ROOM_M = 0.45


@dataclass(frozen=True, slots=True)
class Path:
    """A way (x, y) in steps of ``STEP_M``; plain lists, since single points are read one by one."""

    x: list[float]
    y: list[float]

    @property
    def length_m(self) -> float:
        """Length of the way."""
        return (len(self.x) - 1) * STEP_M

    def at(self, along_m: float) -> tuple[float, float, float]:
        """x, y and bearing at ``along_m`` from the start, held at the ends."""
        spot = min(max(along_m / STEP_M, 0.0), len(self.x) - 1.001)
        n = int(spot)
        share = spot - n
        dx, dy = self.x[n + 1] - self.x[n], self.y[n + 1] - self.y[n]
        return self.x[n] + share * dx, self.y[n] + share * dy, math.atan2(dx, dy)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Walking at ``speed_mps`` from ``start_s`` on, with a stop of ``pause_s`` after ``stop_m`` (inf: no stop)."""

    start_s: float
    speed_mps: float
    stop_m: float = math.inf
    pause_s: float = 0.0

    def end_s(self, length_m: float) -> float:
        """When the end of the way is reached."""
        stopped = self.pause_s + EASE_S if math.isfinite(self.stop_m) else 0.0
        return self.start_s + length_m / self.speed_mps + stopped

    def times(self, points: int) -> Floats:
        """When the first ``points`` points of a path are passed, s (braking is left out)."""
        along = np.arange(points) * STEP_M
        stopped = np.where(along > self.stop_m, self.pause_s + EASE_S, 0.0)
        return np.asarray(self.start_s + along / self.speed_mps + stopped, np.float64)

    def along(self, time_s: float) -> tuple[float, float]:
        """Metres walked at ``time_s``, and the share of the full speed."""
        v, t = self.speed_mps, time_s - self.start_s
        brake = self.stop_m / v - EASE_S / 2
        if t <= brake:
            return v * t, 1.0
        t -= brake
        before = self.stop_m - v * EASE_S / 2
        if t < EASE_S:
            return before + v * (t - t * t / (2 * EASE_S)), 1 - t / EASE_S
        t -= EASE_S + self.pause_s
        if t <= 0:
            return self.stop_m, 0.0
        if t < EASE_S:
            return self.stop_m + v * t * t / (2 * EASE_S), t / EASE_S
        return self.stop_m + v * (t - EASE_S / 2), 1.0


def rounded(places: list[Place], *, room_m: float = ROOM_M) -> Path:
    """A path through ``places``, led around all blocks, with rounded corners."""
    way = _around(places, room_m)
    points = np.array(way)
    for _ in range(3):  # Chaikin's corner cutting (1974), ends kept
        inner = np.stack((0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]), axis=1)
        points = np.concatenate((points[:1], inner.reshape(-1, 2), points[-1:]))
    return resampled(points)


def resampled(points: Floats) -> Path:
    """The polyline ``points`` (N, 2) in even steps."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(lengths)))
    places = np.arange(0.0, max(along[-1], 2 * STEP_M) + STEP_M, STEP_M)
    return Path(np.interp(places, along, points[:, 0]).tolist(), np.interp(places, along, points[:, 1]).tolist())


def beside(path: Path, offset_m: float) -> Path:
    """A path of as many points, ``offset_m`` to the right of ``path``."""
    points = np.stack((path.x, path.y), axis=1)
    way = np.gradient(points, axis=0)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    kernel = np.ones(9) / 9
    smooth = np.stack([np.convolve(np.pad(way[:, n], 4, mode="edge"), kernel, "valid") for n in range(2)], axis=1)
    moved = points + offset_m * np.stack((smooth[:, 1], -smooth[:, 0]), axis=1)
    return Path(moved[:, 0].tolist(), moved[:, 1].tolist())


def _around(places: list[Place], room_m: float) -> list[Place]:
    """``places`` with corners added, so that no segment comes nearer than ``room_m`` to a block."""
    way = list(places)
    for _ in range(6):
        for n, (a, b) in enumerate(pairwise(way)):
            corner = _corner(a, b, room_m)
            if corner is not None:
                way.insert(n + 1, corner)
                break
        else:
            break
    return way


def _corner(a: Place, b: Place, room_m: float) -> Place | None:
    """Where to turn between ``a`` and ``b`` to pass beside the first block in the way; None if there is none."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length < 0.5:
        return None
    best: tuple[float, Block, float] | None = None
    for block in BLOCKS:
        share = ((block.x - a[0]) * dx + (block.y - a[1]) * dy) / length**2
        if not 0.02 < share < 0.98:
            continue
        side = ((block.x - a[0]) * dy - (block.y - a[1]) * dx) / length  # positive: the block lies to the right
        if abs(side) < block.radius + room_m - 0.05 and (best is None or share < best[0]):
            best = share, block, side
    if best is None:
        return None
    _, block, side = best
    out = (block.radius + room_m) * 1.18 * (-1 if side > 0 else 1)
    return block.x + out * dy / length, block.y - out * dx / length
