"""What lasts, with a real engine and a real database: over a new host, and over kill -9 of the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from heatstream.core.controls import Controls
from heatstream.core.errors import TooManyCamerasError, UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, SourceInfo
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.store import CameraRecord, open_store
from heatstream.vision import ModelSpec
from tests.host.test_engine_host import MIDDLE, packets, until, walk_file
from tests.support.browser import Server, serving


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HEATSTREAM_MODEL_DIR", str(tmp_path))
    monkeypatch.setenv("HEATSTREAM_MAX_CAMERAS", "2")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def specs(media_dir: Path, tmp_path: Path) -> tuple[CameraSpec, CameraSpec]:
    """The same clip with two models."""
    walk_file(tmp_path, period=20).rename(tmp_path / "walk2.csv")
    walk_file(tmp_path, period=20)
    clip = str(media_dir / "pets-walk-480x360.mp4")
    return CameraSpec(clip, ModelSpec("walk.csv")), CameraSpec(clip, ModelSpec("walk2.csv"))


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[EngineHost]:
    host = EngineHost(lambda: open_store("", folder))
    host.start(asyncio.get_running_loop())
    try:
        yield host
    finally:
        await asyncio.to_thread(host.close)


def counted(host: EngineHost, camera_id: str) -> int:
    return sum(tally.total.into + tally.total.out for tally in host.snapshot(camera_id).tallies)


@pytest.mark.media
def test_a_new_host_knows_cameras_zones_controls_and_counts_and_goes_on_with_them(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    async def story() -> None:
        async with running(folder) as host:
            first = host.open(specs[0], Controls(zones=(MIDDLE,)))
            second = host.open(specs[1])
            assert first != second
            host.update(first, lambda c: replace(c, heat=replace(c.heat, colormap="TURBO")))
            await until(lambda: counted(host, first) >= 1)
            assert len(await packets(host, second, 2)) == 2  # both run side by side
            host.stop(first)
            host.stop(second)
            before, other = host.snapshot(first), host.snapshot(second)
            assert host.cameras() == (specs[1], specs[0])
            assert (counted(host, second), host.trouble) == (0, "")
        async with running(folder) as host:
            assert host.cameras() == (specs[1], specs[0])
            assert not host.running(first)
            assert host.snapshot(first) == replace(before, reason="", dropped=0, latency_s=0.0)
            assert (other.source, host.snapshot(second).source) == (before.source, other.source)
            controls = host.controls(first)
            assert (controls.zones, controls.heat.colormap, controls.revision) == ((MIDDLE,), "TURBO", 1)
            assert host.update(first, lambda c: replace(c, anchor=controls.anchor, loop=False)).revision == 2
            assert host.open(specs[0], Controls()) == first  # known already: these controls do not count
            await until(lambda: counted(host, first) > sum(t.total.into + t.total.out for t in before.tallies))
            after = host.snapshot(first)
            assert after.index > before.index
            assert after.time_s > before.time_s
            assert after.run > before.run
            assert host.controls(first).zones == (MIDDLE,)
            assert host.cameras() == (specs[0], specs[1])
        async with running(folder) as host:
            assert not host.running(first)  # a file waits for someone to look
            assert host.controls(first).revision == 2

    asyncio.run(story())


@pytest.mark.media
def test_a_live_camera_that_ran_runs_again_by_itself(specs: tuple[CameraSpec, CameraSpec], folder: Path) -> None:
    live = SourceInfo("door", (480, 360), live=True)

    async def story() -> None:
        async with running(folder) as host:
            camera_id = host.open(specs[0])
            stopped_id = host.open(specs[1])
            host.stop(stopped_id)
            await until(lambda: host.snapshot(camera_id).index > 0)
        with open_store("", folder) as store:
            kept = store.load().records
            store.write({one.id: _from(one, live) for one in kept})
        async with running(folder) as host:
            assert host.running(camera_id)
            assert not host.running(stopped_id)
            assert host.snapshot(camera_id).state is CameraState.CONNECTING
            before = host.snapshot(camera_id).index
            await until(lambda: host.snapshot(camera_id).index > before)

    def _from(one: CameraRecord, source: SourceInfo) -> CameraRecord:
        return replace(one, snapshot=replace(one.snapshot, source=source))

    asyncio.run(story())


@pytest.mark.media
def test_what_is_changed_on_a_stopped_camera_lasts_and_counts_follow(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    async def story() -> None:
        async with running(folder) as host:
            camera_id = host.open(specs[0], Controls(zones=(MIDDLE,)))
            await until(lambda: counted(host, camera_id) >= 1)
            host.stop(camera_id)
            before = host.snapshot(camera_id).tallies[0].total
            host.update(camera_id, lambda c: replace(c, zones=(replace(MIDDLE, flipped=True),)))
            shown = host.snapshot(camera_id)
            assert (shown.tallies[0].total.into, shown.tallies[0].total.out) == (before.out, before.into)
            assert shown.revision == host.controls(camera_id).revision == 1
        async with running(folder) as host:
            total = host.snapshot(camera_id).tallies[0].total
            assert (total.into, total.out) == (before.out, before.into)
            assert host.controls(camera_id).zones[0].flipped
            host.update(camera_id, lambda c: replace(c, counts_epoch=c.counts_epoch + 1))
            assert counted(host, camera_id) == 0

    asyncio.run(story())


@pytest.mark.media
def test_a_removed_camera_stays_removed_unless_it_is_brought_back(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    async def story() -> None:
        async with running(folder) as host:
            first, second = host.open(specs[0], Controls(zones=(MIDDLE,))), host.open(specs[1])
            await until(lambda: host.snapshot(first).index > 0)
            forgotten = host.forget(first)
            host.forget(second)
            for call in (host.snapshot, host.controls, host.running, host.wake, host.forget, host.restart):
                with pytest.raises(UnknownCameraError):
                    call(first)  # type: ignore[operator]
            assert host.cameras() == ()
            assert host.restore(forgotten) == first
            host.update(first, lambda c: replace(c, loop=False))
            host.restore(forgotten)  # twice is harmless
            assert host.controls(first).revision == 1
            assert host.running(first)
            before = host.snapshot(first).index
            await until(lambda: host.snapshot(first).index > before > 0)
        async with running(folder) as host:
            assert host.cameras() == (specs[0],)
            assert host.controls(first).zones == (MIDDLE,)

    asyncio.run(story())


@pytest.mark.media
def test_no_more_cameras_run_than_may_however_they_are_started(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    third = CameraSpec(specs[0].source, ModelSpec("third.csv"))

    async def story() -> None:
        async with running(folder) as host:
            first, second = host.open(specs[0]), host.open(specs[1])
            with pytest.raises(TooManyCamerasError):
                host.open(third)
            with pytest.raises(UnknownCameraError):
                host.snapshot(third.id)
            assert host.open(specs[0]) == first
            host.wake(second)
            forgotten = host.forget(second)
            host.open(third)
            host.restore(forgotten)
            assert not host.running(second)
            for start in (host.wake, host.restart):
                with pytest.raises(TooManyCamerasError):
                    start(second)
            host.stop(third.id)
            host.restart(second)
            assert host.running(second)

    asyncio.run(story())


@pytest.mark.media
def test_a_damaged_database_is_said_and_the_product_goes_on_without(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    folder.mkdir()
    (folder / "heatstream.db").write_bytes(b"scratched" * 5000)

    async def story() -> None:
        async with running(folder) as host:
            assert "damaged" in host.trouble
            camera_id = host.open(specs[0])
            assert len(await packets(host, camera_id, 2)) == 2

    asyncio.run(story())
    assert (folder / "heatstream.db").read_bytes() == b"scratched" * 5000


# The real server


def ask(server: Server, path: str, **query: str) -> dict:
    return json.loads(server.get(f"/test/{path}?{urlencode(query)}"))


def kill_with_engine(server: Server) -> float:
    """Kill the server; its engine ends by itself, which is waited for. Returns when it was killed."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    server.process.send_signal(signal.SIGKILL)
    killed_s = time.monotonic()
    server.process.wait(10)
    _, alive = psutil.wait_procs(children, 20)
    assert alive == []
    return killed_s


@pytest.mark.media
def test_what_was_counted_two_seconds_before_kill_9_is_there_after_it(
    specs: tuple[CameraSpec, CameraSpec], folder: Path
) -> None:
    env = {"HEATSTREAM_DATA_DIR": str(folder)}
    seen: list[tuple[float, int]] = []
    with serving("tests/support/lasting_app.py", env=env) as server:
        camera_id = ask(server, "open", source=specs[0].source, model=specs[0].model.model)
        until_s = time.monotonic() + 60
        while not seen or seen[-1][1] < 2 or time.monotonic() - next(s for s, n in seen if n == 2) < 2.1:
            assert time.monotonic() < until_s, server.log
            seen.append((time.monotonic(), ask(server, "cameras")["cameras"][camera_id]["counted"]))
            time.sleep(0.05)
        killed_s = kill_with_engine(server)
    durable = max(number for seen_s, number in seen if seen_s <= killed_s - 2.0)
    assert durable >= 2
    with serving("tests/support/lasting_app.py", env=env) as server:
        found = ask(server, "cameras")
        assert found["trouble"] == ""
        kept = found["cameras"][camera_id]
        assert kept["state"] == "stopped"
        assert durable <= kept["counted"] <= seen[-1][1] + 1
        assert kept["controls"]["zones"][0]["name"] == "Middle"
        ask(server, "wake", id=camera_id)
        until_s = time.monotonic() + 60
        while (now := ask(server, "cameras")["cameras"][camera_id])["counted"] <= kept["counted"]:
            assert time.monotonic() < until_s, server.log
            time.sleep(0.1)
        assert now["index"] > kept["index"] > 0
