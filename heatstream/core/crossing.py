"""One zone and the paths of many tracks: which of them have crossed it.

A path is continuous between two sightings, whatever the frame rate. A track's side is *settled* once its path was
beyond the outer dead band, or ``STEADY`` sightings in a row were beyond the inner one, or it was lost there.
Between two unlike settled sides lies a crossing if the path went through the zone (a line is finite) one time more
that way than back. So the jitter of who stands on a line counts nothing, a way around a line's end only changes the
side, and nothing is missed between two frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from heatstream.core.geometry import Bools, Floats, Points
from heatstream.core.moment import Moment
from heatstream.core.shapes import shape_of
from heatstream.core.types import Zone, ZoneKind

#: A track that is seen first at least so far from a zone is on that side of it, pixels.
BORN_PX = 1.0
#: So many sightings in a row between the inner and the outer dead band are no jitter.
STEADY = 5


@dataclass(frozen=True, slots=True)
class Paths:
    """How N tracks moved in one step.

    ``start`` and ``end`` are (N, 2) px (alike for a track seen first), ``band`` (N, 2) px is the inner and the outer
    dead band that each box asks for, ``row`` (N,) the track's row in the memory of each zone, ``class_id`` (N,).
    """

    start: Points
    end: Points
    band: Floats
    row: npt.NDArray[np.intp]
    class_id: npt.NDArray[np.int64]


class Passage(NamedTuple):
    """A path went through the zone, at this place in pixels of the moment's frame."""

    moment: Moment
    class_id: int
    x_px: float
    y_px: float


class Crossed(NamedTuple):
    """A crossing is certain: whose (its row in the memory), to which side (1 in, -1 out), and where it passed."""

    row: int
    side: int
    passage: Passage


#: Columns of a zone's memory of each track: the settled side (0: none yet, else -1 or 1); the side of the last anchor,
#: however close (0: never seen by this zone); the ways through the zone since the side settled, in minus out; the
#: last sightings in a row beyond the inner band, on another side than the settled one; whether the last one was on
#: another side at all; how many crossings were counted.
SIDE, PLACE, THROUGH, BEYOND, PAST, COUNTED = range(6)


class Watch:
    """Follows all tracks past one zone. Rows of its memory are added and dropped by its owner, for all zones alike."""

    def __init__(self, zone: Zone, rows: int) -> None:
        self.zone = zone
        self._shape = shape_of(zone, (1, 1))
        self._size_wh = (1, 1)
        self._memory = np.zeros((rows, 6), np.int32)
        self._since_s = np.full(rows, np.nan)  # when a track came inside a polygon; NaN: it is not
        self._passages: dict[int, Passage] = {}

    @property
    def occupancy(self) -> int | None:
        """How many remembered tracks are inside; None for a line."""
        if self.zone.kind is ZoneKind.LINE:
            return None
        return int(np.count_nonzero(self._inside()))

    def _inside(self) -> Bools:
        """Which remembered tracks are on the *in* side."""
        side, place = self._memory[:, SIDE], self._memory[:, PLACE]
        return np.asarray((side > 0) | ((side == 0) & (place > 0)))

    def add(self, rows: int) -> None:
        """Make room for ``rows`` more tracks, at the end."""
        self._memory = np.concatenate((self._memory, np.zeros((rows, 6), np.int32)))
        self._since_s = np.concatenate((self._since_s, np.full(rows, np.nan)))

    def is_first(self, row: int) -> bool:
        """Whether the crossing of this row that is about to be counted is its first; it is noted."""
        self._memory[row, COUNTED] += 1
        return bool(self._memory[row, COUNTED] == 1)

    def stays(self, seen_s: Floats, mask: Bools | None = None) -> Floats:
        """The stays (K,) s inside a polygon that are over: of tracks that went out, and of those that will be dropped.

        ``seen_s`` (M,) is when each track was last seen, ``mask`` (M,) what is kept of them (None: all).
        """
        if self.zone.kind is ZoneKind.LINE:
            return np.empty(0)
        inside = self._inside()
        if mask is not None:
            inside &= mask
        over = ~inside & ~np.isnan(self._since_s)
        ended = (seen_s - self._since_s)[over]
        self._since_s[over] = np.nan
        came = inside & np.isnan(self._since_s)
        self._since_s[came] = seen_s[came]
        return np.asarray(np.maximum(ended, 0.0))

    def keep(self, mask: Bools) -> None:
        """Drop the rows where ``mask`` (M,) is false; the others move up."""
        self._since_s = self._since_s[mask]
        moved = np.cumsum(mask) - 1
        self._passages = {int(moved[row]): passage for row, passage in self._passages.items() if mask[row]}
        self._memory = self._memory[mask]

    def follow(self, paths: Paths, moment: Moment) -> list[Crossed]:
        """Take one step with the tracks present; the crossings that became certain, track by track."""
        if moment.size_wh != self._size_wh:
            self._shape, self._size_wh = shape_of(self.zone, moment.size_wh), moment.size_wh
        shape, start, end = self._shape, paths.start, paths.end
        inner, outer = shape.band(paths.band[:, 0]), shape.band(paths.band[:, 1])
        distance = shape.signed(np.concatenate((start, end)))
        before, after = distance[: len(start)], distance[len(start) :]
        length = np.hypot(end[:, 0] - start[:, 0], end[:, 1] - start[:, 1])
        side, place, through = self._memory[paths.row, :BEYOND].T
        fresh = place == 0
        close = shape.least(side * before, side * after, length) <= 0
        near = np.flatnonzero(~fresh & (close | (through != 0)))
        crossed: list[Crossed] = []
        if len(near):
            looks = shape.looks(length[near], inner[near])
            ends = np.stack((before, after), axis=1)[near].tolist()
            between = self._between(start[near], end[near], looks)
            for which, (first, last), through_px in zip(near.tolist(), ends, between, strict=True):
                bands = float(inner[which]), float(outer[which])
                crossed += self._trace(which, [first, *through_px, last], bands, paths, moment)
        if fresh.any():
            self._memory[paths.row[fresh], SIDE] = _settled(after, BORN_PX)[fresh]
        self._memory[paths.row, PLACE] = np.where(after < 0, -1, 1)
        return crossed

    def _between(self, start: Points, end: Points, looks: npt.NDArray[np.intp]) -> list[list[float]]:
        """The distances at ``looks`` (N,) places between start and end (N, 2), evenly spread, of each path."""
        if not looks.any():
            return [[]] * len(looks)
        whose = np.repeat(np.arange(len(looks)), looks)
        first = np.cumsum(looks) - looks
        share = (np.arange(len(whose)) - first[whose] + 1) / (looks[whose] + 1)
        distance = self._shape.signed(start[whose] + share[:, None] * (end - start)[whose])
        values, bounds = distance.tolist(), [*first.tolist(), len(whose)]
        return [values[a:b] for a, b in pairwise(bounds)]

    def _trace(
        self, which: int, along: list[float], bands: tuple[float, float], paths: Paths, moment: Moment
    ) -> Iterator[Crossed]:
        """Walk along one track's path, with the distances ``along`` it, and settle its side."""
        row, (inner, outer) = int(paths.row[which]), bands
        memory = self._memory[row]
        for piece, (before, after) in enumerate(pairwise(along)):
            place = 1 if after >= 0 else -1
            if place != memory[PLACE]:
                memory[PLACE], memory[BEYOND] = place, 0
                share = min(max(before / (before - after), 0.0), 1.0) if before != after else 0.0
                share = (piece + share) / (len(along) - 1)
                x, y = (paths.start[which] + share * (paths.end[which] - paths.start[which])).tolist()
                if self._shape.lets_through(x, y):
                    memory[THROUGH] += place
                    if place != memory[SIDE]:
                        self._passages[row] = Passage(moment, int(paths.class_id[which]), x, y)
            if abs(after) > outer:
                yield from self._settle(row)
        unsure = memory[PLACE] != memory[SIDE]
        memory[PAST] = unsure and abs(along[-1]) > BORN_PX
        memory[BEYOND] = memory[BEYOND] + 1 if unsure and abs(along[-1]) > inner else 0
        if memory[BEYOND] >= STEADY:
            yield from self._settle(row)

    def _settle(self, row: int) -> Iterator[Crossed]:
        """Take the side where a track is now for certain; its crossing, if it came through the zone."""
        side, place, through = self._memory[row, :BEYOND].tolist()
        if side == -place and through * place > 0:
            yield Crossed(row, place, self._passages[row])
        self._passages.pop(row, None)
        self._memory[row, :COUNTED] = place, place, 0, 0, 0

    def left(self, mask: Bools, *, ended: bool) -> list[Crossed]:
        """The crossings of tracks that are lost, (M,) ``mask``, and were seen last beyond the inner band.

        Of those that have ``ended``, any sighting on the other side is enough: nothing will tell more of them, and
        whoever leaves the picture close behind a line is seen there no further.
        """
        rows: list[int] = np.flatnonzero(mask & (self._memory[:, PAST if ended else BEYOND] > 0)).tolist()
        return [crossed for row in rows for crossed in self._settle(row)]


def _settled(distance: Floats, band: float) -> npt.NDArray[np.int32]:
    """The side (N,) where the distance is beyond the band, 0 within it."""
    return np.where(np.abs(distance) > band, np.where(distance < 0, -1, 1), 0).astype(np.int32)
