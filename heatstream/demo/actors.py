"""The people, bicycles and cars on the demo plaza at one moment: where they are, where they look, how they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heatstream.demo.figure import BODY_M, PHASES, Pose
from heatstream.demo.looks import Look
from heatstream.demo.traffic import LANES, Passage
from heatstream.demo.trips import Trip, Walker
from heatstream.demo.truth import BICYCLE, CAR, PERSON

#: A bicycle rolls this far in one turn of its pedals, a car in one of its wheels, m.
_PEDALS_M, _WHEEL_M = 4.2, 2.0
#: Slots of walkers have lower numbers than this, vehicles the next ones; so no two trips share an id.
_FIRST_LANE = 240
assert _FIRST_LANE + len(LANES) <= 256


@dataclass(frozen=True, slots=True)
class Actor:
    """A body at a place (m) that looks along ``heading`` (a bearing); ``size`` is relative to the body as drawn.

    A person has a ``look``, a vehicle a ``passage``. ``pose.phase`` is a whole number of ``PHASES`` here.
    """

    track_id: int
    class_id: int
    x: float
    y: float
    heading: float
    size: float
    pose: Pose
    look: Look | None = None
    passage: Passage | None = None


def walking(trip: Trip, time_s: float) -> list[Actor]:
    """The people of a trip."""
    return [_walker(walker, time_s) for walker in trip.walkers]


def _walker(walker: Walker, time_s: float) -> Actor:
    along, share = walker.schedule.along(time_s)
    x, y, heading = walker.path.at(along - walker.lag_m)
    if share < 1 and walker.facing is not None:
        target = math.atan2(walker.facing[0] - x, walker.facing[1] - y)
        turn = (target - heading + math.pi) % math.tau - math.pi
        heading += turn * min(1.0, 1.4 * (1 - share))
    stands = share < 0.2
    phase = 0 if stands else _step(along / walker.stride_m)
    pose = Pose("stand" if stands else walker.gait, phase)
    return Actor(walker.track_id, PERSON, x, y, heading, walker.look.height_m / BODY_M, pose, look=walker.look)


def driving(passage: Passage, time_s: float) -> list[Actor]:
    """A car, or a bicycle and its rider."""
    driven = passage.driven(time_s)
    x, y, heading = passage.x(time_s), passage.lane.y, passage.heading
    first = ((passage.window + 1000) * 256 + _FIRST_LANE + passage.lane.number) * 4 + 1
    if passage.look is None:
        pose = Pose("drive", _step(driven / _WHEEL_M))
        return [Actor(first, CAR, x, y, heading, 1.0, pose, passage=passage)]
    pose = Pose("ride", _step(driven / _PEDALS_M))
    return [
        Actor(first, BICYCLE, x, y, heading, 1.0, pose, passage=passage),
        Actor(first + 1, PERSON, x, y, heading, 1.0, pose, look=passage.look),
    ]


def _step(turns: float) -> int:
    return int(turns * PHASES) % PHASES
