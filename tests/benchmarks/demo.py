"""What a frame of the demo plaza costs, beside one copy and one ``addWeighted`` of the same frame.

``python -m tests.benchmarks.demo [--frames 500] [--crowd 24] [--seed 1]`` prints medians and means of this thread's own
processor time, one thread, frames in order as a camera shows them: once from an empty memory of sprites, once after a
minute of the scene. The mean holds the frames in which somebody new has to be drawn, the median does not.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from heatstream.demo import PlazaScene

#: Frames shown before the second measurement: a minute.
WARM_FRAMES = 1500


@dataclass(frozen=True)
class Cost:
    """Milliseconds a frame, and the floor's median in the same run."""

    median_ms: float
    mean_ms: float
    floor_ms: float
    truth_ms: float

    @property
    def ratio(self) -> float:
        """The mean in floors."""
        return self.mean_ms / self.floor_ms


def own_ms(work: Callable[[], object]) -> float:
    """Milliseconds of this thread's own processor time."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000


def measure(scene: PlazaScene, first: int, frames: int) -> Cost:
    """Render ``frames`` frames from ``first`` on, the floor after each."""
    width, height = scene.size_wh
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    other, out = image[::-1].copy(), np.empty_like(image)
    drawn, floor, truth = [], [], []
    for index in range(first, first + frames):
        drawn.append(own_ms(lambda index=index: scene.render(index)))
        floor.append(own_ms(lambda: cv2.addWeighted(image.copy(), 0.5, other, 0.5, 0, dst=out)))
        if index % 10 == 0:
            truth.append(own_ms(lambda index=index: scene.truth(index)))
    return Cost(statistics.median(drawn), statistics.mean(drawn), statistics.median(floor), statistics.median(truth))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--crowd", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    start = time.thread_time()
    scene = PlazaScene(options.seed, options.crowd)
    print(
        f"the backdrop took {time.thread_time() - start:.2f} s; "
        f"crowd {options.crowd}, {options.frames} frames, one thread"
    )
    costs = {"from empty": measure(scene, 0, options.frames)}
    for index in range(options.frames, WARM_FRAMES):
        scene.render(index)
    costs["after a minute"] = measure(scene, max(WARM_FRAMES, options.frames), options.frames)
    for name, cost in costs.items():
        print(
            f"{name:15} median {cost.median_ms:5.2f} ms, mean {cost.mean_ms:5.2f} ms = {cost.ratio:4.1f} times "
            f"copy + addWeighted ({cost.floor_ms:.2f} ms); truth {cost.truth_ms:.2f} ms"
        )


if __name__ == "__main__":
    main()
