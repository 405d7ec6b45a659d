"""Who is where on the demo plaza at a time, as pictures with their places on the screen, far ones first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatstream.demo.backdrop import SHADE, Backdrop
from heatstream.demo.actors import Actor, driving, walking
from heatstream.demo.figure import BODY_M
from heatstream.demo.layout import WALL_Y
from heatstream.demo.solids import Sprite
from heatstream.demo.sprites import (
    ELEVATIONS,
    LEVELS,
    SHADOW_SCALE,
    SpriteBook,
    level_for,
    nearest_elevation,
    turned,
)
from heatstream.demo.traffic import Traffic
from heatstream.demo.trips import Slot
from heatstream.demo.truth import BICYCLE
from heatstream.demo.view import FOCAL_PX, HEIGHT_M, PITCH, SIZE_WH, Floats, ground_depth, project

#: How far out of the picture somebody's ground point may lie, px, for a part or the shadow to be seen.
_MARGIN_PX = 450


@dataclass(frozen=True, slots=True)
class Placed:
    """A body on the screen.

    ``matrix`` (2, 3) takes pixels of the sprite (indices) to pixels of the frame (indices), ``box`` (x1, y1, x2, y2) is
    the outline's edges, not clipped; ``full_px`` how many pixels it covers when nothing hides it. ``tint`` BGR is
    the light it stands in; ``deep`` and ``behind_wall`` tell what hides it.
    """

    actor: Actor
    sprite: Sprite
    matrix: Floats
    box: tuple[float, float, float, float]
    full_px: float
    deep: float
    behind_wall: bool
    tint: tuple[float, float, float]
    shadow: Sprite | None
    shadow_matrix: Floats


class Stage:
    """Finds the actors of a moment and places them."""

    def __init__(self, seed: int, slots: int, backdrop: Backdrop) -> None:
        self._traffic = Traffic(seed)
        self._slots = [Slot(seed, number, self._traffic) for number in range(slots)]
        self._book = SpriteBook()
        self._light = backdrop.light

    def at(self, time_s: float) -> tuple[Placed, ...]:
        """Everybody whose body reaches into the picture at ``time_s``, far ones first."""
        actors: list[Actor] = []
        for slot in self._slots:
            if (trip := slot.trip(time_s)) is not None:
                actors += walking(trip, time_s)
        for passage in self._traffic.between(time_s, time_s):
            actors += driving(passage, time_s)
        if not actors:
            return ()
        ground = np.array([(actor.x, actor.y) for actor in actors])
        deep = ground_depth(ground[:, 0], ground[:, 1])
        corners = np.zeros((len(actors), 4, 3))
        corners[:, :, :2] = ground[:, None]
        corners[:, 1, 2] = [BODY_M * actor.size for actor in actors]
        corners[:, 2, 0] += 0.5
        corners[:, 3, 1] += 0.5
        pixels = project(corners)
        order = sorted(range(len(actors)), key=lambda n: (-deep[n], actors[n].class_id != BICYCLE))
        placed = (self._place(actors[n], pixels[n], float(deep[n])) for n in order)
        return tuple(one for one in placed if one is not None)

    def _place(self, actor: Actor, pixels: Floats, deep: float) -> Placed | None:
        """``pixels`` (4, 2) are its ground point, its head, and the ground half a metre along x and along y."""
        (fx, fy), (hx, hy) = pixels[:2].tolist()
        if not (-_MARGIN_PX < fx < SIZE_WH[0] + _MARGIN_PX and hy < SIZE_WH[1] + _MARGIN_PX):
            return None
        reach = math.hypot(actor.x, actor.y)
        elevation = nearest_elevation(math.atan2(HEIGHT_M - 0.9, reach))
        scale = FOCAL_PX / (deep * math.cos(PITCH) + (HEIGHT_M - 0.9) * math.sin(PITCH)) * actor.size
        level = level_for(scale)
        sprite = self._sprite(actor, (turned(actor.heading - math.atan2(actor.x, actor.y)), elevation, level))
        sx = scale / LEVELS[level]
        sy = (fy - hy) / (BODY_M * math.cos(ELEVATIONS[elevation]) * LEVELS[level])
        stretch = np.array([[sx, (hx - fx) / (hy - fy) * sy], [0.0, sy]])
        matrix = _matrix(stretch, (fx, fy), sprite.foot)
        hull = sprite.outline @ matrix[:, :2].T + matrix[:, 2] + 0.5
        (x1, y1), (x2, y2) = hull.min(axis=0).tolist(), hull.max(axis=0).tolist()
        shadow = self._shadow(actor)
        per_m = (pixels[2:] - pixels[0]).T * (2 * actor.size / SHADOW_SCALE)
        behind = actor.y > WALL_Y
        return Placed(
            actor=actor,
            sprite=sprite,
            matrix=matrix,
            box=(x1 - sx / 2, y1 - sy / 2, x2 + sx / 2, y2 + sy / 2),
            full_px=sprite.area * sx * sy,
            deep=deep,
            behind_wall=behind,
            tint=self._tint(fx, fy, behind=behind),
            shadow=None if behind else shadow,
            shadow_matrix=_matrix(per_m * (1.0, -1.0), (fx, fy), shadow.foot),
        )

    def _tint(self, x: float, y: float, *, behind: bool) -> tuple[float, float, float]:
        column, row = min(max(int(x), 0), SIZE_WH[0] - 1), min(max(int(y), 0), SIZE_WH[1] - 1)
        light = 0.0 if behind else float(self._light[row, column]) / 255
        blue, green, red = (shade + (1 - shade) * light for shade in SHADE)
        return blue, green, red

    def _sprite(self, actor: Actor, view: tuple[int, int, int]) -> Sprite:
        if actor.look is not None:
            return self._book.person(actor.look, actor.pose, view)
        return self._book.vehicle(actor.passage, actor.pose, view)

    def _shadow(self, actor: Actor) -> Sprite:
        heading = turned(actor.heading)
        if actor.look is not None:
            return self._book.person_shadow(actor.look, actor.pose, heading)
        return self._book.vehicle_shadow(actor.passage, actor.pose, heading)


def _matrix(stretch: Floats, place: tuple[float, float], foot: tuple[float, float]) -> Floats:
    """From a sprite's pixel indices to the frame's: ``stretch`` (2, 2) around ``foot``, which comes to ``place``."""
    offset = np.array(place) - 0.5 + stretch @ (0.5 - np.array(foot))
    return np.column_stack((stretch, offset))
