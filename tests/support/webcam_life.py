"""What happens to a webcam, played with a fake one below OpenCV (``fake_v4l2.c``); a line of JSON for each part.

``tests/sources/test_webcam_v4l2.py`` runs it with ``LD_PRELOAD``. Arguments: the state's file, a folder for devices.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path

from heatstream.core.errors import SourceError
from heatstream.sources import open_source, webcams

STATE, DEVICES = Path(sys.argv[1]), Path(sys.argv[2])
LARGE = "webcam://9?size=1280x720"


def now_is(state: str) -> None:
    STATE.write_text(state)


def plugged(name: str, *, there: bool) -> None:
    """The device in the folder; the camera itself is behind the name."""
    with suppress(FileNotFoundError):
        (DEVICES / name).unlink()
    if there:
        (DEVICES / name).symlink_to("/dev/null")


def tell(part: str, **what: object) -> None:
    print(json.dumps({"part": part, **what}), flush=True)


def refused(part: str, text: str = "9") -> None:
    try:
        with open_source(text):
            tell(part, error="none")
    except SourceError as error:
        tell(part, error=type(error).__name__, words=str(error))


def played(text: str, frames: int) -> None:
    with open_source(text) as source:
        times = [frame.time_s for frame in islice(source.frames(), frames)]
        info = source.info
        tell(
            text,
            size=info.size_wh,
            rate=info.rate_hz,
            codec=info.codec,
            live=info.live,
            label=info.label,
            took_s=times[-1] - times[1],
            rising=all(before < after for before, after in pairwise(times)),
            now=abs(time.time() - next(source.frames()).utc_s) < 1,  # type: ignore[operator]
        )


webcams.DEV = DEVICES
webcams.SYSFS = DEVICES
now_is("o")
plugged("video9", there=True)
tell("list", webcams=[[w.index, w.name, [[m.size_wh, m.rates_hz] for m in w.modes]] for w in webcams.webcams()])
played("9", 12)
played("webcam://9?size=1280x720&rate=15", 8)
played("/dev/video9", 3)

for state in ("b", "p"):
    now_is(state)
    refused(state)
now_is("o")
with open_source("9"):
    refused("twice")
refused("other", "3")

running = open_source(LARGE)
plugged("video11", there=True)
threading.Timer(0.5, lambda: now_is("m")).start()
begun, number = time.monotonic(), 0
try:
    for _ in running.frames():
        number += 1
except SourceError as error:
    tell("unplugged", error=type(error).__name__, words=str(error), frames=number, after_s=time.monotonic() - begun)
running.close()
plugged("video9", there=False)
with open_source(LARGE) as again:
    tell("replugged", label=again.info.label, size=again.info.size_wh)
plugged("video11", there=False)
now_is("g")
refused("gone")
plugged("video9", there=True)
now_is("o")

with open_source(LARGE) as source:
    frames = source.frames()
    next(frames)
    now_is("d")
    threading.Timer(0.4, lambda: now_is("o")).start()
    next(frames)
    tell("damaged", number=source.damaged, goes_on=next(frames).index)

source = open_source("9")
frames = source.frames()
next(frames)
now_is("h")
threading.Timer(0.5, source.close).start()
begun = time.monotonic()
left = len(list(frames))
tell("closed", frames=left, after_s=time.monotonic() - begun)
now_is("o")
with open_source("9") as source:
    tell("free again", label=source.info.label)
tell("end", files=len(list(Path("/proc/self/fd").iterdir())))
