"""Frames in, tracks out: models, the detector, trackers, and replay of stored tracks. Cheap to import."""

from heatstream.vision.detector import Detector, load_detector
from heatstream.vision.library import warm_up
from heatstream.vision.models import (
    AUTO,
    DEMO,
    MOTION,
    ModelChoice,
    available_models,
    confine_model,
    is_tracks_file,
    resolve_model,
)
from heatstream.vision.replay import ReplayTracks, TracksFile, read_tracks
from heatstream.vision.spec import ModelSpec
from heatstream.vision.streams import DetectorTracks, TrackStream, open_tracks
from heatstream.vision.tracker import Tracker

__all__ = [
    "AUTO",
    "DEMO",
    "MOTION",
    "Detector",
    "DetectorTracks",
    "ModelChoice",
    "ModelSpec",
    "ReplayTracks",
    "TrackStream",
    "Tracker",
    "TracksFile",
    "available_models",
    "confine_model",
    "is_tracks_file",
    "load_detector",
    "open_tracks",
    "read_tracks",
    "resolve_model",
    "warm_up",
]
