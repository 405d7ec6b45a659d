"""Text and its plates on a picture, in any script, sized to the picture."""

from __future__ import annotations

import cv2
import numpy as np

from heatstream.core.types import ImageArray

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

WHITE: Colour = (255, 255, 255)
SOFT: Colour = (196, 190, 184)
INK: Colour = (28, 22, 18)
REGULAR = 400
BOLD = 650
#: A name longer than this is cut: it would cover the picture.
MAX_NAME = 28


def plain(text: str) -> str:
    """``text`` on one line and no longer than ``MAX_NAME``."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_NAME else line[: MAX_NAME - 1].rstrip() + "…"


class Lettering:
    """Writes on one picture. Make one for each: OpenCV's font object must not be used by two threads.

    ``size_px`` is the height of normal text, ``line_px`` the thickness of normal lines; both grow with the picture.
    """

    def __init__(self, image: ImageArray) -> None:
        self._image = image
        short_px = min(image.shape[:2])
        self.size_px = round(5.5 + 0.0135 * short_px)
        self.line_px = max(1, round(self.size_px / 9))
        self._font = cv2.FontFace("sans")

    def width(self, text: str, *, size_px: int | None = None, weight: int = REGULAR) -> int:
        """Pixels that ``text`` takes from left to right."""
        box = cv2.getTextSize((0, 0), text, (0, 0), self._font, size_px or self.size_px, weight)
        return int(box[2])

    def write(self, text: str, at: tuple[int, int], colour: Colour = WHITE, **style: int) -> int:
        """Write from the left end ``at`` of the baseline; ``style`` as for ``width``. Returns the x where it ends."""
        size_px = style.get("size_px") or self.size_px
        end, _ = cv2.putText(self._image, text, at, colour, self._font, size_px, style.get("weight", REGULAR))
        return int(end[0])

    def plate(self, box: Box, colour: Colour, *, opacity: float = 0.85) -> None:
        """A rounded plate over ``box`` (x, y, width, height), cut off at the picture's edge."""
        x, y, width, height = box
        x0, y0 = max(x, 0), max(y, 0)
        part = self._image[y0 : max(y + height, y0), x0 : max(x + width, x0)]
        if not part.size:
            return
        radius = max(1, min(width, height, 2 * self.size_px) // 5)
        left, top, right, bottom = x - x0, y - y0, x - x0 + width - 1, y - y0 + height - 1
        cover = part.copy()
        corners = [(left + radius, top + radius), (right - radius, top + radius)]
        corners += [(right - radius, bottom - radius), (left + radius, bottom - radius)]
        cv2.rectangle(cover, (left + radius, top), (right - radius, bottom), colour, -1)
        cv2.rectangle(cover, (left, top + radius), (right, bottom - radius), colour, -1)
        for corner in corners:
            cv2.circle(cover, corner, radius, colour, -1, cv2.LINE_AA)
        cv2.addWeighted(part, 1 - opacity, cover, opacity, 0, dst=part)


def ink_on(colour: Colour) -> Colour:
    """Black or white, whichever is read better on ``colour`` (luma of ITU-R BT.601)."""
    blue, green, red = colour
    return INK if 0.114 * blue + 0.587 * green + 0.299 * red > 140 else WHITE


def halo_line(image: ImageArray, points: np.ndarray, colour: Colour, thickness: int, *, closed: bool = False) -> None:
    """An anti-aliased line through ``points`` (N, 2) px over a darker, wider one, seen on any ground."""
    fixed = [np.rint(np.asarray(points, np.float64) * 16).astype(np.int32)]
    cv2.polylines(image, fixed, closed, INK, thickness + 2, cv2.LINE_AA, 4)
    cv2.polylines(image, fixed, closed, colour, thickness, cv2.LINE_AA, 4)
