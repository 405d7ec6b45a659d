"""What a user sets of counting: once for a track, the dead band; and how long stays in a polygon last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatstream.core.controls import CountControls
from heatstream.core.counting import MEMORY_S, added
from heatstream.core.types import ZoneTally
from tests.support.walks import SIZE, Street, line, polygon, straight, ways

GATE = line((500, 1000), (500, 0))
DOOR = line((300, 1000), (300, 0), key="door")
YARD = polygon((400, 400), (600, 400), (600, 600), (400, 600), key="yard")
LEFT, RIGHT, INSIDE = (100, 500), (900, 500), (500, 500)
BACK_AND_FORTH = [LEFT, RIGHT, LEFT, RIGHT]


def test_each_crossing_counts_unless_once_is_asked_for() -> None:
    assert ways(Street(GATE).walk(BACK_AND_FORTH)) == "ioi"
    street = Street(GATE)
    street.counting = CountControls(once=True)
    assert ways(street.walk(BACK_AND_FORTH)) == "i"
    assert ways(street.walk(BACK_AND_FORTH, track=2)) == "i"


def test_once_is_for_each_zone() -> None:
    street = Street(GATE, DOOR)
    street.counting = CountControls(once=True)
    street.walk(BACK_AND_FORTH)
    assert street.counts() == [(1, 0), (1, 0)]


def test_once_holds_for_crossings_before_it_was_asked_for() -> None:
    street = Street(GATE)
    street.walk([LEFT, RIGHT])
    street.counting = CountControls(once=True)
    assert street.walk([LEFT, RIGHT]) == []


@pytest.mark.parametrize(("share", "counted"), [(0.05, "i"), (0.0, "ioioi"), (None, "ioioi")])
def test_the_dead_band_can_be_set(share: float | None, counted: str) -> None:
    street = Street(GATE)
    street.counting = CountControls(band=share)
    wide = 0.04 * min(SIZE)  # across the line and back, further than the box's own band
    path = [LEFT, (500 + wide, 500), (500 - wide, 500), (500 + wide, 500), (500 - wide, 500), RIGHT]
    assert ways(street.walk(path)) == counted


def test_a_stay_lasts_from_coming_to_leaving() -> None:
    street = Street(YARD, rate_hz=10)
    street.walk([LEFT, *[INSIDE] * 25, RIGHT])
    tally = street.counter.tallies()[0]
    assert (tally.stays, tally.stayed_s) == (1, pytest.approx(2.5))
    street.walk([*[INSIDE] * 5, LEFT])
    tally = street.counter.tallies()[0]
    assert (tally.stays, tally.stayed_s) == (2, pytest.approx(3.0))


def test_who_is_born_inside_stays_from_then_on_and_who_is_lost_until_last_seen() -> None:
    street = Street(YARD, rate_hz=10)
    street.walk([INSIDE] * 11)
    assert street.counter.tallies()[0].stays == 0
    street.walk([None] * round(10 * MEMORY_S + 2))
    tally = street.counter.tallies()[0]
    assert (tally.stays, tally.stayed_s, tally.occupancy) == (1, pytest.approx(1.0), 0)


def test_a_new_run_ends_all_stays() -> None:
    street = Street(YARD, rate_hz=10)
    street.walk([INSIDE] * 11)
    street.run = 2
    street.step({})
    assert street.counter.tallies()[0].stayed_s == pytest.approx(1.0)


def test_a_line_has_no_stays_and_jitter_at_the_edge_is_none() -> None:
    street = Street(GATE, YARD, rate_hz=10)
    street.walk([LEFT, *straight(LEFT, INSIDE, 8), *[(401, 500), (399, 500)] * 5, INSIDE, LEFT])
    gate, yard = street.counter.tallies()
    assert (gate.stays, yard.stays) == (0, 1)


def test_a_reset_starts_the_stays_that_are_told_from_0() -> None:
    street = Street(YARD, rate_hz=10)
    street.walk([LEFT, *[INSIDE] * 10, LEFT])
    street.counter.reset()
    tally = street.counter.tallies()[0]
    assert (tally.stays, tally.stayed_s) == (0, 0.0)


def test_stays_add_up() -> None:
    one = ZoneTally("a", stays=2, stayed_s=5.0)
    assert added([one], [replace(one, stays=1, stayed_s=0.5)])[0] == replace(one, stays=3, stayed_s=5.5)
