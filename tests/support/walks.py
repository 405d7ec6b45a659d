"""Tracks that walk given paths past zones, for tests of counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from heatstream.core.controls import Anchor, CountControls
from heatstream.core.counting import ZoneCounter
from heatstream.core.moment import Moment
from heatstream.core.types import Crossing, Direction, Tracks, Zone

Place = tuple[float, float]
SIZE = (1000, 1000)
#: Boxes of 40 x 90 px: sqrt(3600) = 60, of which the inner dead band is 5 %, the outer one 15 %.
BOX = (40.0, 90.0)
BAND_PX = 3.0
OUTER_PX = 9.0


def seen(places: Mapping[int, Place], *, box: Place = BOX, class_id: int = 0) -> Tracks:
    """Tracks by id, whose boxes' centres are ``places``."""
    centres = np.array(list(places.values()), np.float64).reshape(-1, 2)
    half = np.array(box) / 2
    return Tracks(
        np.concatenate((centres - half, centres + half), axis=1).astype(np.float32),
        np.array(list(places), np.int64),
        np.full(len(places), 0.9, np.float32),
        np.full(len(places), class_id, np.int64),
    )


def line(a: Place, b: Place, *, flipped: bool = False, key: str = "gate") -> Zone:
    """A line in pixels of ``SIZE``."""
    return polygon(a, b, flipped=flipped, key=key)


def polygon(*points: Place, flipped: bool = False, key: str = "gate") -> Zone:
    """A zone in pixels of ``SIZE``."""
    return Zone(key, key.title(), tuple((x / SIZE[0], y / SIZE[1]) for x, y in points), flipped)


class Street:
    """A counter and its clock: frames come at ``rate_hz``, the first is number 1 at 0 s."""

    def __init__(self, *zones: Zone, rate_hz: float = 25.0) -> None:
        self.counter = ZoneCounter({0: "person", 2: "car"})
        self.zones = tuple(zones)
        self.rate_hz = rate_hz
        self.frame = 0
        self.time_s = -1 / rate_hz
        self.epoch_s: float | None = 1e9
        self.run = 1
        self.size_wh = SIZE
        self.anchor = Anchor.CENTER
        self.counting = CountControls()
        self.confirmed = True

    def step(self, tracks: Tracks | Mapping[int, Place], *, dt_s: float | None = None) -> tuple[Crossing, ...]:
        """One frame, ``dt_s`` after the last."""
        self.frame += 1
        self.time_s += 1 / self.rate_hz if dt_s is None else dt_s
        utc_s = None if self.epoch_s is None else self.epoch_s + self.time_s
        moment = Moment(self.frame, self.time_s, self.run, utc_s, self.size_wh)
        given = tracks if isinstance(tracks, Tracks) else seen(tracks)
        confirmed = np.full(len(given), self.confirmed)
        return self.counter.step(given, moment, self.zones, self.anchor, self.counting, confirmed)

    def walk(self, path: Sequence[Place | None], track: int = 1) -> list[Crossing]:
        """One track along ``path``, a place each frame; None is a frame without it."""
        return [crossing for place in path for crossing in self.step({} if place is None else {track: place})]

    def counts(self) -> list[tuple[int, int]]:
        """In and out of each zone."""
        return [(tally.total.into, tally.total.out) for tally in self.counter.tallies()]


def ways(crossings: Sequence[Crossing]) -> str:
    """The directions in order, as a word such as "ioi"."""
    return "".join("i" if crossing.direction is Direction.IN else "o" for crossing in crossings)


def walked(zone: Zone, path: Sequence[Place | None], *, band_px: float | None = None, rate_hz: float = 25.0) -> str:
    """The directions counted for one track along ``path``, with a dead band that is set or by the box."""
    street = Street(zone, rate_hz=rate_hz)
    street.counting = CountControls(band=None if band_px is None else band_px / SIZE[1])
    return ways(street.walk(path))


def straight(a: Place, b: Place, steps: int) -> list[Place]:
    """``steps`` + 1 places from ``a`` to ``b``, evenly spread."""
    share = np.linspace(0, 1, steps + 1)[:, None]
    return [(float(x), float(y)) for x, y in np.array(a) + share * (np.array(b) - np.array(a))]
