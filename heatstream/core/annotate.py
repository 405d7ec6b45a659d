"""What is drawn over the blended picture, so that heat tints none of it: boxes, labels and trails."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from heatstream.core.lettering import INK, Colour, Lettering, halo_line, ink_on
from heatstream.core.trails import Trails
from heatstream.core.types import ImageArray, Tracks

#: BGR, told apart over dark and bright pictures and over heat; a class keeps its colour everywhere.
CLASS_COLOURS: tuple[Colour, ...] = (
    *((160, 255, 64), (255, 200, 60), (80, 170, 255), (220, 130, 255), (90, 235, 255), (140, 140, 255)),
    *((210, 255, 140), (255, 150, 150), (40, 215, 190), (230, 200, 255), (110, 200, 110), (200, 220, 240)),
)


def class_colour(class_id: int) -> Colour:
    """The colour of a class, BGR."""
    return CLASS_COLOURS[class_id % len(CLASS_COLOURS)]


def draw_boxes(image: ImageArray, tracks: Tracks) -> None:
    """Outline each track in the colour of its class; ``image`` is drawn on."""
    thickness = Lettering(image).line_px
    rim = thickness + (2 if thickness > 1 else 1)  # OpenCV draws 2 as 3 pixels, 4 as 5: one pixel more on each side
    limit = 4 * max(image.shape)  # far outside looks the same, and OpenCV's coordinates are 32-bit
    for box, class_id in _rows(tracks):
        x0, y0, x1, y1 = (round(min(max(value, -limit), limit)) for value in box)
        cv2.rectangle(image, (x0, y0), (x1, y1), INK, rim)
        cv2.rectangle(image, (x0, y0), (x1, y1), class_colour(class_id), thickness)


def draw_labels(image: ImageArray, tracks: Tracks, class_names: Mapping[int, str]) -> None:
    """Write class name and id over each box, or the id alone over one that is much narrower; drawn on ``image``."""
    lettering = Lettering(image)
    size_px = max(8, round(lettering.size_px * 0.8))
    pad, height = max(2, size_px // 4), round(size_px * 1.4)
    ids = tracks.track_id.tolist()
    for ((x0, y0, x1, y1), class_id), track_id in zip(_rows(tracks), ids, strict=True):
        if x1 <= 0 or y1 <= 0 or x0 >= image.shape[1] or y0 >= image.shape[0]:
            continue
        text = f"{class_names.get(class_id, f'class {class_id}')} {track_id}"
        width = lettering.width(text, size_px=size_px)
        if width > 2.5 * max(x1 - x0, 2 * size_px):
            text = str(track_id)
            width = lettering.width(text, size_px=size_px)
        colour = class_colour(class_id)
        left = max(min(round(x0), image.shape[1] - width - 2 * pad), 0)
        top = round(y0) - height if y0 >= height else max(round(y0), 0)
        lettering.plate((left, top, width + 2 * pad, height), colour, opacity=0.9)
        baseline = top + height - round(0.34 * size_px)
        lettering.write(text, (left + pad, baseline), ink_on(colour), size_px=size_px, weight=500)


def draw_trails(image: ImageArray, trails: Trails) -> None:
    """Draw where tracks have been, older parts thinner; ``image`` is drawn on."""
    size_wh = image.shape[1], image.shape[0]
    thick = Lettering(image).line_px + 1
    for _, class_id, path in trails.paths():
        points, colour = path * size_wh, class_colour(class_id)
        split = len(points) // 2
        if split:
            halo_line(image, points[: split + 1], colour, max(1, thick - 1))
        if len(points) - split > 1:
            halo_line(image, points[split:], colour, thick)
        head = tuple(np.rint(points[-1] * 16).astype(int).tolist())
        cv2.circle(image, head, thick * 16 + 16, colour, -1, cv2.LINE_AA, 4)


def _rows(tracks: Tracks) -> list[tuple[tuple[float, float, float, float], int]]:
    """Boxes and class ids as Python numbers; boxes that are not finite stand outside every picture."""
    boxes = np.nan_to_num(np.asarray(tracks.xyxy, np.float64).reshape(-1, 4), nan=-1e5, posinf=1e5, neginf=-1e5)
    return list(zip(map(tuple, boxes.tolist()), tracks.class_id.tolist(), strict=True))
