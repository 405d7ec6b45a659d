"""Draws bodies made of rounded parts: each part is the convex hull of balls, seen from afar (parallel projection).

A part is shaded by drawing it dark, then once more, smaller and lit, moved towards the sun. What is drawn first is a
stencil, which holds numbers of paints; it takes the colours of any look for a tenth of the cost of drawing it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.types import ImageArray

Floats = npt.NDArray[np.float64]
Ball = tuple[float, float, float, float]
Colour = tuple[int, int, int]
#: Packed BGRA by stencil number: 0 is empty, then dark and lit of each paint.
Palette = npt.NDArray[np.uint32]

_TURNS = np.linspace(0, math.tau, 12, endpoint=False)
_CIRCLE = np.stack((np.cos(_TURNS), np.sin(_TURNS)), axis=1)
_SHIFT = 4
#: A stencil is this many times as large as the sprite, which smooths its edges.
_FINE = 2
#: How soft a shadow's edge is, px of its sprite.
SHADOW_BLUR_PX = 1.0
#: Towards the sun on the screen (x right, y down), as a share of a ball's radius; and how small the lit copy is.
_TO_SUN = np.array([-0.30, -0.26])
_LIT_SIZE = 0.66


@dataclass(frozen=True, slots=True)
class Part:
    """The hull of ``balls`` (ahead, left, up, radius; m) in the paint of number ``paint``.

    ``rise`` draws it later than its depth, ``flat`` without shading; with ``facing`` (ahead, left) it belongs to a
    face that looks that way and is drawn only where that face is seen.
    """

    balls: tuple[Ball, ...]
    paint: int
    rise: float = 0.0
    flat: bool = False
    facing: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Stencil:
    """A body drawn in paint numbers, ``cells`` (H, W) uint8; ``foot`` is that of its ``Sprite``."""

    cells: ImageArray
    foot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn body: ``image`` (H, W, 4) BGRA uint8, premultiplied, or (H, W) for a shadow.

    Its ground point lies at ``foot`` (x, y) px, where the first pixel is 0 to 1.
    """

    image: ImageArray
    foot: tuple[float, float]


def palette(colours: tuple[Colour, ...]) -> Palette:
    """The packed colours of a stencil whose paints are ``colours`` (BGR)."""
    packed = np.zeros((256, 4), np.uint8)
    for number, (blue, green, red) in enumerate(colours):
        packed[2 * number + 1] = (blue * 0.72, green * 0.70, red * 0.70, 255)
        packed[2 * number + 2] = (blue, min(green * 1.05, 255), min(red * 1.10, 255), 255)
    return packed.view(np.uint32).reshape(-1)


def coloured(stencil: Stencil, colours: Palette) -> Sprite:
    """The stencil in colours."""
    cells = np.take(colours, stencil.cells).view(np.uint8).reshape(*stencil.cells.shape, 4)
    size = (cells.shape[1] // _FINE, cells.shape[0] // _FINE)
    image = np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Sprite(image, stencil.foot)


def _placed(parts: tuple[Part, ...], heading: float) -> tuple[Floats, list[int]]:
    """All balls as (right, away, up, radius) for a body turned by ``heading`` clockwise, and how many each part has."""
    balls = np.array([ball for part in parts for ball in part.balls], np.float64)
    sin, cos = math.sin(heading), math.cos(heading)
    ahead, left = balls[:, 0].copy(), balls[:, 1].copy()
    balls[:, 0] = ahead * sin - left * cos
    balls[:, 1] = ahead * cos + left * sin
    return balls, [len(part.balls) for part in parts]


def _seen(facing: tuple[float, float], heading: float) -> bool:
    """Whether a face that looks along (ahead, left) is turned to the viewer."""
    return facing[0] * math.cos(heading) + facing[1] * math.sin(heading) < 0


def _discs(x: Floats, y: Floats, radius: Floats) -> npt.NDArray[np.int32]:
    """Points (N, 12, 2) around each ball's disc, in the fixed-point units of ``fillConvexPoly``."""
    points = np.stack((x, y), axis=1)[:, None] + radius[:, None, None] * _CIRCLE
    return np.asarray(np.rint(points * (1 << _SHIFT)), np.int32)


def draw_body(parts: tuple[Part, ...], heading: float, elevation: float, scale: float) -> Stencil:
    """The body seen from ``elevation`` (radians above the ground), turned by ``heading`` (0 looks away), px per m."""
    fine = scale * _FINE
    parts = tuple(part for part in parts if part.facing is None or _seen(part.facing, heading))
    balls, counts = _placed(parts, heading)
    sin, cos = math.sin(elevation), math.cos(elevation)
    x = balls[:, 0] * fine
    y = -(balls[:, 2] * cos + balls[:, 1] * sin) * fine
    radius = balls[:, 3] * fine
    left, top = (math.floor(edge / _FINE - 0.75) * _FINE for edge in ((x - radius).min(), (y - radius).min()))
    right, bottom = (math.ceil(edge / _FINE + 0.75) * _FINE for edge in ((x + radius).max(), (y + radius).max()))
    cells: ImageArray = np.zeros((bottom - top, right - left), np.uint8)
    x, y = x - left - 0.5, y - top - 0.5
    dark = _discs(x, y, radius)
    light = _discs(x + _TO_SUN[0] * radius, y + _TO_SUN[1] * radius, radius * _LIT_SIZE)
    bounds = [0, *accumulate(counts)]
    depth = np.add.reduceat(balls[:, 1] * cos - balls[:, 2] * sin, bounds[:-1]) / np.array(counts)
    order = np.argsort(np.array([part.rise for part in parts]) - depth, kind="stable")
    for n in order.tolist():
        part, first, last = parts[n], bounds[n], bounds[n + 1]
        rim = dark[first:last].reshape(-1, 2)
        hull = cv2.convexHull(rim, returnPoints=False)[:, 0]
        number = 2 * part.paint + 1
        cv2.fillConvexPoly(cells, rim[hull], (number + part.flat,), cv2.LINE_8, _SHIFT)
        if not part.flat:
            inner = light[first:last].reshape(-1, 2)[hull]
            cv2.fillConvexPoly(cells, inner, (number + 1,), cv2.LINE_8, _SHIFT)
    return Stencil(cells, (-left / _FINE, -top / _FINE))


def draw_shadow(parts: tuple[Part, ...], bearing: float, fall_xy: tuple[float, float], scale: float) -> Sprite:
    """The body's shadow on the ground seen from above (x right, y down = towards -y), blurred; ``image`` is (H, W)."""
    balls, counts = _placed(parts, bearing)
    x = (balls[:, 0] + balls[:, 2] * fall_xy[0]) * scale
    y = -(balls[:, 1] + balls[:, 2] * fall_xy[1]) * scale
    radius = balls[:, 3] * scale
    margin = 3
    left, top = math.floor((x - radius).min()) - margin, math.floor((y - radius).min()) - margin
    width = math.ceil((x + radius).max()) - left + margin
    height = math.ceil((y + radius).max()) - top + margin
    canvas = np.zeros((height, width), np.uint8)
    discs = _discs(x - left, y - top, radius)
    for first, last in pairwise([0, *accumulate(counts)]):
        hull = cv2.convexHull(discs[first:last].reshape(-1, 2))
        cv2.fillConvexPoly(canvas, hull, (255,), cv2.LINE_AA, _SHIFT)
    image = np.asarray(cv2.GaussianBlur(canvas, (0, 0), SHADOW_BLUR_PX), np.uint8)
    return Sprite(image, (-left + 0.5, -top + 0.5))
