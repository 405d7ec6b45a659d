"""Who is who in spite of a tracker's faults: each rule by itself, at its bounds, and what it does for counts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatstream.core.counting import ZoneCounter
from heatstream.core.identity import CONFIRMED, FOUND, GROWN, LEFT_S, PASSING_S, Identities, People
from heatstream.core.moment import Moment
from heatstream.core.types import MEMORY_S, Direction, Tracks, Zone
from tests.support.walks import BOX, SIZE, Place, line, seen

RATE_HZ = 25.0
#: The size of a box of ``BOX``: the side of a square of its area.
SIZE_PX = 60.0
#: Drawn to the right at y = 500, so that down is in.
GATE = line((100, 500), (900, 500))


class Crowd:
    """Steps identities, and a counter at ``zone`` behind them, through frames of what a tracker tells."""

    def __init__(self, zone: Zone = GATE) -> None:
        self.identities = Identities()
        self.counter = ZoneCounter({})
        self.zone = zone
        self.frame = 0
        self.time_s = 0.0
        self.run = 1
        self.counted = ""

    def step(self, tracks: Tracks | Mapping[int, Place], *, dt_s: float = 1 / RATE_HZ) -> People:
        """One frame, ``dt_s`` after the last."""
        self.frame += 1
        self.time_s += dt_s
        moment = Moment(self.frame, self.time_s, self.run, None, SIZE)
        people = self.identities.step(tracks if isinstance(tracks, Tracks) else seen(tracks), moment)
        crossings = self.counter.step(people.tracks, moment, (self.zone,), confirmed=people.confirmed)
        self.identities.note(crossings, moment.time_s)
        self.counted += "".join("i" if crossing.direction is Direction.IN else "o" for crossing in crossings)
        return people

    def walk(self, number: int, start: Place, pace: Place, steps: int) -> People:
        """One object called ``number`` alone, ``pace`` px a frame."""
        for step in range(steps):
            people = self.step({number: (start[0] + step * pace[0], start[1] + step * pace[1])})
        return people

    def wait(self, seconds: float) -> None:
        """Nobody is there for a while."""
        for _ in range(round(seconds * RATE_HZ)):
            self.step({})


def ids(people: People) -> list[int]:
    return people.tracks.track_id.tolist()


# Lost and found


def test_who_is_found_where_he_should_be_by_now_is_the_same() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (4, 0), 20)  # last seen at 376
    crowd.wait(0.4)  # 10 frames: at 416 now, and at 420 in the next
    assert ids(crowd.walk(7, (420, 400), (4, 0), 5)) == [1]


@pytest.mark.parametrize(("off", "who"), [(0.95, 1), (1.05, 7)])
def test_how_far_from_there_he_may_be_found(off: float, who: int) -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    assert ids(crowd.step({7: (300 + off * (FOUND + 0.02) * SIZE_PX, 400)})) == [who]


def test_he_may_be_further_off_the_longer_he_was_lost() -> None:
    for lost_s, who in [(0.2, 7), (1.0, 1)]:
        crowd = Crowd()
        crowd.walk(1, (300, 400), (0, 0), 20)
        crowd.wait(lost_s)
        assert ids(crowd.step({7: (300 + 0.9 * SIZE_PX, 400)})) == [who]


@pytest.mark.parametrize(("lost_s", "who"), [(MEMORY_S - 0.2, 1), (MEMORY_S + 0.2, 7)])
def test_who_was_lost_too_long_is_a_stranger(lost_s: float, who: int) -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    crowd.wait(lost_s)
    assert ids(crowd.step({7: (300, 400)})) == [who]
    assert len(crowd.identities) == 1


def test_whoever_shrinks_behind_something_is_as_large_as_before_when_he_is_found() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 40)
    for part in (0.8, 0.6, 0.45):
        crowd.step(seen({1: (300, 400)}, box=(part * BOX[0], part * BOX[1])))
    crowd.wait(0.4)
    assert ids(crowd.step({7: (300 + 0.6 * SIZE_PX, 400)})) == [1]


def test_another_class_or_size_is_somebody_else() -> None:
    wide = np.sqrt(GROWN)
    for box, class_id, who in [
        (BOX, 1, 7),
        ((BOX[0] * wide * 1.1, BOX[1] * wide), 0, 1),
        ((BOX[0] * wide * 1.3, BOX[1] * wide * 1.3), 0, 7),
        ((BOX[0] / 1.7, BOX[1] / 1.7), 0, 7),
    ]:
        crowd = Crowd()
        crowd.walk(1, (300, 400), (0, 0), 20)
        assert ids(crowd.step(seen({7: (300, 400)}, box=box, class_id=class_id))) == [who]


def test_who_should_be_outside_the_picture_is_not_found_in_it() -> None:
    for pace, who in [(-20, 7), (-1, 1)]:
        crowd = Crowd()
        crowd.walk(1, (10 - 19 * pace, 400), (pace, 0), 20)  # last seen at x = 10
        assert ids(crowd.step({7: (12, 400)})) == [who]


def test_who_may_have_been_nobody_is_not_found() -> None:
    for times, who in [(CONFIRMED - 1, 7), (CONFIRMED, 1)]:
        crowd = Crowd()
        crowd.walk(1, (300, 400), (0, 0), times)
        assert ids(crowd.step({7: (300, 400)})) == [who]


def test_who_is_still_there_is_not_found_elsewhere() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    assert ids(crowd.step({1: (300, 400), 7: (325, 400)})) == [1, 7]


def test_of_two_who_could_be_found_the_nearest_is() -> None:
    crowd = Crowd()
    for _ in range(20):
        crowd.step({1: (300, 400), 2: (345, 400)})
    crowd.step({})
    assert ids(crowd.step({8: (322, 400), 7: (340, 400)})) == [1, 2]


def test_of_two_who_appear_the_nearest_is_found() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    assert ids(crowd.step({8: (280, 400), 7: (310, 400)})) == [8, 1]


def test_a_number_that_replaced_another_s_and_comes_back_is_free_again() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    assert ids(crowd.walk(7, (300, 400), (0, 0), 5)) == [1]
    # The tracker gives the old number to somebody else: 1 is taken, 7 is free.
    assert ids(crowd.step({7: (300, 400), 1: (700, 400)})) == [1, 7]


def test_found_again_behind_a_pillar_on_the_other_side_is_one_crossing() -> None:
    for number in (1, 9):
        crowd = Crowd()
        crowd.walk(1, (500, 440), (0, 3), 15)  # up to 482
        crowd.wait(0.4)
        crowd.walk(number, (500, 515), (0, 3), 10)
        assert crowd.counted == "i"


# Exchanged numbers


def two_who_meet(crowd: Crowd, *, exchange: bool, pace: float = 4.0, gap: float = 20.0, steps: int = 80) -> People:
    """One walks down across the gate at x = 500, the other up beside it; where they meet, their numbers may change."""
    for step in range(steps):
        down, up = (500.0, 340 + pace * step), (500.0 + gap, 660 - pace * step)
        met = down[1] >= up[1]
        people = crowd.step({1: up, 2: down} if exchange and met else {1: down, 2: up})
    return people


def test_two_who_pass_each_other_keep_who_they_are() -> None:
    for exchange in (False, True):
        crowd = Crowd()
        people = two_who_meet(crowd, exchange=exchange)
        where = dict(zip(ids(people), people.tracks.xyxy[:, 1].tolist(), strict=True))
        assert where[1] > where[2]  # who came from above is below
        assert sorted(crowd.counted) == ["i", "o"]


def test_two_who_turn_back_slowly_are_still_who_they_were() -> None:
    crowd = Crowd()
    for step in range(160):  # 2 s near each other
        off = abs(step - 80) * 0.5 + 10
        people = crowd.step({1: (500, 500 - off), 2: (500, 500 + off)})
    assert dict(zip(ids(people), people.tracks.xyxy[:, 1] < 500 - BOX[1] / 2, strict=True)) == {1: True, 2: False}


def test_two_who_turn_back_at_once_have_exchanged_numbers_and_two_who_stop_have_not() -> None:
    for pause_s, exchanged in [(0.0, True), (0.4, False)]:
        crowd = Crowd()
        for step in range(38):
            crowd.step({1: (500, 348 + 4 * step), 2: (500, 652 - 4 * step)})
        for _ in range(round(pause_s * RATE_HZ)):
            crowd.step({1: (500, 498), 2: (500, 502)})
        for step in range(38):  # back to where each came from, by number
            people = crowd.step({1: (500, 498 - 4 * step), 2: (500, 502 + 4 * step)})
        upper = ids(people)[int(people.tracks.xyxy[:, 1].argmin())]
        assert upper == (2 if exchanged else 1)


def test_who_was_counted_while_numbers_were_exchanged_keeps_the_number() -> None:
    crowd = Crowd(line((100, 470), (900, 470)))
    # The one from above is counted at 470 before they meet at 500 and exchange their numbers.
    for step in range(80):
        down, up = (500.0, 340 + 4 * step), (520.0, 660 - 4 * step)
        if step == 36:
            assert crowd.counted == "i"
        people = crowd.step({1: up, 2: down} if down[1] >= up[1] else {1: down, 2: up})
    where = dict(zip(ids(people), people.tracks.xyxy[:, 1].tolist(), strict=True))
    assert where[1] < where[2]
    assert crowd.counted == "io"  # number 1 goes back up: to the counter the same person, and the sums are right


def test_an_encounter_in_which_somebody_is_lost_is_forgotten() -> None:
    for lost_s, exchanged in [(0.4, True), (PASSING_S, False)]:
        crowd = Crowd(line((100, 900), (900, 900)))
        for step in range(38):
            crowd.step({1: (500, 348 + 4 * step), 2: (500, 652 - 4 * step)})
        for _ in range(round(lost_s * RATE_HZ)):
            crowd.step({1: (500, 498)})
        # Seen again when they have parted, each where the other should be: they were even at step 38.
        apart = 4 * round(lost_s * RATE_HZ)
        people = crowd.step({1: (500, 500 - apart), 2: (500, 500 + apart)})
        upper = ids(people)[int(people.tracks.xyxy[:, 1].argmin())]
        assert upper == (2 if exchanged else 1)


def test_people_and_cars_exchange_nothing() -> None:
    crowd = Crowd()
    for step in range(80):
        down, up = (500.0, 340 + 4 * step), (520.0, 660 - 4 * step)
        met = down[1] >= up[1]
        places = seen({1: up, 2: down} if met else {1: down, 2: up})
        kinds = np.array([0, 1], np.int64)
        people = crowd.step(Tracks(places.xyxy, places.track_id, places.confidence, kinds))
    where = dict(zip(ids(people), people.tracks.xyxy[:, 1].tolist(), strict=True))
    assert where[1] < where[2]


# Shadows


def test_a_second_box_of_the_same_object_is_left_out() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (2, 0), 20)
    for step in range(20):
        x = 340 + 2 * step
        assert ids(crowd.step({1: (x, 400), 5: (x + 6, 404)})) == [1]


def test_of_two_that_appear_together_the_later_one_is_the_shadow() -> None:
    crowd = Crowd()
    for _ in range(5):
        people = crowd.step({4: (300, 400), 5: (304, 400)})
    assert ids(people) == [4]


@pytest.mark.parametrize(("off_px", "who"), [(12.0, [1]), (15.0, [1, 5])])
def test_how_much_a_shadow_shares(off_px: float, who: list[int]) -> None:
    # Shifted by 12 of 40 px boxes share 28/52 of their union, by 15 px 25/55.
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    assert ids(crowd.step({1: (300, 400), 5: (300 + off_px, 400)})) == who


def test_a_shadow_that_parts_is_somebody() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    told = [ids(crowd.step({1: (300, 400), 5: (300 + step, 400)})) for step in range(8, 30)]
    # Up to a shift of 21 px they share 19/61 = 0.31, from 22 px on 18/62 = 0.29.
    assert told == [[1]] * 14 + [[1, 5]] * 8


def test_an_old_acquaintance_is_no_shadow() -> None:
    crowd = Crowd()
    for _ in range(20):
        crowd.step({1: (300, 400), 5: (400, 400)})
    assert ids(crowd.step({1: (300, 400), 5: (303, 400)})) == [1, 5]


def test_another_class_casts_no_shadow() -> None:
    crowd = Crowd()
    for _ in range(5):
        boxes = seen({1: (300, 400), 5: (302, 400)})
        people = crowd.step(Tracks(boxes.xyxy, boxes.track_id, boxes.confidence, np.array([0, 1], np.int64)))
    assert ids(people) == [1, 5]


def test_what_is_left_of_an_object_is_its_shadow_which_becomes_it() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (2, 0), 20)
    crowd.step({1: (340, 400), 5: (342, 400)})
    told = [ids(crowd.step({5: (342 + 2 * step, 400)})) for step in range(1, 20)]
    waits = round(LEFT_S * RATE_HZ)
    assert all(who == [] for who in told[: waits - 1])
    assert all(who == [1] for who in told[waits + 1 :])


def test_a_flickering_second_box_across_the_line_counts_nothing() -> None:
    crowd = Crowd()
    for step in range(100):
        off = 12 if step % 6 < 3 else -12
        crowd.step({1: (500, 480), **({10 + step // 6: (504, 492 + off)} if step % 6 else {})})
    assert crowd.counted == ""


# Ghosts, and what is left out


def test_who_is_seen_often_enough_is_confirmed() -> None:
    crowd = Crowd()
    told = [crowd.step({1: (300, 400)}).confirmed.tolist() for _ in range(CONFIRMED + 1)]
    assert told == [[False]] * (CONFIRMED - 1) + [[True]] * 2


@pytest.mark.parametrize(("times", "counted"), [(CONFIRMED - 1, ""), (CONFIRMED, "i")])
def test_a_ghost_of_a_few_frames_crosses_nothing(times: int, counted: str) -> None:
    crowd = Crowd()
    for y in np.linspace(470, 530, times):
        crowd.step({3: (500, float(y))})
    crowd.wait(MEMORY_S + 1)
    assert crowd.counted == counted


def test_boxes_that_are_no_numbers_and_numbers_told_twice_are_left_out() -> None:
    given = seen({1: (300, 400), 2: (500, 400), 3: (700, 400)})
    boxes, numbers = given.xyxy.copy(), np.array([1, 1, 3], np.int64)
    boxes[2, 0] = np.nan
    people = Crowd().step(Tracks(boxes, numbers, given.confidence, given.class_id))
    assert ids(people) == [1]
    assert people.tracks.xyxy[0].tolist() == given.xyxy[0].tolist()


def test_a_new_run_knows_nobody() -> None:
    crowd = Crowd()
    crowd.walk(1, (300, 400), (0, 0), 20)
    crowd.run = 2
    assert crowd.step({1: (300, 400)}).confirmed.tolist() == [False]
    assert ids(crowd.step({2: (300, 400)})) == [2]


def test_nobody_is_remembered_longer_than_stated() -> None:
    crowd = Crowd()
    for number in range(200):
        crowd.step({number + 1: (50 + 900 * (number % 2), 50 + 4 * number)})
        assert len(crowd.identities) <= MEMORY_S * RATE_HZ + 2
    crowd.wait(MEMORY_S + 0.1)
    assert len(crowd.identities) == 0


# Whatever a tracker tells


sightings = st.lists(
    st.dictionaries(st.integers(1, 6), st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=6),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(sightings, st.sampled_from([0.04, 0.2, 1.0]))
def test_ids_are_unique_known_and_never_more_than_told(frames: list[dict[int, Place]], dt_s: float) -> None:
    crowd, told = Crowd(), set()
    for places in frames:
        people = crowd.step(places, dt_s=dt_s)
        told |= places.keys()
        who = ids(people)
        assert len(set(who)) == len(who) <= len(places)
        assert set(who) <= told
        boxes = {tuple(box) for box in seen(places).xyxy.tolist()}
        assert all(tuple(box) in boxes for box in people.tracks.xyxy.tolist())


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(1, 6)), st.integers(0, 2**32 - 1))
def test_what_the_tracker_calls_people_who_are_apart_does_not_matter(names: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, pace = rng.uniform(200, 800, 5), rng.uniform(-4, 4, 5)
    plain, renamed = Crowd(), Crowd()
    for step in range(60):
        places = {
            number: (150.0 * number, float(start[number - 1] + pace[number - 1] * step)) for number in range(1, 6)
        }
        plain.step(places)
        renamed.step({names[number - 1]: place for number, place in places.items()})
    assert sorted(plain.counted) == sorted(renamed.counted)
