"""Who walks over the demo plaza when: each slot has an endless sequence of trips, each from chance and its number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatstream.demo.layout import LANE_Y, STREET_Y
from heatstream.demo.looks import Look, make_look
from heatstream.demo.paths import ROOM_M, Path, Schedule, beside, rounded
from heatstream.demo.routes import Route, make_route
from heatstream.demo.traffic import LEFT_X, RIGHT_X, Traffic

#: A slot's trips begin about this often, s; the share by which a beginning moves to and fro.
EVERY_S, JITTER = 27.0, 0.22
#: How many looks the grown-ups and children of one seed share.
ADULTS, CHILDREN = 40, 8
#: A vehicle and a walker keep this far apart, m, along and across the lane.
_KEEP_M = {True: (3.6, 1.6), False: (2.0, 0.9)}
_PARTIES = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4)
MEAN_PARTY = sum(_PARTIES) / len(_PARTIES)


@dataclass(frozen=True, slots=True)
class Walker:
    """One person on a trip: the way, when, how it looks, and ``lag_m`` behind the party's first.

    ``facing`` is where it looks at while it stops (x, y), ``stride_m`` the length of two steps, ``gait`` "walk" or
    "run".
    """

    track_id: int
    path: Path
    schedule: Schedule
    look: Look
    lag_m: float
    stride_m: float
    gait: str
    facing: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Trip:
    """A party on its way from ``start_s`` to ``end_s``."""

    start_s: float
    end_s: float
    walkers: tuple[Walker, ...]


class Slot:
    """An endless sequence of trips."""

    def __init__(self, seed: int, number: int, traffic: Traffic) -> None:
        self._seed, self._number = seed, number
        self._traffic = traffic
        self._shift_s = float(self._chance(0, 1).uniform(0, EVERY_S))
        self._trip: Trip | None = None
        self._opens_s = self._closes_s = 0.0  # the current trip's window; empty at first

    def trip(self, time_s: float) -> Trip | None:
        """The trip under way at ``time_s``; None between two trips."""
        if not self._opens_s <= time_s < self._closes_s:
            self._find(time_s)
        trip = self._trip
        return trip if trip is not None and trip.start_s <= time_s < trip.end_s else None

    def _find(self, time_s: float) -> None:
        """Make the trip in whose window ``time_s`` lies the current one."""
        guess = math.floor((time_s + self._shift_s) / EVERY_S)
        number = guess
        if time_s < self._begin_s(guess):
            number = guess - 1
        elif time_s >= self._begin_s(guess + 1):
            number = guess + 1
        self._opens_s, self._closes_s = self._begin_s(number), self._begin_s(number + 1)
        self._trip = self._make(number)

    def _chance(self, *key: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, self._number, *key))

    def _begin_s(self, number: int) -> float:
        """When the window of trip ``number`` opens."""
        jitter = float(self._chance(3, number + 10).uniform(-JITTER, JITTER))
        return (number + jitter) * EVERY_S - self._shift_s

    def _make(self, number: int) -> Trip | None:
        """The first of some trips, drawn by chance, that fits into the window and meets no vehicle."""
        rng = self._chance(5, number + 10)
        window_s = self._begin_s(number), self._begin_s(number + 1)
        party = _PARTIES[int(rng.integers(len(_PARTIES)))]
        runs = party == 1 and rng.random() < 0.09
        for _ in range(24):
            route = make_route(rng, party)
            trip = self._attempt(rng, window_s, route, (number, party, runs))
            if trip is not None:
                return trip
        return None

    def _attempt(
        self, rng: np.random.Generator, window_s: tuple[float, float], route: Route, who: tuple[int, int, bool]
    ) -> Trip | None:
        number, party, runs = who
        width = 0.36 * (party - 1)
        path = rounded(list(route.places), room_m=ROOM_M + width)
        speed = float(rng.uniform(2.5, 3.1)) if runs else float(np.clip(rng.normal(1.38, 0.15), 1.05, 1.75))
        if party > 1:
            speed *= 0.92
        spare = window_s[1] - window_s[0] - path.length_m / speed - 2.5
        if spare < 0:
            return None
        stop_m, pause_s = math.inf, 0.0
        if route.stop is not None and not runs and spare > 4.0:
            gaps = np.hypot(np.array(path.x) - route.stop[0], np.array(path.y) - route.stop[1])
            stop_m = float(np.argmin(gaps)) * 0.25
            pause_s = float(min(spare - 1.0, rng.uniform(3.0, 12.0)))
            spare -= pause_s + 1.0
        start_s = window_s[0] + float(rng.uniform(0, 1)) * max(spare, 0.0)
        schedule = Schedule(start_s, speed, stop_m, pause_s)
        if self._meets(path, schedule):
            return None
        walkers = tuple(
            self._walker(rng, (path, schedule, route), (number, member, party), runs=runs) for member in range(party)
        )
        return Trip(start_s, schedule.end_s(path.length_m + max(w.lag_m for w in walkers)), walkers)

    def _walker(
        self,
        rng: np.random.Generator,
        way: tuple[Path, Schedule, Route],
        who: tuple[int, int, int],
        *,
        runs: bool,
    ) -> Walker:
        path, schedule, route = way
        number, member, party = who
        across = (member - (party - 1) / 2) * float(rng.uniform(0.62, 0.74)) if party > 1 else 0.0
        child = party >= 3 and member == party - 1
        first = int(self._chance(7, number + 10).integers(ADULTS))  # nobody in a party looks like another
        which = (first + 11 * member) % (CHILDREN if child else ADULTS)
        look_rng = np.random.default_rng((self._seed, 11, which, int(child)))
        look = make_look(look_rng, which + (ADULTS if child else 0), child=child)
        stride = (2.3 if runs else 1.42) * look.height_m / 1.72 * float(rng.uniform(0.95, 1.05))
        facing = route.facing
        if facing is None and party > 1 and math.isfinite(schedule.stop_m):
            x, y, bearing = path.at(schedule.stop_m)
            facing = x + 0.5 * math.sin(bearing), y + 0.5 * math.cos(bearing)
        return Walker(
            track_id=((number + 1) * 256 + self._number) * 4 + member + 1,
            path=beside(path, across) if across else path,
            schedule=schedule,
            look=look,
            lag_m=float(rng.uniform(0, 0.5)) if member else 0.0,
            stride_m=stride,
            gait="run" if runs else "walk",
            facing=facing,
        )

    def _meets(self, path: Path, schedule: Schedule) -> bool:
        """Whether someone on this way would be run over."""
        x, y = np.array(path.x), np.array(path.y)
        on_lanes = (y > LANE_Y[0] - 1.0) & (y < STREET_Y[1] + 1.0)
        if not on_lanes.any():
            return False
        x, y, times = x[on_lanes], y[on_lanes], schedule.times(len(x))[on_lanes]
        for passage in self._traffic.between(float(times[0]), float(times[-1])):
            along, across = _KEEP_M[passage.lane.is_car]
            driven = (times - passage.start_s) * passage.speed_mps
            vehicle = LEFT_X + driven if passage.lane.way > 0 else RIGHT_X - driven
            if ((np.abs(y - passage.lane.y) < across) & (np.abs(x - vehicle) < along)).any():
                return True
        return False
