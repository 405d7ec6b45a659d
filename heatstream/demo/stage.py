"""Who is where on the demo plaza at a time, as pictures with their places on the screen, far ones first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from heatstream.core.types import ImageArray
from heatstream.demo.actors import Actor, driving, walking
from heatstream.demo.backdrop import SHADE, Backdrop
from heatstream.demo.figure import BODY_M
from heatstream.demo.layout import WALL_Y
from heatstream.demo.solids import Sprite
from heatstream.demo.sprites import DISTANCES, SHADOW_SCALE, SpriteBook, View, turned, view_of
from heatstream.demo.traffic import Traffic
from heatstream.demo.trips import Slot
from heatstream.demo.truth import BICYCLE
from heatstream.demo.view import FOCAL_PX, HEIGHT_M, PITCH, SIZE_WH, ground_depth, project

#: Bodies are scaled for this height above the ground, m.
_MIDDLE_M = 0.9
#: How far a body and its shadow reach from the ground point, px, for each px per m of its scale.
_REACH = 3.0
#: a, b, x, c, d, y: a shadow's pixel (u, v) comes to (a u + b v + x, c u + d v + y), in indices.
Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A body on the screen, with its shadow (None within the houses).

    The sprite is scaled to ``size_wh`` px and lies at ``left``, ``top``, in whole pixels (that is four times as fast
    as fractions). ``tint`` BGR is the light it stands in; ``deep`` (m) and ``behind_wall`` tell what hides it.
    """

    actor: Actor
    sprite: Sprite
    left: int
    top: int
    size_wh: tuple[int, int]
    shadow: Sprite | None
    shadow_affine: Affine
    deep: float
    behind_wall: bool
    tint: tuple[float, float, float]

    def drawn(self) -> ImageArray:
        """The whole body in its size, (h, w, 4) BGRA, premultiplied."""
        return np.asarray(cv2.resize(self.sprite.image, self.size_wh), np.uint8)


class Stage:
    """Finds the actors of a moment and places them."""

    def __init__(self, seed: int, slots: int, backdrop: Backdrop) -> None:
        self._traffic = Traffic(seed)
        self._slots = [Slot(seed, number, self._traffic) for number in range(slots)]
        self._book = SpriteBook()
        self._light = backdrop.light

    def at(self, time_s: float) -> tuple[Placed, ...]:
        """Everybody whose body or shadow may reach into the picture at ``time_s``, far ones first."""
        actors: list[Actor] = []
        for slot in self._slots:
            if (trip := slot.trip(time_s)) is not None:
                actors += walking(trip, time_s)
        for passage in self._traffic.between(time_s, time_s):
            actors += driving(passage, time_s)
        if not actors:
            return ()
        ground = np.array([(actor.x, actor.y) for actor in actors])
        sizes = np.array([actor.size for actor in actors])
        deep = ground_depth(ground[:, 0], ground[:, 1])
        scale = FOCAL_PX / (deep * math.cos(PITCH) + (HEIGHT_M - _MIDDLE_M) * math.sin(PITCH)) * sizes
        corners = np.zeros((4, len(actors), 3))
        corners[:, :, :2] = ground
        corners[1, :, 2] = BODY_M * sizes
        corners[2, :, 0] += 0.5
        corners[3, :, 1] += 0.5
        pixels = project(corners)
        pixels[2:] = (pixels[2:] - pixels[0]) * (2 * sizes / SHADOW_SCALE)[:, None]
        reach = _REACH * scale
        near = (
            (pixels[0, :, 0] > -reach)
            & (pixels[0, :, 0] < SIZE_WH[0] + reach)
            & (pixels[1, :, 1] < SIZE_WH[1] + reach / 2)
        )
        # A rider sits on the bicycle's place and comes after it.
        after = np.array([actor.class_id != BICYCLE for actor in actors])
        order = np.lexsort((after, -deep))
        chosen = order[near[order]].tolist()
        spots = pixels.transpose(1, 0, 2).reshape(len(actors), 8).tolist()
        depths, scales = deep.tolist(), scale.tolist()
        return tuple(self._place(actors[n], spots[n], depths[n], scales[n]) for n in chosen)

    def _place(self, actor: Actor, spot: list[float], deep: float, scale: float) -> Placed:
        """``spot`` is x, y of the ground point and of the head, and what a shadow's pixel is along world x and y."""
        fx, fy, _, hy, alongx, alongy, awayx, awayy = spot
        view = view_of(actor.heading - math.atan2(actor.x, actor.y), math.hypot(actor.x, actor.y))
        sprite = self._sprite(actor, view)
        drawn = DISTANCES[view.distance]
        sx = scale / drawn.scale
        height, width = sprite.image.shape[:2]
        sy = (fy - hy) / (BODY_M * math.cos(drawn.elevation) * drawn.scale)
        shadow = self._shadow(actor)
        behind = actor.y > WALL_Y
        return Placed(
            actor=actor,
            sprite=sprite,
            left=round(fx - sx * sprite.foot[0]),
            top=round(fy - sy * sprite.foot[1]),
            size_wh=(max(round(sx * width), 1), max(round(sy * height), 1)),
            shadow=None if behind else shadow,
            shadow_affine=_affine((alongx, -awayx, alongy, -awayy), (fx, fy), shadow.foot),
            deep=deep,
            behind_wall=behind,
            tint=self._tint(fx, fy, behind=behind),
        )

    def _tint(self, x: float, y: float, *, behind: bool) -> tuple[float, float, float]:
        column, row = min(max(int(x), 0), SIZE_WH[0] - 1), min(max(int(y), 0), SIZE_WH[1] - 1)
        light = 0.0 if behind else float(self._light[row, column]) / 255
        blue, green, red = (shade + (1 - shade) * light for shade in SHADE)
        return blue, green, red

    def _sprite(self, actor: Actor, view: View) -> Sprite:
        if actor.passage is not None:
            return self._book.vehicle(actor.passage, actor.pose, view)
        assert actor.look is not None
        return self._book.person(actor.look, actor.pose, view)

    def _shadow(self, actor: Actor) -> Sprite:
        heading = turned(actor.heading)
        if actor.passage is not None:
            return self._book.vehicle_shadow(actor.passage, actor.pose, heading)
        assert actor.look is not None
        return self._book.person_shadow(actor.look, actor.pose, heading)


def _affine(
    stretch: tuple[float, float, float, float], place: tuple[float, float], foot: tuple[float, float]
) -> Affine:
    """``stretch`` (a, b, c, d) around ``foot``, which comes to ``place``."""
    a, b, c, d = stretch
    u, v = 0.5 - foot[0], 0.5 - foot[1]
    return a, b, place[0] - 0.5 + a * u + b * v, c, d, place[1] - 0.5 + c * u + d * v
