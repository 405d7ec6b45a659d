"""Detections + time -> tracks: one tracker for each camera, on Ultralytics' BoT-SORT and ByteTrack classes."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heatstream.core.errors import ControlsError
from heatstream.core.types import Detections, FloatArray, ImageArray, Tracks
from heatstream.vision import library
from heatstream.vision.boxes import clip, quantise
from heatstream.vision.spec import TRACKERS

#: How long a lost object keeps its track. The library's 30 frames are 1.2 s at the seed document's 25 a second; 2 s
#: break fewer tracks (YOLOv8n at 320 px: 98 -> 95 tracks on PETS, 64 -> 62 on the plaza; 5 s gain little, 2025-11).
DEFAULT_BUFFER_S: Final = 2.0

# ultralytics 8.4.190, cfg/trackers/{bytetrack,botsort}.yaml, named here because defaults change between releases.
_BYTETRACK: Final = {
    "track_high_thresh": 0.25,
    "track_low_thresh": 0.1,
    "new_track_thresh": 0.25,
    "match_thresh": 0.8,
    "fuse_score": True,
}
_BOTSORT: Final = {
    **_BYTETRACK,
    "proximity_thresh": 0.5,
    "appearance_thresh": 0.8,
    "with_reid": False,
    "model": "auto",
}


class _Boxes:
    """Detections in the shape the library's trackers read: ``conf``, ``cls``, ``xyxy``, ``xywh``, boolean indexing."""

    def __init__(self, detections: Detections) -> None:
        self.xyxy = detections.xyxy
        self.conf = detections.confidence
        self.cls = detections.class_id

    @property
    def xywh(self) -> FloatArray:
        first, second = self.xyxy[:, :2], self.xyxy[:, 2:]
        return np.concatenate([(first + second) / 2, second - first], axis=1)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, mask: npt.NDArray[np.bool_]) -> _Boxes:
        return _Boxes(Detections(self.xyxy[mask], self.conf[mask], self.cls[mask]))


class Tracker:
    """Follows objects from frame to frame. Not thread-safe; ids start at 1 and are this tracker's own.

    ``rate_hz`` is the rate of the source's frames: the library's trackers count frames, so media time is counted in
    frame intervals, and frames that were skipped enter as that many steps of prediction. ``buffer_s`` is how long a
    lost object keeps its track. ``motion_compensation`` is for moving cameras and BoT-SORT only; it costs several
    milliseconds a frame.

    BoT-SORT: Aharon et al., arXiv 2206.14651; ByteTrack: Zhang et al., ECCV 2022.

    Raises:
        ControlsError: an argument is outside its range.
    """

    def __init__(
        self, kind: str, *, rate_hz: float, buffer_s: float = DEFAULT_BUFFER_S, motion_compensation: bool = False
    ) -> None:
        if kind not in TRACKERS:
            raise ControlsError(f"the tracker must be one of {', '.join(TRACKERS)}, not {kind!r}")
        if not (rate_hz > 0 and math.isfinite(rate_hz)):
            raise ControlsError(f"the frame rate must be more than 0 frames a second, not {rate_hz}")
        if not 0 <= buffer_s <= 3600:
            raise ControlsError(f"the track buffer must lie between 0 and 3600 seconds, not {buffer_s}")
        if motion_compensation and kind != "botsort":
            raise ControlsError(f"the tracker {kind} knows no motion compensation; choose botsort")
        self._rate_hz = rate_hz
        self._buffer = max(1, round(buffer_s * rate_hz))
        self._tracker = _build(kind, self._buffer, motion_compensation=motion_compensation)
        self._time_s: float | None = None
        self._size_wh: tuple[int, int] | None = None

    def update(self, detections: Detections, image: ImageArray, time_s: float) -> Tracks:
        """The confirmed tracks at media time ``time_s``, boxes within ``image`` and rounded to ``POSITION_STEP_PX``.

        ``image`` BGR uint8 (H, W, 3) is that of the detections; it is read for motion compensation only.
        """
        size_wh = image.shape[1], image.shape[0]
        if self._size_wh not in (None, size_wh) and hasattr(self._tracker, "gmc"):
            self._tracker.gmc.reset_params()  # it compares with the last picture, which had another size
        self._skip(time_s)
        self._time_s, self._size_wh = time_s, size_wh
        rows = self._tracker.update(_Boxes(detections), image)
        if not len(rows):
            return Tracks()
        # Taken from the tracks, since the rows are float32, which is exact up to 2**24 only.
        ids = [track.track_id for track in self._tracker.tracked_stracks if track.is_activated]
        return Tracks(
            xyxy=quantise(clip(rows[:, :4], size_wh)),
            track_id=np.array(ids, np.int64),
            confidence=rows[:, 5].astype(np.float32),
            class_id=rows[:, 6].astype(np.int64),
        )

    def reset(self) -> None:
        """Forget all tracks; ids start at 1 again."""
        self._tracker.reset()
        self._time_s = None
        self._size_wh = None

    def _skip(self, time_s: float) -> None:
        """Let the frame intervals pass that lie between the last frame and the one at ``time_s``, less one.

        The motion model goes on, and tracks that were last seen too long ago end. An update without detections would
        not do: it drops every track that has been seen once only.
        """
        if self._time_s is None:
            return
        intervals = round((time_s - self._time_s) * self._rate_hz)
        missed = min(max(intervals - 1, 0), self._buffer + 1)
        if not missed:
            return
        tracker = self._tracker
        tracker.frame_id += missed
        oldest = tracker.frame_id - self._buffer
        tracker.tracked_stracks = [track for track in tracker.tracked_stracks if track.end_frame >= oldest]
        tracker.lost_stracks = [track for track in tracker.lost_stracks if track.end_frame >= oldest]
        moving = [track for track in tracker.tracked_stracks if track.is_activated] + tracker.lost_stracks
        for _ in range(missed if moving else 0):
            tracker.multi_predict(moving)


def _build(kind: str, buffer: int, *, motion_compensation: bool) -> Any:
    library.prepare()
    if kind == "bytetrack":
        from ultralytics.trackers.byte_tracker import BYTETracker  # noqa: PLC0415 - slow

        return BYTETracker(SimpleNamespace(**_BYTETRACK, track_buffer=buffer))
    from ultralytics.trackers.bot_sort import BOTSORT  # noqa: PLC0415 - slow

    method = "sparseOptFlow" if motion_compensation else "none"
    return BOTSORT(SimpleNamespace(**_BOTSORT, track_buffer=buffer, gmc_method=method))
