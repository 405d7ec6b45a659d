"""A large canvas on which the backdrop is painted in world metres; it is halved at the end, which smooths all edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.types import ImageArray
from heatstream.demo.view import SIZE_WH, Floats, project

#: The canvas is this many times as large as the picture.
FINE = 2
_SHIFT = 4
Colour = tuple[float, float, float]
Mask = npt.NDArray[np.float32]
SIZE_FINE = (SIZE_WH[0] * FINE, SIZE_WH[1] * FINE)


def pixel_centres() -> Floats:
    """The picture's coordinates (H, W, 2) of every pixel of the canvas."""
    x = (np.arange(SIZE_FINE[0]) + 0.5) / FINE
    y = (np.arange(SIZE_FINE[1]) + 0.5) / FINE
    return np.stack(np.meshgrid(x, y), axis=-1)


def points(corners: Iterable[Sequence[float]]) -> npt.NDArray[np.int32]:
    """World points in the fixed-point units of OpenCV's drawing functions."""
    placed = project(np.array(list(corners), np.float64)) * FINE - 0.5
    return np.asarray(np.rint(placed * (1 << _SHIFT)), np.int32)


class Canvas:
    """``image`` (H, W, 3) uint8 in the canvas's size, and ``touched`` (H, W) uint8, 255 where something was painted."""

    def __init__(self, image: ImageArray) -> None:
        self.image = image
        self.touched: ImageArray = np.zeros(image.shape[:2], np.uint8)

    def clear_touched(self) -> None:
        """Forget what was painted so far."""
        self.touched[:] = 0

    def polygon(self, corners: Iterable[Sequence[float]], colour: Colour) -> None:
        """Fill the polygon through world points."""
        outline = [points(corners)]
        cv2.fillPoly(self.image, outline, colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.touched, outline, (255,), cv2.LINE_AA, _SHIFT)

    def hull(self, corners: Iterable[Sequence[float]], colour: Colour) -> None:
        """Fill the convex hull of world points."""
        outline = cv2.convexHull(points(corners))
        cv2.fillConvexPoly(self.image, outline, colour, cv2.LINE_AA, _SHIFT)
        cv2.fillConvexPoly(self.touched, outline, (255,), cv2.LINE_AA, _SHIFT)

    def line(self, corners: Iterable[Sequence[float]], colour: Colour, width_px: float) -> None:
        """Draw a line through world points, ``width_px`` pixels of the picture wide."""
        outline = [points(corners)]
        width = max(round(width_px * FINE), 1)
        cv2.polylines(self.image, outline, False, colour, width, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.touched, outline, False, (255,), width, cv2.LINE_AA, _SHIFT)

    def blend(self, mask: Mask, colour: Colour) -> None:
        """Mix ``colour`` in where ``mask`` (H, W) is above 0, up to 1."""
        weight = mask[..., None]
        self.image[:] = np.clip(self.image * (1 - weight) + np.array(colour, np.float32) * weight, 0, 255)


def ring(x: float, y: float, z: float, radius: float, steps: int = 48) -> list[tuple[float, float, float]]:
    """World points around a level circle."""
    turns = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return [(x + radius * float(np.sin(a)), y + radius * float(np.cos(a)), z) for a in turns]


def noise(rng: np.random.Generator, shape_hw: tuple[int, int], cell: float) -> Mask:
    """Smooth noise (H, W), mean about 0 and deviation about 1, with spots about ``cell`` pixels wide."""
    height, width = shape_hw
    small = rng.standard_normal((round(height / cell) + 2, round(width / cell) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) * 1.3, np.float32)


def shrunk(image: ImageArray) -> ImageArray:
    """The canvas in the picture's size."""
    return np.asarray(cv2.resize(image, SIZE_WH, interpolation=cv2.INTER_AREA), np.uint8)
