"""What laying heat over a picture costs: decay, stamp, shade, blend, against one blend and against ultralytics.

``python -m tests.benchmarks.overlay [--rounds 60]`` prints a table. One frame with 20 tracks, one thread, outputs
preallocated, heat warmed for 300 frames and non-zero on 40 % of the cells. The variants take turns within each round,
so that the machine's noise hits all alike; figures are medians. The ultralytics side calls the effect method, and the
normalise, colormap and blend calls, of the installed ``solutions.Heatmap.process`` on the same boxes, without tracking.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from ultralytics.solutions import Heatmap

from heatstream.core import heat
from heatstream.core.controls import Blend, HeatControls
from heatstream.core.heat import HeatState
from heatstream.core.render import overlay
from heatstream.core.types import FloatArray, ImageArray

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
TRACKS, WARM_FRAMES, WARM_SHARE, RATE_HZ = 20, 300, 0.4, 25.0


def warm_boxes(size_wh: tuple[int, int], rng: np.random.Generator) -> list[FloatArray]:
    """Boxes (20, 4) px of 300 frames: walkers all over the picture, turning back at its edges."""
    width, height = size_wh
    body = np.array([height / 14, height / 6])
    room = np.array([width, height]) - body
    place = rng.uniform(0, 1, (TRACKS, 2)) * room
    pace = rng.uniform(-1, 1, (TRACKS, 2)) * height / 150
    frames = []
    for _ in range(WARM_FRAMES):
        place = place + pace
        pace = np.where((place < 0) | (place > room), -pace, pace)
        place = place.clip(0, room)
        frames.append(np.hstack([place, place + body]).astype(np.float32))
    return frames


def settle(state: HeatState) -> None:
    """Make exactly 40 % of the cells non-zero: clear the faintest, or warm some cold ones a little."""
    flat = state.grid.reshape(-1)
    wanted = round(WARM_SHARE * flat.size)
    order = np.argsort(-flat, kind="stable")
    flat[order[wanted:]] = 0
    chosen = order[:wanted]
    flat[chosen] = np.maximum(flat[chosen], 0.05)


@dataclass
class Ours:
    """Our steps at one blend, writing into one output."""

    params: HeatControls
    state: HeatState
    out: ImageArray

    def warm(self, frames: list[FloatArray]) -> None:
        """Gather the heat of ``frames``, then set the share of warm cells."""
        for boxes in frames:
            self.state = heat.step(self.state, boxes, 1 / RATE_HZ, self.params)
        settle(self.state)

    def __call__(self, image: ImageArray, boxes: FloatArray) -> None:
        self.state = heat.step(self.state, boxes, 1 / RATE_HZ, self.params)
        overlay(image, self.state, self.params, out=self.out)


@dataclass
class Theirs:
    """The heat steps of ultralytics' ``Heatmap.process``; tracking, counting and box drawing are left out."""

    size_wh: tuple[int, int]
    effect: Heatmap = field(init=False)

    def __post_init__(self) -> None:
        self.effect = Heatmap.__new__(Heatmap)
        self.effect.colormap = cv2.COLORMAP_JET
        self.effect.heatmap = np.zeros(self.size_wh[::-1], np.float32)

    def warm(self, frames: list[FloatArray]) -> None:
        """Gather the heat of ``frames``."""
        for boxes in frames:
            for box in boxes:
                self.effect.heatmap_effect(box)

    def __call__(self, image: ImageArray, boxes: FloatArray) -> None:
        for box in boxes:
            self.effect.heatmap_effect(box)
        if self.effect.heatmap.any():
            levels = cv2.normalize(self.effect.heatmap, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
            cv2.addWeighted(image, 0.5, cv2.applyColorMap(levels, self.effect.colormap), 0.5, 0)


def _timed_ms(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the wall clock, and of this thread's own processor time."""
    wall, own = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.thread_time() - own) * 1000


def measure(size_wh: tuple[int, int], rounds: int) -> tuple[dict[str, tuple[float, float]], float]:
    """Median milliseconds (wall, processor) by variant, and the share of warm cells before the first measured frame."""
    rng = np.random.default_rng(20240229)
    width, height = size_wh
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    other, out = image[::-1].copy(), np.empty_like(image)
    frames = warm_boxes(size_wh, rng)
    sides: dict[str, Ours | Theirs] = {
        "transparent": Ours(HeatControls(), heat.initial(size_wh), np.empty_like(image)),
        "uniform": Ours(HeatControls(blend=Blend.UNIFORM), heat.initial(size_wh), np.empty_like(image)),
        "ultralytics": Theirs(size_wh),
    }
    for side in sides.values():
        side.warm(frames)
    ours = sides["transparent"]
    assert isinstance(ours, Ours)
    share = np.count_nonzero(ours.state.grid) / ours.state.grid.size
    times: dict[str, list[tuple[float, float]]] = {"addWeighted": [], **{name: [] for name in sides}}
    for turn in range(rounds + 3):
        boxes = frames[-1 - turn % 10]
        taken = {"addWeighted": _timed_ms(lambda: cv2.addWeighted(image, 0.5, other, 0.5, 0, dst=out))}
        for name, side in sides.items():
            taken[name] = _timed_ms(lambda side=side, boxes=boxes: side(image, boxes))
        if turn >= 3:
            for name, pair in taken.items():
                times[name].append(pair)
    medians = {
        name: (statistics.median(w for w, _ in pairs), statistics.median(p for _, p in pairs))
        for name, pairs in times.items()
    }
    return medians, share


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60, help="measured frames of each size (default: 60)")
    rounds = parser.parse_args().rounds
    cv2.setNumThreads(1)
    columns = ("transparent", "uniform", "ultralytics")
    print(f"median ms of {rounds} frames, {TRACKS} tracks, one thread; 'x': times one addWeighted of the same frame;")
    print("'faster': ultralytics / uniform; processor time is what the wall clock shows on an idle machine")
    print(
        f"{'size':6} {'warm':>5} {'clock':>10} {'addWeighted':>12}" + "".join(f"{c:>19}" for c in columns) + "  faster"
    )
    for name, size_wh in SIZES.items():
        medians, share = measure(size_wh, rounds)
        for index, clock in enumerate(("wall", "processor")):
            ms = {variant: pair[index] for variant, pair in medians.items()}
            blend = ms["addWeighted"]
            cells = "".join(f"{ms[c]:11.2f} {ms[c] / blend:6.2f}x" for c in columns)
            faster = ms["ultralytics"] / ms["uniform"]
            print(f"{name:6} {share:5.0%} {clock:>10} {blend:12.2f}{cells} {faster:6.2f}x")


if __name__ == "__main__":
    main()
