"""How well lines are counted on real video with a real detector: HeatStream beside its peers, and without each rule.

``python -m tests.benchmarks.counting_video [--model 640 320]`` tracks PETS 2009 S2.L1 view 1 (795 frames at 10 a
second) with YOLOv8n in INT8 and our BoT-SORT, gives the same tracks to every rule, and prints precision, recall, F1 and
the error of the counts over 24 lines.

``pets_crossings.json`` has the lines (``x1,y1,x2,y2`` px of 480x360) and what really crossed them (``frame,way,x,y``;
way 1 is in), worked out from the positions of MOTChallenge's ground truth (Leal-Taixé and others, "MOTChallenge 2015",
arXiv 1504.01942; annotation by Milan and others), which are interpolated over ten frames. The lines are random, one for
each 15 degrees: in the middle of the picture, over none of whose ends somebody walks within 5 px. A crossing leads
from 5 px on one side to 5 px on the other; ways over and back again that are shallower are ``unclear`` and may be
counted or not.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from heatstream.core.controls import DetectControls
from heatstream.core.types import Tracks
from heatstream.sources import open_source
from heatstream.vision import ModelSpec, open_tracks
from tests.benchmarks.counting import HEAD, PARTS, PEERS, ours, ours_without, table
from tests.support.stress import Event, Scene

SHARED = Path(__file__).resolve().parents[3] / "shared"
CROSSINGS = Path(__file__).with_name("pets_crossings.json")
#: How near (px of 480x360) a counted crossing must be to a true one; people are about 50 px high.
REACH_PX = 45.0


def tracked(side: int) -> tuple[list[Tracks], tuple[int, int], float]:
    """The tracks of every frame with the model of ``side`` px, the picture's size and the frame rate."""
    spec = ModelSpec(str(SHARED / f"models/yolov8n_{side}_int8_openvino_model"))
    with open_source(str(SHARED / "media/pets-walk-480x360.mp4")) as source:
        rate_hz = source.info.rate_hz or 10.0
        stream = open_tracks(spec, rate_hz=rate_hz)
        try:
            found = [
                stream.step(frame, DetectControls()) for frame in tqdm(source.frames(), desc=f"{side}", leave=False)
            ]
        finally:
            stream.close()
        return found, source.info.size_wh, rate_hz


def scenes(found: list[Tracks], size_wh: tuple[int, int], rate_hz: float) -> list[Scene]:
    """A scene for each line, all of the same tracks."""
    made = []
    for entry in json.loads(CROSSINGS.read_text()):
        scene = Scene(np.array(entry["line"], np.float64).reshape(2, 2), rate_hz, size_wh)
        for frame, tracks in enumerate(found):
            boxes = tracks.xyxy.astype(np.float64)
            for number, box in zip(tracks.track_id.tolist(), boxes, strict=True):
                scene.add(frame, number, (box[:2] + box[2:]) / 2, box[2:] - box[:2])
        scene.truth, scene.unclear = (
            [Event(way, (frame - 1) / rate_hz, x, y, REACH_PX) for frame, way, x, y in entry[kind]]
            for kind in ("crossings", "unclear")
        )
        made.append(scene)
    return made


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=int, nargs="+", default=[640, 320], choices=[640, 320])
    args = parser.parse_args()
    rules = PEERS | {"heatstream": ours} | {f"heatstream without {part}": ours_without(part) for part in PARTS}
    print(HEAD)
    for side in args.model:
        table(f"PETS 2009, YOLOv8n INT8 at {side} px", scenes(*tracked(side)), rules, defaultdict(list))


if __name__ == "__main__":
    main()
