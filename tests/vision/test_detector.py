"""The detector gives what ``YOLO.predict`` gives, shares its network, and says why a model cannot be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heatstream.core.errors import ClosedError, ModelUnusableError, UntrustedModelError
from heatstream.core.settings import Settings, settings
from heatstream.core.types import Detections, ImageArray
from heatstream.vision import detector, library
from heatstream.vision.detector import Detector, load_detector
from heatstream.vision.spec import ModelSpec

Clip = Callable[[str, int], list[ImageArray]]


def _model(models_dir: Path, size: int) -> Path:
    return models_dir / f"yolov8n_{size}_int8_openvino_model"


@pytest.fixture
def small(models_dir: Path) -> Iterator[Detector]:
    loaded = load_detector(ModelSpec(str(_model(models_dir, 320)), device="cpu"))
    yield loaded
    loaded.close()


def _same(one: Detections, other: Detections) -> bool:
    return (
        np.array_equal(one.xyxy, other.xyxy)
        and np.array_equal(one.confidence, other.confidence)
        and np.array_equal(one.class_id, other.class_id)
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with untrained PyTorch models: ``detect.pt``, ``classify.pt``."""
    library.prepare()
    import torch
    from ultralytics import YOLO

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("weights")
    YOLO("yolov8n.yaml").save(folder / "detect.pt")
    YOLO("yolov8n-cls.yaml").save(folder / "classify.pt")
    return folder


@pytest.mark.parametrize(
    ("size", "confidence", "iou"),
    [(320, 0.3, 0.5), pytest.param(320, 0.05, 0.8, marks=pytest.mark.slow), (640, 0.3, 0.5)],
)
def test_boxes_are_those_of_predict(models_dir: Path, clip: Clip, size: int, confidence: float, iou: float) -> None:
    path = _model(models_dir, size)
    ours = load_detector(ModelSpec(str(path), device="cpu"))
    from ultralytics import YOLO

    options = {"imgsz": size, "conf": confidence, "iou": iou, "device": "cpu", "max_det": 300, "verbose": False}
    theirs = YOLO(str(path), task="detect")
    library.apart(lambda: theirs.predict(np.zeros((size, size, 3), np.uint8), **options))
    for name in ("pets", "plaza", "cars"):
        found = 0
        for image in clip(name, 121)[::40]:
            mine = ours.detect(image, confidence=confidence, iou=iou)
            boxes = theirs.predict(image, agnostic_nms=False, **options)[0].boxes.numpy()
            np.testing.assert_array_equal(mine.xyxy, boxes.xyxy)
            np.testing.assert_array_equal(mine.confidence, boxes.conf)
            np.testing.assert_array_equal(mine.class_id, boxes.cls)
            found += len(mine)
        assert found > 0, name
    ours.close()


def test_finds_the_people_in_a_real_clip(small: Detector, clip: Clip) -> None:
    pictures = clip("pets", 40)[::5]
    people = [int((small.detect(p, confidence=0.3, iou=0.5).class_id == 0).sum()) for p in pictures]
    assert small.names[0] == "person"
    assert len(small.names) == 80
    assert 3 <= np.median(people) <= 10


def test_detections_are_typed_within_the_frame_and_leave_the_picture_alone(small: Detector, clip: Clip) -> None:
    image = clip("plaza", 1)[0].copy()
    before = image.copy()
    image.flags.writeable = False
    found = small.detect(image, confidence=0.1, iou=0.5)
    assert (found.xyxy.dtype, found.confidence.dtype, found.class_id.dtype) == (np.float32, np.float32, np.int64)
    assert len(found) == len(found.confidence) == len(found.class_id) > 5
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [1280, 720, 1280, 720]).all()
    assert (found.confidence > 0.1).all()
    assert np.array_equal(image, before)


def test_an_empty_picture_has_no_detections(small: Detector) -> None:
    found = small.detect(np.zeros((240, 320, 3), np.uint8), confidence=0.3, iou=0.5)
    assert (len(found), found.xyxy.shape, found.confidence.shape) == (0, (0, 4), (0,))


@pytest.mark.parametrize("shape", [(720, 1280), (1, 1), (33, 700), (2000, 60)])
def test_takes_pictures_of_any_shape(small: Detector, rng: np.random.Generator, shape: tuple[int, int]) -> None:
    image = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = small.detect(image, confidence=0.0, iou=0.5)
    assert (found.xyxy <= [shape[1], shape[0]] * 2).all()
    assert len(found) <= detector.MAX_DETECTIONS


def test_thresholds_act_at_the_next_picture(small: Detector, clip: Clip) -> None:
    image = clip("plaza", 1)[0]
    few, many = (len(small.detect(image, confidence=c, iou=0.5)) for c in (0.6, 0.1))
    merged, apart = (len(small.detect(image, confidence=0.1, iou=iou)) for iou in (0.1, 0.9))
    assert few < many
    assert merged < apart


def test_no_number_that_is_none_gets_out(
    small: Detector, clip: Clip, monkeypatch: pytest.MonkeyPatch, models_dir: Path
) -> None:
    image = clip("pets", 1)[0]
    expected = small.detect(image, confidence=0.3, iou=0.5)
    network: Any = next(iter(detector._networks.values()))
    original = network._model.predictor.postprocess

    def spoil(*arguments: Any) -> Any:
        results = original(*arguments)
        results[0].boxes.data[0, 1] = float("nan")
        return results

    monkeypatch.setattr(network._model.predictor, "postprocess", spoil)
    found = small.detect(image, confidence=0.3, iou=0.5)
    assert len(found) == len(expected) - 1
    assert np.isfinite(found.xyxy).all()


def test_equal_models_share_one_network_until_the_last_is_closed(models_dir: Path) -> None:
    spec = ModelSpec(str(_model(models_dir, 320)), device="cpu")
    first = load_detector(spec)
    second = load_detector(ModelSpec(spec.model, device="cpu", tracker="bytetrack"))
    assert len(detector._networks) == 1
    first.close()
    first.close()
    assert len(detector._networks) == 1
    assert len(second.detect(np.zeros((32, 32, 3), np.uint8), confidence=0.3, iou=0.5)) == 0
    with pytest.raises(ClosedError, match="yolov8n_320"):
        first.detect(np.zeros((32, 32, 3), np.uint8), confidence=0.3, iou=0.5)
    second.close()
    assert not detector._networks


def test_cameras_in_several_threads_do_not_disturb_each_other(small: Detector, clip: Clip) -> None:
    work = [(image, confidence) for image in clip("plaza", 4) for confidence in (0.6, 0.1)]
    alone = [small.detect(image, confidence=confidence, iou=0.5) for image, confidence in work]
    start = threading.Barrier(4)

    def camera(number: int) -> bool:
        start.wait()
        mine = [(number + i) % len(work) for i in range(16)]
        return all(_same(small.detect(work[i][0], confidence=work[i][1], iou=0.5), alone[i]) for i in mine)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(camera, range(4)))


def test_concurrent_loads_make_one_network(models_dir: Path) -> None:
    spec = ModelSpec(str(_model(models_dir, 320)), device="cpu")
    with ThreadPoolExecutor(3) as pool:
        loaded = list(pool.map(lambda _: load_detector(spec), range(3)))
    assert len(detector._networks) == 1
    for one in loaded:
        one.close()
    assert not detector._networks


def test_the_label_tells_model_kind_size_and_device(models_dir: Path) -> None:
    loaded = load_detector(ModelSpec(str(_model(models_dir, 640)), device="cpu", imgsz=640))
    loaded.close()
    assert loaded.label == "yolov8n_640_int8 (OpenVINO, 640 px, cpu)"


def test_a_fixed_model_refuses_another_image_size(models_dir: Path) -> None:
    with pytest.raises(ModelUnusableError, match="320x320 pixels and cannot take 640"):
        load_detector(ModelSpec(str(_model(models_dir, 320)), device="cpu", imgsz=640))
    assert not detector._networks


def test_the_setting_says_where_automatic_runs(
    config: Settings, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEATSTREAM_DEVICE", "cuda:99")
    settings.cache_clear()
    with pytest.raises(ModelUnusableError, match="cuda:99"):
        load_detector(ModelSpec(str(_model(models_dir, 320))))


def test_a_pytorch_model_detects_as_predict_does(
    config: Settings, weights: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from ultralytics import YOLO

    image = rng.integers(0, 256, (180, 240, 3), dtype=np.uint8)
    options = {"imgsz": 160, "conf": 0.0, "iou": 0.5, "device": "cpu", "max_det": 300, "verbose": False}
    theirs = YOLO(str(weights / "detect.pt")).predict(image, **options)[0].boxes.numpy()
    # Sums differ in their last bits with the number of threads, which the library has just lowered.
    monkeypatch.setattr(library, "_threads", [torch.get_num_threads()])
    spec = ModelSpec(str(weights / "detect.pt"), device="cpu", imgsz=160)
    with pytest.raises(UntrustedModelError):
        load_detector(spec)
    ours = load_detector(spec, trust=True)
    mine = ours.detect(image, confidence=0.0, iou=0.5)
    ours.close()
    assert len(mine) > 0
    np.testing.assert_array_equal(mine.xyxy, theirs.xyxy)
    np.testing.assert_array_equal(mine.confidence, theirs.conf)


def test_a_pytorch_model_uses_every_core(config: Settings, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(library, "_threads", [3])
    loaded = load_detector(ModelSpec(str(weights / "detect.pt"), device="cpu", imgsz=64), trust=True)
    torch.set_num_threads(1)
    loaded.detect(np.zeros((64, 64, 3), np.uint8), confidence=0.3, iou=0.5)
    loaded.close()
    assert torch.get_num_threads() == 3


def test_a_model_without_boxes_is_refused(config: Settings, weights: Path) -> None:
    with pytest.raises(ModelUnusableError, match="classify"):
        load_detector(ModelSpec(str(weights / "classify.pt"), device="cpu"), trust=True)


@pytest.mark.parametrize("name", ["broken.pt", "broken.onnx", "broken.engine", "broken_openvino_model"])
def test_a_broken_model_is_refused_in_one_line(config: Settings, name: str) -> None:
    path = config.model_dir / name
    if path.suffix:
        path.write_bytes(b"no weights at all")
    else:
        path.mkdir()
        (path / "model.xml").write_text("<net")
    with pytest.raises(ModelUnusableError, match="broken") as failure:
        load_detector(ModelSpec(name, device="cpu"))
    assert "\n" not in str(failure.value)
