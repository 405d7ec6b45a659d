"""Media time of live sources, and how a backlog is told from a hiccup: numbers only."""

from itertools import pairwise

import pytest

from heatstream.sources.live_clock import Backlog, LiveClock


def test_timestamps_are_followed_through_the_networks_jitter() -> None:
    clock = LiveClock()
    times = [clock.stamp(100 + n / 25, 7 + n / 25 + (0.2 if n % 3 == 1 else 0)) for n in range(100)]
    assert times[0] == 0
    assert all(abs(time - n / 25) < 0.02 for n, time in enumerate(times))
    assert all(after > before for before, after in pairwise(times))


def test_without_timestamps_the_arrival_counts() -> None:
    clock = LiveClock()
    assert [clock.stamp(None, at) for at in (5.0, 5.5, 7.0)] == [0, 0.5, 2]


@pytest.mark.parametrize("jump_s", [-5000.0, 3600.0, -3.0])
def test_a_clock_that_jumps_does_not_move_media_time(jump_s: float) -> None:
    clock = LiveClock()
    times = [clock.stamp(9000 + n / 10 + (jump_s if n >= 20 else 0), n / 10) for n in range(40)]
    assert all(abs(time - n / 10) < 0.05 for n, time in enumerate(times))


def test_a_camera_whose_clock_runs_fast_never_runs_away() -> None:
    clock = LiveClock()
    last = 0.0
    for n in range(25 * 3600):
        last = clock.stamp(n / 25 * 1.001, n / 25)
    assert last == pytest.approx(3600, abs=0.1)


def test_repeated_timestamps_still_advance() -> None:
    clock = LiveClock()
    times = [clock.stamp(3.0, at) for at in (0.0, 0.01, 0.02)]
    assert times == sorted(set(times))


def test_reading_that_never_waits_is_a_backlog_until_it_waits_again() -> None:
    backlog = Backlog()
    verdicts, now_s = [], 0.0
    for n in range(150):  # each frame takes 60 ms to decode, 40 ms would be needed
        verdicts.append(backlog.behind(n / 25, now_s, 0.0005))
        now_s += 0.06
    assert not any(verdicts[:20])
    assert verdicts[30]
    assert not backlog.behind(150 / 25, now_s, 0.1)


def test_a_hiccup_is_no_backlog() -> None:
    backlog = Backlog()
    for n in range(50):
        assert not backlog.behind(n / 25, n / 25, 0.04)
    for n in range(50, 100):  # two seconds of frames at once, after a pause
        assert not backlog.behind(n / 25, 4.0 + (n - 50) * 0.004, 2.0 if n == 50 else 0.0)


def test_timestamps_that_crawl_are_no_backlog() -> None:
    backlog = Backlog()
    assert not any(backlog.behind(n / 50, n / 25, 0.035) for n in range(500))


def test_a_clock_that_is_set_is_no_backlog() -> None:
    backlog = Backlog()
    assert not any(backlog.behind(n / 25 - (900 if n > 50 else 0), n / 25, 0.001) for n in range(100))
