"""Heat becomes colour and is laid over a picture: shade the small grid, upsample once, blend once.

Only here heat turns into uint8. Colours are multiplied by their opacity on the small grid, so that the upsampled
edge of a hot spot fades from its own colour to clear instead of running through the colormap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike

from heatstream.core import colormaps
from heatstream.core.controls import Blend, HeatControls
from heatstream.core.heat import HeatState, Span, cell_px, span
from heatstream.core.types import FloatArray, ImageArray

#: Rows that are blended at a time: small enough that what one call writes is still in the cache for the next.
BAND_PX = 64


@dataclass(frozen=True, slots=True)
class Palette:
    """What each of 256 heat levels looks like at one opacity.

    ``alpha`` is the opacity of the hottest; ``colour`` uint8 (256, 1, 3) BGR; ``tint`` the same multiplied by the
    level's opacity; ``keep`` uint8 (256,): how much of the picture shows through, in 255ths; it is 255 at level 0.
    """

    alpha: float
    colour: ImageArray
    tint: ImageArray
    keep: ImageArray


@lru_cache(maxsize=64)
def palette(colormap: str, alpha: float) -> Palette:
    """The palette of a colormap whose hottest level has the opacity ``alpha`` (0-1).

    Opacity rises from 0 as ``alpha * (1 - (1 - heat) ** 4)``: faint heat is seen, and cold is clear without an edge.
    """
    colour = colormaps.lut(colormap).reshape(256, 1, 3)
    level = np.linspace(0, 1, 256)
    keep = np.rint(255 * (1 - alpha * (1 - (1 - level) ** 4)))
    tint = np.rint(colour * (1 - keep / 255)[:, None, None])
    return Palette(alpha, colour, tint.astype(np.uint8), keep.astype(np.uint8))


def shade(grid: FloatArray, limits: Span) -> ImageArray:
    """Heat (gh, gw) as levels uint8 (gh, gw): 0 at the lower limit and 255 from the upper one on."""
    low, high = limits
    if not high > low:
        return np.zeros(grid.shape, np.uint8)
    scale = 255 / (high - low)
    # Cut off first: where the product leaves 32-bit integers, OpenCV's conversion gives 0 instead of 255.
    within = cv2.threshold(np.maximum(grid, low) if low else grid, high, 0, cv2.THRESH_TRUNC)[1]
    return np.asarray(cv2.convertScaleAbs(within, alpha=scale, beta=-low * scale))


def overlay(image: ImageArray, state: HeatState, params: HeatControls, *, out: ImageArray | None = None) -> ImageArray:
    """``image`` with the heat of ``state`` over it, BGR uint8 (H, W, 3).

    ``image`` has the size ``state.size_wh`` and stays as it is. The result is written to ``out`` if that has its
    shape; ``out`` must not share memory with ``image``.
    """
    result = out if out is not None and out.shape == image.shape else np.empty_like(image)
    levels = shade(state.grid, span(state, params))
    blend = blend_uniform if params.blend is Blend.UNIFORM else blend_transparent
    blend(image, levels, palette(params.colormap, params.alpha), result)
    return result


def blend_uniform(image: ImageArray, levels: ImageArray, looks: Palette, out: ImageArray) -> None:
    """``(1 - alpha) * image + alpha * colour`` everywhere, as in the seed document; written to ``out``."""
    cell = cell_px((image.shape[1], image.shape[0]))
    _upsample(cv2.applyColorMap(levels, looks.colour), cell, out)
    cv2.addWeighted(image, 1 - looks.alpha, out, looks.alpha, 0, dst=out)


def blend_transparent(image: ImageArray, levels: ImageArray, looks: Palette, out: ImageArray) -> None:
    """``image`` under heat that is clear where it is cold; written to ``out``. Far from warm cells it is copied."""
    height, width = image.shape[:2]
    cell = cell_px((width, height))
    x, y, columns, rows = cv2.boundingRect(levels)
    # The picture changes half a cell beyond a warm cell; one more makes the interpolation there exact.
    x0, y0 = max(x - 2, 0), max(y - 2, 0)
    warm = levels[y0 : y + rows + 2, x0 : x + columns + 2] if columns else levels[:0, :0]
    left, top = x0 * cell, y0 * cell
    right, bottom = min(left + warm.shape[1] * cell, width), min(top + warm.shape[0] * cell, height)
    out[:top], out[bottom:] = image[:top], image[bottom:]
    out[top:bottom, :left], out[top:bottom, right:] = image[top:bottom, :left], image[top:bottom, right:]
    if not warm.size:
        return
    area = slice(top, bottom), slice(left, right)
    _upsample(cv2.applyColorMap(warm, looks.tint), cell, out[area])
    keep = np.empty(out[area].shape[:2], np.uint8)
    _upsample(cv2.LUT(warm, looks.keep), cell, keep)
    for row in range(top, bottom, BAND_PX):
        band = slice(row, min(row + BAND_PX, bottom)), area[1]
        share = cv2.cvtColor(keep[row - top : row - top + BAND_PX], cv2.COLOR_GRAY2BGR)
        cv2.add(cv2.multiply(image[band], share, scale=1 / 255), out[band], dst=out[band])


def _upsample(small: MatLike, cell: int, out: ImageArray) -> None:
    """Fill ``out`` with ``small``, each cell ``cell`` pixels wide; what reaches beyond ``out`` is cut off."""
    size = small.shape[1] * cell, small.shape[0] * cell
    if size == (out.shape[1], out.shape[0]):
        cv2.resize(small, size, dst=out, interpolation=cv2.INTER_LINEAR)
    else:
        out[:] = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)[: out.shape[0], : out.shape[1]]
