"""The demo scene: a sunlit square, endless, drawn and known exactly at any moment."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from heatstream.core.errors import ControlsError
from heatstream.core.types import ImageArray
from heatstream.demo.backdrop import Occluder
from heatstream.demo.scenery import backdrop
from heatstream.demo.solids import Sprite
from heatstream.demo.stage import Affine, Placed, Stage
from heatstream.demo.trips import MEAN_PARTY
from heatstream.demo.truth import Truth
from heatstream.demo.view import RATE_HZ, SIZE_WH

#: About how many people may be in the picture, and which seeds there are.
MAX_CROWD = 80
MAX_SEED = 2**31 - 1
#: A slot of trips shows this many people on average, measured over an hour.
_PEOPLE_A_SLOT = MEAN_PARTY * 0.68

#: How deep the wall counts: only who is behind it is deeper.
_WALL_M = 1e6
Window = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Body:
    """A body in the frame: the pixels that it may cover, and the standing things that may hide it."""

    one: Placed
    window: Window
    hiders: tuple[Occluder, ...]


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
        occluders = self._backdrop.occluders
        self._edges = np.array(
            [(o.left, o.top, o.left + o.keep.shape[1], o.top + o.keep.shape[0]) for o in occluders]
        ).T
        self._depths = np.array([_WALL_M if o.deep is None else o.deep for o in occluders])
        self._last: tuple[int, tuple[Placed, ...]] | None = None

    def render(self, index: int) -> ImageArray:
        """The picture of frame ``index``, BGR uint8 (540, 960, 3), the caller's own.

        Raises:
            ControlsError: ``index`` is negative.
        """
        image = self._backdrop.image.copy()
        for one in self._placed(index):
            if one.shadow is not None:
                self._darken(image, one.shadow, one.shadow_affine)
        for body in self._bodies(index):
            _paint(image, self._seen(body, body.one.drawn()), body)
        return image

    def truth(self, index: int) -> Truth:
        """What frame ``index`` shows.

        Raises:
            ControlsError: ``index`` is negative.
        """
        owner = np.zeros((SIZE_WH[1], SIZE_WH[0]), np.int16)
        shown: list[Placed] = []
        boxes: list[Window] = []
        full: list[int] = []
        for body in self._bodies(index):
            drawn = body.one.drawn()
            solid = cv2.threshold(cv2.extractChannel(drawn, 3), 127, 255, cv2.THRESH_BINARY)[1]
            x, y, width, height = cv2.boundingRect(solid)
            x, y = x + body.one.left, y + body.one.top
            box = (max(x, 0), max(y, 0), min(x + width, SIZE_WH[0]), min(y + height, SIZE_WH[1]))
            if box[0] >= box[2] or box[1] >= box[3]:
                continue
            shown.append(body.one)
            boxes.append(box)
            full.append(cv2.countNonZero(solid))
            left, top, right, bottom = body.window
            owner[top:bottom, left:right][self._seen(body, drawn)[..., 3] > 127] = len(shown)
        counts = np.bincount(owner.reshape(-1), minlength=len(shown) + 1)[1:]
        return Truth(
            xyxy=np.array(boxes, np.float32).reshape(-1, 4),
            track_id=np.array([one.actor.track_id for one in shown], np.int64),
            class_id=np.array([one.actor.class_id for one in shown], np.int64),
            visible=(counts / np.array(full, np.float64).reshape(-1)).astype(np.float32),
        )

    def _placed(self, index: int) -> tuple[Placed, ...]:
        if index < 0:
            raise ControlsError(f"the demo's frames are numbered from 0, there is no {index}")
        if self._last is None or self._last[0] != index:
            self._last = index, self._stage.at(index / RATE_HZ)
        return self._last[1]

    def _bodies(self, index: int) -> list[Body]:
        """The bodies that reach into the frame, far ones first, with what may hide them."""
        placed = [(one, window) for one in self._placed(index) if (window := _window(one)) is not None]
        if not placed:
            return []
        left, top, right, bottom = np.array([window for _, window in placed]).T[:, :, None]
        deep = np.array([math.inf if one.behind_wall else one.deep for one, _ in placed])[:, None]
        edges = self._edges
        hides = (edges[0] < right) & (edges[1] < bottom) & (edges[2] > left) & (edges[3] > top) & (self._depths < deep)
        hiders: list[list[Occluder]] = [[] for _ in placed]
        for body, occluder in zip(*(found.tolist() for found in np.nonzero(hides)), strict=True):
            hiders[body].append(self._backdrop.occluders[occluder])
        return [Body(one, window, tuple(found)) for (one, window), found in zip(placed, hiders, strict=True)]

    def _darken(self, image: ImageArray, shadow: Sprite, affine: Affine) -> None:
        """Lay a shadow on the ground that is in the sun."""
        window = _shadow_window(affine, shadow.image)
        if window is None:
            return
        left, top, right, bottom = window
        strength = cv2.cvtColor(_coarse_shadow(shadow.image, affine, window), cv2.COLOR_GRAY2BGR)
        cv2.multiply(strength, self._backdrop.shade[top:bottom, left:right], dst=strength, scale=1 / 255)
        cv2.subtract(self._backdrop.image[top:bottom, left:right], strength, dst=strength)
        ground = image[top:bottom, left:right]
        cv2.min(ground, strength, dst=ground)  # where shadows overlap it is no darker than in one

    @staticmethod
    def _seen(body: Body, drawn: ImageArray) -> ImageArray:
        """What can be seen of a body in its window, past the standing things; changes ``drawn``."""
        left, top, right, bottom = body.window
        tile = drawn[top - body.one.top : bottom - body.one.top, left - body.one.left : right - body.one.left]
        for occluder in body.hiders:
            _hide(tile, occluder, body.window)
        return tile


def _window(one: Placed) -> Window | None:
    """The frame's pixels (left, top, right, bottom) that a body may cover; None if it lies outside."""
    left, top = max(one.left, 0), max(one.top, 0)
    right, bottom = min(one.left + one.size_wh[0], SIZE_WH[0]), min(one.top + one.size_wh[1], SIZE_WH[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _shadow_window(affine: Affine, sprite: ImageArray) -> Window | None:
    """The frame's pixels (left, top, right, bottom) that a shadow may cover; None if it lies outside."""
    height, width = sprite.shape[:2]
    a, b, x, c, d, y = affine
    a, b, c, d = a * width, b * height, c * width, d * height
    left = max(int(x + min(a, 0.0) + min(b, 0.0)) - 1, 0)
    top = max(int(y + min(c, 0.0) + min(d, 0.0)) - 1, 0)
    right = min(int(x + max(a, 0.0) + max(b, 0.0)) + 2, SIZE_WH[0])
    bottom = min(int(y + max(c, 0.0) + max(d, 0.0)) + 2, SIZE_WH[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _coarse_shadow(sprite: ImageArray, affine: Affine, window: Window) -> ImageArray:
    """A shadow's strength in the window: soft, so half as many pixels each way do."""
    a, b, x, c, d, y = affine
    left, top, right, bottom = window
    moved = np.array(
        ((a / 2, b / 2, (x - left + 0.5) / 2 - 0.5), (c / 2, d / 2, (y - top + 0.5) / 2 - 0.5)),
    )
    half = cv2.warpAffine(sprite, moved, ((right - left + 1) // 2, (bottom - top + 1) // 2))
    return np.asarray(cv2.resize(half, (right - left, bottom - top)), np.uint8)


def _hide(tile: ImageArray, occluder: Occluder, window: Window) -> None:
    """Remove from a tile what stands behind the occluder."""
    height, width = occluder.keep.shape[:2]
    left, top = max(window[0], occluder.left), max(window[1], occluder.top)
    right, bottom = min(window[2], occluder.left + width), min(window[3], occluder.top + height)
    part = tile[top - window[1] : bottom - window[1], left - window[0] : right - window[0]]
    keep = occluder.keep[top - occluder.top : bottom - occluder.top, left - occluder.left : right - occluder.left]
    cv2.multiply(part, keep, dst=part, scale=1 / 255)


def _paint(image: ImageArray, tile: ImageArray, body: Body) -> None:
    """Lay what is seen of a body over the image, in the light in which it stands."""
    left, top, right, bottom = body.window
    below = image[top:bottom, left:right]
    rest = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(tile, 3)), cv2.COLOR_GRAY2BGR)
    colour = cv2.cvtColor(tile, cv2.COLOR_BGRA2BGR)
    if min(body.one.tint) < 0.99:
        colour = cv2.multiply(colour, np.array((*body.one.tint, 1.0)))
    cv2.multiply(below, rest, dst=below, scale=1 / 255)
    cv2.add(below, colour, dst=below)
