"""Tallies, zones that change, runs, and memory that ends."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np

from heatstream.core.counting import ZoneCounter
from heatstream.core.types import InOut, Tracks, Zone, ZoneTally
from tests.support.walks import Street, line, polygon, seen, ways

GATE = line((300, 500), (700, 500))
KERB = line((300, 600), (700, 600), key="kerb")
YARD = polygon((400, 400), (600, 400), (600, 600), (400, 600), key="yard")
UP, DOWN = (500, 480), (500, 520)


def test_tallies_follow_the_order_of_zones() -> None:
    street = Street(YARD, GATE)
    assert street.counter.tallies() == ()
    street.step({})
    assert street.counter.tallies() == (ZoneTally("yard", occupancy=0), ZoneTally("gate"))
    street.zones = (GATE, YARD)
    street.step({})
    assert [tally.zone_id for tally in street.counter.tallies()] == ["gate", "yard"]


def test_classes_are_counted_by_name() -> None:
    street = Street(GATE)
    for class_id, ways_of_it in {0: [UP, DOWN, UP], 2: [UP, DOWN], 7: [DOWN, UP]}.items():
        for place in ways_of_it:
            street.step(seen({class_id: place}, class_id=class_id))
    (tally,) = street.counter.tallies()
    assert tally.total == InOut(2, 2)
    assert tally.by_class == {"person": InOut(1, 1), "car": InOut(1, 0), "class 7": InOut(0, 1)}


def test_the_class_is_that_at_the_crossing() -> None:
    street = Street(GATE)
    street.step(seen({1: UP}, class_id=0))
    street.step(seen({1: (500, 502)}, class_id=2))
    assert [c.class_name for c in street.step(seen({1: DOWN}, class_id=0))] == ["car"]


def test_a_tally_that_was_given_out_does_not_change() -> None:
    street = Street(GATE)
    street.walk([UP, DOWN])
    before = street.counter.tallies()
    street.walk([UP])
    assert before == (ZoneTally("gate", InOut(1, 0), {"person": InOut(1, 0)}),)


def test_a_zone_added_on_the_way_counts_from_there() -> None:
    street = Street(GATE)
    street.step({1: UP, 2: UP})
    street.zones = (GATE, KERB)
    # Track 1 jumps over both lines in the very step that brings the second line: that one has not seen its past.
    assert [crossing.zone_id for crossing in street.step({1: (500, 650), 2: UP})] == ["gate"]
    assert ways(street.step({1: (500, 550), 2: UP})) == "o"
    assert street.counts() == [(1, 0), (0, 1)]


def test_a_moved_line_keeps_its_tally_and_is_crossed_by_nobody() -> None:
    street = Street(GATE)
    street.walk([UP, DOWN])
    street.zones = (replace(KERB, id="gate"),)
    street.walk([DOWN])
    street.zones = (GATE,)
    street.walk([UP])
    assert street.counts() == [(1, 0)]
    street.walk([DOWN])
    assert street.counts() == [(2, 0)]


def test_a_line_moved_while_somebody_is_on_it_forgets_the_way_over() -> None:
    street = Street(GATE)
    street.walk([UP, (500, 502)])
    street.zones = (replace(GATE, points=((0.3, 0.501), (0.7, 0.501))),)
    assert street.walk([(500, 502), DOWN]) == []


def test_a_line_may_become_a_polygon() -> None:
    street = Street(GATE)
    street.walk([UP, DOWN])
    street.zones = (replace(YARD, id="gate"),)
    street.walk([DOWN])
    assert street.counter.tallies() == (ZoneTally("gate", InOut(1, 0), {"person": InOut(1, 0)}, occupancy=1),)


def test_renaming_and_flipping_act_at_once_and_keep_memory() -> None:
    street = Street(GATE)
    street.walk([UP])
    street.zones = (replace(GATE, name="Door", flipped=True),)
    (crossing,) = street.walk([DOWN])
    assert (crossing.zone_name, crossing.direction.value) == ("Door", "out")
    assert street.counts() == [(0, 1)]


def test_a_removed_zone_is_forgotten_and_the_others_go_on() -> None:
    street = Street(GATE, KERB)
    street.walk([UP, (500, 650)])
    street.zones = (KERB,)
    street.walk([(500, 550)])
    assert street.counts() == [(1, 1)]
    street.zones = (GATE, KERB)
    street.walk([(500, 550)])
    assert street.counts() == [(0, 0), (1, 1)]


def test_a_new_run_forgets_tracks_and_keeps_counts() -> None:
    street = Street(GATE, YARD)
    street.walk([(500, 350), (500, 450), (500, 550)])
    assert street.counter.tallies()[1].occupancy == 1
    street.run = 2
    # Id 1 is somebody else now, above the line: nobody crossed it.
    assert street.walk([(500, 450)]) == []
    assert street.counts() == [(1, 0), (1, 0)]
    (crossing,) = street.walk([(500, 550)])
    assert (crossing.run, crossing.track_id, street.counts()[0]) == (2, 1, (2, 0))


def test_a_new_run_without_tracks_empties_the_polygon() -> None:
    street = Street(YARD)
    street.walk([(500, 500)])
    street.run = 2
    street.step({})
    assert (street.counter.tallies()[0].occupancy, len(street.counter)) == (0, 0)


def test_reset_zeroes_counts_and_keeps_who_is_inside() -> None:
    street = Street(GATE, YARD)
    street.walk([(500, 350), (500, 450), (500, 550)])
    street.counter.reset()
    assert street.counter.tallies() == (ZoneTally("gate"), ZoneTally("yard", occupancy=1))
    assert ways(street.walk([(500, 450)])) == "o"
    assert street.counts() == [(0, 1), (0, 0)]


def test_counting_goes_on_from_restored_tallies() -> None:
    first = Street(GATE, YARD)
    first.walk([(500, 350), (500, 450), (500, 550)])
    earlier = first.counter.tallies()
    second = Street(GATE, YARD)
    second.counter.restore(earlier)
    assert second.counter.tallies() == earlier
    second.walk([UP, DOWN])
    assert second.counter.tallies() == (
        ZoneTally("gate", InOut(2, 0), {"person": InOut(2, 0)}),
        ZoneTally("yard", InOut(1, 0), {"person": InOut(1, 0)}, occupancy=1),
    )


def test_restored_tallies_of_zones_that_are_gone_are_dropped() -> None:
    street = Street(GATE)
    street.counter.restore((ZoneTally("old", InOut(5, 5)), ZoneTally("gate", InOut(3, 1))))
    street.step({})
    assert street.counts() == [(3, 1)]


def test_restored_tallies_can_be_reset_before_the_first_frame() -> None:
    street = Street(GATE)
    street.counter.restore((ZoneTally("gate", InOut(3, 1), {"car": InOut(3, 1)}),))
    street.counter.reset()
    assert street.counter.tallies() == (ZoneTally("gate"),)


def test_counts_before_a_reset_can_be_added_to_those_since() -> None:
    street = Street(GATE, YARD)
    street.walk([(500, 350), (500, 450), (500, 550)])
    before = street.counter.tallies()
    street.counter.reset()
    street.walk([(500, 450)])
    street.counter.add((*before, ZoneTally("gate", InOut(2, 0), {"car": InOut(2, 0)}), ZoneTally("gone", InOut(9, 9))))
    gate, yard = street.counter.tallies()
    assert gate == ZoneTally("gate", InOut(3, 1), {"person": InOut(1, 1), "car": InOut(2, 0)})
    assert yard.total == before[1].total
    street.walk([(500, 350), (500, 550)])
    assert street.counts()[0] == (4, 1)


def test_nothing_stays_of_a_hundred_thousand_tracks(rng: np.random.Generator) -> None:
    street = Street(GATE, KERB, YARD, rate_hz=5)
    street.step({})
    empty = len(pickle.dumps(street.counter))
    most = 0
    for batch in range(200):
        places = rng.uniform(300, 700, (500, 2))
        places[:100, 1] = 500 + rng.uniform(-2, 2, 100)  # these stay on the line, with a way over it open
        half = np.array([20.0, 45.0])
        ids = np.arange(500, dtype=np.int64) + 500 * batch
        ones = np.ones(500, np.float32)
        for shift in (-3.5, 3.5):
            moved = places + np.array([0.0, shift])
            boxes = np.concatenate((moved - half, moved + half), axis=1).astype(np.float32)
            street.step(Tracks(boxes, ids, ones, np.zeros(500, np.int64)))
        most = max(most, len(street.counter))
    assert 2500 <= most <= 3500
    street.counter.reset()
    street.step({}, dt_s=3.0)
    assert len(street.counter) == 0
    # Three thousand rows took hundreds of kilobytes; what differs now is three tallies of zero.
    assert abs(len(pickle.dumps(street.counter)) - empty) < 256


def test_flipping_a_zone_swaps_what_it_has_counted() -> None:
    counter = ZoneCounter({0: "person"})
    counter.restore([ZoneTally("z", InOut(5, 2), {"person": InOut(5, 2)})])
    zone = Zone("z", "gate", ((0.0, 0.5), (1.0, 0.5)))
    counter.arrange((zone,))
    assert counter.tallies()[0].total == InOut(5, 2)
    counter.arrange((replace(zone, flipped=True),))
    assert counter.tallies()[0].total == InOut(2, 5)
    assert counter.tallies()[0].by_class == {"person": InOut(2, 5)}
    counter.arrange((replace(zone, flipped=True, points=((0.0, 0.4), (1.0, 0.4))),))
    assert counter.tallies()[0].total == InOut(2, 5)
