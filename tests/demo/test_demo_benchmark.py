"""The demo's benchmark runs and measures what it says."""

from __future__ import annotations

from heatstream.demo import PlazaScene
from tests.benchmarks.demo import measure


def test_the_benchmark_measures_pictures_truth_and_floor() -> None:
    cost = measure(PlazaScene(crowd=4), 0, 11)
    assert min(cost.median_ms, cost.mean_ms, cost.floor_ms, cost.truth_ms) > 0
    # Generous: a busy machine is slow, a scene that paints its backdrop anew for each frame takes a thousand floors.
    assert cost.ratio < 100
