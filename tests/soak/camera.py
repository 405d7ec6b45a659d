"""A camera that runs for a given time: memory, threads and open files of the engine must stay where they were.

``python -m tests.soak.camera --minutes 30`` plays the pets clip in a loop with the real 320 model, four zones and a
viewer, opens and stops a second camera all the time, and prints a line a minute. With ``--network`` the camera is one
over RTSP, 1280x720 at 25 Hz, whose power fails all the time instead; each line then says how old its pictures are when
they are published. It exits with 1 if anything grew, or if pictures did not come back.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import time
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil

from heatstream.core.controls import Controls
from heatstream.core.types import CameraState, Packet, Zone
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.vision import ModelSpec
from tests.support.rtsp_server import Clock, RtspServer, clock_s, rtsp_server

SHARED = Path(__file__).resolve().parents[3] / "shared"
#: Growth that is no leak: allocators keep some memory back, and it settles within the first minute.
MEMORY_SLACK_MB = 120
ZONES = (
    Zone("a", "left", ((0.3, 1.0), (0.3, 0.0))),
    Zone("b", "right", ((0.7, 1.0), (0.7, 0.0))),
    Zone("c", "across", ((0.0, 0.5), (1.0, 0.5))),
    Zone("d", "square", ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))),
)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds: resident memory in MB, threads, open files."""

    memory_mb: float
    threads: int
    files: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        """Look at a process."""
        process = psutil.Process(pid)
        return cls(process.memory_info().rss / 1e6, process.num_threads(), process.num_fds())


#: How long the network camera has power, and how long it has none, seconds.
POWER_S, OUTAGE_S = 25.0, 2.0
#: The newest pictures are looked at for their age.
AGES = 250


class Looker:
    """A viewer that keeps the ages, in seconds, of the newest pictures with a clock in them."""

    def __init__(self, host: EngineHost, camera_id: str, *, clock: bool) -> None:
        self._host, self._camera_id, self._clock = host, camera_id, clock
        self.ages_s: deque[float] = deque(maxlen=AGES)

    async def look(self) -> None:
        """Look until cancelled."""
        with self._host.hub.join(self._camera_id) as viewer:
            while True:
                item = await viewer.next()
                if isinstance(item, Packet) and self._clock:
                    picture = cv2.imdecode(np.frombuffer(item.jpeg, np.uint8), cv2.IMREAD_COLOR)
                    self.ages_s.append(item.published_s - clock_s(picture))

    def words(self) -> str:
        """The median age and how many pictures that is of, and begin anew."""
        ages_s = sorted(self.ages_s)
        self.ages_s.clear()
        if not self._clock:
            return ""
        return f"  {len(ages_s)} pictures, median {1000 * statistics.median(ages_s):.0f} ms old" if ages_s else "  none"


async def _fail(server: RtspServer) -> None:
    """Take the camera's power away, again and again."""
    while True:
        await asyncio.sleep(POWER_S)
        outage = asyncio.create_task(_outage(server))
        try:
            await asyncio.shield(outage)
        except asyncio.CancelledError:
            await outage  # who then ends the server must not find it half started
            raise


async def _outage(server: RtspServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(OUTAGE_S)
    await asyncio.to_thread(server.start_again)


async def _come_and_go(host: EngineHost, model: Path) -> None:
    """Open another clip, take a few pictures of it, stop it, again and again."""
    spec = CameraSpec(str(SHARED / "media/cars-topdown-768x432.mp4"), ModelSpec(str(model)))
    while True:
        camera_id = host.open(spec)
        with host.hub.join(camera_id) as viewer:
            seen = 0
            while seen < 20:
                seen += isinstance(await viewer.next(), Packet)
        host.stop(camera_id)
        await asyncio.sleep(0.5)


async def soak(minutes: float, model: Path, *, network: bool = False, settle_s: float = 60.0) -> list[str]:
    """Run for ``minutes`` after ``settle_s`` seconds and return what grew, in words; prints a line a minute."""
    serving: AbstractContextManager[RtspServer | None] = (
        rtsp_server({"/clock": Clock()}) if network else contextlib.nullcontext()
    )
    host = EngineHost()
    host.start(asyncio.get_running_loop())
    try:
        with serving as server:
            source = server.url("/clock") if server else str(SHARED / "media/pets-walk-480x360.mp4")
            camera_id = host.open(CameraSpec(source, ModelSpec(str(model))), Controls(zones=ZONES))
            looker = Looker(host, camera_id, clock=network)
            troubles = _fail(server) if server else _come_and_go(host, model)
            async with asyncio.TaskGroup() as tasks:
                others = [tasks.create_task(looker.look()), tasks.create_task(troubles)]
                grown = await _watch(host, camera_id, minutes, settle_s, looker)
                for task in others:
                    task.cancel()
            return grown
    finally:
        await asyncio.to_thread(host.close)


async def _watch(host: EngineHost, camera_id: str, minutes: float, settle_s: float, looker: Looker) -> list[str]:
    while host.snapshot(camera_id).state is not CameraState.LIVE:
        await asyncio.sleep(0.1)
    await asyncio.sleep(settle_s)
    assert host.engine_pid is not None
    pid, first, began_s = host.engine_pid, Usage.of(host.engine_pid), time.monotonic()
    looker.ages_s.clear()
    found: list[Usage] = []
    index = host.snapshot(camera_id).index
    silent = 0
    while time.monotonic() - began_s < minutes * 60:
        await asyncio.sleep(min(60.0, minutes * 60 / 5))
        found.append(Usage.of(pid))
        snapshot = host.snapshot(camera_id)
        silent += snapshot.index == index
        index = snapshot.index
        crossings = sum(tally.total.into + tally.total.out for tally in snapshot.tallies)
        print(
            f"{(time.monotonic() - began_s) / 60:6.1f} min  {found[-1].memory_mb:6.0f} MB  "
            f"{found[-1].threads} threads  {found[-1].files} files  frame {index}  {crossings} crossings"
            f"{looker.words()}",
            flush=True,
        )
    grown = _grown(first, found)
    if host.engine_pid != pid:
        grown.append("the engine was started anew")
    if silent:
        grown.append(f"no picture came for {silent} looks")
    return grown


def _grown(first: Usage, found: list[Usage]) -> list[str]:
    last = found[len(found) // 2 :]
    grown = []
    memory = statistics.median(usage.memory_mb for usage in last) - first.memory_mb
    if memory > MEMORY_SLACK_MB:
        grown.append(f"memory grew by {memory:.0f} MB")
    # The second camera comes and goes, so its few threads and files may be there at one look and not at another.
    if min(usage.threads for usage in last) > first.threads + 6:
        grown.append(f"threads grew from {first.threads} to {last[-1].threads}")
    if min(usage.files for usage in last) > first.files + 6:
        grown.append(f"open files grew from {first.files} to {last[-1].files}")
    return grown


def main() -> int:
    """Run with the duration asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--network", action="store_true", help="a camera over RTSP whose power fails")
    options = parser.parse_args()
    model = SHARED / "models/yolov8n_320_int8_openvino_model"
    grown = asyncio.run(soak(options.minutes, model, network=options.network))
    print("\n".join(grown) or f"nothing grew in {options.minutes:g} minutes")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
