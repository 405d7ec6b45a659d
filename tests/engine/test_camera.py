"""A camera on stub sources: states, pacing, pause, loop, failure, resumption, and that nothing is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from heatstream.core.controls import Controls, DetectControls, HeatControls
from heatstream.core.errors import ModelNotFoundError, SourceError, SourceNotFoundError
from heatstream.core.types import CameraState, Direction, Frame, InOut, Packet, Tracks, Zone, ZoneTally
from heatstream.engine import camera as camera_module
from heatstream.engine import connection as connection_module
from heatstream.engine.camera import Camera
from heatstream.engine.messages import Crossed, Look, Open, Resume
from heatstream.vision import ModelSpec
from tests.support.stubs import StubSource, WalkerTracks

MIDDLE = Zone("z", "middle", ((0.5, 1.0), (0.5, 0.0)))  # drawn upward: walking to the right is in


class Bench:
    """Builds cameras on stubs and collects what they publish."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.published: list[Packet | Crossed] = []
        self.cameras: list[Camera] = []
        self.source: Callable[..., StubSource] = lambda text, start_s=0.0: StubSource(start_s=start_s)
        self.tracks: Callable[[], WalkerTracks] = WalkerTracks
        monkeypatch.setattr(connection_module, "open_source", self._open)
        monkeypatch.setattr(camera_module, "open_tracks", lambda spec, **kw: self.tracks())

    def _open(self, text: str, *, start_s: float, **_: object) -> StubSource:
        return self.source(text, start_s=start_s)

    def camera(self, controls: Controls, *, resume: Resume = Resume(), watched: bool = True) -> Camera:  # noqa: B008
        made = Camera(Open("cam-test", "stub", ModelSpec("auto"), controls, resume), self.published.append)
        made.watch(frozenset({0}) if watched else frozenset())
        made.start()
        self.cameras.append(made)
        return made

    @property
    def packets(self) -> list[Packet]:
        return [one for one in self.published if isinstance(one, Packet)]

    @property
    def crossings(self) -> list[Direction]:
        return [c.direction for one in self.published if isinstance(one, Crossed) for c in one.crossings]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(monkeypatch)
    yield bench
    for camera in bench.cameras:
        camera.close()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("cam-test")]
    assert not left


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_file_is_played_to_its_end_and_counted(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False, zones=(MIDDLE,)))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    snapshot = camera.snapshot()
    assert snapshot.index == 20
    assert snapshot.time_s == pytest.approx(19 / 25)
    assert snapshot.tallies[0].total.into == 1
    assert bench.crossings == [Direction.IN]
    assert snapshot.present == {"person": 1}
    # The first before the model is there, every frame once, and the last one again when the end is shown.
    until(lambda: len(bench.packets) == 22)
    assert [packet.index for packet in bench.packets] == [1, *range(1, 21), 20]


def test_a_file_plays_at_its_own_speed(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False))
    started_s = time.monotonic()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert time.monotonic() - started_s >= 19 / 25 - 0.05


def test_packets_carry_the_figures_of_their_frame(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False, zones=(MIDDLE,)))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    totals = [packet.tallies[0].total.into for packet in bench.packets[1:]]
    assert totals[0] == 0
    assert totals[-1] == 1
    assert totals == sorted(totals)
    image = cv2.imdecode(np.frombuffer(bench.packets[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (120, 160, 3)


def test_nothing_is_drawn_when_nobody_looks_but_counting_goes_on(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False, zones=(MIDDLE,)), watched=False)
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert bench.packets == []
    assert camera.snapshot().tallies[0].total.into == 1
    camera.watch(frozenset({0}))
    until(lambda: len(bench.packets) == 1)
    assert bench.packets[0].index == 20


def test_pictures_come_in_the_widths_asked_for_and_never_enlarged(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(start_s=start_s, size_wh=(1000, 500))
    camera = bench.camera(Controls(loop=False), watched=False)
    camera.watch(frozenset({640, 1280, 0}))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    shapes = {}
    for packet in bench.packets:
        image = cv2.imdecode(np.frombuffer(packet.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert packet.size_wh == (image.shape[1], image.shape[0])
        shapes[packet.fits] = packet.size_wh
    assert shapes == {(640,): (640, 320), (0, 1280): (1000, 500)}


def test_a_loop_continues_index_and_time_in_a_new_run(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=True, zones=(MIDDLE,)))
    until(lambda: camera.snapshot().index > 45)
    camera.close()
    times = [packet.time_s for packet in bench.packets[1:]]  # the first frame comes once more, before the model
    assert [packet.index for packet in bench.packets[1:]] == list(range(1, len(times) + 1))
    assert np.allclose(np.diff(times), 1 / 25)
    assert camera.snapshot().run >= 3
    assert len(bench.crossings) >= 2
    assert set(bench.crossings) == {Direction.IN}


def test_looping_can_be_switched_on_after_the_end(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    camera.apply(Controls(loop=True))
    until(lambda: camera.snapshot().state is CameraState.LIVE and camera.snapshot().index > 22)


def test_pause_stops_media_time_and_redraws_with_new_controls(bench: Bench) -> None:
    controls = Controls(loop=True)
    camera = bench.camera(controls)
    until(lambda: camera.snapshot().index > 5)
    camera.apply(replace(controls, paused=True))
    until(lambda: camera.snapshot().state is CameraState.PAUSED)
    index, drawn = camera.snapshot().index, len(bench.packets)
    time.sleep(0.2)
    assert camera.snapshot().index == index
    camera.apply(replace(controls, paused=True, detect=DetectControls(classes=("car",))))
    until(lambda: len(bench.packets) > drawn)
    assert bench.packets[-1].index == index
    assert bench.packets[-1].present == {}
    camera.apply(controls)
    until(lambda: camera.snapshot().index > index + 5)
    assert bench.packets[-1].present == {"person": 1}


def test_a_paused_live_camera_goes_on_counting_and_its_frozen_picture_follows_the_controls(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(frames=2000, pause_s=0.01, live=True)
    controls = Controls(zones=(MIDDLE,))
    camera = bench.camera(controls)
    until(lambda: camera.snapshot().index > 5)
    camera.apply(replace(controls, paused=True))
    until(lambda: len(bench.packets) > 0 and camera.snapshot().index > bench.packets[-1].index + 5)
    time.sleep(0.1)
    frozen, drawn = bench.packets[-1], len(bench.packets)
    for change in (
        lambda: camera.apply(replace(controls, paused=True, detect=DetectControls(classes=("car",)))),
        lambda: camera.watch(frozenset({0, 80})),  # somebody else comes to look
        lambda: camera.apply(replace(controls, paused=True, heat_epoch=1)),
    ):
        index = camera.snapshot().index
        change()
        until(lambda drawn=drawn: len(bench.packets) > drawn)
        until(lambda index=index: camera.snapshot().index > index + 5)
        drawn = len(bench.packets)
        assert bench.packets[-1].index == frozen.index
    assert {packet.index for packet in bench.packets[-3:]} == {frozen.index}
    assert bench.packets[-1].fits in {(80,), (0,)}
    plain = cv2.imdecode(np.frombuffer(camera.still(Look.PLAIN) or b"", np.uint8), cv2.IMREAD_COLOR)
    assert abs(int(plain[5, 5, 0]) - (frozen.index - 1) % 200) <= 2, "a snapshot shows what is seen"
    camera.apply(controls)
    until(lambda: bench.packets[-1].index > frozen.index + 5)


def test_reset_and_zone_changes_act_while_it_runs(bench: Bench) -> None:
    controls = Controls(loop=True, zones=(MIDDLE,))
    camera = bench.camera(controls)

    def counts() -> list[InOut]:
        return [tally.total for tally in camera.snapshot().tallies]

    until(lambda: any(total.into >= 1 for total in counts()))
    camera.apply(replace(controls, counts_epoch=1))
    until(lambda: counts() == [InOut(0, 0)])
    camera.apply(replace(controls, counts_epoch=1, zones=(replace(MIDDLE, flipped=True),)))
    until(lambda: any(total.out >= 1 for total in counts()))


def test_a_picture_is_analysed_once_whatever_the_loop_says_and_has_heat(bench: Bench) -> None:
    openings: list[str] = []

    def picture(text: str, start_s: float = 0.0) -> StubSource:
        openings.append(text)
        source = StubSource(frames=1)
        source.info = replace(source.info, picture=True, rate_hz=None, duration_s=None)
        return source

    bench.source = picture
    camera = bench.camera(Controls(loop=True, heat=HeatControls(half_life_s=1000.0)))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    snapshot = camera.snapshot()
    assert snapshot.reason == "the picture has been analysed"
    assert (snapshot.index, snapshot.seekable, snapshot.present) == (1, False, {"person": 1})
    assert snapshot.heat_top_s == pytest.approx(1.0, abs=0.05), "as if everybody had stood there for a second"
    assert snapshot.source is not None
    assert snapshot.source.picture
    camera.apply(Controls(loop=True, revision=1))
    time.sleep(0.3)
    assert len(openings) == 1
    png = camera.still(Look.PNG)
    assert png is not None
    assert png.startswith(b"\x89PNG")
    assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).shape == (120, 160, 3)


def test_a_missing_source_fails_with_its_reason(bench: Bench) -> None:
    def missing(text: str, **_: object) -> StubSource:
        raise SourceNotFoundError("no such clip; choose another")

    bench.source = missing
    camera = bench.camera(Controls())
    until(lambda: camera.snapshot().state is CameraState.FAILED)
    assert camera.snapshot().reason == "no such clip; choose another"
    assert not camera.snapshot().model_failed


def test_a_missing_model_fails_with_its_reason(bench: Bench) -> None:
    def missing() -> WalkerTracks:
        raise ModelNotFoundError("no such model; put it there")

    bench.tracks = missing
    camera = bench.camera(Controls())
    until(lambda: camera.snapshot().state is CameraState.FAILED)
    assert camera.snapshot().reason == "no such model; put it there"
    assert camera.snapshot().model_failed


def test_after_a_failed_model_the_source_is_not_opened_again_and_again(bench: Bench) -> None:
    openings: list[str] = []

    def count(text: str, start_s: float = 0.0) -> StubSource:
        openings.append(text)
        return StubSource()

    def missing() -> WalkerTracks:
        raise ModelNotFoundError("no such model; put it there")

    bench.source, bench.tracks = count, missing
    camera = bench.camera(Controls(loop=True))
    until(lambda: camera.snapshot().state is CameraState.FAILED)
    time.sleep(0.3)
    assert len(openings) == 1


def test_the_first_picture_is_shown_while_the_model_loads(bench: Bench) -> None:
    loaded = threading.Event()

    def slowly() -> WalkerTracks:
        loaded.wait(20)
        return WalkerTracks()

    bench.tracks = slowly
    camera = bench.camera(Controls(zones=(MIDDLE,)), watched=False)
    until(lambda: camera.snapshot().reason == "loading the model")
    assert bench.packets == []
    camera.watch(frozenset({0}))
    first = bench.packets[0]
    assert (first.index, first.present) == (1, {})
    assert camera.snapshot().state is CameraState.CONNECTING
    loaded.set()
    until(lambda: len(bench.packets) >= 3)
    assert [packet.index for packet in bench.packets[1:3]] == [1, 2]
    picture = cv2.imdecode(np.frombuffer(first.jpeg, np.uint8), cv2.IMREAD_COLOR)
    with_zone = cv2.imdecode(np.frombuffer(bench.packets[1].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(picture.astype(int) - with_zone).max() > 50, "the first picture is plain, the next has its zone"


def test_a_reset_while_the_model_loads_is_not_lost(bench: Bench) -> None:
    loaded = threading.Event()

    def slow() -> WalkerTracks:
        loaded.wait(10)
        return WalkerTracks()

    bench.tracks = slow
    tallies = (ZoneTally("z", InOut(7, 2)),)
    controls = Controls(loop=False, zones=(MIDDLE,))
    camera = bench.camera(controls, resume=Resume(tallies=tallies))
    assert camera.snapshot().tallies == tallies
    camera.apply(replace(controls, counts_epoch=1))
    assert all(tally.total == InOut() for tally in camera.snapshot().tallies)
    loaded.set()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().tallies[0].total == InOut(1, 0)


def test_counts_added_while_the_model_loads_are_not_lost(bench: Bench) -> None:
    loaded = threading.Event()

    def slow() -> WalkerTracks:
        loaded.wait(10)
        return WalkerTracks()

    bench.tracks = slow
    controls = Controls(loop=False, zones=(MIDDLE,))
    camera = bench.camera(controls, resume=Resume(tallies=(ZoneTally("z", InOut(7, 2)),)))
    camera.apply(replace(controls, counts_epoch=1))
    camera.add_counts((ZoneTally("z", InOut(5, 1)),))
    assert camera.snapshot().tallies == (ZoneTally("z", InOut(5, 1)),)
    loaded.set()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().tallies[0].total == InOut(6, 1)
    camera.add_counts((ZoneTally("z", InOut(1, 1)),))
    assert camera.snapshot().tallies[0].total == InOut(7, 2)


def test_damage_at_the_end_is_shown_and_adds_up_over_loops(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(frames=5, damaged_tail=3)
    camera = bench.camera(Controls(loop=True))
    until(lambda: camera.snapshot().damaged >= 6)
    camera.apply(Controls(loop=False))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().damaged == 3 * camera.snapshot().run


def test_a_source_that_dies_keeps_what_was_counted(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(dies_at=15)
    camera = bench.camera(Controls(zones=(MIDDLE,)))
    until(lambda: camera.snapshot().state is CameraState.FAILED)
    until(lambda: camera.snapshot().index == 14)
    assert camera.snapshot().tallies[0].total.into == 1
    assert camera.snapshot().state is CameraState.FAILED
    assert "died" in camera.snapshot().reason


def test_a_source_without_pictures_fails_instead_of_spinning(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(frames=0)
    camera = bench.camera(Controls(loop=True))
    until(lambda: camera.snapshot().state is CameraState.FAILED)
    assert "no picture" in camera.snapshot().reason


def test_a_camera_resumes_with_place_counts_and_time(bench: Bench) -> None:
    first = bench.camera(Controls(loop=False, zones=(MIDDLE,)))
    until(lambda: first.snapshot().state is CameraState.ENDED)
    tallies = first.snapshot().tallies
    resume = Resume(position_s=12 / 25, index=100, time_s=50.0, run=2, tallies=tallies)
    second = bench.camera(Controls(loop=False, zones=(MIDDLE,)), resume=resume)
    assert second.snapshot().tallies == tallies
    until(lambda: second.snapshot().state is CameraState.ENDED)
    snapshot = second.snapshot()
    assert snapshot.index == 108
    assert snapshot.time_s == pytest.approx(50 + 8 / 25)
    assert snapshot.run == 3
    assert snapshot.tallies[0].total.into == 1


def test_stills_come_plain_and_drawn(bench: Bench) -> None:
    camera = bench.camera(Controls(loop=False, zones=(MIDDLE,)), watched=False)
    assert camera.still(Look.PLAIN) is None or camera.snapshot().index > 0
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    pictures = {}
    for look in Look:
        decoded = cv2.imdecode(np.frombuffer(camera.still(look) or b"", np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        pictures[look] = decoded.astype(int)
    assert pictures[Look.PLAIN].std() < 2
    assert pictures[Look.SHOWN].std() > 2
    corner = np.s_[-30:, :60]
    assert np.abs(pictures[Look.STAMPED] - pictures[Look.SHOWN])[corner].mean() > 8


def test_closing_during_a_slow_read_is_quick(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(pause_s=0.5)
    camera = bench.camera(Controls())
    time.sleep(0.2)
    started_s = time.monotonic()
    camera.close()
    camera.close()
    assert time.monotonic() - started_s < 2.0  # less than the two time limits that it has for its threads


def test_close_before_start_is_legal() -> None:
    camera = Camera(Open("cam-test", "stub", ModelSpec("auto"), Controls()), lambda report: None)
    camera.close()
    assert camera.snapshot().state is CameraState.CONNECTING


def test_a_jump_goes_on_from_another_place_in_a_new_run_with_its_counts(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(500, start_s=start_s)
    camera = bench.camera(Controls(zones=(MIDDLE,), speed=4.0))
    until(lambda: sum(tally.total.into for tally in camera.snapshot().tallies) == 1)
    before = camera.snapshot()
    assert before.seekable
    camera.seek(15.0)
    until(lambda: camera.snapshot().run == before.run + 1)
    after = camera.snapshot()
    assert 15.0 <= after.position_s < 17.0
    assert before.time_s < after.time_s < before.time_s + 2.0
    assert after.index > before.index
    until(lambda: camera.snapshot().tallies[0].total.into == 2)


def test_a_jump_while_paused_shows_the_new_place_and_stays_paused(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(500, start_s=start_s)
    camera = bench.camera(Controls(paused=True))
    until(lambda: camera.snapshot().state is CameraState.PAUSED and len(bench.packets) > 0)
    for goal_s in (10.0, 2.0):
        camera.seek(goal_s)
        until(lambda: camera.snapshot().position_s == goal_s)  # noqa: B023 - it is called at once
        index = camera.snapshot().index
        until(lambda: bench.packets[-1].index == index)  # noqa: B023
    time.sleep(0.2)
    assert (camera.snapshot().index, camera.snapshot().state) == (index, CameraState.PAUSED)


def test_a_jump_leads_back_from_the_end_and_never_behind_it(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(50, start_s=start_s)
    camera = bench.camera(Controls(loop=False, speed=8.0))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().index == 50
    camera.seek(999.0)
    until(lambda: camera.snapshot().index > 50)
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert 50 < camera.snapshot().index <= 50 + 14


def test_a_place_that_the_file_no_longer_has_begins_it_anew(bench: Bench) -> None:
    def shorter(text: str, start_s: float = 0.0) -> StubSource:
        if start_s > 0.8:
            raise SourceError("it has no picture there")
        return StubSource(start_s=start_s)

    bench.source = shorter
    camera = bench.camera(Controls(loop=False), resume=Resume(position_s=30.0, index=7, time_s=5.0, run=1))
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().index == 27


def test_stored_tracks_cannot_be_jumped_in(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(500, start_s=start_s)
    order = Open("cam-test", "stub", ModelSpec("tracks.csv"), Controls())
    camera = Camera(order, bench.published.append)
    bench.cameras.append(camera)
    camera.start()
    until(lambda: camera.snapshot().index > 2)
    camera.seek(15.0)
    time.sleep(0.2)
    snapshot = camera.snapshot()
    assert (snapshot.seekable, snapshot.run) == (False, 1)
    assert snapshot.position_s < 10


@pytest.mark.parametrize("speed", [0.5, 4.0])
def test_a_file_plays_at_the_speed_asked_for(bench: Bench, speed: float) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(40, start_s=start_s)
    camera = bench.camera(Controls(loop=False, speed=speed))
    started_s = time.monotonic()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert time.monotonic() - started_s >= 39 / 25 / speed - 0.1
    assert camera.snapshot().index == 40


def test_a_hurried_file_is_counted_whole_but_drawn_no_more_often_than_can_be_seen(bench: Bench) -> None:
    bench.source = lambda text, start_s=0.0: StubSource(200, start_s=start_s)
    camera = bench.camera(Controls(loop=False, speed=16.0))
    started_s = time.monotonic()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    took_s = time.monotonic() - started_s
    assert camera.snapshot().index == 200
    until(lambda: bench.packets[-1].index == 200)
    assert len(bench.packets) <= took_s * 30 + 4


class SlowTracks(WalkerTracks):
    """Detection that takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.busy, self.free = threading.Event(), threading.Event()

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """Say that it is at work, and wait until it may go on."""
        self.busy.set()
        assert self.free.wait(20)
        return super().step(frame, detect)


def test_a_zone_brought_back_while_a_frame_is_detected_keeps_its_counts(bench: Bench) -> None:
    slow = SlowTracks()
    bench.tracks = lambda: slow
    controls, counts = Controls(loop=False, zones=(MIDDLE,)), (ZoneTally("z", InOut(10, 3)),)
    camera = bench.camera(controls, resume=Resume(tallies=counts))
    assert slow.busy.wait(20)
    camera.apply(replace(controls, zones=()))
    slow.free.set()
    until(lambda: camera.snapshot().index >= 1)
    slow.free.clear()
    slow.busy.clear()
    assert slow.busy.wait(20)
    camera.apply(controls)
    camera.add_counts(counts)
    slow.free.set()
    until(lambda: camera.snapshot().state is CameraState.ENDED)
    assert camera.snapshot().tallies[0].total == InOut(11, 3)


@pytest.mark.parametrize("fails", [True, False])
def test_counts_follow_what_is_done_to_zones_at_once(bench: Bench, fails: bool) -> None:
    loaded = threading.Event()

    def tracks() -> WalkerTracks:
        if fails:
            raise ModelNotFoundError("no such model; put it there")
        loaded.wait(20)
        return WalkerTracks()

    bench.tracks = tracks
    controls, counts = Controls(loop=False, zones=(MIDDLE,)), (ZoneTally("z", InOut(10, 3)),)
    camera = bench.camera(controls, resume=Resume(tallies=counts))
    if fails:
        until(lambda: camera.snapshot().state is CameraState.FAILED)
    camera.apply(replace(controls, zones=()))
    assert camera.snapshot().tallies == ()
    camera.apply(controls)
    camera.add_counts(counts)
    assert camera.snapshot().tallies[0].total == InOut(10, 3)
    camera.apply(replace(controls, zones=(replace(MIDDLE, flipped=True),)))
    assert camera.snapshot().tallies[0].total == InOut(3, 10)
    camera.apply(replace(controls, counts_epoch=1))
    assert sum(tally.total.into + tally.total.out for tally in camera.snapshot().tallies) == 0
    loaded.set()
