"""Trails: the last seconds of each track, bounded, in step with the picture's size."""

from __future__ import annotations

import numpy as np
import pytest

from heatstream.core.controls import Anchor
from heatstream.core.moment import Moment
from heatstream.core.trails import FORGET_S, KEEP_S, MAX_POINTS, Trails
from heatstream.core.types import Tracks


def walker(track_id: int, x: float, y: float = 50.0) -> Tracks:
    return Tracks(
        np.array([[x - 5, y - 10, x + 5, y + 10]], np.float32),
        np.array([track_id]),
        np.ones(1, np.float32),
        np.array([2]),
    )


def at(time_s: float, *, run: int = 1, size_wh: tuple[int, int] = (100, 100)) -> Moment:
    return Moment(round(time_s * 25) + 1, time_s, run, None, size_wh)


def test_a_path_is_where_the_anchor_was():
    trails = Trails()
    for index in range(5):
        trails.step(walker(7, 10.0 * index), at(0.2 * index), Anchor.BOTTOM)
    ((track_id, class_id, path),) = trails.paths()
    assert (track_id, class_id) == (7, 2)
    np.testing.assert_allclose(path, [[0, 0.6], [0.1, 0.6], [0.2, 0.6], [0.3, 0.6], [0.4, 0.6]], atol=1e-6)


@pytest.mark.parametrize("rate_hz", [5, 25, 120])
def test_a_path_is_bounded_and_spans_its_time_at_any_rate(rate_hz):
    trails = Trails()
    for index in range(20 * rate_hz):
        trails.step(walker(1, 5 * index / rate_hz), at(index / rate_hz), Anchor.CENTER)
    ((_, _, path),) = trails.paths()
    assert len(path) <= MAX_POINTS
    newest = 5 * (20 * rate_hz - 1) / rate_hz / 100
    assert path[-1, 0] == pytest.approx(newest, abs=1e-5)
    assert path[-1, 0] - path[0, 0] == pytest.approx(0.05 * KEEP_S, rel=0.12)


def test_a_track_that_is_gone_is_forgotten():
    trails = Trails()
    for index in range(1000):
        trails.step(walker(index, 50), at(0.1 * index), Anchor.CENTER)
        assert len(trails) <= FORGET_S / 0.1 + 2
    trails.step(Tracks(), at(1000), Anchor.CENTER)
    assert len(trails) == 0


def test_a_short_occlusion_keeps_the_path():
    trails = Trails()
    trails.step(walker(1, 10), at(0), Anchor.CENTER)
    trails.step(Tracks(), at(0.5), Anchor.CENTER)
    trails.step(walker(1, 20), at(0.9), Anchor.CENTER)
    ((_, _, path),) = trails.paths()
    assert len(path) == 2


def test_another_run_starts_afresh():
    trails = Trails()
    trails.step(walker(1, 10), at(0), Anchor.CENTER)
    trails.step(walker(1, 90), at(0.04, run=2), Anchor.CENTER)
    ((_, _, path),) = trails.paths()
    np.testing.assert_allclose(path, [[0.9, 0.5]])


def test_a_change_of_size_keeps_places():
    trails = Trails()
    trails.step(walker(1, 50), at(0), Anchor.CENTER)
    trails.step(walker(1, 100, 100), at(0.2, size_wh=(200, 200)), Anchor.CENTER)
    ((_, _, path),) = trails.paths()
    np.testing.assert_allclose(path, [[0.5, 0.5], [0.5, 0.5]])
