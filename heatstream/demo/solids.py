"""Draws bodies made of rounded parts: each part is the convex hull of balls, seen from afar (parallel projection).

A part is shaded by drawing it dark, then once more, smaller and lit, moved towards the sun.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.types import ImageArray

Floats = npt.NDArray[np.float64]
Ball = tuple[float, float, float, float]

_TURNS = np.linspace(0, math.tau, 14, endpoint=False)
_CIRCLE = np.stack((np.cos(_TURNS), np.sin(_TURNS)), axis=1)
_SHIFT = 4
#: How soft a shadow's edge is, px of its sprite.
SHADOW_BLUR_PX = 1.3
#: Towards the sun on the screen (x right, y down), as a share of a ball's radius; and how small the lit copy is.
_TO_SUN = np.array([-0.30, -0.26])
_LIT_SIZE = 0.66


@dataclass(frozen=True, slots=True)
class Part:
    """The hull of ``balls`` (ahead, left, up, radius; m) in BGR ``colour``.

    ``rise`` draws it later than its depth, ``flat`` without shading; with ``facing`` (ahead, left) it belongs to a
    face that looks that way and is drawn only where that face is seen.
    """

    balls: tuple[Ball, ...]
    colour: tuple[int, int, int]
    rise: float = 0.0
    flat: bool = False
    facing: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn body: ``image`` (H, W, 4) BGRA uint8, premultiplied, or (H, W) for a shadow.

    Its ground point lies at ``foot`` (x, y) px, where the first pixel is 0 to 1.

    ``outline`` (K, 2) are the pixels at the corners of its convex hull, ``area`` its covered pixels.
    """

    image: ImageArray
    foot: tuple[float, float]
    outline: Floats
    area: float


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
    """Points (N, 14, 2) around each ball's disc, in the fixed-point units of ``_fill``."""
    points = np.stack((x, y), axis=1)[:, None] + radius[:, None, None] * _CIRCLE
    return np.rint(points * (1 << _SHIFT)).astype(np.int32)


def _fill(canvas: ImageArray, discs: npt.NDArray[np.int32], colour: tuple[float, ...]) -> None:
    """Paint the hull of ``discs`` (N, 14, 2)."""
    cv2.fillConvexPoly(canvas, cv2.convexHull(discs.reshape(-1, 2)), colour, cv2.LINE_AA, _SHIFT)


def draw_body(parts: tuple[Part, ...], heading: float, elevation: float, scale: float) -> Sprite:
    """The body seen from ``elevation`` (radians above the ground), turned by ``heading`` (0 looks away), px per m."""
    fine = scale * 2
    parts = tuple(part for part in parts if part.facing is None or _seen(part.facing, heading))
    balls, counts = _placed(parts, heading)
    sin, cos = math.sin(elevation), math.cos(elevation)
    x = balls[:, 0] * fine
    y = -(balls[:, 2] * cos + balls[:, 1] * sin) * fine
    radius = balls[:, 3] * fine
    left, top = math.floor((x - radius).min() / 2) * 2 - 4, math.floor((y - radius).min() / 2) * 2 - 4
    width = (math.ceil((x + radius).max()) - left) // 2 * 2 + 6
    height = (math.ceil((y + radius).max()) - top) // 2 * 2 + 6
    canvas = np.zeros((height, width, 4), np.uint8)
    x, y = x - left, y - top
    dark = _discs(x, y, radius)
    light = _discs(x + _TO_SUN[0] * radius, y + _TO_SUN[1] * radius, radius * _LIT_SIZE)
    starts = np.cumsum([0, *counts])
    depth = np.add.reduceat(balls[:, 1] * cos - balls[:, 2] * sin, starts[:-1]) / np.array(counts)
    order = np.argsort(np.array([part.rise for part in parts]) - depth, kind="stable")
    for n in order.tolist():
        part, piece = parts[n], slice(starts[n], starts[n + 1])
        blue, green, red = part.colour
        if part.flat:
            _fill(canvas, dark[piece], (blue, green, red, 255))
            continue
        _fill(canvas, dark[piece], (blue * 0.72, green * 0.70, red * 0.70, 255))
        _fill(canvas, light[piece], (blue, min(green * 1.05, 255), min(red * 1.10, 255), 255))
    return _finished(canvas, ((-left + 0.5) / 2, (-top + 0.5) / 2))


def _finished(canvas: ImageArray, foot: tuple[float, float]) -> Sprite:
    """Halve a canvas, crop it, and measure what is on it."""
    image = cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    solid = (image[..., 3] > 127).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(solid)
    x1, y1 = max(left - 1, 0), max(top - 1, 0)
    image = np.ascontiguousarray(image[y1 : top + height + 1, x1 : left + width + 1], np.uint8)
    outline = cv2.convexHull(cv2.findNonZero(solid)).reshape(-1, 2).astype(np.float64) - (x1, y1)
    return Sprite(image, (foot[0] - x1, foot[1] - y1), outline, float(np.count_nonzero(solid)))


def draw_shadow(parts: tuple[Part, ...], bearing: float, fall_xy: tuple[float, float], scale: float) -> Sprite:
    """The body's shadow on the ground seen from above (x right, y down = towards -y), blurred; ``image`` is (H, W)."""
    balls, counts = _placed(parts, bearing)
    x = (balls[:, 0] + balls[:, 2] * fall_xy[0]) * scale
    y = -(balls[:, 1] + balls[:, 2] * fall_xy[1]) * scale
    radius = balls[:, 3] * scale
    margin = 5
    left, top = math.floor((x - radius).min()) - margin, math.floor((y - radius).min()) - margin
    width = math.ceil((x + radius).max()) - left + margin
    height = math.ceil((y + radius).max()) - top + margin
    canvas = np.zeros((height, width), np.uint8)
    discs = _discs(x - left, y - top, radius)
    starts = np.cumsum([0, *counts])
    for first, last in pairwise(starts.tolist()):
        _fill(canvas, discs[first:last], (255,))
    image = np.asarray(cv2.GaussianBlur(canvas, (0, 0), SHADOW_BLUR_PX), np.uint8)
    corners = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    return Sprite(image, (-left + 0.5, -top + 0.5), corners, 0.0)
