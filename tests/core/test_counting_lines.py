"""Lines: what counts, which way, where and when, and what does not."""

from __future__ import annotations

import math

import pytest

from heatstream.core.controls import Anchor
from heatstream.core.types import Direction, Zone
from tests.support.walks import BAND_PX, OUTER_PX, Place, Street, line, seen, straight, walked, ways

#: Drawn to the right, so that down is in.
GATE = line((300, 500), (700, 500))
UP, DOWN = (500, 480), (500, 520)


def at(offset_px: float, x: float = 500) -> Place:
    """A place this far below the gate."""
    return x, 500 + offset_px


def test_down_over_a_line_drawn_to_the_right_is_in() -> None:
    assert walked(GATE, [UP, DOWN]) == "i"
    assert walked(GATE, [DOWN, UP]) == "o"


def test_a_flipped_line_counts_the_other_way() -> None:
    flipped = line((300, 500), (700, 500), flipped=True)
    assert (walked(flipped, [UP, DOWN]), walked(flipped, [DOWN, UP])) == ("o", "i")


@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_in_is_to_the_right_at_any_angle(angle: int) -> None:
    along = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    right = -along[1], along[0]
    gate = line((500 - 200 * along[0], 500 - 200 * along[1]), (500 + 200 * along[0], 500 + 200 * along[1]))
    to_left, to_right = [(500 + side * 30 * right[0], 500 + side * 30 * right[1]) for side in (-1, 1)]
    assert (walked(gate, [to_left, to_right]), walked(gate, [to_right, to_left])) == ("i", "o")


def test_every_crossing_counts_again() -> None:
    assert walked(GATE, [UP, DOWN, UP, DOWN, DOWN, UP, UP]) == "ioio"


def test_jitter_on_the_line_counts_nothing() -> None:
    jitter = [at(BAND_PX * 0.9 * sign) for sign in (1, -1, 1, 1, -1, -1, 1, -1)]
    assert walked(GATE, jitter) == ""
    assert walked(GATE, [at(-20), *jitter, at(-20), *jitter, at(-20)]) == ""


def test_jitter_on_the_way_counts_once() -> None:
    jitter = [at(BAND_PX * 0.9 * sign) for sign in (1, -1, 1, 1, -1, -1, 1, -1)]
    assert walked(GATE, [at(-20), *jitter, at(20)]) == "i"
    assert walked(GATE, [at(20), *jitter, at(-20)]) == "o"


def test_stopping_short_and_walking_alongside_count_nothing() -> None:
    assert walked(GATE, [at(-40), at(-20), at(-5), at(-5), at(-20)]) == ""
    assert walked(GATE, straight((200, 495), (800, 495), 40)) == ""


def test_the_bands_follow_the_box() -> None:
    street = Street(GATE)
    path = [at(-40), at(20), at(-40)]
    for place in path:
        street.step(seen({1: place}, box=(40, 90)))
        street.step(seen({2: place}, box=(160, 360)))
    # 240 px asks for 12 and 36 px: 20 px is between them.
    assert street.counts() == [(1, 1)]


def test_the_bands_are_at_least_a_pixel_and_never_a_large_part_of_the_frame() -> None:
    tiny, huge = Street(GATE), Street(GATE)
    for place in [at(-1.5), at(0.9), at(-1.5), at(1.5)]:
        tiny.step(seen({1: place}, box=(4, 4)))
    assert tiny.counts() == [(1, 0)]
    for place in [at(-70), at(61)]:
        huge.step(seen({1: place}, box=(900, 900)))
    assert huge.counts() == [(1, 0)]


def test_a_pixel_beside_the_line_is_a_side_to_be_born_on() -> None:
    assert walked(GATE, [at(-0.9), at(20)]) == ""
    assert walked(GATE, [at(-0.9), at(20), at(-20)]) == "o"
    assert walked(GATE, [at(-1.1), at(20)]) == "i"


@pytest.mark.parametrize(("sightings", "counted"), [(4, ""), (5, "i")])
def test_between_the_bands_a_side_is_certain_after_some_sightings_in_a_row(sightings: int, counted: str) -> None:
    assert walked(GATE, [at(-20), *[at(BAND_PX + 1)] * sightings, at(-20)]) == counted + ("o" if counted else "")
    broken = [*[at(BAND_PX + 1)] * 3, at(BAND_PX - 1), *[at(BAND_PX + 1)] * 3]
    assert walked(GATE, [at(-20), *broken, at(-20)]) == ""
    turned = [*[at(BAND_PX + 1)] * 3, at(-BAND_PX - 1), *[at(BAND_PX + 1)] * 3]
    assert walked(GATE, [at(-20), *turned, at(-20)]) == ""


def test_beyond_the_outer_band_a_side_is_certain_at_once() -> None:
    assert walked(GATE, [at(-20), at(OUTER_PX + 1), at(-20)]) == "io"
    assert walked(GATE, [at(-20), at(OUTER_PX - 1), at(-20)]) == ""


@pytest.mark.parametrize(("offset_px", "counted"), [(BAND_PX + 1, [(1, 0)]), (BAND_PX - 1, [(0, 0)])])
def test_who_is_lost_behind_the_line_has_crossed_it(offset_px: float, counted: list[tuple[int, int]]) -> None:
    street = Street(GATE)
    street.walk([at(-20), at(offset_px)])
    street.walk([(800, 800)] * 12, track=2)  # 0.48 s
    assert street.counts() == [(0, 0)]
    street.walk([(800, 800)] * 2, track=2)
    assert street.counts() == counted


@pytest.mark.parametrize(("offset_px", "counted"), [(1.5, [(1, 0)]), (0.9, [(0, 0)])])
def test_who_leaves_the_picture_close_behind_the_line_has_crossed_it(
    offset_px: float, counted: list[tuple[int, int]]
) -> None:
    street = Street(GATE)
    street.walk([at(-20), at(offset_px)])
    street.walk([(800, 800)] * 62, track=2)  # 2.48 s
    assert street.counts() == [(0, 0)]
    street.walk([(800, 800)] * 2, track=2)
    assert street.counts() == counted


def test_the_last_who_is_lost_and_who_is_cut_off_by_a_new_run_have_crossed_it() -> None:
    for run, dt_s in [(1, 3.0), (2, 0.04)]:
        street = Street(GATE)
        street.walk([at(-20), at(BAND_PX + 1)])
        street.run = run
        assert ways(street.step({}, dt_s=dt_s) + street.step({}, dt_s=20.0)) == "i"


def test_a_track_counts_when_it_is_confirmed_and_only_then() -> None:
    street = Street(GATE)
    for place, confirmed, counted in [(UP, False, 0), (DOWN, False, 0), (DOWN, True, 1), (UP, True, 1)]:
        street.confirmed = confirmed
        assert len(street.step({1: place})) == counted
    street = Street(GATE)
    street.confirmed = False
    assert street.walk([UP, DOWN, *[None] * 80, UP]) == []


def test_what_is_held_back_is_dropped_with_its_zone() -> None:
    street = Street(GATE)
    street.confirmed = False
    street.walk([UP, DOWN])
    street.zones, street.confirmed = (), True
    assert street.walk([DOWN]) == []


def test_exactly_on_the_line_is_no_hiding_place() -> None:
    for start, end, expected in [(-20, 20, "i"), (20, -20, "o")]:
        assert walked(GATE, [at(start), at(0), at(end)]) == expected
        assert walked(GATE, [at(start), at(0), at(0), at(end)]) == expected
        assert walked(GATE, [at(start), at(0), at(start)]) == ""


@pytest.mark.parametrize(
    ("start", "end"),
    [((1075, 506), (881, 280)), ((1117, 101), (1236, 404)), ((974, 196), (331, 174)), ((1026, 618), (750, 398))],
)
def test_exactly_on_a_slanted_line(start: Place, end: Place) -> None:
    # Normalised and back to pixels, these middles come to lie on the other side by a rounding error.
    gate = Zone("gate", "Gate", tuple((x / 1280, y / 720) for x, y in (start, end)))
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    length = math.dist(start, end)
    across = (start[1] - end[1]) / length * 30, (end[0] - start[0]) / length * 30
    left, right = [(middle[0] + side * across[0], middle[1] + side * across[1]) for side in (-1, 1)]
    for path, expected in [([left, middle, right], "i"), ([right, middle, left], "o"), ([left, middle, left], "")]:
        street = Street(gate)
        street.size_wh = (1280, 720)
        assert ways(street.walk(path)) == expected


def test_a_way_around_the_end_changes_the_side_without_a_count() -> None:
    around = [at(-20), at(-20, 800), at(20, 800), at(20)]
    assert walked(GATE, around) == ""
    assert walked(GATE, [*around, at(-20)]) == "o"
    assert walked(GATE, [*around, *around[::-1], at(20)]) == "i"


def test_through_the_line_and_back_around_its_end_counts_one_way() -> None:
    assert walked(GATE, [at(-20, 650), at(20, 650), at(20, 750), at(-20, 750)]) == "i"


def test_through_the_line_within_the_band_and_back_around_the_end_is_no_crossing() -> None:
    assert walked(GATE, [at(-20, 690), at(2, 690), at(2, 720), at(-2, 720), at(-20, 720)]) == ""
    # and what was passed there is forgotten: the next way around the end is none either
    assert walked(GATE, [at(-20, 690), at(2, 690), at(2, 720), at(-20, 720), at(20, 720)]) == ""
    assert walked(GATE, [at(-20, 690), at(2, 690), at(2, 720), at(-2, 720), at(-20, 720), at(20, 720)]) == ""


def test_beyond_the_ends_nothing_counts() -> None:
    assert walked(GATE, [at(-20, 299), at(20, 299)]) == ""
    assert walked(GATE, [at(-20, 701), at(20, 701)]) == ""
    assert walked(GATE, [at(-20, 301), at(20, 301), at(20, 699), at(-20, 699)]) == "io"


@pytest.mark.parametrize("speed_px", [1, 7, 40, 80, 300])
def test_fast_and_slow_count_alike(speed_px: int) -> None:
    for offset in range(0, speed_px, max(1, speed_px // 9)):
        path = straight((500, 500 - speed_px - 20 - offset), (500, 500 + 2 * speed_px + 20 - offset), 1)
        steps = max(1, round((path[1][1] - path[0][1]) / speed_px))
        assert walked(GATE, straight(*path, steps)) == "i"


def test_a_crossing_tells_where_and_when_the_anchor_passed() -> None:
    street = Street(GATE)
    crossings = street.walk([at(-20, 480), at(-10, 490), at(2, 502), at(2.5, 502), at(6, 505), at(30, 510)])
    assert len(crossings) == 1
    crossing = crossings[0]
    assert (crossing.zone_id, crossing.zone_name, crossing.track_id, crossing.run) == ("gate", "Gate", 1, 1)
    assert (crossing.class_name, crossing.direction, crossing.frame) == ("person", Direction.IN, 3)
    assert crossing.time_s == pytest.approx(2 / 25)
    assert crossing.utc_s == pytest.approx(1e9 + 2 / 25, abs=1e-6)
    assert (crossing.x_px, crossing.y_px) == pytest.approx((500, 500))


def test_a_crossing_is_told_when_it_is_certain() -> None:
    street = Street(GATE)
    told = [len(street.step({1: place})) for place in [at(-10), at(2), at(2), at(10), at(20)]]
    assert told == [0, 0, 0, 1, 0]


def test_the_last_way_over_the_line_is_the_one_told() -> None:
    crossings = Street(GATE).walk([at(-10, 400), at(2, 400), at(-2, 450), at(2, 600), at(10, 600)])
    assert [(crossing.frame, crossing.x_px) for crossing in crossings] == [(4, pytest.approx(525))]


def test_a_way_back_over_the_line_is_not_the_one_told() -> None:
    in_and_back = [at(-10, 650), at(2, 650), at(2, 720), at(-2, 720), at(-2, 690), at(2, 690), at(-2, 696)]
    (crossing,) = Street(GATE).walk([*in_and_back, at(-2, 720), at(2, 720), at(10, 720)])
    assert (crossing.direction, crossing.frame, crossing.x_px) == (Direction.IN, 6, pytest.approx(690))


def test_the_time_of_day_may_be_unknown() -> None:
    street = Street(GATE)
    street.epoch_s = None
    assert [crossing.utc_s for crossing in street.walk([UP, DOWN])] == [None]


def test_a_short_occlusion_is_swept() -> None:
    assert walked(GATE, [UP, *[None] * 48, DOWN]) == "i"
    crossing = Street(GATE).walk([at(-10), *[None] * 20, at(30)])[0]
    assert (crossing.frame, crossing.y_px) == (22, pytest.approx(500))


def test_after_a_long_absence_a_track_is_new() -> None:
    assert walked(GATE, [UP, *[None] * 64, DOWN]) == ""
    assert walked(GATE, [UP, *[None] * 64, DOWN, UP]) == "o"


def test_occlusion_on_the_line_keeps_the_settled_side() -> None:
    assert walked(GATE, [at(-20), at(2), *[None] * 25, at(2), at(20)]) == "i"


@pytest.mark.parametrize("gap_s", [0.0, 0.3, 1.9, 5.0])
def test_a_gap_in_the_stream_is_swept(gap_s: float) -> None:
    street = Street(GATE)
    street.step({1: UP})
    assert ways(street.step({1: DOWN}, dt_s=gap_s)) == "i"


def test_after_a_long_gap_in_the_stream_nobody_is_known() -> None:
    street = Street(GATE)
    street.step({1: UP})
    assert street.step({1: DOWN}, dt_s=11.0) == ()
    assert len(street.counter) == 1


def test_time_may_stumble() -> None:
    street = Street(GATE)
    street.step({1: at(-20)})
    street.step({1: at(-10)}, dt_s=-0.02)
    assert ways(street.step({1: at(10)}, dt_s=0.0)) == "i"
    assert street.step({1: at(-10)}, dt_s=-20) == ()
    # Time that starts anew leaves nobody behind whose last sight would lie in the future.
    street.step({2: at(0)}, dt_s=-1e6)
    assert len(street.counter) == 1


@pytest.mark.parametrize("rate_hz", [0.4, 1, 3, 12.5, 30, 120])
def test_the_frame_rate_does_not_matter(rate_hz: float) -> None:
    steps = max(1, int(4 * rate_hz))
    there = straight((500, 300), (500, 697), steps)
    assert walked(GATE, [*there, *there[::-1]], rate_hz=rate_hz) == "io"


def test_tracks_are_counted_apart() -> None:
    street = Street(GATE)
    street.step({1: UP, 2: DOWN, 3: UP})
    crossings = street.step({3: DOWN, 1: DOWN, 2: UP, 4: DOWN})
    assert {(crossing.track_id, crossing.direction.value) for crossing in crossings} == {
        (3, "in"),
        (1, "in"),
        (2, "out"),
    }
    assert street.counts() == [(2, 1)]


def test_several_zones_count_apart() -> None:
    street = Street(GATE, line((300, 600), (700, 600), key="kerb"), line((0, 700), (100, 700), key="far"))
    crossings = street.walk([at(-20), at(40), at(250)])
    assert [(crossing.zone_name, crossing.frame) for crossing in crossings] == [("Gate", 2), ("Kerb", 3)]
    assert street.counts() == [(1, 0), (1, 0), (0, 0)]


def test_one_step_may_cross_several_lines() -> None:
    street = Street(GATE, line((300, 600), (700, 600), flipped=True, key="kerb"))
    assert ways(street.walk([at(-20), at(250)])) == "io"


def test_an_id_that_appears_twice_is_one_track() -> None:
    street = Street(GATE)
    for first, second in [(UP, DOWN), (DOWN, UP)]:
        both = seen({1: first, 2: second})
        both.track_id[1] = 1
        street.step(both)
    assert street.counts() == [(1, 0)]
    assert len(street.counter) == 1


def test_boxes_that_are_no_numbers_are_left_out() -> None:
    street = Street(GATE)
    street.step({1: UP, 2: UP})
    broken = seen({1: DOWN, 2: DOWN})
    broken.xyxy[0, 2] = math.nan
    assert [crossing.track_id for crossing in street.step(broken)] == [2]
    assert [crossing.track_id for crossing in street.step({1: DOWN, 2: DOWN})] == [1]


def test_a_box_without_area_counts() -> None:
    street = Street(GATE)
    assert [ways(street.step(seen({1: place}, box=(0, 0)))) for place in (UP, DOWN)] == ["", "i"]


def test_empty_frames_and_no_zones() -> None:
    street = Street()
    assert street.walk([None, UP, None, DOWN]) == []
    assert street.counter.tallies() == ()


def test_the_anchor_is_what_crosses() -> None:
    street = Street(GATE)
    street.anchor = Anchor.BOTTOM
    # Boxes are 90 px high: their lower edge is 45 px below the centre.
    assert ways(street.walk([at(-55), at(-35), at(-20), at(20)])) == "i"
    assert street.counts() == [(1, 0)]


def test_another_anchor_is_no_crossing() -> None:
    street = Street(GATE)
    street.step({1: at(-20)})
    street.anchor = Anchor.BOTTOM
    assert street.step({1: at(-20)}) == ()
    street.anchor = Anchor.CENTER
    assert street.step({1: at(-20)}) == ()
    assert ways(street.step({1: at(20)})) == "i"


def test_another_frame_size_is_no_crossing_and_none_is_lost() -> None:
    street = Street(GATE)
    street.step({1: at(-60), 2: at(-60)})
    street.size_wh = (500, 250)
    # The same places in the smaller frame: x halves, y is a quarter.
    assert street.step({1: (250, 110), 2: (250, 110)}) == ()
    crossings = street.step({1: (250, 140), 2: (250, 110)})
    assert [(crossing.track_id, crossing.x_px, crossing.y_px) for crossing in crossings] == [(1, 250, 125)]
    street.size_wh = (1000, 1000)
    assert [crossing.track_id for crossing in street.step({1: at(20), 2: at(20)})] == [2]
