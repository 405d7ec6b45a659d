"""The engine host with a real engine process: sharing, controls, stills, a killed engine, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from heatstream.core.controls import Controls
from heatstream.core.errors import CameraStoppedError, ControlsError, EngineUnavailableError, UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Packet, Zone
from heatstream.engine.messages import Look
from heatstream.host.engine_host import EngineHost, EngineState
from heatstream.host.spec import CameraSpec
from heatstream.vision import ModelSpec

MIDDLE = Zone("z", "middle", ((0.5, 1.0), (0.5, 0.0)), colour=0)


def walk_file(folder: Path, frames: int = 795, period: int = 60) -> Path:
    """Stored tracks of one person who walks to and fro over a 480 px wide picture."""
    path = folder / "walk.csv"
    rows = []
    for number in range(frames):
        phase = abs((number / period) % 2 - 1)
        rows.append(f"{number + 1},1,{20 + 400 * phase:.1f},150,30,60,0.9,0")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def spec(media_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CameraSpec:
    monkeypatch.setenv("HEATSTREAM_MODEL_DIR", str(tmp_path))
    walk_file(tmp_path)
    return CameraSpec(str(media_dir / "pets-walk-480x360.mp4"), ModelSpec("walk.csv"))


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[EngineHost]:
    host = EngineHost()
    host.start(asyncio.get_running_loop())
    try:
        yield host
    finally:
        pid = host.engine_pid
        await asyncio.to_thread(host.close)
        assert host.state is EngineState.STOPPED
        assert pid is None or not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def packets(host: EngineHost, camera_id: str, count: int) -> list[Packet]:
    found: list[Packet] = []
    with host.hub.join(camera_id) as viewer:
        while len(found) < count:
            news = await asyncio.wait_for(viewer.next(), 30)
            if isinstance(news, Packet):
                found.append(news)
    return found


@pytest.mark.media
def test_a_real_clip_is_played_shared_controlled_and_stopped(spec: CameraSpec) -> None:
    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec, Controls(zones=(MIDDLE,)))
            assert host.open(spec) == camera_id
            assert host.cameras() == (spec,)
            assert host.controls(camera_id).zones == (MIDDLE,)

            seen = await packets(host, camera_id, 10)
            indices = [one.index for one in seen]
            if indices[:2] == [1, 1]:  # the first frame is shown as it came, while the model loads
                del indices[0]
            assert indices == sorted(set(indices))
            image = cv2.imdecode(np.frombuffer(seen[-1].jpeg, np.uint8), cv2.IMREAD_COLOR)
            assert image is not None
            assert image.shape == (360, 480, 3)

            changed = host.update(camera_id, lambda c: replace(c, heat=replace(c.heat, colormap="TURBO")))
            assert changed.revision == 1
            assert host.update(camera_id, lambda c: c).revision == 1
            with pytest.raises(ControlsError):
                host.update(camera_id, lambda c: replace(c, heat=replace(c.heat, alpha=7)))
            await until(lambda: host.snapshot(camera_id).revision == 1)

            plain = await host.still(camera_id, Look.PLAIN)
            assert plain != await host.still(camera_id)

            host.stop(camera_id)
            assert host.snapshot(camera_id).state is CameraState.STOPPED
            with pytest.raises(CameraStoppedError):
                await host.still(camera_id)
            host.forget(camera_id)
            with pytest.raises(UnknownCameraError):
                host.snapshot(camera_id)

    asyncio.run(story())


@pytest.mark.media
def test_a_killed_engine_is_started_again_with_cameras_controls_counts_and_place(spec: CameraSpec) -> None:
    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec, Controls(zones=(MIDDLE,), loop=False))
            host.update(camera_id, lambda c: replace(c, heat=replace(c.heat, alpha=0.9)))
            await until(lambda: sum(t.total.into + t.total.out for t in host.snapshot(camera_id).tallies) >= 1)
            before = host.snapshot(camera_id)
            old = host.engine_pid
            assert old is not None
            with host.hub.join(camera_id) as viewer:
                os.kill(old, signal.SIGKILL)
                await until(lambda: host.snapshot(camera_id).state is CameraState.CONNECTING)
                assert "started again" in host.snapshot(camera_id).reason
                await until(lambda: host.snapshot(camera_id).state is CameraState.LIVE)
                while not isinstance(await asyncio.wait_for(viewer.next(), 30), Packet):
                    pass
            after = host.snapshot(camera_id)
            assert host.engine_pid != old
            assert host.restarts == 1
            assert after.index > before.index
            assert after.time_s > before.time_s
            assert after.tallies[0].total.into >= before.tallies[0].total.into
            assert after.tallies[0].total.out >= before.tallies[0].total.out
            assert host.controls(camera_id).heat.alpha == 0.9

    asyncio.run(story())


@pytest.mark.media
def test_one_bad_camera_harms_no_other(spec: CameraSpec, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is no video" * 100)

    async def story() -> None:
        async with running() as host:
            good = host.open(spec)
            bad = host.open(CameraSpec(str(broken), spec.model))
            lost = host.open(CameraSpec(spec.source, ModelSpec("nowhere.csv")))
            await until(lambda: host.snapshot(bad).state is CameraState.FAILED)
            await until(lambda: host.snapshot(lost).state is CameraState.FAILED)
            assert "broken.mp4" in host.snapshot(bad).reason
            assert "nowhere.csv" in host.snapshot(lost).reason
            assert len(await packets(host, good, 3)) == 3
            with pytest.raises(EngineUnavailableError):
                await host.still(bad, Look.PLAIN)

    asyncio.run(story())


@pytest.mark.media
def test_a_file_nobody_watches_stops_after_its_time_and_goes_on_where_it_was(
    spec: CameraSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEATSTREAM_IDLE_STOP_S", "0.5")
    settings.cache_clear()

    async def story() -> None:
        async with running() as host:
            camera_id = host.open(spec, Controls(zones=(MIDDLE,)))
            host.hub.join(camera_id).leave()
            await packets(host, camera_id, 3)
            await until(lambda: not host.running(camera_id))
            before = host.snapshot(camera_id)
            assert (before.state, before.processed_hz) == (CameraState.STOPPED, 0.0)
            assert before.index > 0
            assert host.cameras() == (spec,)
            with host.hub.join(camera_id):
                host.wake(camera_id)
                host.wake(camera_id)
                await until(lambda: host.snapshot(camera_id).index > before.index)
            assert host.controls(camera_id).zones == (MIDDLE,)

    asyncio.run(story())


def test_close_is_legal_before_start_and_twice() -> None:
    host = EngineHost()
    host.close()
    host.close()
    assert host.cameras() == ()


def test_equal_specs_have_equal_ids_and_others_differ() -> None:
    one = CameraSpec("a.mp4", ModelSpec("auto"))
    assert one.id == CameraSpec("a.mp4", ModelSpec("auto")).id
    assert one.id != CameraSpec("b.mp4", ModelSpec("auto")).id
    assert one.id != CameraSpec("a.mp4", ModelSpec("auto", imgsz=320)).id
