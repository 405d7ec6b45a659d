"""How good the demo's detector is: its boxes against the scene's, and its counts against those of the true tracks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from heatstream.core.controls import Controls, DetectControls
from heatstream.core.counting import ZoneCounter
from heatstream.core.moment import Moment
from heatstream.core.track_counter import TrackCounter
from heatstream.core.types import Detections, FloatArray, Frame, InOut
from heatstream.demo import CLASS_NAMES, PlazaScene, Truth, suggested_zones
from heatstream.vision import ModelSpec, load_detector, open_tracks

#: Only what is seen at least so much, and is so high, must be found; what is less may be found or missed.
LEAST_VISIBLE: Final = 0.4
LEAST_HEIGHT_PX: Final = 12.0
LEAST_IOU: Final = 0.5


@dataclass(frozen=True, slots=True)
class Score:
    """Boxes of one class: ``found`` truly, ``missed``, and ``false`` ones."""

    found: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.found + other.found, self.missed + other.missed, self.false + other.false)

    @property
    def precision(self) -> float:
        """The share of what was said that is true; nan if nothing was."""
        said = self.found + self.false
        return self.found / said if said else float("nan")

    @property
    def recall(self) -> float:
        """The share of what is there that was found; nan if nothing is."""
        there = self.found + self.missed
        return self.found / there if there else float("nan")


@dataclass(frozen=True, slots=True)
class Boxes:
    """Each class's score, by name, in how many ``pictures``, and how long the detector took for one, ms."""

    scores: dict[str, Score]
    pictures: int
    median_ms: float


@dataclass(frozen=True, slots=True)
class Passages:
    """Crossings of the suggested line, of the true tracks and as counted, in ``frames`` frames."""

    true: InOut
    counted: InOut
    frames: int


@dataclass(frozen=True, slots=True)
class Span:
    """``frames`` frames of the scene ``seed``, every ``step``-th from ``start`` on."""

    seed: int
    frames: int
    crowd: int = 24
    start: int = 0
    step: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is measured."""

    boxes: Boxes
    counts: Passages


#: What the figures are measured on: 20 scenes for the boxes, and four others with about a hundred crossings each.
BOX_SPANS: Final = tuple(Span(seed, 40, step=53) for seed in range(200, 220))
COUNT_SPANS: Final = tuple(Span(seed, 2000) for seed in range(300, 304))


def check_boxes(spec: ModelSpec, spans: Sequence[Span], detect: DetectControls) -> Boxes:
    """Each class's score on the frames of ``spans``, by the thresholds ``detect``. A progress bar shows.

    Raises:
        ModelError: the model cannot be loaded.
    """
    scores = {name: Score() for name in CLASS_NAMES.values()}
    taken_s: list[float] = []
    detector = load_detector(spec)
    try:
        for span in tqdm(spans, desc="checking boxes", unit="scene", leave=False):
            scene = PlazaScene(seed=span.seed, crowd=span.crowd)
            for index in range(span.start, span.start + span.frames * span.step, span.step):
                image = scene.render(index)
                begun_s = time.perf_counter()
                found = detector.detect(image, confidence=detect.confidence, iou=detect.iou)
                taken_s.append(time.perf_counter() - begun_s)
                for class_id, score in _scored(found, scene.truth(index)):
                    scores[CLASS_NAMES[class_id]] += score
    finally:
        detector.close()
    return Boxes(scores, len(taken_s), float(np.median(taken_s)) * 1000)


def _scored(found: Detections, truth: Truth) -> Iterator[tuple[int, Score]]:
    """Each class's score in one picture."""
    tall = truth.xyxy[:, 3] - truth.xyxy[:, 1] >= LEAST_HEIGHT_PX
    counts = tall & (truth.visible >= LEAST_VISIBLE)
    for class_id in CLASS_NAMES:
        said, mine = found.class_id == class_id, truth.class_id == class_id
        said_of_it = Detections(found.xyxy[said], found.confidence[said], found.class_id[said])
        yield class_id, match(said_of_it, truth.xyxy[mine & counts], truth.xyxy[~(mine & counts)])


def match(found: Detections, wanted: FloatArray, allowed: FloatArray) -> Score:
    """Give each box ``found``, the surest first, the box of ``wanted`` (N, 4) that it covers best and nobody has.

    What is left over is false, unless it lies on one of ``allowed`` (M, 4).
    """
    order = np.argsort(-found.confidence, kind="stable")
    overlap = overlaps(found.xyxy[order], wanted)
    excused = overlaps(found.xyxy[order], allowed).max(axis=1, initial=0.0) >= LEAST_IOU
    free = np.ones(len(wanted), bool)
    false = 0
    for row, pardon in zip(overlap, excused, strict=True):
        left = np.where(free, row, 0.0)
        best = int(left.argmax()) if len(left) else -1
        if best >= 0 and left[best] >= LEAST_IOU:
            free[best] = False
        elif not pardon:
            false += 1
    missed = int(free.sum())
    return Score(len(wanted) - missed, missed, false)


def overlaps(first: FloatArray, second: FloatArray) -> npt.NDArray[np.float64]:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4)."""
    a, b = first[:, None].astype(np.float64), second[None].astype(np.float64)
    sides = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0)
    shared = sides.prod(axis=2)
    both = (a[..., 2:] - a[..., :2]).prod(axis=2) + (b[..., 2:] - b[..., :2]).prod(axis=2) - shared
    return np.asarray(shared / np.maximum(both, 1e-9))


def check_counts(spec: ModelSpec, spans: Sequence[Span], controls: Controls) -> Passages:
    """Count the crossings of the suggested line twice: by detector and tracker, and by the scene's own tracks.

    Raises:
        ModelError: the model cannot be loaded.
    """
    line = suggested_zones()[:1]
    true, counted, frames = InOut(), InOut(), 0
    for span in spans:
        scene = PlazaScene(seed=span.seed, crowd=span.crowd)
        stream = open_tracks(spec, rate_hz=scene.rate_hz)
        exact, found = ZoneCounter(CLASS_NAMES), TrackCounter(stream.names)
        try:
            for number in tqdm(range(span.frames), desc=f"counting, seed {span.seed}", leave=False, unit="frame"):
                index = span.start + number * span.step
                frame = Frame(scene.render(index), number + 1, number * span.step / scene.rate_hz)
                moment = Moment(frame.index, frame.time_s, frame.run, frame.utc_s, frame.size_wh)
                exact.step(scene.truth(index).tracks(), moment, line, controls.anchor)
                found.step(stream.step(frame, controls.detect), moment, line, anchor=controls.anchor)
        finally:
            stream.close()
        both = [counter.tallies()[0].total for counter in (exact, found.zones)]
        true, counted = true + both[0], counted + both[1]
        frames += span.frames
    return Passages(true, counted, frames)
