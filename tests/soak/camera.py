"""A camera that runs for a given time: memory, threads and open files of the engine must stay where they were.

``python -m tests.soak.camera --minutes 30`` plays the pets clip in a loop with the real 320 model, four zones and a
viewer, opens and stops a second camera all the time, and prints a line a minute. It exits with 1 if anything grew.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from heatstream.core.controls import Controls
from heatstream.core.types import CameraState, Packet, Zone
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.vision import ModelSpec

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


async def _look(host: EngineHost, camera_id: str) -> None:
    with host.hub.join(camera_id) as viewer:
        while True:
            await viewer.next()


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


async def soak(minutes: float, model: Path, *, settle_s: float = 60.0) -> list[str]:
    """Run for ``minutes`` after ``settle_s`` seconds and return what grew, in words; prints a line a minute."""
    host = EngineHost()
    host.start(asyncio.get_running_loop())
    camera_id = host.open(
        CameraSpec(str(SHARED / "media/pets-walk-480x360.mp4"), ModelSpec(str(model))), Controls(zones=ZONES)
    )
    tasks = [asyncio.create_task(_look(host, camera_id)), asyncio.create_task(_come_and_go(host, model))]
    try:
        while host.snapshot(camera_id).state is not CameraState.LIVE:
            await asyncio.sleep(0.1)
        await asyncio.sleep(settle_s)
        assert host.engine_pid is not None
        first, began_s = Usage.of(host.engine_pid), time.monotonic()
        found: list[Usage] = []
        while time.monotonic() - began_s < minutes * 60:
            await asyncio.sleep(min(60.0, minutes * 60 / 5))
            found.append(Usage.of(host.engine_pid))
            snapshot = host.snapshot(camera_id)
            crossings = sum(tally.total.into + tally.total.out for tally in snapshot.tallies)
            print(
                f"{(time.monotonic() - began_s) / 60:6.1f} min  {found[-1].memory_mb:6.0f} MB  "
                f"{found[-1].threads} threads  {found[-1].files} files  frame {snapshot.index}  {crossings} crossings",
                flush=True,
            )
        failed = [task.exception() for task in tasks if task.done()]
        return _grown(first, found) + [f"a task failed: {error}" for error in failed]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(host.close)


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
    options = parser.parse_args()
    grown = asyncio.run(soak(options.minutes, SHARED / "models/yolov8n_320_int8_openvino_model"))
    print("\n".join(grown) or f"nothing grew in {options.minutes:g} minutes")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
