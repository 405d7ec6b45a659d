"""The tracker follows as Ultralytics' ``YOLO.track`` does, in media time instead of frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from heatstream.core.errors import ControlsError
from heatstream.core.types import POSITION_STEP_PX, Detections, ImageArray, Tracks
from heatstream.vision import library
from heatstream.vision.detector import load_detector
from heatstream.vision.spec import TRACKERS, ModelSpec
from heatstream.vision.tracker import Tracker

Clip = Callable[[str, int], list[ImageArray]]
BLANK = np.zeros((720, 1280, 3), np.uint8)


def _boxes(*centres: tuple[float, float], confidence: float = 0.9) -> Detections:
    x, y = np.array(centres, np.float32).reshape(-1, 2).T
    xyxy = np.stack([x - 20, y - 40, x + 20, y + 40], axis=1)
    return Detections(xyxy, np.full(len(x), confidence, np.float32), np.zeros(len(x), np.int64))


def _ids(tracks: Tracks) -> list[int]:
    return sorted(tracks.track_id.tolist())


def _follow(tracker: Tracker, times_s: Sequence[float], place: Callable[[float], tuple[float, float]]) -> list[Tracks]:
    return [tracker.update(_boxes(place(t)), BLANK, t) for t in times_s]


def _published(kind: str, tmp_path: Path) -> Path:
    """The library's own file of tracker parameters, motion compensation off."""
    library.prepare()
    from ultralytics.utils import ROOT, YAML

    parameters = YAML.load(ROOT / "cfg" / "trackers" / f"{kind}.yaml")
    if kind == "botsort":
        parameters["gmc_method"] = "none"
    YAML.save(tmp_path / f"{kind}.yaml", parameters)
    return tmp_path / f"{kind}.yaml"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("botsort", "pets"), pytest.param("botsort", "plaza", marks=pytest.mark.slow), ("bytetrack", "pets")],
)
def test_ids_and_boxes_are_those_of_yolo_track(
    models_dir: Path, clip: Clip, tmp_path: Path, kind: str, name: str
) -> None:
    path = models_dir / "yolov8n_320_int8_openvino_model"
    parameters = _published(kind, tmp_path)
    from ultralytics import YOLO

    theirs = YOLO(str(path), task="detect")
    blank = np.zeros((320, 320, 3), np.uint8)
    library.apart(lambda: theirs.predict(blank, conf=0.3, iou=0.5, device="cpu", verbose=False))
    detector = load_detector(ModelSpec(str(path), device="cpu"))
    ours = Tracker(kind, rate_hz=10.0, buffer_s=3.0)  # 30 frames, as published
    seen = 0
    for index, image in enumerate(clip(name, 60)):
        mine = ours.update(detector.detect(image, confidence=0.3, iou=0.5), image, index / 10)
        result = theirs.track(
            image, persist=True, tracker=str(parameters), conf=0.3, iou=0.5, device="cpu", verbose=False
        )[0].boxes.numpy()
        ids = result.id.astype(int).tolist() if result.id is not None else []
        assert mine.track_id.tolist() == ids, f"frame {index + 1}"
        if ids:
            np.testing.assert_allclose(mine.xyxy, result.xyxy, atol=POSITION_STEP_PX / 2 + 1e-3)
            np.testing.assert_array_equal(mine.confidence, result.conf)
            np.testing.assert_array_equal(mine.class_id, result.cls)
        seen += len(ids)
    detector.close()
    assert seen > 100


@pytest.mark.parametrize("kind", TRACKERS)
def test_tracks_are_typed_and_quantised_within_the_frame(kind: str) -> None:
    tracker = Tracker(kind, rate_hz=25.0)
    tracks = Tracks()
    for index in range(12):
        tracks = tracker.update(_boxes((1262.37 + index, 690.11), (300.03, 200.71)), BLANK, index / 25)
    assert (tracks.xyxy.dtype, tracks.confidence.dtype) == (np.float32, np.float32)
    assert (tracks.track_id.dtype, tracks.class_id.dtype) == (np.int64, np.int64)
    assert np.array_equal(tracks.xyxy / POSITION_STEP_PX, np.rint(tracks.xyxy / POSITION_STEP_PX))
    assert tracks.xyxy[:, 2:].max(axis=0).tolist() == [1280.0, 720.0]


@pytest.mark.parametrize("kind", TRACKERS)
def test_ids_start_at_one_for_each_tracker_and_after_a_reset(kind: str) -> None:
    one, other = Tracker(kind, rate_hz=25.0), Tracker(kind, rate_hz=25.0)
    for index in range(3):
        first = one.update(_boxes((100, 100), (300, 300)), BLANK, index / 25)
        second = other.update(_boxes((500, 100)), BLANK, index / 25)
    assert (_ids(first), _ids(second)) == ([1, 2], [1])
    one.reset()
    assert _ids(one.update(_boxes((700, 300)), BLANK, 0.0)) == [1]
    assert _ids(other.update(_boxes((500, 100)), BLANK, 3 / 25)) == [1]


@pytest.mark.parametrize("kind", TRACKERS)
def test_only_confirmed_tracks_count(kind: str) -> None:
    tracker = Tracker(kind, rate_hz=25.0)
    tracker.update(_boxes((100, 100)), BLANK, 0.0)
    flash = tracker.update(_boxes((100, 100), (600, 300)), BLANK, 1 / 25)
    assert _ids(flash) == [1], "a box seen once is no track yet"
    gone = tracker.update(_boxes((100, 100)), BLANK, 2 / 25)
    assert _ids(gone) == [1]
    tracker.update(_boxes((100, 100), (900, 300)), BLANK, 3 / 25)
    stays = tracker.update(_boxes((100, 100), (900, 300)), BLANK, 4 / 25)
    assert len(stays) == 2


@pytest.mark.parametrize("kind", TRACKERS)
def test_no_detections_are_no_tracks(kind: str) -> None:
    tracker = Tracker(kind, rate_hz=25.0)
    tracks = tracker.update(Detections(), BLANK, 0.0)
    assert (len(tracks), tracks.xyxy.shape) == (0, (0, 4))
    tracker.update(_boxes((100, 100)), BLANK, 1.0)
    assert len(tracker.update(Detections(), BLANK, 1.04)) == 0


@pytest.mark.parametrize("kind", TRACKERS)
@pytest.mark.parametrize("rate_hz", [5.0, 12.5, 30.0])
def test_a_lost_object_keeps_its_id_for_the_buffers_seconds(kind: str, rate_hz: float) -> None:
    for hidden_s, ids in ((1.6, [1]), (2.6, [2])):
        tracker = Tracker(kind, rate_hz=rate_hz, buffer_s=2.0)
        for index in range(5):
            tracker.update(_boxes((600, 300)), BLANK, index / rate_hz)
        hidden = round(hidden_s * rate_hz)
        for index in range(5, 5 + hidden):
            tracker.update(Detections(), BLANK, index / rate_hz)
        for index in range(5 + hidden, 9 + hidden):
            tracks = tracker.update(_boxes((600, 300)), BLANK, index / rate_hz)
        assert _ids(tracks) == ids, f"hidden for {hidden_s} s at {rate_hz} frames a second"


@pytest.mark.parametrize("kind", TRACKERS)
def test_skipped_frames_pass_as_time(kind: str) -> None:
    """At 200 px/s a 40 px wide box seen every fifth frame only overlaps if the motion goes on in between."""

    def place(time_s: float) -> tuple[float, float]:
        return 100 + 200 * time_s, 300.0

    tracker = Tracker(kind, rate_hz=25.0)
    steady = [index / 25 for index in range(15)]
    skipping = [steady[-1] + index / 5 for index in range(1, 20)]
    tracks = _follow(tracker, [*steady, *skipping], place)
    assert {tuple(_ids(found)) for found in tracks} == {(1,)}
    expected = 100 + 200 * skipping[-1]
    assert tracks[-1].xyxy[0, [0, 2]].mean() == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("kind", TRACKERS)
def test_new_objects_are_confirmed_though_frames_are_skipped(kind: str) -> None:
    tracker = Tracker(kind, rate_hz=25.0)
    tracker.update(Detections(), BLANK, 0.0)
    tracks = _follow(tracker, [0.2 * n for n in range(1, 6)], lambda _: (600.0, 300.0))
    assert [len(found) for found in tracks] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", TRACKERS)
@pytest.mark.parametrize("seen_last", [True, False])
@pytest.mark.parametrize(("gap_s", "same"), [(0.8, True), (1.2, False), (1e9, False)])
def test_a_gap_ends_tracks_as_frames_without_them_would(kind: str, seen_last: bool, gap_s: float, same: bool) -> None:
    tracker = Tracker(kind, rate_hz=25.0, buffer_s=1.0)
    _follow(tracker, [index / 25 for index in range(5)], lambda _: (600.0, 300.0))
    if not seen_last:
        tracker.update(Detections(), BLANK, 0.2)
    back = 0.16 + gap_s
    tracks = _follow(tracker, [back, back + 0.04, back + 0.08], lambda _: (600.0, 300.0))
    assert _ids(tracks[-1]) == ([1] if same else [2])


@pytest.mark.parametrize("kind", TRACKERS)
def test_time_that_stands_or_goes_back_does_no_harm(kind: str) -> None:
    tracker = Tracker(kind, rate_hz=25.0)
    tracks = _follow(tracker, [0.0, 0.04, 0.04, 0.02, 0.0, 0.06], lambda _: (600.0, 300.0))
    assert [_ids(found) for found in tracks] == [[1]] * 6


def test_motion_compensation_holds_tracks_on_a_shaking_camera(rng: np.random.Generator) -> None:
    """The view jumps by more than a box's width each frame; only the picture tells that the object stands still."""
    texture = cv2.GaussianBlur(rng.integers(0, 256, (480, 900, 3), dtype=np.uint8), (0, 0), 2)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    ids: dict[bool, list[list[int]]] = {}
    for compensate in (False, True):
        tracker = Tracker("botsort", rate_hz=25.0, motion_compensation=compensate)
        ids[compensate] = []
        for index in range(12):
            shift = 45 * (index % 2)
            image = np.ascontiguousarray(texture[:, shift : shift + 800])
            ids[compensate].append(_ids(tracker.update(_boxes((400 - shift, 240)), image, index / 25)))
    assert ids[True] == [[1]] * 12
    assert ids[False] != [[1]] * 12


def test_motion_compensation_survives_a_change_of_size(
    rng: np.random.Generator, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = Tracker("botsort", rate_hz=25.0, motion_compensation=True)
    for index, shape in enumerate([(480, 640, 3)] * 3 + [(240, 320, 3)] * 3):
        image = rng.integers(0, 256, shape, dtype=np.uint8)
        tracks = tracker.update(_boxes((100, 100)), image, index / 25)
    assert len(tracks) == 1
    assert not caplog.records


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("tracktrack", {}),
        ("botsort", {"rate_hz": 0.0}),
        ("botsort", {"rate_hz": float("inf")}),
        ("botsort", {"rate_hz": float("nan")}),
        ("botsort", {"buffer_s": -1.0}),
        ("botsort", {"buffer_s": float("nan")}),
        ("bytetrack", {"motion_compensation": True}),
    ],
)
def test_refuses_arguments_outside_their_range(kind: str, options: dict[str, float]) -> None:
    with pytest.raises(ControlsError):
        Tracker(kind, **{"rate_hz": 25.0, **options})  # type: ignore[arg-type]
