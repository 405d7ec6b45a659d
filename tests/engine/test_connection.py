"""The life of a live source, against a real RTSP server: lost and back, cut off, frozen, changed, refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import numpy as np
import psutil
import pytest

from heatstream.core.controls import Controls
from heatstream.core.errors import SourceNotFoundError, SourceUnreachableError
from heatstream.core.types import CameraState, Crossing, Packet, Snapshot, Zone
from heatstream.engine import backoff as backoff_module
from heatstream.engine import camera as camera_module
from heatstream.engine import connection as connection_module
from heatstream.engine.camera import Camera
from heatstream.engine.connection import Connection, Terms
from heatstream.engine.messages import Crossed, Open, Resume
from heatstream.sources import live as live_module
from heatstream.sources import open_source
from heatstream.vision import ModelSpec
from tests.support.browser import free_port
from tests.support.line import line_to
from tests.support.rtsp_server import Encoding, RtspServer, encoded, rtsp_server, walk
from tests.support.stubs import WalkerTracks

MIDDLE = Zone("z", "middle", ((0.5, 1.0), (0.5, 0.0)))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits for seconds waits for tenths here."""
    monkeypatch.setattr(backoff_module, "FIRST_S", 0.2)
    monkeypatch.setattr(backoff_module, "LONGEST_S", 0.5)
    monkeypatch.setattr(connection_module, "STALL_S", 0.5)
    monkeypatch.setattr(connection_module, "FROZEN_S", 0.5)
    monkeypatch.setattr(connection_module, "FROZEN_LONG_S", 1.5)
    monkeypatch.setattr(live_module, "SILENCE_S", 1.5)
    monkeypatch.setattr(
        connection_module, "open_source", lambda text, **options: open_source(text, **{**options, "timeout_s": 2.5})
    )


class Watched:
    """A camera, the states that it went through, and what it counted."""

    def __init__(self, address: str, resume: Resume | None = None) -> None:
        self.states: list[tuple[CameraState, str]] = []
        self.crossings: list[Crossing] = []
        order = Open("cam-test", address, ModelSpec("auto"), Controls(zones=(MIDDLE,)), resume or Resume())
        self.camera = Camera(order, self._take)
        self.camera.start()

    def _take(self, report: Packet | Crossed) -> None:
        if isinstance(report, Crossed):
            self.crossings += report.crossings

    @property
    def now(self) -> Snapshot:
        snapshot = self.camera.snapshot()
        if (snapshot.state, snapshot.reason) != (self.states or [None])[-1]:
            self.states.append((snapshot.state, snapshot.reason))
        return snapshot

    def until(self, condition: Callable[[Snapshot], bool], timeout_s: float = 20.0) -> Snapshot:
        deadline = time.monotonic() + timeout_s
        while not condition(snapshot := self.now):
            assert time.monotonic() < deadline, f"it did not happen in time: {self.states}"
            time.sleep(0.02)
        return snapshot

    def until_live(self) -> Snapshot:
        index = self.now.index
        return self.until(lambda now: now.state is CameraState.LIVE and now.index > index)


@contextmanager
def camera_at(address: str, resume: Resume | None = None) -> Iterator[Watched]:
    watched = Watched(address, resume)
    try:
        yield watched
    finally:
        began_s = time.monotonic()
        watched.camera.close(5.0)
        assert time.monotonic() - began_s < 1.5
        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("cam-test")]


@pytest.fixture(autouse=True)
def walkers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "open_tracks", lambda spec, **_: WalkerTracks())


@pytest.fixture
def server() -> Iterator[RtspServer]:
    with rtsp_server({"/live": encoded(walk(100))}) as server:
        yield server


def test_a_server_that_dies_and_comes_back(server: RtspServer) -> None:
    with camera_at(server.url()) as watched:
        before = watched.until(lambda now: now.index >= 20 and now.tallies[0].total.into == 1)
        assert before.run == 1
        began_s = time.monotonic()
        server.kill()
        lost = watched.until(lambda now: now.state is CameraState.RECONNECTING)
        assert time.time() < (lost.next_try_utc_s or 0) <= time.time() + 1.2
        watched.until(lambda now: "nothing answers" in now.reason)
        assert watched.now.tallies[0].total.into == 1
        server.start_again()
        after = watched.until_live()
        away_s = time.monotonic() - began_s
        assert after.run == 2
        assert after.index > before.index
        assert after.time_s - before.time_s == pytest.approx(away_s, abs=1.0)
        watched.until(lambda now: now.tallies[0].total.into == 2)
        assert [crossing.run for crossing in watched.crossings] == [1, 2]
        assert watched.crossings[1].time_s > watched.crossings[0].time_s + away_s - 1.0


def test_a_line_that_is_cut_without_a_word(server: RtspServer) -> None:
    with line_to(server.port) as line, camera_at(server.url(port=line.port)) as watched:
        watched.until_live()
        line.cut.set()
        watched.until(lambda now: now.state is CameraState.STALLED)
        watched.until(lambda now: now.state is CameraState.RECONNECTING and "no picture for" in now.reason)
        line.cut.clear()
        assert watched.until_live().run >= 2
    states = [state for state, _ in watched.states]
    assert states.index(CameraState.STALLED) < states.index(CameraState.RECONNECTING)


def test_the_picture_may_have_another_size_and_rate_afterwards(server: RtspServer) -> None:
    with camera_at(server.url()) as watched:
        before = watched.until(lambda now: now.tallies and now.tallies[0].total.into == 1)
        assert before.source is not None
        assert before.source.size_wh == (320, 240)
        server.kill()
        server.start_again({"/live": encoded(walk(40, (1280, 720)), Encoding(rate_hz=10))})
        after = watched.until(lambda now: now.run == 2 and now.index > before.index + 5)
        assert after.source is not None
        assert after.source.size_wh == (1280, 720)
        assert after.source.rate_hz == pytest.approx(10)
        assert after.tallies[0].total.into >= 1
        assert after.time_s > before.time_s


def test_a_frozen_picture_is_stalled_and_opened_anew(server: RtspServer) -> None:
    pictures = list(walk(20))
    stuck = encoded([*pictures, *[pictures[-1]] * 40], Encoding(gop=1000, loop_from=50))
    with rtsp_server({"/stuck": stuck}) as other, camera_at(other.url("/stuck")) as watched:
        watched.until_live()
        frozen = watched.until(lambda now: now.state is CameraState.STALLED)
        assert "the same picture" in frozen.reason
        time.sleep(0.3)
        assert watched.now.index == frozen.index, "what does not change is not analysed"
        watched.until(lambda now: now.state is CameraState.RECONNECTING)
        assert watched.until_live().run == 2
        assert watched.now.dropped > 0


def test_a_host_that_is_not_there_yet_is_waited_for() -> None:
    port = free_port()
    with camera_at(f"rtsp://anna:s3cret@127.0.0.1:{port}/live") as watched:
        waiting = watched.until(lambda now: now.state is CameraState.RECONNECTING)
        assert "nothing answers at this port" in waiting.reason
        assert "s3cret" not in waiting.reason
        process = psutil.Process()
        began = sum(process.cpu_times()[:2])
        time.sleep(1.0)
        assert sum(process.cpu_times()[:2]) - began < 0.5
        with rtsp_server({"/live": encoded(walk(50))}, port=port):
            watched.until_live()
    assert all("s3cret" not in reason for _, reason in watched.states)


def test_a_wait_can_be_ended_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff_module, "FIRST_S", 60.0)
    monkeypatch.setattr(backoff_module, "LONGEST_S", 60.0)
    port = free_port()
    with camera_at(f"rtsp://127.0.0.1:{port}/live") as watched:
        watched.until(lambda now: now.state is CameraState.RECONNECTING and "nothing answers" in now.reason)
        with rtsp_server({"/live": encoded(walk(50))}, port=port):
            watched.camera.try_now()
            watched.until_live()


@pytest.mark.parametrize(
    ("mount", "user", "said"),
    [("/nothing", "anna:s3cret", "check the path"), ("/live", "anna:wrong", "check both"), ("/live", "", "give both")],
)
def test_what_waiting_does_not_mend_fails_at_once_and_is_not_hammered(mount: str, user: str, said: str) -> None:
    with (
        rtsp_server({"/live": encoded(walk(25))}, user="anna", password="s3cret") as server,
        line_to(server.port) as line,
        camera_at(server.url(mount, user=user, port=line.port)) as watched,
    ):
        failed = watched.until(lambda now: now.state is CameraState.FAILED)
        assert said in failed.reason
        openings = line.openings
        time.sleep(0.8)
        assert line.openings == openings


def test_a_missing_path_is_waited_for_where_there_was_one_before(server: RtspServer) -> None:
    with camera_at(server.url()) as watched:
        watched.until_live()
        server.kill()
        server.start_again({"/other": encoded(walk(25))})
        watched.until(lambda now: now.state is CameraState.RECONNECTING and "check the path" in now.reason)
        server.kill()
        server.start_again({"/live": encoded(walk(25))})
        assert watched.until_live().run == 2


def test_a_camera_that_ran_before_goes_on_waiting(server: RtspServer) -> None:
    resume = Resume(index=500, time_s=60.0, run=3)
    with camera_at(server.url("/nothing"), resume) as watched:
        watched.until(lambda now: now.state is CameraState.RECONNECTING and "check the path" in now.reason)
    with camera_at(server.url("/live"), resume) as watched:
        now = watched.until_live()
        assert now.run == 4
        assert now.index > 500
        assert now.time_s > 60.0


class Slow(WalkerTracks):
    """Takes 0.2 s for each frame."""

    def step(self, frame, detect):
        time.sleep(0.2)
        return super().step(frame, detect)


def test_the_newest_picture_wins_when_detection_is_slow(server: RtspServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "open_tracks", lambda spec, **_: Slow())
    with camera_at(server.url()) as watched:
        watched.until_live()
        time.sleep(3.0)
        now = watched.now
        assert now.dropped > 30
        assert now.speed is None
        assert now.latency_s < 0.5


def test_a_source_that_never_opens_is_given_up_in_its_time() -> None:
    connection = Connection(f"rtsp://127.0.0.1:{free_port()}/live", stop=threading.Event(), terms=Terms(give_up_s=0.7))
    began_s = time.monotonic()
    with pytest.raises(SourceUnreachableError):
        list(connection.frames())
    assert 0.6 < time.monotonic() - began_s < 1.5


@pytest.mark.parametrize("text", ["0", "/dev/video0", "webcam://0"])
def test_a_webcam_that_worked_before_is_waited_for_however_it_is_written(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise SourceNotFoundError("there is no webcam 0")

    monkeypatch.setattr(connection_module, "open_source", missing)
    with camera_at(text, Resume(index=500, time_s=20.0, run=1)) as watched:
        watched.until(lambda now: now.state is CameraState.RECONNECTING)
    with camera_at(text) as watched:
        watched.until(lambda now: now.state is CameraState.FAILED)


def test_a_missing_path_is_not_waited_for(server: RtspServer) -> None:
    connection = Connection(server.url("/nothing"), stop=threading.Event(), terms=Terms(give_up_s=30))
    with pytest.raises(SourceNotFoundError):
        list(connection.frames())


def restarts(server: RtspServer, count: int) -> None:
    """Lose the server ``count`` times; nothing may pile up."""
    process = psutil.Process()
    with camera_at(server.url()) as watched:
        held = []
        for number in range(count):
            run = watched.until_live().run
            server.kill()
            watched.until(lambda now: now.state is CameraState.RECONNECTING)
            server.start_again()
            watched.until(lambda now, run=run: now.run > run and now.state is CameraState.LIVE, 30.0)
            if number in {1, count - 1}:
                held.append((process.num_fds(), process.num_threads(), process.memory_info().rss))
        (files, threads, memory), (files_now, threads_now, memory_now) = held
        assert files_now <= files
        assert threads_now <= threads
        assert memory_now - memory < 30e6
        assert np.isfinite(watched.now.time_s)


def test_some_restarts_leave_nothing_behind(server: RtspServer) -> None:
    restarts(server, 3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_restarts_leave_nothing_behind(server: RtspServer) -> None:
    restarts(server, 30)


def test_frames_can_be_broken_off(server: RtspServer) -> None:
    connection = Connection(server.url(), stop=threading.Event())
    with closing(connection.frames()) as frames:
        assert [frame.index for frame, _ in zip(frames, range(3), strict=False)] == [1, 2, 3]
    assert connection.live
