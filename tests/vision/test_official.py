"""The names of official detectors, against the library's own list."""

from __future__ import annotations

import pytest

from heatstream.vision import library
from heatstream.vision.official import is_official_name

#: What finds no boxes, or none of the kind that is counted.
OTHERS = ("-cls", "-sem", "-depth", "-distill", "-objv1", "-grayscale", "sam", "FastSAM", "nas")


@pytest.mark.parametrize("name", ["yolov8n", "yolov8n.pt", "yolo11m-seg.pt", "rtdetr-l", "yolov5su"])
def test_detectors_are_known(name: str) -> None:
    assert is_official_name(name)


@pytest.mark.parametrize(
    "name", ["", "yolo", "yolov8", "yolov8q.pt", "yolov8n-cls.pt", "sam_b.pt", "yolov8n.onnx", "x"]
)
def test_others_are_not(name: str) -> None:
    assert not is_official_name(name)


def test_the_list_is_the_librarys() -> None:
    library.prepare()
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    names = {name for name in GITHUB_ASSETS_NAMES if name.endswith(".pt")}
    detectors = {name for name in names if not any(part in name for part in OTHERS)}
    assert {name for name in names if is_official_name(name)} == detectors
