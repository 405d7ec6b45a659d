"""``count``: the crossings of stored tracks, without a picture, a detector or a tracker."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from heatstream.cli.result import print_result
from heatstream.cli.zones import ZoneText, placed
from heatstream.core.controls import Anchor, CountControls
from heatstream.core.counting import BY_DEFAULT
from heatstream.core.errors import ControlsError
from heatstream.core.moment import Moment
from heatstream.core.track_counter import TrackCounter
from heatstream.core.types import GAP_S, Crossing, Tracks
from heatstream.output import EventsWriter
from heatstream.vision import ReplayTracks, read_tracks


@dataclass(frozen=True, slots=True)
class CountOptions:
    """Everything ``count`` was asked for; ``rate_hz`` is the frames a second of the video that the tracks are of."""

    tracks: Path
    size_wh: tuple[int, int]
    rate_hz: float
    lines: tuple[ZoneText, ...] = ()
    polygons: tuple[ZoneText, ...] = ()
    anchor: Anchor = Anchor.CENTER
    counting: CountControls = BY_DEFAULT
    events: Path | None = None
    json: bool = False


def count(options: CountOptions) -> int:
    """Count the whole file, write the events asked for and print the result; returns the exit code.

    Frames without rows are steps in which nobody is seen.

    Raises:
        HeatStreamError: the file, a zone or the output cannot be used.
    """
    zones = placed(options.lines, options.polygons, options.size_wh)
    tracks = read_tracks(options.tracks)
    if options.events is not None and options.events.exists() and options.events.samefile(options.tracks):
        raise ControlsError(f"--events {options.events} would overwrite the tracks; name another file")
    counter, frames = TrackCounter(ReplayTracks.names), max(tracks, default=0)
    counter.zones.arrange(zones)
    begun_s = time.monotonic()
    with ExitStack() as outputs:
        events = None if options.events is None else outputs.enter_context(EventsWriter(options.events))
        for frame in _steps(tracks, options.rate_hz):
            moment = Moment(frame, (frame - 1) / options.rate_hz, 1, None, options.size_wh)
            now = tracks.get(frame, Tracks())
            counted = counter.step(now, moment, zones, anchor=options.anchor, counting=options.counting)
            _write(events, counted.crossings)
        _write(events, counter.finish(options.counting))
    print_result(frames, time.monotonic() - begun_s, zones, counter.zones.tallies(), as_json=options.json)
    return 0


def _steps(frames: Iterable[int], rate_hz: float) -> Iterator[int]:
    """The numbers of ``frames``, and those between them for as long as anybody is remembered who is not seen."""
    remembered, last = math.ceil(GAP_S * rate_hz) + 1, 0
    for frame in sorted(frames):
        yield from range(last + 1, min(frame, last + 1 + remembered))
        yield frame
        last = frame


def _write(events: EventsWriter | None, crossings: Iterable[Crossing]) -> None:
    if events is not None:
        for crossing in crossings:
            events.write(crossing)
