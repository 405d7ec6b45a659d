"""Media time from timestamps of any kind."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.sources.timeline import Timeline


def stamps(raw: list[float | None], interval_s: float = 0.04) -> list[float]:
    timeline = Timeline(interval_s)
    return [timeline.stamp(value) for value in raw]


def test_starts_at_zero_and_keeps_the_files_steps() -> None:
    assert stamps([7.0, 7.04, 7.5, 7.54]) == pytest.approx([0, 0.04, 0.5, 0.54])


def test_a_missing_timestamp_is_one_interval_later() -> None:
    assert stamps([1.0, None, 1.08, None]) == pytest.approx([0, 0.04, 0.08, 0.12])
    assert stamps([None, None, 5.0, 5.04]) == pytest.approx([0, 0.04, 0.08, 0.12])


def test_a_repeated_timestamp_costs_nothing_later() -> None:
    assert stamps([0.0, 0.0, 0.04, 0.08]) == pytest.approx([0, 0.02, 0.04, 0.08])


def test_one_stray_backward_costs_nothing_later() -> None:
    assert stamps([10.0, 10.04, 3.0, 10.12]) == pytest.approx([0, 0.04, 0.06, 0.12])


def test_a_clock_that_was_set_back_goes_on() -> None:
    assert stamps([10.0, 10.04, 0.0, 0.04, 0.08]) == pytest.approx([0, 0.04, 0.06, 0.10, 0.14])


def test_a_pause_is_kept_and_a_jump_is_not() -> None:
    assert stamps([0.0, 30.0]) == pytest.approx([0, 30])
    assert stamps([0.0, 95443.0, 95443.04]) == pytest.approx([0, 0.04, 0.08])
    assert stamps([0.0, 300.0], interval_s=300.0) == pytest.approx([0, 300])


@given(st.lists(st.none() | st.floats(-1e6, 1e6)), st.floats(0.001, 1000))
def test_time_always_increases(raw: list[float | None], interval_s: float) -> None:
    times = stamps(raw, interval_s)
    assert times[:1] in ([], [0.0])
    assert all(before < after for before, after in pairwise(times))
