"""Cyclists and cars of the demo: who passes when, from chance and time alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from heatstream.demo.layout import LANE_Y, STREET_Y
from heatstream.demo.looks import Look, make_look
from heatstream.demo.vehicles import BICYCLE_COLOURS, CAR_COLOURS, CAR_KINDS

#: Vehicles drive from one of these x to the other, m: both lie well out of the picture.
LEFT_X, RIGHT_X = -22.0, 46.0


class Lane(NamedTuple):
    """A lane at ``y``; ``way`` 1 drives towards +x. At most one vehicle starts in each window of ``every_s``."""

    number: int
    y: float
    way: int
    every_s: float
    share: float
    speeds_mps: tuple[float, float]
    is_car: bool


_LANE = (LANE_Y[1] - LANE_Y[0]) / 4
_STREET = (STREET_Y[1] - STREET_Y[0]) / 4
LANES = (
    Lane(0, LANE_Y[0] + _LANE, 1, 15.0, 0.62, (3.8, 5.4), False),
    Lane(1, LANE_Y[1] - _LANE, -1, 17.0, 0.62, (3.8, 5.4), False),
    Lane(2, STREET_Y[0] + _STREET, 1, 19.0, 0.6, (6.5, 8.0), True),
    Lane(3, STREET_Y[1] - _STREET, -1, 23.0, 0.6, (6.5, 8.0), True),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle's way through the picture; ``colour`` and ``kind`` number its looks, ``look`` is a cyclist's."""

    lane: Lane
    window: int
    start_s: float
    speed_mps: float
    colour: int
    kind: int
    look: Look | None

    @property
    def end_s(self) -> float:
        """When it has left."""
        return self.start_s + (RIGHT_X - LEFT_X) / self.speed_mps

    def driven(self, time_s: float) -> float:
        """Metres driven since the start."""
        return (time_s - self.start_s) * self.speed_mps

    def x(self, time_s: float) -> float:
        """Where it is at ``time_s``, m."""
        driven = self.driven(time_s)
        return LEFT_X + driven if self.lane.way > 0 else RIGHT_X - driven

    @property
    def heading(self) -> float:
        """The bearing along which it drives."""
        return math.pi / 2 * self.lane.way


class Traffic:
    """All vehicles of one scene."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[tuple[int, int], Passage | None] = {}

    def between(self, first_s: float, last_s: float) -> list[Passage]:
        """The vehicles that are in or near the picture at some time between the two."""
        found = []
        for lane in LANES:
            longest = (RIGHT_X - LEFT_X) / lane.speeds_mps[0] + lane.every_s
            for window in range(math.floor((first_s - longest) / lane.every_s), math.floor(last_s / lane.every_s) + 1):
                passage = self._passage(lane, window)
                if passage is not None and passage.start_s <= last_s and passage.end_s >= first_s:
                    found.append(passage)
        return found

    def _passage(self, lane: Lane, window: int) -> Passage | None:
        key = (lane.number, window)
        if key not in self._known:
            if len(self._known) > 400:
                self._known.clear()
            self._known[key] = self._make(lane, window)
        return self._known[key]

    def _make(self, lane: Lane, window: int) -> Passage | None:
        rng = np.random.default_rng((self._seed, 77, lane.number, window + 1000))
        if rng.random() > lane.share:
            return None
        return Passage(
            lane=lane,
            window=window,
            start_s=window * lane.every_s + float(rng.uniform(0, 0.45)) * lane.every_s,
            speed_mps=float(rng.uniform(*lane.speeds_mps)),
            colour=int(rng.integers(len(CAR_COLOURS) if lane.is_car else len(BICYCLE_COLOURS))),
            kind=int(rng.integers(len(CAR_KINDS))),
            look=None if lane.is_car else make_look(rng, 1000 + (window + 1000) * 4 + lane.number),
        )
