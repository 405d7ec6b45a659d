"""A model's specification refuses what cannot be, and is a value."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from heatstream.core.errors import ControlsError
from heatstream.vision.spec import ModelSpec, normal_device


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": " "}, "no model"),
        ({"model": "auto", "device": "toaster"}, "toaster"),
        ({"model": "auto", "device": "cuda"}, "cuda"),
        ({"model": "auto", "device": "0,1"}, "0,1"),
        ({"model": "auto", "device": ""}, "device"),
        ({"model": "auto", "imgsz": 0}, "multiple of 32"),
        ({"model": "auto", "imgsz": 100}, "multiple of 32"),
        ({"model": "auto", "imgsz": 4128}, "multiple of 32"),
        ({"model": "auto", "imgsz": -32}, "multiple of 32"),
        ({"model": "auto", "tracker": "tracktrack"}, "botsort, bytetrack"),
    ],
)
def test_refuses_fields_outside_their_range(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ControlsError, match=message):
        ModelSpec(**fields)


@pytest.mark.parametrize("imgsz", [None, 32, 640, 4096])
@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "0", "cuda:1"])
def test_takes_every_device_and_size(device: str, imgsz: int | None) -> None:
    spec = ModelSpec("yolov8n.pt", device=device, imgsz=imgsz)
    assert (spec.device, spec.imgsz, spec.tracker) == (device, imgsz, "botsort")


def test_equal_specs_are_one_key_also_after_a_journey_between_processes() -> None:
    spec = ModelSpec("yolov8n.pt", imgsz=640)
    assert {spec, pickle.loads(pickle.dumps(spec)), ModelSpec("yolov8n.pt", imgsz=640)} == {spec}


@pytest.mark.parametrize(
    ("text", "device"), [("0", "cuda:0"), ("CUDA:1", "cuda:1"), (" cpu ", "cpu"), ("auto", "auto")]
)
def test_devices_have_one_spelling(text: str, device: str) -> None:
    assert normal_device(text) == device
