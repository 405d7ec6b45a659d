"""Frame -> Tracks without a model: what stands out from a learnt background moves. Its one class is ``motion``.

The background is a mixture of Gaussians for each pixel, with shadows told apart (Zivkovic, "Improved adaptive Gaussian
mixture model for background subtraction", ICPR 2004; OpenCV's MOG2). It learns by media time, so that it is the same at
any rate of frames. The camera must stand still.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.controls import DetectControls
from heatstream.core.errors import ClosedError
from heatstream.core.shrink import shrink
from heatstream.core.types import Detections, FloatArray, Frame, ImageArray, Tracks
from heatstream.vision.boxes import clip
from heatstream.vision.tracker import Tracker

#: The picture is looked at no larger than this, its longer side in pixels.
LOOK_PX: Final = 640
#: The background forgets to 1/e in so many seconds ...
LEARN_S: Final = 60.0
#: ... and explains this share of a pixel's past: what stands still for 13 s becomes part of it (-60 s x ln 0.8), and
#: what moves on earlier leaves no hole.
BACKGROUND_SHARE: Final = 0.8
#: A young background forgets to 1/e in this many times its age, so that who stood there at the start leaves a ghost for
#: less than half as long as they stood.
YOUNG_SHARE: Final = 1.5
#: After a gap in time, too, one picture alone does not become background: it has this weight at most.
MOST_OF_ONE: Final = (1 - BACKGROUND_SHARE) / 2
#: Nothing is reported before so much has been seen, seconds.
WARM_UP_S: Final = 1.0
#: How far from its background a pixel must be, in squared standard deviations (the library's default is 16: on PETS it
#: breaks 62 tracks into 100, 2026-11).
FAR: Final = 25.0
#: When more of the picture than this differs from the background, it is the light that has changed, or the camera has
#: moved (a car that fills the picture of a bridge camera covers half of it).
FLOOD_SHARE: Final = 0.7
#: The least object, and the least fragment of one, as shares of the picture's area.
LEAST_SHARE: Final = 0.0004
LEAST_FRAGMENT_SHARE: Final = LEAST_SHARE / 4
#: Gaps up to this share of the picture's longer side are closed, twice as much upwards: people are taller than wide.
GAP_SHARE: Final = 0.008
#: A fragment is joined with a larger piece that shares half of its box, or that stands above or below it, at least
#: twice as large, no farther away than this share of the height of both.
APART_SHARE: Final = 0.1
#: The share of its box that somebody who walks fills: who fills this much is sure.
FULL_SHARE: Final = 0.6

_Mask = npt.NDArray[np.uint8]


class MotionDetector:
    """Finds what moves before one fixed camera; not thread-safe.

    The confidence of a box is the share of it that moves, over ``FULL_SHARE``, at most 1: a body is sure, scattered
    specks are not.
    """

    names: Mapping[int, str] = {0: "motion"}
    label = "Motion (no model)"

    def __init__(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(varThreshold=FAR, detectShadows=True)
        self._background.setBackgroundRatio(BACKGROUND_SHARE)
        self._size_wh: tuple[int, int] | None = None
        self._time_s: float | None = None
        self._learnt_s = 0.0

    def detect(self, image: ImageArray, time_s: float) -> Detections:
        """What moves in ``image``, BGR uint8 (H, W, 3), at media time ``time_s``, which comes after the one before.

        Nothing while the background is being learnt: at first, with another size, and when most of the picture has
        changed.
        """
        height, width = image.shape[:2]
        if self._size_wh != (width, height):
            self.reset()
            self._size_wh = width, height
        mask = self._moving(_shrunk(image), time_s)
        if np.count_nonzero(mask) > FLOOD_SHARE * mask.size:
            self.reset()
            return Detections()
        if self._learnt_s < WARM_UP_S:
            return Detections()
        boxes, areas = _objects(_cleaned(mask))
        filled = areas / ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
        back = np.array([width / mask.shape[1], height / mask.shape[0]] * 2, np.float32)
        return Detections(
            xyxy=clip(boxes * back, (width, height)),
            confidence=np.minimum(filled / np.float32(FULL_SHARE), np.float32(1)),
            class_id=np.zeros(len(boxes), np.int64),
        )

    def reset(self) -> None:
        """Learn the background anew."""
        self._time_s = None
        self._learnt_s = 0.0

    def _moving(self, image: ImageArray, time_s: float) -> _Mask:
        """Take a picture into the background; returns 255 where it differed from it, without shadows, else 0."""
        rate = 1.0  # this picture is all there is
        if self._time_s is not None:
            dt_s = max(0.0, time_s - self._time_s)
            young = self._learnt_s < WARM_UP_S
            self._learnt_s += dt_s
            past_s = min(YOUNG_SHARE * self._learnt_s, LEARN_S)
            rate = -math.expm1(-dt_s / past_s) if past_s else 0.0
            rate = rate if young else min(rate, MOST_OF_ONE)
        self._time_s = time_s
        marked = self._background.apply(cv2.GaussianBlur(image, (3, 3), 0), learningRate=rate)
        return np.asarray(cv2.threshold(marked, 254, 255, cv2.THRESH_BINARY)[1], np.uint8)


class MotionTracks:
    """What moves, followed by ``tracker``: a ``TrackStream`` without a model. Overlap (IoU) has no say in it."""

    def __init__(self, tracker: Tracker) -> None:
        self._detector = MotionDetector()
        self._tracker = tracker
        self._run: int | None = None
        self._closed = False
        self.names: Mapping[int, str] = self._detector.names
        self.label = self._detector.label

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """Find what moves and follow it; a new ``frame.run`` learns the background anew.

        Raises:
            ClosedError: after ``close``.
        """
        if self._closed:
            raise ClosedError(f"the track stream of {self.label} is closed")
        if frame.run != self._run:
            self.reset()
            self._run = frame.run
        found = self._detector.detect(frame.image, frame.time_s)
        sure = found.confidence >= detect.confidence
        chosen = Detections(found.xyxy[sure], found.confidence[sure], found.class_id[sure])
        return self._tracker.update(chosen, frame.image, frame.time_s)

    def reset(self) -> None:
        """Forget background and tracks; ids start at 1 again."""
        self._detector.reset()
        self._tracker.reset()

    def close(self) -> None:
        """No more steps; idempotent."""
        self._closed = True


def _shrunk(image: ImageArray) -> ImageArray:
    """``image`` no larger than ``LOOK_PX``."""
    height, width = image.shape[:2]
    scale = LOOK_PX / max(width, height)
    if scale >= 1:
        return image
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    return shrink(image, size_wh)


def _cleaned(mask: _Mask) -> _Mask:
    """``mask`` without specks, and with the gaps inside bodies closed."""
    gap = max(1, round(GAP_SHARE * max(mask.shape)))
    closing = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * gap + 1, 4 * gap + 1))
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, closing), np.uint8)


def _objects(mask: _Mask) -> tuple[FloatArray, FloatArray]:
    """What hangs together in ``mask``, fragments joined: boxes (N, 4) ``xyxy`` px and their areas (N,) in the mask."""
    rows = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]
    areas = rows[:, cv2.CC_STAT_AREA].astype(np.float32)
    first = rows[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
    size = rows[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    boxes = np.concatenate([first, first + size], axis=1).astype(np.float32)
    kept = areas >= LEAST_FRAGMENT_SHARE * mask.size
    boxes, areas = _joined(boxes[kept], areas[kept])
    kept = areas >= LEAST_SHARE * mask.size
    return boxes[kept], areas[kept]


def _joined(boxes: FloatArray, areas: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``boxes`` (N, 4) and ``areas`` (N,) with fragments given to the pieces that they belong to, largest first."""
    order = np.argsort(-areas, kind="stable")
    boxes, areas = boxes[order], areas[order]
    whole: list[int] = []
    for i in range(len(boxes)):
        larger = next((j for j in whole if _belongs(boxes[i], boxes[j], areas[i] / areas[j])), None)
        if larger is None:
            whole.append(i)
            continue
        boxes[larger, :2] = np.minimum(boxes[larger, :2], boxes[i, :2])
        boxes[larger, 2:] = np.maximum(boxes[larger, 2:], boxes[i, 2:])
        areas[larger] += areas[i]
    return boxes[whole], areas[whole]


def _belongs(box: FloatArray, larger: FloatArray, share: float) -> bool:
    """Whether the piece in ``box`` is a fragment of what is in ``larger``; its area is ``share`` of that one's."""
    size, larger_size = box[2:] - box[:2], larger[2:] - larger[:2]
    across, down = np.minimum(box[2:], larger[2:]) - np.maximum(box[:2], larger[:2])
    if across > 0 and down > 0 and across * down >= 0.5 * size.prod():
        return True
    above = across >= 0.5 * min(size[0], larger_size[0])
    return bool(above and share < 0.5 and down > -APART_SHARE * (size[1] + larger_size[1]))
