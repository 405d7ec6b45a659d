"""The demo plaza without people: painted alike for all scenes, with what hides people and where the sun shines."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from heatstream.core.types import ImageArray
from heatstream.demo import furniture, layout
from heatstream.demo.canvas import FINE, SIZE_FINE, Canvas, Mask, pixel_centres, points, ring, shrunk
from heatstream.demo.facades import paint_details, paint_inside, paint_wall
from heatstream.demo.paving import paint_ground
from heatstream.demo.view import SIZE_WH, ground_depth

#: How bright the ground is in the shade, BGR: the sky lights it blue.
SHADE = (0.66, 0.585, 0.545)


@dataclass(frozen=True, slots=True)
class Occluder:
    """Something that hides people behind it.

    ``keep`` (h, w, 4) uint8, 0 where it is opaque and 255 where it is not, lies at ``left``, ``top`` px. It hides
    what stands deeper than ``deep`` m, or beyond the wall if ``deep`` is None.
    """

    keep: ImageArray
    left: int
    top: int
    deep: float | None


@dataclass(frozen=True, slots=True)
class Backdrop:
    """``image`` (540, 960, 3) BGR; ``shade`` (540, 960, 3) what it loses where somebody's shadow falls: nothing where
    there is shade already or something stands; ``light`` (540, 960) uint8, how much sun there is on the ground at a
    pixel, 0-255, whatever stands before it."""

    image: ImageArray
    occluders: tuple[Occluder, ...]
    shade: ImageArray
    light: ImageArray


def painted() -> Backdrop:
    """The backdrop, always the same; takes seconds (see ``heatstream.demo.scenery``)."""
    rng = np.random.default_rng(2718)
    canvas = Canvas(paint_ground(rng))
    shade = _static_shade()
    factor = np.array(SHADE, np.float32)
    for channel in range(3):
        canvas.image[..., channel] = canvas.image[..., channel] * (1 - shade * (1 - factor[channel]))
    paint_inside(canvas)
    covered = canvas.touched.copy()
    occluders = []
    for deep, paint in _things(rng):
        canvas.clear_touched()
        paint(canvas)
        covered = np.maximum(covered, canvas.touched)
        occluders.append(_occluder(canvas.touched, deep))
        if deep is None:
            paint_details(canvas)
            covered = np.maximum(covered, canvas.touched)
    image = _graded(shrunk(canvas.image))
    light = np.asarray(np.rint(255 - 255 * cv2.resize(shade, SIZE_WH, interpolation=cv2.INTER_AREA)), np.uint8)
    free = 255 - shrunk(covered)
    sunny = light.astype(np.float32) * free / 255**2
    lost = np.asarray(np.rint(image * sunny[..., None] * (1 - factor)), np.uint8)
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), 6.0), np.uint8)  # nobody steps out of the shade in one frame
    return Backdrop(image, tuple(occluders), lost, light)


def _things(rng: np.random.Generator) -> list[tuple[float | None, Callable[[Canvas], None]]]:
    """What is painted after the ground, far things first: how deep it stands (None: the wall), and how to paint it."""
    things: list[tuple[float, Callable[[Canvas], None]]] = []

    def add(x: float, y: float, paint: Callable[[Canvas], None]) -> None:
        things.append((float(ground_depth(x, y)), paint))

    add(*layout.FOUNTAIN[:2], partial(furniture.paint_fountain, rng=rng))
    add(*layout.PILLAR[:2], partial(furniture.paint_pillar, rng=rng))
    add(*layout.KIOSK[:2], partial(furniture.paint_kiosk, rng=rng))
    for tree in layout.TREES:
        add(tree.x, tree.y, partial(furniture.paint_tree, tree=tree, rng=rng))
    for x, y in layout.LAMPS:
        add(x, y, partial(furniture.paint_lamp, x=x, y=y))
    for x, y, front in layout.BENCHES:
        add(x, y, partial(furniture.paint_bench, x=x, y=y, front=front))
    for x, y in layout.PLANTERS:
        add(x, y, partial(furniture.paint_planter, x=x, y=y, rng=rng))
    for number, (x, y) in enumerate(layout.PARASOLS):
        add(x, y, partial(furniture.paint_parasol, x=x, y=y, number=number))
    things.sort(key=lambda thing: -thing[0])
    return [(None, paint_wall), *things]


def _occluder(touched: ImageArray, deep: float | None) -> Occluder:
    mask = shrunk(touched)
    left, top, width, height = cv2.boundingRect(mask)
    keep = cv2.cvtColor(255 - mask[top : top + height, left : left + width], cv2.COLOR_GRAY2BGRA)
    keep[..., 3] = keep[..., 0]
    return Occluder(np.asarray(keep, np.uint8), left, top, deep)


def _static_shade() -> Mask:
    """Where standing things shade the ground, 0-1, in the canvas's size; softer the higher what throws it."""
    low = np.zeros((SIZE_FINE[1], SIZE_FINE[0]), np.uint8)
    high = np.zeros_like(low)
    sx, sy = math.sin(layout.SUN_BEARING) * layout.SHADOW_M, math.cos(layout.SUN_BEARING) * layout.SHADOW_M

    def column(x: float, y: float, radius: float, z: tuple[float, float], target: ImageArray) -> None:
        corners = [corner for up in z for corner in ring(x + sx * up, y + sy * up, 0.0, radius, 16)]
        cv2.fillConvexPoly(target, cv2.convexHull(points(corners)), (255,), cv2.LINE_AA, 4)

    x, y, radius = layout.FOUNTAIN
    column(x, y, radius, (0, 0.52), low)
    column(x, y, 0.2, (0, 2.2), low)
    column(x, y, 0.95, (1.6, 1.7), low)
    column(*layout.PILLAR, (0, 3.0), low)
    column(*layout.KIOSK, (0, 2.9), low)
    for px, py in layout.LAMPS:
        column(px, py, 0.05, (0, 3.2), low)
        column(px, py, 0.35, (2.9, 3.2), low)
    for px, py, _ in layout.BENCHES:
        column(px, py, 0.5, (0.3, 0.6), low)
    for px, py in layout.PLANTERS:
        column(px, py, 0.55, (0, 0.75), low)
    for px, py in layout.PARASOLS:
        column(px, py, 1.4, (2.1, 2.4), high)
        column(px, py, 0.7, (0.3, 0.6), low)
    rng = np.random.default_rng(99)
    for tree in layout.TREES:
        column(tree.x, tree.y, 0.12, (0, tree.crown_z), low)
        for leaf in furniture.crown(tree, rng)[::2].tolist():
            column(leaf[0], leaf[1], leaf[3] * 1.35, (leaf[2], leaf[2]), high)
    soft = cv2.GaussianBlur(low, (0, 0), 2.2).astype(np.float32) / 255
    softer = cv2.GaussianBlur(high, (0, 0), 4.0).astype(np.float32) / 255 * 0.93
    return np.asarray(np.maximum(soft, softer), np.float32)


def _graded(image: ImageArray) -> ImageArray:
    """Haze far away, a warm glow from the sun's side, richer colours, darker corners."""
    centres = pixel_centres()[FINE // 2 :: FINE, FINE // 2 :: FINE].astype(np.float32)
    x, y = centres[..., 0] / SIZE_WH[0], centres[..., 1] / SIZE_WH[1]
    colour = image.astype(np.float32)
    grey = colour @ np.array((0.114, 0.587, 0.299), np.float32)
    colour = grey[..., None] + 1.08 * (colour - grey[..., None])
    haze = (np.clip(1 - y / 0.55, 0, 1) ** 1.5 * 0.16)[..., None]
    colour += haze * (np.array((206, 224, 240), np.float32) - colour)
    glow = (np.clip(1.1 - np.hypot(x - 0.05, (y + 0.15) * 0.8), 0, 1) ** 2 * 0.16)[..., None]
    colour += glow * (np.array((176, 222, 255), np.float32) - colour)
    vignette = 1 - 0.3 * np.clip(np.hypot((x - 0.5) * 1.3, y - 0.45) - 0.35, 0, 1) ** 1.5
    colour *= vignette[..., None] * np.array((0.96, 1.03, 1.07), np.float32)
    return np.asarray(np.clip(colour, 0, 255), np.uint8)
