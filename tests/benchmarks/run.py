"""``run`` against the seed document's own loop, on the plaza clip with the 640 model, a line and MP4 output.

``python -m tests.benchmarks.run [--rounds 3] [--frames 341]`` prints frames per second and ratios; both sides run in
turn in processes of their own, model load and warm-up excluded, from the first decoded frame to closed outputs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT.parent / "shared/media/plaza-crowd-1280x720.avi"
MODEL = ROOT.parent / "shared/models/yolov8n_640_int8_openvino_model"
LINE = ((20, 400), (1260, 404))

SEED_LOOP = """
import json, sys, time
import cv2
from ultralytics import YOLO
from tests.support.seed_heatmap import SeedHeatmap

clip, model_path, tracker, output, frames, old = sys.argv[1:7]
model = YOLO(model_path, task="detect")
options = dict(persist=True, tracker=tracker, conf=0.3, iou=0.5, show=False, verbose=False)
if old == "old":
    heat = SeedHeatmap(((20, 400), (1260, 404)))
else:
    from ultralytics import solutions
    heat = solutions.Heatmap(model=model_path, region=[(20, 400), (1260, 404)], colormap=cv2.COLORMAP_JET, show=False,
                             tracker=tracker, conf=0.3, iou=0.5, verbose=False)
capture = cv2.VideoCapture(clip)
image = capture.read()[1]
if old == "old":
    model.track(image.copy(), **options)
    model.predictor.trackers[0].reset()
else:
    heat.process(image.copy())
capture.release()
capture = cv2.VideoCapture(clip)
writer = cv2.VideoWriter(output, cv2.VideoWriter_fourcc(*"mp4v"), 25, (image.shape[1], image.shape[0]))
done, started = 0, None
while done < int(frames):
    ok, image = capture.read()
    if not ok:
        break
    started = started or time.monotonic()
    if old == "old":
        boxes = model.track(image, **options)[0].boxes
        ids = boxes.id.numpy().astype(int) if boxes.id is not None else []
        picture = heat.generate(image, boxes.xyxy.numpy()[: len(ids)], ids)
    else:
        picture = heat.process(image).plot_im
    writer.write(picture)
    done += 1
capture.release()
writer.release()
print(json.dumps({"frames": done, "fps": done / (time.monotonic() - started)}))
"""


def _result(command: list[str]) -> float:
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return float(json.loads(done.stdout.strip().splitlines()[-1])["fps"])


def _ours(folder: Path, frames: int, *, motion: bool) -> float:
    line = ",".join(str(number) for point in LINE for number in point)
    command = [sys.executable, "-m", "heatstream", "run", str(CLIP), "--model", str(MODEL), "--line", line, "--json"]
    command += ["--output", str(folder / "ours.mp4"), "--max-frames", str(frames)]
    return _result(command + (["--motion-compensation"] if motion else []))


def _peer(folder: Path, frames: int, *, motion: bool, which: str) -> float:
    from ultralytics.utils import ROOT as PACKAGE
    from ultralytics.utils import YAML

    tracker = PACKAGE / "cfg/trackers/botsort.yaml"
    if not motion:
        values = YAML.load(tracker) | {"gmc_method": "none"}
        tracker = folder / "botsort-still.yaml"
        YAML.save(tracker, values)
    arguments = [str(CLIP), str(MODEL), str(tracker), str(folder / "peer.mp4"), str(frames), which]
    return _result([sys.executable, "-c", SEED_LOOP, *arguments])


def main() -> None:
    """Run all variants in turn and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=341)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(options.rounds):
            for motion in (True, False):
                suffix = "motion compensation" if motion else "no motion compensation"
                for which in ("old", "today"):
                    label = f"{'seed loop' if which == 'old' else 'ultralytics Heatmap of today'}, {suffix}"
                    rates.setdefault(label, []).append(_peer(folder, options.frames, motion=motion, which=which))
                rates.setdefault(f"heatstream run, {suffix}", []).append(_ours(folder, options.frames, motion=motion))
    medians = {label: statistics.median(values) for label, values in rates.items()}
    default = medians["heatstream run, no motion compensation"]
    for label, fps in medians.items():
        spread = f"{min(rates[label]):.1f}-{max(rates[label]):.1f}"
        print(f"{label:55} {fps:6.1f} frames/s ({spread})   default run is {default / fps:4.2f} times this")


if __name__ == "__main__":
    main()
