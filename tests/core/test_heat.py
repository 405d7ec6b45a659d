"""Heat by hand-computed grids, by properties, and by how its scale behaves over time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heatstream.core import heat
from heatstream.core.controls import DEFAULT_HALF_LIFE_S, HeatControls, Place, Scale, Shape
from heatstream.core.errors import ControlsError
from heatstream.core.heat import HeatState

FOREVER = HeatControls(half_life_s=math.inf, shape=Shape.RECT)
NOBODY = np.empty((0, 4), np.float32)
SECONDS = st.floats(0, 20)
FINITE = st.floats(-1e6, 1e6, width=32)
ANY_BOX = st.lists(
    st.tuples(*[st.floats(width=32, allow_nan=True, allow_infinity=True)] * 4) | st.tuples(*[FINITE] * 4), max_size=6
)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def with_grid(values: np.ndarray | list[list[float]], **changes: object) -> HeatState:
    grid = np.array(values, np.float32)
    return replace(HeatState(grid, (grid.shape[1], grid.shape[0])), **changes)


@pytest.mark.parametrize(
    ("size_wh", "cell", "shape"),
    [
        ((1920, 1080), 4, (270, 480)),
        ((1280, 720), 4, (180, 320)),
        ((640, 480), 4, (120, 160)),
        ((480, 360), 3, (120, 160)),
        ((1921, 1081), 4, (271, 481)),
        ((320, 240), 2, (120, 160)),
        ((16, 16), 1, (16, 16)),
        ((1, 1), 1, (1, 1)),
    ],
)
def test_a_grid_is_a_quarter_of_the_frame_and_at_least_160_cells_wide(size_wh, cell, shape):
    state = heat.initial(size_wh)
    assert (state.cell_px, state.grid.shape, state.grid.dtype) == (cell, shape, np.float32)
    assert not state.grid.any()


@pytest.mark.parametrize("size_wh", [(0, 10), (10, 0), (-1, 5)])
def test_an_empty_picture_is_refused(size_wh):
    with pytest.raises(ControlsError, match="at least 1 x 1"):
        heat.initial(size_wh)


def test_each_covered_cell_gains_dt_for_each_object():
    state = heat.step(heat.initial((3, 3)), boxes((0, 0, 2, 1), (1, 0, 3, 3)), 0.5, FOREVER)
    np.testing.assert_array_equal(state.grid, [[0.5, 1.0, 0.5], [0, 0.5, 0.5], [0, 0.5, 0.5]])


def test_a_circle_has_the_radius_of_half_the_shorter_side():
    state = heat.step(heat.initial((5, 5)), boxes((0, 1, 5, 4)), 2.0, replace(FOREVER, shape=Shape.CIRCLE))
    np.testing.assert_array_equal(state.grid, 2 * np.pad([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 1))


def test_a_larger_circle_is_round():
    state = heat.step(heat.initial((7, 7)), boxes((0, 0, 7, 7)), 1.0, replace(FOREVER, shape=Shape.CIRCLE))
    corner = [[0, 0, 1], [0, 1, 1], [1, 1, 1]]
    np.testing.assert_array_equal(state.grid[:3, :3], corner)
    np.testing.assert_array_equal(state.grid, state.grid[::-1])
    np.testing.assert_array_equal(state.grid, state.grid.T)


@pytest.mark.parametrize(("shape", "size", "side"), [(Shape.RECT, 1 / 3, 3), (Shape.RECT, 1, 9), (Shape.CIRCLE, 1, 9)])
def test_size_scales_the_mark_about_its_centre(shape, size, side):
    state = heat.step(heat.initial((15, 15)), boxes((3, 3, 12, 12)), 1.0, replace(FOREVER, shape=shape, size=size))
    ys, xs = np.nonzero(state.grid)
    assert (xs.min(), xs.max()) == (ys.min(), ys.max()) == (7 - side // 2, 7 + side // 2)


@pytest.mark.parametrize("shape", list(Shape))
def test_a_mark_is_never_smaller_than_a_cell(shape):
    state = heat.step(heat.initial((640, 480)), boxes((101.0, 61.0, 101.1, 61.1)), 1.0, replace(FOREVER, shape=shape))
    assert state.grid[15, 25] == state.grid.max()
    assert state.grid[15, 25] >= (1 if shape is not Shape.SMOOTH else 0.25)
    assert 1 <= np.count_nonzero(state.grid) <= 4


def test_a_smooth_mark_is_warmest_in_its_middle_and_ends_at_its_edge():
    state = heat.step(heat.initial((90, 90)), boxes((20, 10, 61, 71)), 1.0, replace(FOREVER, shape=Shape.SMOOTH))
    assert state.grid[40, 40] == pytest.approx(1)
    assert state.grid[40, 54] == pytest.approx(math.exp(-4.5 * (14 / 20.5) ** 2), rel=1e-4)
    assert state.grid[26, 40] == pytest.approx(math.exp(-4.5 * (14 / 30.5) ** 2), rel=1e-4)
    ys, xs = np.nonzero(state.grid)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (20, 60, 10, 70)
    np.testing.assert_array_equal(state.grid[:, 20:61], state.grid[:, 60:19:-1])


@pytest.mark.parametrize(("place", "middle"), [(Place.CENTER, 40), (Place.FEET, 70)])
def test_a_mark_in_the_middle_or_at_the_feet_is_half_the_shorter_side_wide(place, middle):
    state = heat.step(heat.initial((90, 120)), boxes((20, 10, 60, 70)), 1.0, replace(FOREVER, place=place))
    ys, xs = np.nonzero(state.grid)
    assert (xs.min(), xs.max() + 1, ys.min(), ys.max() + 1) == (30, 50, middle - 10, middle + 10)


def test_boxes_may_reach_outside_the_picture():
    state = heat.step(heat.initial((3, 3)), boxes((-9, -9, 1, 1), (2, 2, 99, 99), (-9, 0, -1, 3)), 1.0, FOREVER)
    np.testing.assert_array_equal(state.grid, [[1, 0, 0], [0, 0, 0], [0, 0, 1]])


def test_heat_halves_in_its_half_life():
    state = heat.step(with_grid([[8, 4, 0]]), NOBODY, 6.0, HeatControls(half_life_s=3.0))
    np.testing.assert_allclose(state.grid, [[2, 1, 0]])


def test_no_time_changes_nothing():
    state = heat.step(with_grid([[8, 4, 0]]), boxes((0, 0, 3, 1)), 0.0, HeatControls())
    np.testing.assert_array_equal(state.grid, [[8, 4, 0]])


def test_half_a_million_seconds_leave_no_trace():
    state = heat.step(with_grid([[8, 4, 0]]), NOBODY, 5e5, HeatControls())
    assert not state.grid.any()


@pytest.mark.parametrize("dt_s", [-0.1, math.nan, math.inf])
def test_time_that_runs_back_is_refused(dt_s):
    with pytest.raises(ControlsError, match="0 seconds or more"):
        heat.step(heat.initial((3, 3)), NOBODY, dt_s, FOREVER)


@settings(max_examples=100, deadline=None)
@given(a=SECONDS, b=SECONDS, half_life_s=st.floats(0.05, 100))
def test_fading_twice_is_fading_once_for_both(a, b, half_life_s):
    params = HeatControls(half_life_s=half_life_s)
    start = np.linspace(0, 50, 12).reshape(3, 4)
    twice = heat.step(heat.step(with_grid(start), NOBODY, a, params), NOBODY, b, params)
    once = heat.step(with_grid(start), NOBODY, a + b, params)
    np.testing.assert_allclose(twice.grid, once.grid, rtol=1e-4, atol=2 * heat.FORGOTTEN_S)


@settings(max_examples=100, deadline=None)
@given(rows=ANY_BOX, dt_s=SECONDS, shape=st.sampled_from(Shape), scale=st.sampled_from(Scale))
@example([(0.0, 0.0, 9.0, 9.0)] * 5 + [(math.inf, 0.0, math.inf, 0.0)], 1.0, Shape.CIRCLE, Scale.AUTO)
def test_heat_is_never_negative_whatever_the_boxes(rows, dt_s, shape, scale):
    params = HeatControls(shape=shape, scale=scale)
    state = heat.initial((40, 30))
    for _ in range(3):
        state = heat.step(state, boxes(*rows), dt_s, params)
        assert np.isfinite(state.grid).all()
        assert state.grid.min() >= 0
        assert state.top_s >= 0


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(*[st.floats(-20, 60, width=32)] * 4), max_size=8), dt_s=SECONDS)
def test_heat_adds_up_over_objects_and_their_order_is_nothing(rows, dt_s):
    params = replace(FOREVER, shape=Shape.CIRCLE)
    together = heat.step(heat.initial((40, 30)), boxes(*rows), dt_s, params).grid
    alone = [heat.step(heat.initial((40, 30)), boxes(row), dt_s, params).grid for row in reversed(rows)]
    np.testing.assert_allclose(together, sum(alone, np.zeros_like(together)), rtol=1e-5)


def test_frame_rate_does_not_change_how_much_gathers():
    def stand(rate_hz: int) -> float:
        state = heat.initial((8, 8))
        for _ in range(4 * rate_hz):
            state = heat.step(state, boxes((0, 0, 8, 8)), 1 / rate_hz, replace(FOREVER, half_life_s=3.0))
        return float(state.grid[4, 4])

    assert stand(60) == pytest.approx(stand(15), rel=0.02)


def test_heat_is_stretched_over_frames_of_another_size():
    state = heat.initial((640, 480))
    state = heat.step(state, boxes((320, 0, 640, 240)), 2.0, FOREVER)
    for size_wh in ((1920, 1080), (480, 360), (320, 640)):
        other = heat.resize(state, size_wh)
        assert other.size_wh == size_wh
        assert other.grid.shape == heat.initial(size_wh).grid.shape
        height, width = other.grid.shape
        assert other.grid[height // 4, width * 3 // 4] == pytest.approx(2)
        assert other.grid[height * 3 // 4, width // 4] == 0
        assert other.grid.mean() == pytest.approx(0.5, rel=0.05)
        assert other.top_s == state.top_s
    assert heat.resize(state, (640, 480)) is state


def test_the_seeds_decay_factor_has_its_half_life():
    assert heat.half_life_from_decay(0.99, 25) == pytest.approx(DEFAULT_HALF_LIFE_S)
    assert pytest.approx(2.76, abs=0.005) == DEFAULT_HALF_LIFE_S
    assert heat.half_life_from_decay(1, 25) == math.inf
    assert heat.decay_from_half_life(math.inf, 25) == 1


@settings(max_examples=100, deadline=None)
@given(factor=st.floats(0.001, 0.9999), rate_hz=st.floats(0.5, 240))
def test_decay_factor_and_half_life_are_each_others_inverse(factor, rate_hz):
    back = heat.decay_from_half_life(heat.half_life_from_decay(factor, rate_hz), rate_hz)
    assert back == pytest.approx(factor)


@pytest.mark.parametrize(("factor", "rate_hz"), [(0, 25), (1.01, 25), (-1, 25), (0.9, 0), (math.nan, 25), (0.9, -5)])
def test_decay_outside_its_range_is_refused(factor, rate_hz):
    with pytest.raises(ControlsError, match="must be more than 0"):
        heat.half_life_from_decay(factor, rate_hz)


@pytest.mark.parametrize(("half_life_s", "rate_hz"), [(0, 25), (-1, 25), (3, 0), (math.nan, 25)])
def test_a_half_life_outside_its_range_is_refused(half_life_s, rate_hz):
    with pytest.raises(ControlsError, match="must be more than 0"):
        heat.decay_from_half_life(half_life_s, rate_hz)


def test_fixed_and_minmax_limits_are_what_they_say():
    state = with_grid([[1, 7], [3, 4]])
    assert heat.span(state, HeatControls(scale=Scale.FIXED, scale_top_s=2.5)) == (0, 2.5)
    assert heat.span(state, HeatControls(scale=Scale.MINMAX)) == (1, 7)
    assert heat.step(state, NOBODY, 0, HeatControls(scale=Scale.FIXED, scale_top_s=2.5)).top_s == 2.5


def test_a_percentile_is_taken_of_warm_cells_only():
    grid = np.zeros((40, 40), np.float32)
    grid[:10] = np.linspace(1, 9, 400).reshape(10, 40)
    low, high = heat.span(with_grid(grid), HeatControls(scale=Scale.PERCENTILE, scale_percentile=75))
    assert (low, high) == (0, pytest.approx(7))


@pytest.mark.parametrize("scale", [Scale.AUTO, Scale.PERCENTILE])
def test_another_scale_acts_at_once_even_while_paused(scale):
    state = heat.step(with_grid([[4.0] * 8]), NOBODY, 0, HeatControls(scale=Scale.FIXED, scale_top_s=100))
    assert heat.span(state, HeatControls(scale=scale))[1] == pytest.approx(4)
    assert heat.step(state, NOBODY, 0, HeatControls(scale=scale)).top_s == pytest.approx(4)


def test_the_first_object_ever_is_not_at_once_at_the_top():
    state, params = heat.initial((64, 64)), HeatControls()
    shares = []
    for _ in range(75):
        state = heat.step(state, boxes((10, 10, 40, 40)), 0.04, params)
        shares.append(state.grid.max() / state.top_s)
    assert shares[0] < 0.05
    assert shares[12] < 0.6
    assert shares[-1] > 0.8  # after three seconds it is


def test_one_object_reaches_the_top_however_short_the_half_life():
    state, params = heat.initial((64, 64)), HeatControls(half_life_s=0.2)
    for _ in range(100):
        state = heat.step(state, boxes((10, 10, 40, 40)), 0.04, params)
    assert state.grid.max() / state.top_s > 0.8


@pytest.mark.parametrize("scale", [Scale.AUTO, Scale.PERCENTILE])
def test_heat_fades_against_its_scale_in_an_empty_scene(scale):
    state, params = heat.initial((64, 64)), HeatControls(half_life_s=2.0, scale=scale)
    for _ in range(100):
        state = heat.step(state, boxes((10, 10, 40, 40)), 0.04, params)
    before, top_s = state.grid.max() / state.top_s, state.top_s
    for _ in range(100):
        state = heat.step(state, NOBODY, 0.04, params)
    assert state.top_s == top_s
    assert state.grid.max() / state.top_s == pytest.approx(before / 4, rel=0.01)


@pytest.mark.parametrize("half_life_s", [0.5, 2.76, 60])
def test_heat_fades_against_its_scale_while_somebody_walks_elsewhere(half_life_s):
    state, params = heat.initial((200, 64)), HeatControls(half_life_s=half_life_s)
    for _ in range(250):
        state = heat.step(state, boxes((10, 10, 40, 40)), 0.04, params)
    before = state.grid[25, 25] / state.top_s
    for index in range(round(25 * half_life_s)):
        x = 100 + index % 60
        state = heat.step(state, boxes((x, 10, x + 20, 40)), 0.04, params)
    assert state.grid[25, 25] / state.top_s < 0.65 * before


def test_the_automatic_scale_does_not_flicker(rng):
    state, params = heat.initial((160, 90)), HeatControls()
    tops = []
    for index in range(400):
        places = np.stack([20 + 100 * rng.random(6), 10 + 50 * rng.random(6)], axis=1)
        crowd = boxes(*[(x, y, x + 12, y + 20) for x, y in places[: 1 + index % 6].tolist()])
        state = heat.step(state, crowd, 0.04, params)
        tops.append(state.top_s)
    changes = np.abs(np.diff(tops)) / tops[:-1]
    assert changes.max() < 0.05
    assert changes[100:].max() < 0.03


def test_the_automatic_scale_comes_down_when_a_crowd_has_left():
    state, params = with_grid(np.zeros((64, 64)), top_s=40.0, rule=(Scale.AUTO, 99.0)), HeatControls()
    for _ in range(25 * 120):
        state = heat.step(state, boxes((10, 10, 40, 40)), 0.04, params)
    assert state.top_s < 6


def test_old_cold_cells_do_not_slow_arithmetic_down():
    state = with_grid(np.full((4, 4), 1.0))
    for _ in range(600):
        state = heat.step(state, NOBODY, 1.0, HeatControls(half_life_s=2.0))
    assert not state.grid.any()
