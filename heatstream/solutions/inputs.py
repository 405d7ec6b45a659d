"""What comes with a call: a picture from OpenCV, and the results of ``model.track`` read without Ultralytics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.errors import ControlsError
from heatstream.core.types import FloatArray, ImageArray, Tracks


@dataclass(frozen=True, slots=True)
class Seen:
    """The objects in one frame.

    ``xyxy`` float32 (N, 4) px are all of them, ``tracks`` those that have an id, ``names`` the classes by id as far as
    the results tell.
    """

    xyxy: FloatArray = field(default_factory=lambda: np.empty((0, 4), np.float32))
    tracks: Tracks = field(default_factory=Tracks)
    names: Mapping[int, str] = field(default_factory=dict)


def picture(im0: Any) -> ImageArray:
    """``im0`` as BGR uint8 (H, W, 3); a grey picture, (H, W) or (H, W, 1), is taken, too.

    Raises:
        ControlsError: it is no such picture.
    """
    if im0 is None:
        raise ControlsError("im0 is None: no picture was read; look at what cap.read() or cv2.imread() returned")
    if not isinstance(im0, np.ndarray):
        raise ControlsError(f"im0 must be a picture as OpenCV reads it, not {type(im0).__name__}")
    if im0.dtype != np.uint8:
        raise ControlsError(f"im0 must have values of uint8 from 0 to 255, not {im0.dtype}")
    grey = im0.ndim == 2 or (im0.ndim == 3 and im0.shape[2] == 1)
    if not im0.size or not (grey or (im0.ndim == 3 and im0.shape[2] == 3)):
        raise ControlsError(f"im0 must have the shape (height, width, 3), not {im0.shape}")
    image = np.ascontiguousarray(im0)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if grey else image, np.uint8)


def seen_in(tracks: Any) -> Seen:
    """The objects of what ``model.track`` returned for one frame: a list of one result, or the result.

    None, an empty list and a result with no boxes in it are a frame without objects. Boxes that are not finite are
    left out.

    Raises:
        ControlsError: it is no such result, it has no boxes, or there are those of several frames.
    """
    if isinstance(tracks, list | tuple):
        if len(tracks) > 1:
            raise ControlsError(f"tracks holds the results of {len(tracks)} frames; pass those of im0 alone")
        tracks = tracks[0] if tracks else None
    if tracks is None:
        return Seen()
    if not hasattr(tracks, "boxes"):
        hint = "; with stream=True, pass each result that it yields" if hasattr(tracks, "__next__") else ""
        raise ControlsError(f"tracks must be what model.track(im0) returned, not {type(tracks).__name__}{hint}")
    boxes = tracks.boxes
    if boxes is None:
        raise ControlsError("the results have no boxes; use a model that detects objects")
    xyxy = _numbers(boxes.xyxy).astype(np.float32).reshape(-1, 4)
    usable = np.isfinite(xyxy).all(axis=1)
    xyxy = xyxy[usable]
    names = dict(getattr(tracks, "names", None) or {})
    if boxes.id is None:
        return Seen(xyxy, names=names)
    track_id, class_id = (_numbers(part)[usable].astype(np.int64) for part in (boxes.id, boxes.cls))
    return Seen(xyxy, Tracks(xyxy, track_id, _numbers(boxes.conf)[usable].astype(np.float32), class_id), names)


def _numbers(value: Any) -> npt.NDArray[Any]:
    """A tensor on any device, or an array, as an array."""
    return np.asarray(value.cpu().numpy() if hasattr(value, "cpu") else value)
