"""The demo detector's figures in words: a summary, what falls short of the aims, and the model card."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from heatstream.tools.check_demo import LEAST_HEIGHT_PX, LEAST_IOU, LEAST_VISIBLE, Report
from heatstream.tools.demo_frames import INPUT_HW

#: The aims: each class's precision and recall at least, and how far in and out may each be from the truth.
LEAST_SHARE: Final = 0.95
MOST_OFF: Final = 0.03

_CARD = """# Demo detector

Finds the people, bicycles and cars of HeatStream's demo scene `demo://plaza`, and is good for nothing else: it has
never seen a photograph.

- **Network**: YOLOv8 at an eighth of its published width, {parameters:,} parameters, input {width} x {height},
  OpenVINO with half-precision weights. Classes as in COCO: person 0, bicycle 1, car 2.
- **Learnt from**: {pictures:,} rendered pictures of the scene (`heatstream.demo`), {epochs} times each, from random
  weights, with seeds that the figures below do not use; {minutes:.0f} minutes on {cores} processor cores.
- **Train again**: `python -m heatstream.tools.train_demo --pictures {pictures} --epochs {epochs} --seed {seed}`;
  measure again: `python -m heatstream.tools.train_demo --check`.
- **Licence**: AGPL-3.0, as HeatStream's and that of Ultralytics, which trained it.

## Figures

On scenes never learnt from, at a camera's default thresholds. Boxes at IoU {iou} of objects at least
{visible:.0%} visible and {high:.0f} px high, in {pictures_checked:,} pictures:

| class | objects | precision | recall |
| --- | --- | --- | --- |
{rows}

Crossings of the suggested line in {frames:,} frames, detected and tracked (BoT-SORT), against the scene's true tracks:

| | true | counted |
| --- | --- | --- |
| in | {true_in} | {counted_in} |
| out | {true_out} | {counted_out} |

A picture takes {ms:.1f} ms ({fps:.0f} a second) on {cores} cores, with resizing and the choice of boxes.
"""


@dataclass(frozen=True, slots=True)
class Training:
    """How the model came to be; ``minutes`` of drawing and learning."""

    pictures: int
    epochs: int
    seed: int
    parameters: int
    minutes: float


def card(training: Training, report: Report) -> str:
    """The model card, Markdown."""
    counts = report.counts
    return _CARD.format(
        parameters=training.parameters,
        width=INPUT_HW[1],
        height=INPUT_HW[0],
        pictures=training.pictures,
        epochs=training.epochs,
        seed=training.seed,
        minutes=training.minutes,
        cores=os.cpu_count(),
        iou=LEAST_IOU,
        visible=LEAST_VISIBLE,
        high=LEAST_HEIGHT_PX,
        pictures_checked=report.boxes.pictures,
        rows="\n".join(
            f"| {name} | {score.found + score.missed:,} | {score.precision:.3f} | {score.recall:.3f} |"
            for name, score in report.boxes.scores.items()
        ),
        frames=counts.frames,
        true_in=counts.true.into,
        true_out=counts.true.out,
        counted_in=counts.counted.into,
        counted_out=counts.counted.out,
        ms=report.boxes.median_ms,
        fps=1000 / report.boxes.median_ms,
    )


def summary(report: Report) -> str:
    """The figures, a line for each class, one for the counts and one for the speed."""
    lines = [
        f"{name}: precision {score.precision:.3f}, recall {score.recall:.3f} of {score.found + score.missed}"
        for name, score in report.boxes.scores.items()
    ]
    true, counted = report.counts.true, report.counts.counted
    lines.append(f"crossings in: {counted.into} of {true.into}, out: {counted.out} of {true.out}")
    lines.append(f"{report.boxes.median_ms:.1f} ms a picture")
    return "\n".join(lines)


def short_of(report: Report) -> list[str]:
    """What misses its aim, in words; empty if nothing does."""
    return list(_lacking(report))


def _lacking(report: Report) -> Iterator[str]:
    for name, score in report.boxes.scores.items():
        for what, share in (("precision", score.precision), ("recall", score.recall)):
            if math.isnan(share) or share < LEAST_SHARE:
                yield f"{name}: {what} {share:.3f} is below {LEAST_SHARE}"
    true, counted = report.counts.true, report.counts.counted
    for way, real, said in (("in", true.into, counted.into), ("out", true.out, counted.out)):
        if abs(said - real) > MOST_OFF * real:
            yield f"crossings {way}: {said} counted of {real}, more than {MOST_OFF:.0%} off"
