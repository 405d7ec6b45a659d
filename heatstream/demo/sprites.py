"""Draws people, bicycles and cars once for each pose, direction and distance, and keeps the pictures."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from heatstream.demo.figure import PHASES, Pose, person
from heatstream.demo.layout import SHADOW_M, SUN_BEARING
from heatstream.demo.looks import Build, Look
from heatstream.demo.solids import Palette, Part, Sprite, Stencil, coloured, draw_body, draw_shadow, palette
from heatstream.demo.traffic import Passage
from heatstream.demo.vehicles import BICYCLE_COLOURS, CAR_COLOURS, CAR_KINDS, bicycle, car, paints

T = TypeVar("T")

#: Pictures kept: stencils and bodies of about 10 kB, shadows of about 1 kB.
STENCILS_KEPT, BODIES_KEPT, SHADOWS_KEPT = 5000, 4000, 2500
#: Directions that bodies and shadows are drawn in; the distance from which on half as many steps do.
HEADINGS, _FAR = 16, 2


class Distance(NamedTuple):
    """Bodies up to ``reach_m`` away are drawn from ``elevation`` (radians above the ground) at ``scale`` px per m."""

    reach_m: float
    elevation: float
    scale: float


DISTANCES = (
    Distance(17.0, math.radians(27.0), 66.0),
    Distance(24.0, math.radians(19.0), 50.0),
    Distance(33.0, math.radians(13.5), 38.0),
    Distance(math.inf, math.radians(9.5), 28.0),
)
#: Pixels a metre of the shadows' pictures.
SHADOW_SCALE = 16.0
FALL_XY = (SHADOW_M * math.sin(SUN_BEARING), SHADOW_M * math.cos(SUN_BEARING))


class View(NamedTuple):
    """The numbers of a direction, 0 looking away, and of a distance."""

    heading: int
    distance: int


def view_of(heading: float, reach_m: float) -> View:
    """The view that comes nearest to a body that looks along ``heading`` (radians), ``reach_m`` away."""
    distance = next(n for n, one in enumerate(DISTANCES) if reach_m <= one.reach_m)
    return View(turned(heading), distance)


def turned(heading: float) -> int:
    """The number of the direction nearest to ``heading`` radians."""
    return round(heading / math.tau * HEADINGS) % HEADINGS


class Memory(Generic[T]):
    """Things made once for each key; those used least recently are dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under ``key``, made if it is not there."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


class SpriteBook:
    """The pictures drawn so far."""

    def __init__(self) -> None:
        self._stencils: Memory[Stencil] = Memory(STENCILS_KEPT)
        self._bodies: Memory[Sprite] = Memory(BODIES_KEPT)
        self._shadows: Memory[Sprite] = Memory(SHADOWS_KEPT)
        self._palettes: Memory[Palette] = Memory(500)

    def person(self, look: Look, pose: Pose, view: View) -> Sprite:
        """A person."""
        if view.distance >= _FAR:
            pose = _coarse(pose)

        def body() -> Sprite:
            key = (look.build, pose, view)
            stencil = self._stencils.get(key, lambda: _stencil(person(look.build, pose), view))
            return coloured(stencil, self._palettes.get(look.number, lambda: palette(look.paints)))

        return self._bodies.get((look.number, pose, view), body)

    def vehicle(self, passage: Passage, pose: Pose, view: View) -> Sprite:
        """A car or bicycle."""
        pose = _coarse(pose)

        def body() -> Sprite:
            key = (passage.lane.is_car, passage.kind, pose, view)
            stencil = self._stencils.get(key, lambda: _stencil(_vehicle(passage, pose), view))
            colour = (CAR_COLOURS if passage.lane.is_car else BICYCLE_COLOURS)[passage.colour]
            return coloured(stencil, self._palettes.get(colour, lambda: palette(paints(colour))))

        return self._bodies.get((passage.lane.is_car, passage.colour, passage.kind, pose, view), body)

    def person_shadow(self, look: Look, pose: Pose, heading: int) -> Sprite:
        """The shadow of a person who looks along the bearing of this number; without what they carry."""
        pose = _coarse(pose)
        plain = Build(skirt=look.build.skirt, hat=look.build.hat)
        return self._shadows.get((plain, pose, heading), lambda: _shadow(person(plain, pose), heading))

    def vehicle_shadow(self, passage: Passage, pose: Pose, heading: int) -> Sprite:
        """The shadow of a car or bicycle."""
        pose = _coarse(pose)
        key = (passage.lane.is_car, passage.kind, 0 if passage.lane.is_car else pose.phase, heading)
        return self._shadows.get(key, lambda: _shadow(_vehicle(passage, pose), heading))


def _coarse(pose: Pose) -> Pose:
    """One of half as many steps."""
    return Pose(pose.gait, pose.phase // 2 * 2)


def _stencil(parts: tuple[Part, ...], view: View) -> Stencil:
    distance = DISTANCES[view.distance]
    return draw_body(parts, view.heading * math.tau / HEADINGS, distance.elevation, distance.scale)


def _shadow(parts: tuple[Part, ...], heading: int) -> Sprite:
    return draw_shadow(parts, heading * math.tau / HEADINGS, FALL_XY, SHADOW_SCALE)


def _vehicle(passage: Passage, pose: Pose) -> tuple[Part, ...]:
    turn = pose.phase * math.tau / PHASES
    if passage.lane.is_car:
        return car(CAR_KINDS[passage.kind], turn)
    return bicycle(turn)
