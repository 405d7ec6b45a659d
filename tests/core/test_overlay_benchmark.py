"""The overlay's benchmark runs, and its scene is the one that it describes."""

from __future__ import annotations

import pytest

from tests.benchmarks.overlay import measure


def test_the_benchmark_measures_all_variants_on_two_fifths_warm_cells():
    medians, share = measure((320, 240), 2)
    assert list(medians) == ["addWeighted", "transparent", "uniform", "ultralytics"]
    assert all(wall > 0 for wall, _ in medians.values())
    assert share == pytest.approx(0.4, abs=0.001)
