"""The track stream: what is wired to what, fresh tracks with each run, thresholds at the next frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from heatstream.core.controls import DetectControls
from heatstream.core.errors import ClosedError, ModelNotFoundError, TracksFileError
from heatstream.core.settings import Settings
from heatstream.core.types import Detections, Frame, ImageArray
from heatstream.vision import DetectorTracks, ModelSpec, ReplayTracks, Tracker, detector, open_tracks

Clip = Callable[[str, int], list[ImageArray]]


class StubDetector:
    """Sees one box that moves to the right, and remembers what it was asked."""

    names: Mapping[int, str] = {0: "person", 2: "car"}
    label = "stub"

    def __init__(self) -> None:
        self.asked: list[tuple[float, float]] = []
        self.closed = 0

    def detect(self, image: ImageArray, *, confidence: float, iou: float) -> Detections:
        x = 2.0 * len(self.asked)
        self.asked.append((confidence, iou))
        return Detections(
            np.array([[x, 10, x + 30, 50]], np.float32), np.array([0.9], np.float32), np.array([2], np.int64)
        )

    def close(self) -> None:
        self.closed += 1


def _frame(index: int, run: int = 1) -> Frame:
    return Frame(np.zeros((100, 200, 3), np.uint8), index, index / 25, run)


def test_thresholds_act_at_the_next_frame_and_classes_are_left_to_views() -> None:
    stub = StubDetector()
    stream = DetectorTracks(stub, Tracker("botsort", rate_hz=25.0))
    first = stream.step(_frame(1), DetectControls(confidence=0.4, iou=0.6, classes=("person",)))
    stream.step(_frame(2), DetectControls(confidence=0.2, iou=0.7))
    assert stub.asked == [(0.4, 0.6), (0.2, 0.7)]
    assert (first.class_id.tolist(), first.track_id.tolist()) == ([2], [1])
    assert (stream.names, stream.label) == (stub.names, "stub")


def test_a_new_run_and_a_reset_start_with_fresh_tracks() -> None:
    stream = DetectorTracks(StubDetector(), Tracker("botsort", rate_hz=25.0))
    steps: list[tuple[int, int]] = [(1, 1), (2, 1), (3, 2), (4, 2)]
    ids = [stream.step(_frame(index, run), DetectControls()).track_id.tolist() for index, run in steps]
    assert ids == [[1]] * 4
    inner = stream._tracker._tracker
    assert inner.frame_id == 2, "the second run's frames only"
    stream.reset()
    assert inner.frame_id == 0


def test_close_lets_go_of_the_detector_and_later_use_raises() -> None:
    stub = StubDetector()
    stream = DetectorTracks(stub, Tracker("bytetrack", rate_hz=25.0))
    stream.close()
    assert stub.closed == 1
    with pytest.raises(ClosedError):
        stream.step(_frame(1), DetectControls())


@pytest.mark.parametrize("tracker", ["botsort", pytest.param("bytetrack", marks=pytest.mark.slow)])
def test_a_real_model_follows_people_through_a_real_clip(models_dir: Path, clip: Clip, tracker: str) -> None:
    spec = ModelSpec(str(models_dir / "yolov8n_320_int8_openvino_model"), device="cpu", tracker=tracker)
    stream = open_tracks(spec, rate_hz=10.0)
    lives: dict[int, int] = {}
    for index, image in enumerate(clip("pets", 80), start=1):
        for track_id in stream.step(Frame(image, index, index / 10), DetectControls()).track_id.tolist():
            lives[track_id] = lives.get(track_id, 0) + 1
    stream.close()
    assert not detector._networks
    assert sum(life >= 20 for life in lives.values()) >= 4
    assert len(lives) <= 25


def test_a_tracks_file_is_replayed(config: Settings) -> None:
    (config.model_dir / "walk.csv").write_text("1,7,10,20,30,40,0.9\n")
    stream = open_tracks(ModelSpec("walk.csv"), rate_hz=25.0)
    assert isinstance(stream, ReplayTracks)
    assert stream.step(_frame(1), DetectControls()).track_id.tolist() == [7]
    stream.close()
    (config.model_dir / "bad.txt").write_text("hello\n")
    with pytest.raises(TracksFileError, match="line 1"):
        open_tracks(ModelSpec("bad.txt"), rate_hz=25.0)


@pytest.mark.usefixtures("config")
def test_a_missing_model_is_said_before_anything_is_loaded() -> None:
    with pytest.raises(ModelNotFoundError, match=r"nothing\.onnx"):
        open_tracks(ModelSpec("nothing.onnx"), rate_hz=25.0)
