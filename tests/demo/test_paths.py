"""Ways around what stands on the square, and walking along them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.demo.layout import BLOCKS
from heatstream.demo.paths import EASE_S, STEP_M, Schedule, beside, resampled, rounded
from heatstream.demo.routes import make_route
from heatstream.demo.view import ground_at, project, world


def test_a_path_has_even_steps_and_holds_at_its_ends() -> None:
    path = resampled(np.array([(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)]))
    assert path.length_m == pytest.approx(7.0, abs=STEP_M)
    assert path.at(1.0) == pytest.approx((1.0, 0.0, math.pi / 2))
    assert path.at(5.0)[:2] == pytest.approx((3.0, 2.0))
    assert path.at(-9)[:2] == pytest.approx((0.0, 0.0))
    assert path.at(99)[:2] == pytest.approx((3.0, 4.0), abs=0.01)


def test_beside_is_on_the_right() -> None:
    path = resampled(np.array([(0.0, 0.0), (0.0, 10.0)]))  # towards +y
    assert np.allclose(beside(path, 0.7).x, 0.7)


def test_ways_lead_around_what_stands_there() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        path = rounded(list(make_route(rng, 1).places))
        points = np.stack((path.x, path.y), axis=1)
        for block in BLOCKS:
            gap = np.hypot(points[:, 0] - block.x, points[:, 1] - block.y).min()
            assert gap > 0.75 * block.radius, block


@given(
    speed=st.floats(0.8, 3.2),
    stop=st.floats(5, 30),
    pause=st.floats(0.5, 20),
    times=st.lists(st.floats(0, 80), min_size=2, max_size=20),
)
def test_walking_never_goes_back_and_stops_where_it_should(
    speed: float, stop: float, pause: float, times: list[float]
) -> None:
    schedule = Schedule(2.0, speed, stop, pause)
    ordered = sorted(times)
    along = [schedule.along(time_s)[0] for time_s in ordered]
    for (a, s), (b, t) in zip(zip(along, ordered, strict=True), zip(along[1:], ordered[1:], strict=True), strict=False):
        assert -1e-9 <= b - a <= speed * (t - s) + 1e-9
    middle_s = 2.0 + stop / speed + EASE_S / 2 + pause / 2
    assert schedule.along(middle_s) == pytest.approx((stop, 0.0))
    assert schedule.along(schedule.end_s(40.0))[0] == pytest.approx(40.0)


def test_a_place_on_the_ground_is_found_again_from_its_pixel() -> None:
    places = np.array([world(-4, 12), world(0, 20), world(9, 35)])
    pixels = project(np.column_stack((places, np.zeros(3))))
    assert np.allclose(ground_at(pixels), places)
