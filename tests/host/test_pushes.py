"""Browsers' pictures on their way to the engine: never more than one for each camera, and never in the way."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from heatstream.core.errors import CameraStoppedError, ClosedError, SourceError, UnknownCameraError
from heatstream.core.settings import Settings, settings
from heatstream.core.types import CameraState
from heatstream.engine.messages import Look, Push, Shutdown, Stop, Taken
from heatstream.host import engine_host
from heatstream.host.engine_host import EngineHost
from heatstream.host.outgoing import Outgoing
from heatstream.host.pushes import Pushes
from heatstream.host.spec import CameraSpec
from heatstream.vision import ModelSpec
from tests.support.pictures import SOURCE, sent


def test_of_pictures_only_the_newest_of_each_camera_waits_and_commands_go_first() -> None:
    outgoing = Outgoing(3)
    for number in range(100):
        outgoing.put(Push("a", number, sent()))
        outgoing.put(Push("b", number, sent()))
    for name in ("w", "x", "y", "z"):
        outgoing.put(Stop(name))
    assert [outgoing.get() for _ in range(3)] == [Stop("x"), Stop("y"), Stop("z")]
    pictures = [outgoing.get() for _ in range(2)]
    assert [(one.camera_id, one.number) for one in pictures if isinstance(one, Push)] == [("a", 99), ("b", 99)]


def test_the_end_is_told_after_what_is_left_and_without_pictures() -> None:
    outgoing = Outgoing(3)
    threading.Timer(0.1, outgoing.put, (Stop("late"),)).start()
    assert outgoing.get() == Stop("late")
    outgoing.put(Push("a", 1, sent()))
    outgoing.put(Shutdown())
    outgoing.close()
    outgoing.close()
    outgoing.put(Stop("too late"))
    assert outgoing.get() == Shutdown()
    with pytest.raises(ClosedError):
        outgoing.get()


def test_a_picture_is_taken_overtaken_or_lost() -> None:
    gone: list[Push] = []
    pushes = Pushes(lambda push: gone.append(push) or True)
    first, second, other = (pushes.offer(camera, sent()) for camera in ("a", "a", "b"))
    assert first.result(0) is False
    pushes.take(Taken(gone[0].number))  # crossed by the second one
    assert not second.done()
    pushes.take(Taken(gone[1].number))
    assert second.result(0) is True
    pushes.lose()
    assert other.result(0) is False
    pushes.take(Taken(gone[2].number))
    assert Pushes(lambda push: False).offer("a", sent()).result(0) is False


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraSpec]:
    monkeypatch.setenv("HEATSTREAM_MODEL_DIR", str(tmp_path))
    rows = (f"{number},1,20,15,6,8,0.9,0" for number in range(1, 2000))
    (tmp_path / "walk.csv").write_text("\n".join(rows) + "\n")
    yield CameraSpec(SOURCE, ModelSpec("walk.csv"))
    settings.cache_clear()


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[EngineHost]:
    host = EngineHost()
    host.start(asyncio.get_running_loop())
    try:
        yield host
    finally:
        await asyncio.to_thread(host.close)


async def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def push(host: EngineHost, camera_id: str, grey: int = 128) -> bool:
    return await asyncio.wait_for(asyncio.wrap_future(host.push(camera_id, sent(grey))), 60)


async def begin(host: EngineHost, camera_id: str) -> None:
    """Push until a picture was taken: the engine is there then."""
    until_s = time.monotonic() + 60
    while not await push(host, camera_id):
        assert time.monotonic() < until_s
        await asyncio.sleep(0.1)


def test_pictures_go_through_a_real_engine_and_each_is_acknowledged(spec: CameraSpec) -> None:
    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec)
            await begin(host, camera_id)
            for number in range(2, 40):
                assert await push(host, camera_id, number)
            await until(lambda: host.snapshot(camera_id).index == 39)
            snapshot = host.snapshot(camera_id)
            assert (snapshot.state, snapshot.damaged) == (CameraState.LIVE, 0)
            assert snapshot.dropped < 38  # the newest wins while one is analysed; how many are left out depends on that
            assert snapshot.source is not None
            assert (snapshot.source.label, snapshot.source.live) == ("Browser camera", True)
            assert await host.still(camera_id, Look.PLAIN)

            host.stop(camera_id)
            with pytest.raises(CameraStoppedError):
                host.push(camera_id, sent())
            host.wake(camera_id)
            assert await push(host, camera_id)
            await until(lambda: host.snapshot(camera_id).index >= 40)

    asyncio.run(story())


def test_a_flood_of_pictures_holds_up_no_command(spec: CameraSpec) -> None:
    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec)
            await begin(host, camera_id)
            await until(lambda: host.snapshot(camera_id).index >= 1)
            large = sent(size_wh=(1920, 1080))
            futures = [host.push(camera_id, large) for _ in range(12_000)]
            began_s = time.monotonic()
            await host.still(camera_id, timeout_s=20.0)
            assert time.monotonic() - began_s < 15.0
            assert host.running(camera_id)
            taken = await asyncio.gather(*(asyncio.wrap_future(one) for one in futures))
            assert taken[-1]
            assert taken.count(True) < 6000

    asyncio.run(story())


def test_pictures_for_other_cameras_are_refused(media_dir: Path, spec: CameraSpec) -> None:
    host = EngineHost()
    with pytest.raises(UnknownCameraError):
        host.push("cam-none", sent())
    camera_id = host.open(CameraSpec(str(media_dir / "pets-walk-480x360.mp4"), spec.model))
    with pytest.raises(SourceError, match="do not come from a browser"):
        host.push(camera_id, sent())


def test_a_browsers_camera_stops_when_nobody_sends_nor_looks(spec: CameraSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_host, "settings", lambda: Settings(idle_stop_s=limit_s[0]))
    limit_s = [300.0]

    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec)
            await begin(host, camera_id)
            limit_s[0] = 3.0
            until_s = time.monotonic() + 8.0
            while time.monotonic() < until_s:
                await push(host, camera_id)
                await asyncio.sleep(0.2)
            assert host.running(camera_id)
            await until(lambda: not host.running(camera_id), 15.0)

    asyncio.run(story())
