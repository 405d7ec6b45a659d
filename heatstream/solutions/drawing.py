"""What ``Heatmap`` draws over the blended picture, in its user's colours: the region, its arrow, the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import cv2
import numpy as np

from heatstream.core.geometry import Floats, Points
from heatstream.core.lettering import BOLD, Colour, Lettering, plain
from heatstream.core.types import ImageArray, InOut
from heatstream.solutions.arguments import HeatmapArguments

#: Text may be at most this share of the picture's shorter side.
LARGEST_TEXT = 0.1


def draw_region(image: ImageArray, points: Points, arguments: HeatmapArguments) -> None:
    """Draw a line or polygon through ``points`` (V, 2) px; ``image`` is drawn on."""
    fixed = [np.rint(points * 16).astype(np.int32)]
    thickness = int(arguments.region_thickness)
    cv2.polylines(image, fixed, len(points) > 2, _bgr(arguments.count_reg_color), thickness, cv2.LINE_AA, 4)


def draw_arrows(image: ImageArray, arrows: Iterable[tuple[Floats, Floats]], arguments: HeatmapArguments) -> None:
    """Draw which way is in: each arrow from its start (2,) px along a unit vector (2,); ``image`` is drawn on."""
    length = 2.5 * Lettering(image).size_px + int(arguments.region_thickness)
    for start, along in arrows:
        tail, tip = (np.rint(point * 16).astype(int).tolist() for point in (start, start + along * length))
        colour, thickness = _bgr(arguments.count_reg_color), int(arguments.line_thickness)
        cv2.arrowedLine(image, tail, tip, colour, thickness, cv2.LINE_AA, 4, 0.35)


def draw_counts(image: ImageArray, counted: Mapping[str, InOut], arguments: HeatmapArguments) -> None:
    """Write the counts, the total and each class that has any, into the upper right corner; ``image`` is drawn on."""
    rows = count_rows(counted, into=arguments.view_in_counts, out=arguments.view_out_counts)
    if not rows:
        return
    lettering = Lettering(image)
    largest = max(8, round(LARGEST_TEXT * min(image.shape[:2])))
    size_px = min(max(8, round(lettering.size_px * int(arguments.line_thickness) / 2)), largest)
    pad, step = max(2, size_px // 2), round(1.4 * size_px)
    rows = rows[: max(1, (image.shape[0] - 4 * pad) // step)]
    width = max(lettering.width(row, size_px=size_px, weight=BOLD) for row in rows) + 2 * pad
    left, top = image.shape[1] - width - pad, pad
    lettering.plate((left, top, width, len(rows) * step + pad), _bgr(arguments.count_bg_color), opacity=1.0)
    for number, row in enumerate(rows, 1):
        baseline = top + number * step - round(0.1 * size_px)
        lettering.write(row, (left + pad, baseline), _bgr(arguments.count_txt_color), size_px=size_px, weight=BOLD)


def count_rows(counted: Mapping[str, InOut], *, into: bool, out: bool) -> list[str]:
    """The lines of the counts: ``IN 2 OUT 1``, then ``Person: IN 2 OUT 1`` for each class that was counted."""

    def words(both: InOut) -> str:
        return " ".join([f"IN {both.into}"] * into + [f"OUT {both.out}"] * out)

    if not (into or out):
        return []
    total = InOut(sum(both.into for both in counted.values()), sum(both.out for both in counted.values()))
    named = [f"{plain(name).capitalize()}: {words(both)}" for name, both in counted.items() if both != InOut()]
    return [words(total), *named]


def _bgr(colour: Iterable[int]) -> Colour:
    """A colour as OpenCV takes it."""
    blue, green, red = (int(value) for value in colour)
    return blue, green, red
