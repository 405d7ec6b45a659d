"""Milliseconds a frame on the plaza clip: the bare network, our detector and trackers, and the library's own calls.

    python -m tests.benchmarks.detect [--frames 100] [--shared ../shared]

All ways take turns on each frame, so that whatever else the machine does falls on all alike; medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from heatstream.core.types import ImageArray
from heatstream.vision import ModelSpec, Tracker, library, load_detector

RATE_HZ = 25.0
CONFIDENCE, IOU = 0.3, 0.5
Step = Callable[[ImageArray, int], object]


def _pictures(path: Path, count: int) -> list[ImageArray]:
    capture = cv2.VideoCapture(str(path))
    found: list[ImageArray] = []
    while len(found) < count and capture.isOpened():
        ok, picture = capture.read()
        if ok:
            found.append(picture)
    capture.release()
    return found


def _bare(model: Path) -> Step:
    """Inference alone, on a picture that has its final size."""
    import openvino

    compiled = openvino.Core().compile_model(str(next(model.glob("*.xml"))), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    pixels = np.random.default_rng(1).random(tuple(compiled.input(0).shape), np.float32)
    return lambda image, index: request.infer([pixels], share_inputs=True, share_outputs=True)


def _library(model: Path, folder: Path) -> dict[str, Step]:
    """``YOLO.predict``, and ``YOLO.track`` with the published parameters, with and without motion compensation."""
    from ultralytics import YOLO
    from ultralytics.utils import ROOT, YAML

    parameters = YAML.load(ROOT / "cfg" / "trackers" / "botsort.yaml")
    YAML.save(folder / "still.yaml", {**parameters, "gmc_method": "none"})
    options: dict[str, Any] = {"conf": CONFIDENCE, "iou": IOU, "device": "cpu", "verbose": False}
    plain, moving, still = (YOLO(str(model), task="detect") for _ in range(3))
    still_file = str(folder / "still.yaml")
    return {
        "YOLO.predict": lambda image, index: plain.predict(image, **options),
        "YOLO.track botsort": lambda image, index: moving.track(image, persist=True, tracker="botsort.yaml", **options),
        "YOLO.track botsort, no motion compensation": lambda image, index: still.track(
            image, persist=True, tracker=still_file, **options
        ),
    }


def _ours(model: Path) -> dict[str, Step]:
    detector = load_detector(ModelSpec(str(model), device="cpu"))
    trackers = {kind: Tracker(kind, rate_hz=RATE_HZ) for kind in ("botsort", "bytetrack")}
    last: list[Any] = []

    def detect(image: ImageArray, index: int) -> None:
        last[:] = [detector.detect(image, confidence=CONFIDENCE, iou=IOU)]

    def follow(kind: str) -> Step:
        return lambda image, index: trackers[kind].update(last[0], image, index / RATE_HZ)

    return {"detect": detect, **{f"tracker {kind}": follow(kind) for kind in trackers}}


def measure(model: Path, pictures: list[ImageArray]) -> dict[str, float]:
    """The median milliseconds a frame of each way, after five frames to warm up."""
    with tempfile.TemporaryDirectory() as folder:
        steps = {"bare inference": _bare(model), **_ours(model), **_library(model, Path(folder))}
        times: dict[str, list[float]] = {name: [] for name in steps}
        for index, image in enumerate(pictures):
            for name, step in steps.items():
                begun = time.perf_counter()
                step(image, index)
                times[name].append(time.perf_counter() - begun)
    return {name: round(float(np.median(values[5:])) * 1e3, 2) for name, values in times.items()}


def main() -> None:
    """Print one JSON object for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("HEATSTREAM_TEST_DATA", "../shared")))
    arguments = parser.parse_args()
    library.prepare()
    pictures = _pictures(arguments.shared / "media" / "plaza-crowd-1280x720.avi", arguments.frames)
    for size in (640, 320):
        model = (arguments.shared / "models" / f"yolov8n_{size}_int8_openvino_model").resolve()
        print(json.dumps({"model": model.name, "frames": len(pictures), "ms": measure(model, pictures)}, indent=2))


if __name__ == "__main__":
    main()
