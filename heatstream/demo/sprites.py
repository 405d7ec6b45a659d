"""Draws people, bicycles and cars once for each pose, direction and size, and keeps the pictures."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

from heatstream.demo.figure import PHASES, Pose, person
from heatstream.demo.layout import SHADOW_M, SUN_BEARING
from heatstream.demo.looks import Look
from heatstream.demo.solids import Part, Sprite, draw_body, draw_shadow
from heatstream.demo.traffic import Passage
from heatstream.demo.vehicles import BICYCLE_COLOURS, CAR_COLOURS, CAR_KINDS, bicycle, car

#: Pictures kept; people at crowd 24 use about a thousand in a minute.
KEPT = 4000
HEADINGS = 24
#: Pixels a metre at which bodies are drawn, and heights above the horizon (radians) from which.
LEVELS = (24.0, 33.0, 46.0, 64.0)
ELEVATIONS = tuple(math.radians(angle) for angle in (9.5, 13.0, 17.5, 23.0, 29.0, 35.0))
#: Pixels a metre of the shadows' pictures.
SHADOW_SCALE = 22.0
FALL_XY = (SHADOW_M * math.sin(SUN_BEARING), SHADOW_M * math.cos(SUN_BEARING))


def nearest_elevation(elevation: float) -> int:
    """The number of the height in ``ELEVATIONS`` that is nearest."""
    return min(range(len(ELEVATIONS)), key=lambda n: abs(ELEVATIONS[n] - elevation))


def level_for(scale: float) -> int:
    """The number of the smallest level that is not much coarser than ``scale`` px per m."""
    return next((n for n, level in enumerate(LEVELS) if level >= scale * 0.94), len(LEVELS) - 1)


def turned(heading: float) -> int:
    """The number of the direction nearest to ``heading`` radians."""
    return round(heading / math.tau * HEADINGS) % HEADINGS


class SpriteBook:
    """The pictures drawn so far, least recently used ones dropped."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Sprite] = OrderedDict()

    def person(self, look: Look, pose: Pose, view: tuple[int, int, int]) -> Sprite:
        """A person; ``view`` is the numbers of the direction, the height of the eye and the level."""
        key = ("person", look.number, pose, view)
        return self._get(key, lambda: self._body(person(look, pose), view))

    def vehicle(self, passage: Passage, pose: Pose, view: tuple[int, int, int]) -> Sprite:
        """A car or bicycle with its wheels turned by the steps of ``pose``."""
        key = ("vehicle", passage.lane.is_car, passage.colour, passage.kind, pose, view)
        return self._get(key, lambda: self._body(_vehicle(passage, pose), view))

    def person_shadow(self, look: Look, pose: Pose, heading: int) -> Sprite:
        """The shadow of a person who looks along the bearing of this number."""
        key = ("person shadow", look.build, pose, heading)
        return self._get(key, lambda: self._shadow(person(look, pose), heading))

    def vehicle_shadow(self, passage: Passage, pose: Pose, heading: int) -> Sprite:
        """The shadow of a car or bicycle."""
        key = ("vehicle shadow", passage.lane.is_car, passage.kind, 0 if passage.lane.is_car else pose.phase, heading)
        return self._get(key, lambda: self._shadow(_vehicle(passage, pose), heading))

    def _get(self, key: Hashable, draw: Callable[[], Sprite]) -> Sprite:
        sprite = self._kept.get(key)
        if sprite is None:
            sprite = self._kept[key] = draw()
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return sprite

    @staticmethod
    def _body(parts: tuple[Part, ...], view: tuple[int, int, int]) -> Sprite:
        heading, elevation, level = view
        return draw_body(parts, heading * math.tau / HEADINGS, ELEVATIONS[elevation], LEVELS[level])

    @staticmethod
    def _shadow(parts: tuple[Part, ...], heading: int) -> Sprite:
        return draw_shadow(parts, heading * math.tau / HEADINGS, FALL_XY, SHADOW_SCALE)


def _vehicle(passage: Passage, pose: Pose) -> tuple[Part, ...]:
    turn = pose.phase * math.tau / PHASES
    if passage.lane.is_car:
        return car(CAR_KINDS[passage.kind], CAR_COLOURS[passage.colour], turn)
    return bicycle(BICYCLE_COLOURS[passage.colour], turn)
