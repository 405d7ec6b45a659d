"""The legend of the heat: its colours, the numbers and unit of its scale, and how fast it fades."""

from __future__ import annotations

import math

import cv2
import numpy as np

from heatstream.core import colormaps
from heatstream.core.controls import HeatControls, Measure
from heatstream.core.heat import Span
from heatstream.core.lettering import BOLD, INK, SOFT, WHITE, Lettering
from heatstream.core.types import ImageArray


def figure(value: float) -> str:
    """A number of the scale as people write it: two or three digits."""
    size = abs(value)
    if size >= 10 or size == 0:
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def draw_legend(image: ImageArray, limits: Span, params: HeatControls) -> None:
    """Draw the legend into the lower right corner of ``image``; a picture that it would fill gets none.

    ``limits`` are the object-seconds, or visits, of the coldest and the hottest colour.
    """
    lettering = Lettering(image)
    size_px = max(9, round(lettering.size_px * 0.88))
    small = {"size_px": size_px}
    pad = size_px // 2 + 2
    visits = params.measure is Measure.VISITS
    title = "Heat, visits" if visits else "Heat, object-seconds"
    fades = "never fades" if math.isinf(params.half_life_s) else f"half-life {figure(params.half_life_s)} s"
    inner = max(lettering.width(title, size_px=size_px, weight=BOLD), round(image.shape[1] * 0.14))
    bar_px, row = max(5, round(size_px * 0.7)), round(size_px * 1.35)
    width, height = inner + 2 * pad, 3 * row + bar_px + 2 * pad
    if width > 0.6 * image.shape[1] or height > 0.6 * image.shape[0]:
        return
    margin = size_px
    left, top = image.shape[1] - width - margin, image.shape[0] - height - margin
    lettering.plate((left, top, width, height), INK)
    x, y = left + pad, top + pad
    lettering.write(title, (x, y + round(0.85 * size_px)), WHITE, weight=BOLD, **small)
    y += row
    ramp = np.linspace(0, 255, inner).round().astype(int)
    image[y : y + bar_px, x : x + inner] = colormaps.lut(params.colormap)[ramp]
    cv2.rectangle(image, (x - 1, y - 1), (x + inner, y + bar_px), SOFT, 1)
    y += bar_px + round(1.1 * size_px)
    low, high = limits
    for share, text in (
        (0.0, figure(low)),
        (0.5, figure((low + high) / 2)),
        (1.0, figure(high) if visits else f"{figure(high)} s"),
    ):
        spare = inner - lettering.width(text, size_px=size_px)
        lettering.write(text, (x + round(share * spare), y), WHITE, **small)
    lettering.write(fades, (x, y + row), SOFT, **small)
