"""Rates and playback time, with a clock made of numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.engine.rates import PlaybackClock, RateMeter


def test_a_steady_rate_is_measured() -> None:
    meter = RateMeter()
    for tick in range(101):
        meter.tick(tick / 25)
    assert meter.rate(4.0) == pytest.approx(25, rel=0.01)


def test_a_rate_falls_to_zero_when_nothing_happens() -> None:
    meter = RateMeter(window_s=2.0)
    for tick in range(50):
        meter.tick(tick / 25)
    assert meter.rate(10.0) == 0.0


def test_media_seconds_per_second_is_the_speed() -> None:
    meter = RateMeter()
    for tick in range(40):
        meter.tick(tick * 0.1, 0.07)
    assert meter.rate(3.9) == pytest.approx(0.7, rel=0.01)


@pytest.mark.parametrize("rate_hz", [4.0, 1.0, 0.4, 0.1])
def test_few_events_a_second_have_a_steady_rate_from_the_second_one_on(rate_hz: float) -> None:
    events, speed = RateMeter(), RateMeter()
    for tick in range(12):
        now_s = tick / rate_hz
        events.tick(now_s)
        speed.tick(now_s, 1 / rate_hz)
        for later in (0.0, 0.5, 0.99) if tick else ():
            assert events.rate(now_s + later / rate_hz) == pytest.approx(rate_hz)
            assert speed.rate(now_s + later / rate_hz) == pytest.approx(1.0)
    assert events.rate(now_s + 1.5 / rate_hz) < rate_hz
    assert events.rate(now_s + 2.5 / rate_hz + 2.0) == 0.0


def test_frames_are_due_at_their_own_times() -> None:
    clock = PlaybackClock()
    assert clock.wait_s(0.0, 100.0) == 0.0
    assert clock.wait_s(0.5, 100.2) == pytest.approx(0.3)
    assert clock.wait_s(0.5, 100.6) == 0.0


def test_a_late_file_plays_slower_and_does_not_hurry_afterwards() -> None:
    clock = PlaybackClock(patience_s=0.25)
    clock.wait_s(0.0, 0.0)
    assert clock.wait_s(1.0, 3.0) == 0.0
    assert clock.wait_s(1.1, 3.0) == pytest.approx(0.1)


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=50))
def test_the_wait_is_never_negative_nor_longer_than_the_gap(gaps: list[float]) -> None:
    clock = PlaybackClock()
    time_s = 0.0
    clock.wait_s(0.0, 0.0)
    for gap in gaps:
        time_s += gap
        assert 0.0 <= clock.wait_s(time_s, time_s - gap) <= gap + 1e-9
