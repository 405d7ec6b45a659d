"""Waits between tries: numbers only."""

import pytest

from heatstream.core.errors import SourceNotFoundError, SourceRefusedError, SourceUnreachableError
from heatstream.engine.backoff import JITTER, LONGEST_S, REFUSED_S, STEADY_S, Backoff

GONE = SourceUnreachableError("gone")


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(lambda: 0.5)
    assert [backoff.failed(GONE) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("dice", "factor"), [(0.0, 1 - JITTER), (1.0, 1 + JITTER)])
def test_waits_are_spread(dice: float, factor: float) -> None:
    assert Backoff(lambda: dice).failed(GONE) == pytest.approx(factor)


def test_a_good_connection_begins_anew_a_flickering_one_does_not() -> None:
    backoff = Backoff(lambda: 0.5)
    waits = []
    for _ in range(3):  # a picture or two, then lost again
        backoff.lives(100.0)
        backoff.lives(100.0 + STEADY_S / 2)
        waits.append(backoff.failed(GONE))
    assert waits == [1, 2, 4]
    backoff.lives(200.0)
    backoff.lives(200.0 + STEADY_S)
    assert backoff.failed(GONE) == 1


def test_a_wrong_password_is_tried_rarely_and_a_missing_path_less_eagerly() -> None:
    backoff = Backoff(lambda: 0.5)
    assert backoff.failed(SourceRefusedError("no")) == REFUSED_S
    assert [backoff.failed(SourceNotFoundError("no path")) for _ in range(2)] == [8, 16]
    assert LONGEST_S < REFUSED_S
