"""Polygons: entering, leaving and who is inside."""

from __future__ import annotations

import pytest

from tests.support.walks import BAND_PX, Street, polygon, seen, straight, walked, ways

YARD = polygon((400, 400), (600, 400), (600, 600), (400, 600))
OUT, INSIDE, FAR = (300, 500), (500, 500), (700, 500)
#: A "C" that opens to the right: its hull is no help.
HOOK = polygon((200, 200), (600, 200), (600, 300), (300, 300), (300, 500), (600, 500), (600, 600), (200, 600))


def occupancy(street: Street) -> int | None:
    return street.counter.tallies()[0].occupancy


def test_entering_is_in_and_leaving_is_out() -> None:
    assert walked(YARD, [OUT, INSIDE]) == "i"
    assert walked(YARD, [OUT, INSIDE, FAR, INSIDE, OUT]) == "ioio"
    assert walked(YARD, straight(OUT, FAR, 40)) == "io"


def test_the_order_of_corners_does_not_matter_but_the_flip_does() -> None:
    backwards = polygon(*[(x * 1000, y * 1000) for x, y in YARD.points[::-1]])
    flipped = polygon(*[(x * 1000, y * 1000) for x, y in YARD.points], flipped=True)
    assert (walked(backwards, [OUT, INSIDE]), walked(flipped, [OUT, INSIDE])) == ("i", "o")


def test_jitter_at_the_edge_counts_nothing() -> None:
    jitter = [(400 + BAND_PX * 0.9 * sign, 500) for sign in (1, -1, 1, 1, -1, -1, 1, -1)]
    assert walked(YARD, [OUT, *jitter, OUT]) == ""
    assert walked(YARD, [INSIDE, *jitter, INSIDE]) == ""
    assert walked(YARD, [OUT, *jitter, INSIDE, *jitter, OUT]) == "io"


def test_born_inside_never_entered_but_leaves() -> None:
    street = Street(YARD)
    street.walk([INSIDE, INSIDE])
    assert (occupancy(street), street.counts()) == (1, [(0, 0)])
    street.walk([OUT])
    assert (occupancy(street), street.counts()) == (0, [(0, 1)])


def test_born_at_the_edge_has_no_side_yet_but_is_where_it_is() -> None:
    street = Street(YARD)
    street.walk([(401, 500)])
    assert (occupancy(street), street.counts()) == (1, [(0, 0)])
    street.walk([(399, 500)])
    assert (occupancy(street), street.counts()) == (0, [(0, 0)])
    street.walk([INSIDE])
    assert (occupancy(street), street.counts()) == (1, [(0, 0)])


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 9, 50])
def test_right_through_counts_in_and_out_at_any_speed(steps: int) -> None:
    assert walked(YARD, straight((100, 460), (900, 530), steps)) == "io"


def test_through_in_one_step_tells_both_places() -> None:
    crossings = Street(YARD).walk([(200, 500), (800, 500)])
    assert [(c.direction.value, c.x_px, c.y_px) for c in crossings] == [
        ("in", pytest.approx(400), 500),
        ("out", pytest.approx(600), 500),
    ]


@pytest.mark.parametrize("steps", [1, 2, 4, 20, 100])
def test_in_and_out_of_a_hook_at_any_speed(steps: int) -> None:
    assert walked(HOOK, straight((400, 100), (400, 700), steps)) == "ioio"
    assert walked(HOOK, straight((450, 400), (100, 400), steps)) == "io"


@pytest.mark.parametrize("steps", [1, 2, 4, 20, 100])
def test_grazing_within_the_band_counts_at_no_speed(steps: int) -> None:
    assert walked(YARD, straight((100, 402), (900, 402), steps)) == ""
    # over the corner, at most 2.1 px deep
    assert walked(YARD, straight((353, 450), (453, 350), steps)) == ""


@pytest.mark.parametrize("steps", [1, 2, 4, 20, 100])
def test_stepping_out_within_the_band_counts_at_no_speed(steps: int) -> None:
    # The arm of the hook is left by less than the band: a notch 4 px wide.
    notched = polygon((200, 200), (400, 200), (402, 300), (404, 200), (600, 200), (600, 600), (200, 600))
    assert walked(notched, straight((250, 250), (550, 250), steps)) == ""


def test_a_small_polygon_counts_large_objects() -> None:
    spot = polygon((490, 490), (510, 490), (510, 510), (490, 510))
    street = Street(spot)
    told = [ways(street.step(seen({1: place}, box=(300, 500)))) for place in straight((400, 500), (600, 500), 40)]
    assert "".join(told) == "io"


def test_occupancy_counts_who_is_inside_now() -> None:
    street = Street(YARD, polygon((0, 0), (1000, 0), (1000, 1000), (0, 1000), key="all"))
    street.step({1: INSIDE, 2: OUT, 3: (450, 450)})
    assert [tally.occupancy for tally in street.counter.tallies()] == [2, 3]
    street.step({1: INSIDE, 2: INSIDE, 3: FAR})
    assert [tally.occupancy for tally in street.counter.tallies()] == [2, 3]
    assert street.counts() == [(1, 1), (0, 0)]


def test_who_is_hidden_for_a_moment_is_still_inside() -> None:
    street = Street(YARD)
    street.walk([OUT, INSIDE, *[None] * 60])
    assert occupancy(street) == 1
    street.walk([None] * 4)
    assert (occupancy(street), street.counts()) == (0, [(1, 0)])


def test_who_leaves_while_hidden_has_left() -> None:
    assert walked(YARD, [INSIDE, *[None] * 20, OUT]) == "o"
    assert walked(YARD, [OUT, *[None] * 20, FAR]) == "io"


def test_after_a_gap_in_the_stream_the_absent_are_gone() -> None:
    street = Street(YARD)
    street.step({1: INSIDE, 2: INSIDE})
    street.step({2: INSIDE}, dt_s=5.0)
    assert occupancy(street) == 1
    street.step({}, dt_s=5.0)
    assert occupancy(street) == 0


def test_at_the_edge_the_settled_side_decides_who_is_inside() -> None:
    street = Street(YARD)
    street.walk([OUT, INSIDE, (399, 500)])
    assert (occupancy(street), street.counts()) == (1, [(1, 0)])


def test_another_frame_size_keeps_who_is_inside() -> None:
    street = Street(YARD)
    street.step({1: INSIDE, 2: OUT})
    street.size_wh = (500, 250)
    assert street.step({1: (250, 125), 2: (150, 125)}) == ()
    assert occupancy(street) == 1
    assert ways(street.step({1: (150, 125), 2: (250, 125)})) in ("io", "oi")
