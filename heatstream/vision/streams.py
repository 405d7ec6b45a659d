"""Frame -> Tracks, as the pipeline uses it: a detector or motion with a tracker, or tracks replayed from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from heatstream.core.controls import DetectControls
from heatstream.core.errors import ClosedError
from heatstream.core.types import Frame, Tracks
from heatstream.vision.detector import Detector, load_detector
from heatstream.vision.models import is_motion, is_tracks_file, resolve_model
from heatstream.vision.motion import MotionTracks
from heatstream.vision.replay import ReplayTracks
from heatstream.vision.spec import ModelSpec
from heatstream.vision.tracker import Tracker


class TrackStream(Protocol):
    """Gives the tracks of a camera's frames, in order. Used by one thread at a time."""

    @property
    def names(self) -> Mapping[int, str]:
        """Class names by id."""

    @property
    def label(self) -> str:
        """Where the tracks come from, in words for people."""

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """The tracks of ``frame``; a new ``frame.run`` starts afresh. All classes: choosing them is a view's affair."""

    def reset(self) -> None:
        """Forget all tracks."""

    def close(self) -> None:
        """Let go of everything; idempotent."""


class DetectorTracks:
    """A detector and a tracker; owns both."""

    def __init__(self, detector: Detector, tracker: Tracker) -> None:
        self._detector = detector
        self._tracker = tracker
        self._run: int | None = None
        self._closed = False
        self.names: Mapping[int, str] = detector.names
        self.label = detector.label

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """Detect and follow; confidence and IoU act at once.

        Raises:
            ClosedError: after ``close``.
        """
        if self._closed:
            raise ClosedError(f"the track stream of {self.label} is closed")
        if frame.run != self._run:
            self.reset()
            self._run = frame.run
        found = self._detector.detect(frame.image, confidence=detect.confidence, iou=detect.iou)
        return self._tracker.update(found, frame.image, frame.time_s)

    def reset(self) -> None:
        """Forget all tracks; ids start at 1 again."""
        self._tracker.reset()

    def close(self) -> None:
        """Let go of the detector; idempotent."""
        self._closed = True
        self._detector.close()


def open_tracks(
    spec: ModelSpec, *, rate_hz: float, trust: bool = False, motion_compensation: bool = False
) -> TrackStream:
    """The track stream of ``spec`` for a source of ``rate_hz`` frames a second.

    ``trust`` allows a pickle outside the model folder (the command line's ``--trust``); ``motion_compensation`` is for
    moving cameras (see ``Tracker``).

    Raises:
        ModelError: see ``resolve_model`` and ``load_detector``.
        TracksFileError: see ``read_tracks``.
    """
    if is_motion(spec.model):
        return MotionTracks(Tracker(spec.tracker, rate_hz=rate_hz, motion_compensation=motion_compensation))
    path = resolve_model(spec.model, trust=trust)
    if is_tracks_file(path):
        return ReplayTracks(path)
    tracker = Tracker(spec.tracker, rate_hz=rate_hz, motion_compensation=motion_compensation)
    return DetectorTracks(load_detector(replace(spec, model=str(path)), trust=trust), tracker)
