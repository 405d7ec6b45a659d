"""``run``: a whole video through the pipeline as fast as it goes, in three stages that overlap.

A reader thread decodes, the main thread detects and tracks, a writer thread steps heat and counts, draws and encodes.
Short queues between them make the faster stages wait; no frame of a file is left out. Of a live source's frames the
newest one is taken, and the rest is counted.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from heatstream.cli.feed import Feed
from heatstream.cli.login import logged_in
from heatstream.cli.result import print_result
from heatstream.cli.zones import ZoneText, placed
from heatstream.core.controls import Controls
from heatstream.core.errors import ClosedError, ControlsError, OutputError, SourceUnreadableError
from heatstream.core.heat import half_life_from_decay
from heatstream.core.types import Crossing, Frame, ImageArray, SourceInfo, Tracks
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.pipeline import PICTURE_S, Pipeline
from heatstream.engine.worker import Worker
from heatstream.output import EventsWriter, VideoWriter, encode_png
from heatstream.sources import local_path, pictures_in, split_rate
from heatstream.sources.checking import check_source
from heatstream.vision import ModelSpec, TrackStream, open_tracks

#: Frames that may wait between two stages.
QUEUE = 4


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Everything ``run`` was asked for."""

    source: str
    model: ModelSpec
    controls: Controls
    decay_factor: float
    half_life_s: float | None = None
    trust: bool = False
    motion_compensation: bool = False
    lines: tuple[ZoneText, ...] = ()
    polygons: tuple[ZoneText, ...] = ()
    output: Path | None = None
    events: Path | None = None
    heatmap: Path | None = None
    max_frames: int | None = None
    open_timeout_s: float = 10.0
    login: Path | None = None
    json: bool = False


def run(options: RunOptions) -> int:
    """Process the whole source, write what was asked for and print the result; returns the exit code.

    Raises:
        HeatStreamError: the source, the model, an argument or an output cannot be used.
    """
    _check_outputs(options)
    address = logged_in(check_source(options.source), options.login)
    with Feed(address, open_timeout_s=options.open_timeout_s, most=options.max_frames) as feed:
        info = feed.wait_until_open()
        rate_hz = info.rate_hz or 25.0
        controls = _settle(options, info)
        tracks = open_tracks(
            options.model, rate_hz=rate_hz, trust=options.trust, motion_compensation=options.motion_compensation
        )
        with closing(tracks):
            _check_classes(tracks, controls)
            return _Run(options, controls, (feed, info), tracks).go()


def _check_outputs(options: RunOptions) -> None:
    """Refuse, before any work is done, outputs that would overwrite an input or each other."""
    named = (("--output", options.output), ("--events", options.events), ("--heatmap", options.heatmap))
    outputs = [(option, path) for option, path in named if path is not None]
    inputs = [*_read_files(options.source), Path(options.model.model)]
    inputs = [path for path in inputs if path.is_file()]
    taken: dict[Path, str] = {}
    for option, path in outputs:
        if any(path.exists() and path.samefile(other) for other in inputs):
            raise ControlsError(f"{option} {path} would overwrite what is read; name another file")
        if (first := taken.setdefault(path.resolve(), option)) != option:
            raise ControlsError(f"{first} and {option} name the same file, {path}; give each its own")
    if options.heatmap is not None:
        _check_png(options.heatmap)


def _read_files(source: str) -> list[Path]:
    """The files that ``source`` reads: one, or a folder's pictures."""
    path = local_path(source) if source.strip() else None
    folder = split_rate(path)[0] if path is not None else None
    if folder is not None and folder.is_dir():
        return pictures_in(folder)
    return [path] if path is not None else []


def _check_png(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written: name a file in a folder that exists")


def _settle(options: RunOptions, info: SourceInfo) -> Controls:
    """The controls with zones in 0-1 and the half-life that the decay factor means at the source's rate."""
    half_life_s = options.half_life_s or half_life_from_decay(options.decay_factor, info.rate_hz or 25.0)
    heat = replace(options.controls.heat, half_life_s=half_life_s)
    zones = placed(options.lines, options.polygons, info.size_wh)
    return replace(options.controls, heat=heat, zones=zones)


def _check_classes(tracks: TrackStream, controls: Controls) -> None:
    unknown = sorted(set(controls.detect.classes or ()) - set(tracks.names.values()))
    if unknown:
        known = ", ".join(tracks.names.values())
        raise ControlsError(f"the model knows no class {', '.join(map(repr, unknown))}; it knows: {known}")


class _Run:
    """The three stages of one run and what they share."""

    def __init__(
        self, options: RunOptions, controls: Controls, source: tuple[Feed, SourceInfo], tracks: TrackStream
    ) -> None:
        self._options = options
        self._controls = controls
        self._feed, self._info = source
        picture, output = self._info.picture, options.output
        self._pipeline = Pipeline(tracks, controls=controls, first_step_s=PICTURE_S if picture else 0.0)
        self._still = output if picture and output is not None and output.suffix.lower() == ".png" else None
        if self._still is not None:
            _check_png(self._still)
        self._tracked: Mailbox[tuple[Frame, Tracks]] = Mailbox(QUEUE)
        self._writer = Worker("writer", self._write, on_error=lambda _: self._tracked.close())
        self._started_s = 0.0
        self._written = 0
        self._video: VideoWriter | None = None
        self._events: EventsWriter | None = None

    def go(self) -> int:
        """Run to the end, to ``--max-frames`` or to Ctrl-C; close everything; print the result."""
        interrupted = False
        with ExitStack() as outputs:
            if self._options.events is not None:
                self._events = outputs.enter_context(EventsWriter(self._options.events))
            if self._options.output is not None and self._still is None:
                info = self._info
                self._video = outputs.enter_context(
                    VideoWriter(self._options.output, size_wh=info.size_wh, rate_hz=info.rate_hz or 25.0)
                )
            try:
                self._started_s = time.monotonic()
                self._writer.start()
                self._track()
            except KeyboardInterrupt:
                interrupted = True
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not break off what finishes the files
            self._tracked.close()
            self._feed.close()
            self._writer.stop(60.0)
            for error in (self._writer.error, self._feed.error):
                if error is not None:
                    raise error
            if self._still is not None and self._written:
                _write_png(self._still, self._pipeline.picture(self._controls))
            if self._options.heatmap is not None and self._written:
                _write_png(self._options.heatmap, self._pipeline.heat_picture(self._controls))
        if not self._written and not interrupted:
            raise SourceUnreadableError(f"{self._info.label}: no picture could be decoded from it")
        seconds = time.monotonic() - self._started_s if self._started_s else 0.0
        tallies = self._pipeline.tallies
        print_result(self._written, seconds, self._controls.zones, tallies, as_json=self._options.json)
        if self._feed.damaged:
            what = "stream" if self._feed.live else "file"
            sys.stderr.write(
                f"heatstream: warning: {self._feed.damaged} places of the {what} are damaged and were left out\n"
            )
        if self._feed.dropped:
            sys.stderr.write(f"heatstream: warning: {self._feed.dropped} frames came too fast and were left out\n")
        return 130 if interrupted else 0

    # The main thread

    def _track(self) -> None:
        info, shown = self._info, sys.stderr.isatty()
        total = round(info.duration_s * info.rate_hz) if info.duration_s and info.rate_hz else None
        if self._options.max_frames is not None:
            total = min(total or self._options.max_frames, self._options.max_frames)
        with tqdm(total=total, unit="frame", disable=not shown, file=sys.stderr) as progress:
            done = 0
            while True:
                try:
                    frame = self._feed.frames.get()
                except ClosedError:
                    return
                if frame is None or not self._tracked.put((frame, self._pipeline.track(frame, self._controls))):
                    return
                progress.update()
                done += 1
                if done == self._options.max_frames:
                    return

    # The writer's thread

    def _write(self, stop: threading.Event) -> None:
        canvas: ImageArray | None = None
        while True:
            try:
                tracked = self._tracked.get()
            except ClosedError:
                break
            if tracked is None:
                break
            frame, tracks = tracked
            self._tell(self._pipeline.view(frame, tracks, self._controls))
            if self._video is not None:
                if canvas is None or canvas.shape != frame.image.shape:
                    canvas = np.empty_like(frame.image)
                self._video.write(self._pipeline.picture(self._controls, out=canvas), frame.time_s)
            self._written += 1
        self._tell(self._pipeline.finish(self._controls))

    def _tell(self, crossings: Iterable[Crossing]) -> None:
        if self._events is not None:
            for crossing in crossings:
                self._events.write(crossing)


def _write_png(path: Path, image: ImageArray) -> None:
    try:
        path.write_bytes(encode_png(image))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
