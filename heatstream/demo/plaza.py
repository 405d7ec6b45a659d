"""The demo scene: a sunlit square, endless, drawn and known exactly at any moment."""

from __future__ import annotations

import cv2
import numpy as np

from heatstream.core.errors import ControlsError
from heatstream.core.types import ImageArray
from heatstream.demo.backdrop import SHADE, Occluder, backdrop
from heatstream.demo.stage import Affine, Placed, Stage
from heatstream.demo.trips import MEAN_PARTY
from heatstream.demo.truth import Truth
from heatstream.demo.view import RATE_HZ, SIZE_WH

#: About how many people may be in the picture, and which seeds there are.
MAX_CROWD = 80
MAX_SEED = 2**31 - 1
#: A slot of trips shows this many people on average, measured over an hour.
_PEOPLE_A_SLOT = MEAN_PARTY * 0.68

#: What a shadow's strength 0-255 multiplies the ground with, BGR.
_DARKEN = np.array(
    [[[round(255 - a * (1 - shade)) for shade in SHADE]] for a in range(256)], np.uint8
)  # a (256, 1, 3) colour table
Window = tuple[int, int, int, int]


class PlazaScene:
    """A rendered town square with about ``crowd`` people, the same for the same ``seed`` and ``crowd``.

    Frames are numbered from 0, ``rate_hz`` a second, without end; any may be asked for in any order. Not for use by
    two threads at once.

    Raises:
        ControlsError: ``seed`` is not 0 to 2147483647, or ``crowd`` not 1 to 80.
    """

    size_wh = SIZE_WH
    rate_hz = RATE_HZ

    def __init__(self, seed: int = 1, crowd: int = 24) -> None:
        if not 0 <= seed <= MAX_SEED:
            raise ControlsError(f"the demo's seed must be 0 to {MAX_SEED}, not {seed}")
        if not 1 <= crowd <= MAX_CROWD:
            raise ControlsError(f"the demo's crowd must be 1 to {MAX_CROWD} people, not {crowd}")
        self.seed, self.crowd = seed, crowd
        self._backdrop = backdrop()
        self._stage = Stage(seed, max(round(crowd / _PEOPLE_A_SLOT), 1), self._backdrop)
        self._last: tuple[int, tuple[Placed, ...]] | None = None

    def render(self, index: int) -> ImageArray:
        """The picture of frame ``index``, BGR uint8 (540, 960, 3), the caller's own.

        Raises:
            ControlsError: ``index`` is negative.
        """
        image = self._backdrop.image.copy()
        placed = self._placed(index)
        for one in placed:
            self._darken(image, one)
        for one in placed:
            window = _window(one.affine, one.sprite.image)
            if window is not None:
                _paint(image, self._tile(one, window), one.tint, window)
        return image

    def truth(self, index: int) -> Truth:
        """What frame ``index`` shows.

        Raises:
            ControlsError: ``index`` is negative.
        """
        owner = np.zeros((SIZE_WH[1], SIZE_WH[0]), np.int16)
        shown: list[Placed] = []
        boxes: list[tuple[float, float, float, float]] = []
        for one in self._placed(index):
            window = _window(one.affine, one.sprite.image)
            box = _clipped(one.box())
            if window is None or box is None:
                continue
            shown.append(one)
            boxes.append(box)
            left, top, right, bottom = window
            owner[top:bottom, left:right][self._tile(one, window)[..., 3] > 127] = len(shown)
        counts = np.bincount(owner.reshape(-1), minlength=len(shown) + 1)[1:]
        full = np.array([one.full_px() for one in shown])
        return Truth(
            xyxy=np.array(boxes, np.float32).reshape(-1, 4),
            track_id=np.array([one.actor.track_id for one in shown], np.int64),
            class_id=np.array([one.actor.class_id for one in shown], np.int64),
            visible=np.minimum(counts / np.maximum(full, 1.0), 1.0).astype(np.float32),
        )

    def _placed(self, index: int) -> tuple[Placed, ...]:
        if index < 0:
            raise ControlsError(f"the demo's frames are numbered from 0, there is no {index}")
        if self._last is None or self._last[0] != index:
            self._last = index, self._stage.at(index / RATE_HZ)
        return self._last[1]

    def _darken(self, image: ImageArray, one: Placed) -> None:
        """Lay a body's shadow on the ground that is in the sun."""
        if one.shadow is None:
            return
        window = _window(one.shadow_affine, one.shadow.image)
        if window is None:
            return
        left, top, right, bottom = window
        strength = _warped(one.shadow.image, one.shadow_affine, window)
        cv2.multiply(strength, self._backdrop.sunny[top:bottom, left:right], dst=strength, scale=1 / 255)
        ground = image[top:bottom, left:right]
        cv2.multiply(ground, cv2.applyColorMap(strength, _DARKEN), dst=ground, scale=1 / 255)

    def _tile(self, one: Placed, window: Window) -> ImageArray:
        """What can be seen of a body past the standing things: BGRA uint8, premultiplied, in the window's size."""
        tile = _warped(one.sprite.image, one.affine, window)
        for occluder in self._backdrop.occluders:
            if (one.behind_wall if occluder.deep is None else occluder.deep < one.deep) and occluder.meets(window):
                _hide(tile, occluder, window)
        return tile


def _window(affine: Affine, sprite: ImageArray) -> Window | None:
    """The frame's pixels (left, top, right, bottom) that a sprite may cover; None if it lies outside."""
    height, width = sprite.shape[:2]
    a, b, x, c, d, y = affine
    a, b, c, d = a * width, b * height, c * width, d * height
    left = max(int(x + min(a, 0.0) + min(b, 0.0)) - 1, 0)
    top = max(int(y + min(c, 0.0) + min(d, 0.0)) - 1, 0)
    right = min(int(x + max(a, 0.0) + max(b, 0.0)) + 2, SIZE_WH[0])
    bottom = min(int(y + max(c, 0.0) + max(d, 0.0)) + 2, SIZE_WH[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _warped(sprite: ImageArray, affine: Affine, window: Window) -> ImageArray:
    """The sprite as it appears in the window."""
    a, b, x, c, d, y = affine
    moved = np.array(((a, b, x - window[0]), (c, d, y - window[1])))
    size = (window[2] - window[0], window[3] - window[1])
    return np.asarray(cv2.warpAffine(sprite, moved, size, flags=cv2.INTER_LINEAR), np.uint8)


def _hide(tile: ImageArray, occluder: Occluder, window: Window) -> None:
    """Remove from a tile what stands behind the occluder."""
    height, width = occluder.keep.shape[:2]
    left, top = max(window[0], occluder.left), max(window[1], occluder.top)
    right, bottom = min(window[2], occluder.left + width), min(window[3], occluder.top + height)
    part = tile[top - window[1] : bottom - window[1], left - window[0] : right - window[0]]
    keep = occluder.keep[top - occluder.top : bottom - occluder.top, left - occluder.left : right - occluder.left]
    cv2.multiply(part, keep, dst=part, scale=1 / 255)


def _paint(image: ImageArray, tile: ImageArray, tint: tuple[float, float, float], window: Window) -> None:
    """Lay a tile over the image, in the light of ``tint``."""
    left, top, right, bottom = window
    below = image[top:bottom, left:right]
    rest = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(tile, 3)), cv2.COLOR_GRAY2BGR)
    colour = cv2.cvtColor(tile, cv2.COLOR_BGRA2BGR)
    if min(tint) < 0.99:
        colour = cv2.multiply(colour, np.array((*tint, 1.0)))
    cv2.multiply(below, rest, dst=below, scale=1 / 255)
    cv2.add(below, colour, dst=below)


def _clipped(box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    """The part of a box in the frame; None if there is none."""
    x1, y1 = max(box[0], 0.0), max(box[1], 0.0)
    x2, y2 = min(box[2], float(SIZE_WH[0])), min(box[3], float(SIZE_WH[1]))
    return (x1, y1, x2, y2) if x2 - x1 >= 1.0 and y2 - y1 >= 1.0 else None
