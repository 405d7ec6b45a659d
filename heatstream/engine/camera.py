"""One camera: a reader thread (source to frames) and an analyser thread (frames to tracks, views and packets)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np

from heatstream.core.controls import Controls
from heatstream.core.errors import ClosedError, HeatStreamError, SourceUnreadableError
from heatstream.core.types import CameraState, Frame, ImageArray, Packet, Snapshot, SourceInfo
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.messages import Crossed, Open
from heatstream.engine.pipeline import MAX_STEP_S, Pipeline
from heatstream.engine.rates import PlaybackClock, RateMeter
from heatstream.engine.worker import Worker
from heatstream.output import encode_jpeg
from heatstream.output.fit import fitted
from heatstream.sources import Source, open_source
from heatstream.vision import open_tracks

logger = logging.getLogger(__name__)

#: Frames decoded ahead of the analyser. A file waits when they are full, a live source loses the oldest.
READ_AHEAD = 4
#: How often a camera without new frames looks for changed controls, seconds.
IDLE_WAKE_S = 0.5


@dataclass(frozen=True, slots=True)
class _Read:
    """What the reader hands over: a frame with its place in the source, or None at the source's end."""

    frame: Frame | None
    position_s: float = 0.0
    damaged: int = 0


class Camera:
    """Runs from ``start`` to ``close``; every method may be called from any thread.

    ``publish`` takes packets and crossings; it must not block. State is read with ``snapshot``, changed with ``apply``.
    A failure of source or model ends in the state ``failed`` with its reason and harms nobody else.
    """

    def __init__(self, order: Open, publish: Callable[[Packet | Crossed], None]) -> None:
        self.id = order.camera_id
        self._order = order
        self._publish_to = publish
        self._controls = order.controls
        self._fits: frozenset[int] = frozenset()
        self._wake = threading.Event()  # controls changed, or somebody began to look
        self._lock = threading.Lock()  # guards the pipeline's views while a still is drawn
        self._pipeline: Pipeline | None = None
        self._source_info: SourceInfo | None = None
        self._model_label = ""
        self._state, self._reason = CameraState.CONNECTING, "opening"
        self._position_s = order.resume.position_s
        self._damaged = 0  # in all passes through the source
        self._damaged_before = 0  # in those before this one; the reader's
        self._latency_s = 0.0
        self._canvas: ImageArray | None = None
        self._opened = threading.Event()
        self._clock = PlaybackClock()
        self._processed = RateMeter()
        self._played = RateMeter()
        self._frames: Mailbox[_Read] = Mailbox(READ_AHEAD)
        self._reader = Worker(f"{self.id}-reader", self._read, on_error=self._failed)
        self._analyser = Worker(f"{self.id}-analyser", self._analyse, on_error=self._failed)

    def start(self) -> None:
        """Open source and model in the background and begin."""
        self._reader.start()
        self._analyser.start()

    def ask_to_close(self) -> None:
        """Begin to end, without waiting."""
        for worker in (self._reader, self._analyser):
            worker.ask_to_stop()
        self._frames.close()
        self._wake.set()

    def close(self, timeout_s: float = 1.0) -> None:
        """End both threads; idempotent, legal before start."""
        self.ask_to_close()
        for worker in (self._reader, self._analyser):
            worker.stop(timeout_s)

    def apply(self, controls: Controls) -> None:
        """Use ``controls`` from the next frame on."""
        self._controls = controls
        self._wake.set()

    def watch(self, fits: frozenset[int]) -> None:
        """Draw and encode pictures in the widths asked for, or without any only count."""
        self._fits = fits
        self._wake.set()

    def still(self, *, plain: bool) -> bytes | None:
        """The newest frame as JPEG, ``plain`` without anything drawn on it; None before the first frame."""
        with self._lock:
            pipeline = self._pipeline
            if pipeline is None or pipeline.frame is None:
                return None
            image = pipeline.frame.image if plain else pipeline.picture(self._controls)
        return encode_jpeg(image)

    def snapshot(self) -> Snapshot:
        """What the camera is doing, as a value."""
        now_s = time.monotonic()
        snapshot = Snapshot(
            camera_id=self.id,
            state=self._state,
            reason=self._reason,
            source=self._source_info,
            model_label=self._model_label,
            position_s=self._position_s,
            dropped=self._frames.dropped,
            damaged=self._damaged,
            tallies=self._order.resume.tallies,
            revision=self._controls.revision,
        )
        with self._lock:
            pipeline, running = self._pipeline, self._state is CameraState.LIVE
            if pipeline is None:
                return snapshot
            snapshot = replace(snapshot, class_names=tuple(pipeline.names.values()), tallies=pipeline.tallies)
            if pipeline.frame is None:
                return snapshot
            return replace(
                snapshot,
                index=pipeline.frame.index,
                time_s=pipeline.frame.time_s,
                run=pipeline.frame.run,
                processed_hz=self._processed.rate(now_s) if running else 0.0,
                speed=self._played.rate(now_s) if running and not self._live else None,
                latency_s=self._latency_s,
                present=pipeline.present(self._controls),
                heat_top_s=pipeline.heat_top_s,
            )

    @property
    def _live(self) -> bool:
        """Whether the source cannot wait; a file's can."""
        return self._source_info is not None and self._source_info.live

    def _publish(self, report: Packet | Crossed) -> None:
        """Not after the end: another camera may have this one's id by then."""
        if not self._analyser.stopping.is_set():
            self._publish_to(report)

    def _set_state(self, state: CameraState, reason: str = "") -> None:
        if self._state is CameraState.FAILED:
            return
        if (state, reason) != (self._state, self._reason):
            logger.info("Camera %s is %s %s", self.id, state.value, reason)
        self._state, self._reason = state, reason

    def _failed(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, HeatStreamError) else f"{type(error).__name__}: {error}"
        self._set_state(CameraState.FAILED, reason)
        self._reader.ask_to_stop()
        self._frames.close()  # what waits there is still analysed

    # The reader's thread

    def _read(self, stop: threading.Event) -> None:
        last: Frame | None = None
        start_s = self._order.resume.position_s
        while not stop.is_set():
            with open_source(self._order.source, start_s=start_s) as source:
                self._source_info = source.info
                self._opened.set()
                newest = self._pass_on(source, after=last)
                self._damaged_before += source.damaged
            if stop.is_set():
                return
            if newest is last:
                raise SourceUnreadableError(f"{source.info.label}: no picture could be decoded from it")
            last, start_s = newest, 0.0
            if not self._controls.loop:
                self._frames.put(_Read(None, damaged=self._damaged_before))
                while not self._controls.loop:
                    if stop.wait(IDLE_WAKE_S):
                        return

    def _pass_on(self, source: Source, *, after: Frame | None) -> Frame | None:
        """Hand the frames of one opening on, with index, time and run continued; returns the last one."""
        resume = self._order.resume
        index, run = (after.index, after.run) if after else (resume.index, resume.run)
        gap_s = 1 / (source.info.rate_hz or 25.0)
        time_s = after.time_s + gap_s if after else (resume.time_s + gap_s if resume.index else 0.0)
        last = after
        for frame in source.frames():
            last = replace(frame, index=index + frame.index, time_s=time_s + frame.time_s, run=run + frame.run)
            if not self._frames.put(_Read(last, source.position_s, self._damaged_before + source.damaged)):
                break
        return last

    # The analyser's thread

    def _analyse(self, stop: threading.Event) -> None:
        while not self._opened.wait(IDLE_WAKE_S):
            if stop.is_set() or self._state is CameraState.FAILED:
                return
        info = self._source_info
        assert info is not None
        self._set_state(CameraState.CONNECTING, "loading the model")
        with closing(open_tracks(self._order.model, rate_hz=info.rate_hz or 25.0)) as tracks:
            self._model_label = tracks.label
            with self._lock:
                self._pipeline = Pipeline(tracks, controls=self._order.controls, tallies=self._order.resume.tallies)
            try:
                while not stop.is_set():
                    read = self._frames.get(IDLE_WAKE_S)
                    if read is None:
                        self._redraw_if_asked()
                    elif read.frame is None:
                        self._damaged = read.damaged
                        self._set_state(CameraState.ENDED, "the file has been played to its end")
                        self._redraw()
                    elif self._wait_until_due(read.frame, stop):
                        self._process(read.frame, read)
            except ClosedError:
                return

    def _wait_until_due(self, frame: Frame, stop: threading.Event) -> bool:
        """Sleep until ``frame`` is due, redrawing the one before it when asked; False if the camera was closed."""
        live = self._live
        while not stop.is_set():
            paused = self._controls.paused and not live
            if paused:
                self._set_state(CameraState.PAUSED)
                self._clock.restart()
                self._played.clear()
                self._processed.clear()
            wait_s = IDLE_WAKE_S if paused else 0.0 if live else self._clock.wait_s(frame.time_s, time.monotonic())
            if wait_s <= 0:
                self._set_state(CameraState.LIVE)
                return True
            if self._wake.wait(wait_s) and not stop.is_set():
                self._redraw_if_asked()
        return False

    def _process(self, frame: Frame, read: _Read) -> None:
        self._wake.clear()
        pipeline, controls = self._pipeline, self._controls
        assert pipeline is not None
        if not self._live:
            frame = replace(frame, read_s=time.time())  # a file's frame waits decoded until it is due: no delay
        tracks = pipeline.track(frame, controls)
        with self._lock:
            last = pipeline.frame
            crossings = pipeline.view(frame, tracks, controls)
        if crossings:
            self._publish(Crossed(self.id, crossings))
        if self._fits and not controls.paused:
            self._draw(controls)
        self._position_s, self._damaged = read.position_s, read.damaged
        now_s = time.monotonic()
        self._processed.tick(now_s)
        self._played.tick(now_s, min(frame.time_s - last.time_s, MAX_STEP_S) if last else 0.0)
        self._latency_s += 0.1 * (time.time() - frame.read_s - self._latency_s)

    def _redraw_if_asked(self) -> None:
        if self._wake.is_set():
            self._wake.clear()
            self._redraw()

    def _redraw(self) -> None:
        pipeline = self._pipeline
        if self._fits and pipeline is not None and pipeline.frame is not None:
            self._draw(self._controls)

    def _draw(self, controls: Controls) -> None:
        pipeline = self._pipeline
        assert pipeline is not None
        with self._lock:
            frame = pipeline.frame
            assert frame is not None
            if self._canvas is None or self._canvas.shape != frame.image.shape:
                self._canvas = np.empty_like(frame.image)
            image = pipeline.picture(controls, out=self._canvas)
            tallies, present = pipeline.tallies, pipeline.present(controls)
        served: dict[tuple[int, int], list[int]] = {}
        for fit in sorted(self._fits):
            served.setdefault(fitted(frame.size_wh, fit), []).append(fit)
        for size_wh, fits in served.items():
            shown = image if size_wh == frame.size_wh else cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
            self._publish(
                Packet(
                    camera_id=self.id,
                    index=frame.index,
                    time_s=frame.time_s,
                    read_s=frame.read_s,
                    published_s=time.time(),
                    size_wh=size_wh,
                    jpeg=encode_jpeg(np.asarray(shown)),
                    fits=tuple(fits),
                    tallies=tallies,
                    present=present,
                )
            )
