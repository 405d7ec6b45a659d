"""Who is who and who crosses what, joined: classes, ids that last, what is told back, and the end of a stream."""

from __future__ import annotations

import numpy as np

from heatstream.core.moment import Moment
from heatstream.core.track_counter import Counted, TrackCounter
from heatstream.core.types import Tracks
from tests.support.walks import BAND_PX, SIZE, Place, line, seen, ways


class Stream:
    """Frames of what a tracker tells, 25 a second."""

    def __init__(self, gate: float = 500) -> None:
        self.counter = TrackCounter({0: "person", 2: "car"})
        self.zones = (line((100, gate), (900, gate)),)
        self.frame = 0
        self.classes: list[int] | None = None

    def step(self, places: dict[int, Place], *, kinds: tuple[int, ...] = ()) -> Counted:
        self.frame += 1
        tracks = seen(places)
        if kinds:
            tracks = Tracks(tracks.xyxy, tracks.track_id, tracks.confidence, np.array(kinds, np.int64))
        moment = Moment(self.frame, self.frame / 25, 1, None, SIZE)
        return self.counter.step(tracks, moment, self.zones, classes=self.classes)


def test_classes_that_are_not_chosen_are_followed_but_not_counted() -> None:
    for classes, counted in [(None, "ii"), ([2], "i"), ([], "")]:
        stream = Stream()
        stream.classes = classes
        told = [stream.step({1: (300, 420 + 8 * n), 2: (700, 420 + 8 * n)}, kinds=(0, 2)) for n in range(20)]
        assert all(step.tracks.track_id.tolist() == [1, 2] for step in told)
        crossings = [crossing for step in told for crossing in step.crossings]
        assert ways(crossings) == counted
        if classes == [2]:
            assert [crossing.class_name for crossing in crossings] == ["car"]


def test_crossings_and_tracks_carry_ids_that_last() -> None:
    stream = Stream()
    told = [stream.step({1 if n < 8 else 6: (300, 420 + 8 * n)}) for n in range(20)]
    assert {step.tracks.track_id.item() for step in told} == {1}
    assert [crossing.track_id for step in told for crossing in step.crossings] == [1]


def test_who_was_counted_is_told_back_so_that_exchanged_numbers_count_nobody_twice() -> None:
    # Both numbers are exchanged at 500, behind the line at 470, where the one from above has been counted by then.
    stream, counted = Stream(gate=470), ""
    for n in range(80):
        down, up = (500.0, 340.0 + 4 * n), (520.0, 660.0 - 4 * n)
        counted += ways(stream.step({1: up, 2: down} if n >= 40 else {1: down, 2: up}).crossings)
    assert counted == "io"
    assert stream.counter.zones.tallies()[0].total.into == stream.counter.zones.tallies()[0].total.out == 1


def test_at_the_end_those_seen_last_behind_a_zone_have_crossed_it() -> None:
    for beyond, counted in [(BAND_PX - 1, "i"), (0.9, "")]:
        stream = Stream()
        told = [stream.step({1: (300, y)}) for y in (470, 480, 490, 500 + beyond)]
        assert not any(step.crossings for step in told)
        assert ways(stream.counter.finish()) == counted
        assert stream.counter.finish() == ()
        assert stream.counter.zones.tallies()[0].total.into == len(counted)
