"""One camera: frames from its reader, an analyser thread (frames to tracks, views and packets), and its state."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from heatstream.core.caption import draw_caption, moment_words
from heatstream.core.controls import Controls
from heatstream.core.counting import added, rearranged
from heatstream.core.errors import ClosedError, HeatStreamError, ModelError
from heatstream.core.shrink import shrink
from heatstream.core.types import CameraState, Frame, ImageArray, Packet, Snapshot, ZoneTally
from heatstream.engine.messages import Crossed, Look, Open
from heatstream.engine.painter import Painter
from heatstream.engine.pipeline import PICTURE_S, Pipeline
from heatstream.engine.rates import PlaybackClock, RateMeter
from heatstream.engine.reader import Read, Reader
from heatstream.engine.worker import Worker
from heatstream.output import encode_jpeg, encode_png
from heatstream.vision import is_tracks_file, open_tracks

logger = logging.getLogger(__name__)

#: How often a camera without new frames looks for changed controls, seconds.
IDLE_WAKE_S = 0.5
#: What has come to its end.
ENDED_FILE = "the file has been played to its end"
ENDED_PICTURE = "the picture has been analysed"
#: A file that plays faster than its own speed is drawn no more often than this, pictures a second.
MAX_DRAWN_HZ = 30.0


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
        self._painter = Painter(order.camera_id)
        self._wake = threading.Event()  # controls changed, or somebody began to look
        self._lock = threading.Lock()  # guards the pipeline's views while a still is drawn
        self._pipeline: Pipeline | None = None
        self._model_label = ""
        self._state, self._reason = CameraState.CONNECTING, "opening"
        self._next_try_utc_s: float | None = None
        self._model_failed = False
        self._position_s = order.resume.position_s
        self._tallies = order.resume.tallies  # until there is a pipeline to count on
        self._damaged = 0
        self._jumps = -1  # how often the place had been changed before the frame that is shown
        self._drawn_s = 0.0
        self._latency_s = 0.0
        self._clock = PlaybackClock()
        self._processed = RateMeter()
        self._played = RateMeter()
        self._reader = Reader(order, controls=lambda: self._controls, on_error=self._failed)
        self._analyser = Worker(f"{self.id}-analyser", self._analyse, on_error=self._failed)

    def start(self) -> None:
        """Open source and model in the background and begin."""
        self._reader.start()
        self._analyser.start()

    def ask_to_close(self) -> None:
        """Begin to end, without waiting."""
        self._reader.ask_to_close()
        self._analyser.ask_to_stop()
        self._wake.set()

    def close(self, timeout_s: float = 1.0) -> None:
        """End both threads; idempotent, legal before start."""
        self.ask_to_close()
        self._reader.close(timeout_s)
        self._analyser.stop(timeout_s)

    def apply(self, controls: Controls) -> None:
        """Use ``controls`` from the next frame on; what was counted follows them at once."""
        with self._lock:
            before, self._controls = self._controls, controls
            if self._pipeline is not None:
                self._pipeline.obey_counts(controls)
            else:
                kept = self._tallies if controls.counts_epoch == before.counts_epoch else ()
                self._tallies = rearranged(kept, before.counted_zones, controls.counted_zones)
        self._reader.wake()
        self._wake.set()

    def seek(self, position_s: float) -> None:
        """Go on from ``position_s`` seconds in the file; a camera that cannot (see ``Snapshot``) stays where it is."""
        if self._seekable:
            self._reader.seek(position_s)
            self._wake.set()

    def try_now(self) -> None:
        """Open a source that is lost at once, not when its wait is over."""
        self._reader.try_now()

    def watch(self, fits: frozenset[int]) -> None:
        """Draw and encode pictures in the widths asked for, or without any only count."""
        self._painter.fits = fits
        if self._pipeline is None and self._reader.opened.is_set():
            self._draw_first()
        self._wake.set()

    def still(self, look: Look) -> bytes | None:
        """The newest frame as JPEG or, if the look is that, as PNG; None before the first frame."""
        with self._lock:
            pipeline, controls = self._pipeline, self._controls
            if pipeline is None or pipeline.shown is None:
                return None
            if look is Look.STAMPED:
                controls = replace(controls, overlay=replace(controls.overlay, legend=True))
            image = pipeline.shown.image if look is Look.PLAIN else pipeline.picture(controls)
            if look is Look.STAMPED:
                info = self._reader.info
                draw_caption(image, info.label if info else "", moment_words(pipeline.shown.utc_s, self._position_s))
        return encode_png(image) if look is Look.PNG else encode_jpeg(image)

    def add_counts(self, tallies: tuple[ZoneTally, ...]) -> None:
        """Count ``tallies`` in, by zone id."""
        with self._lock:
            if self._pipeline is not None:
                self._pipeline.add_counts(tallies, self._controls)
            else:
                self._tallies = added(self._tallies, tallies)
        self._wake.set()

    def snapshot(self) -> Snapshot:
        """What the camera is doing, as a value."""
        now_s = time.monotonic()
        with self._lock:
            snapshot = Snapshot(
                camera_id=self.id,
                state=self._state,
                reason=self._reason,
                next_try_utc_s=self._next_try_utc_s,
                source=self._reader.info,
                model_label=self._model_label,
                position_s=self._position_s,
                seekable=self._seekable,
                model_failed=self._model_failed,
                dropped=self._reader.dropped,
                damaged=self._damaged,
                tallies=self._tallies,
                revision=self._controls.revision,
            )
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
        return self._reader.info is not None and self._reader.info.live

    @property
    def _seekable(self) -> bool:
        """Whether there is a place to go to; stored tracks belong to the file's frames from its first one on."""
        info = self._reader.info
        return bool(info and info.duration_s) and not is_tracks_file(Path(self._order.model.model))

    def _publish(self, report: Packet | Crossed) -> None:
        """Not after the end: another camera may have this one's id by then."""
        if not self._analyser.stopping.is_set():
            self._publish_to(report)

    def _set_state(self, state: CameraState, reason: str = "", next_try_utc_s: float | None = None) -> None:
        if self._state is CameraState.FAILED:
            return
        reason = self._order.secret.masked(reason)
        if (state, reason) != (self._state, self._reason):
            logger.info("Camera %s is %s %s", self.id, state.value, reason)
        self._state, self._reason, self._next_try_utc_s = state, reason, next_try_utc_s

    def _failed(self, error: Exception) -> None:
        if isinstance(error, HeatStreamError):
            reason = str(error)
        else:
            reason = self._order.secret.scrubbed(f"{type(error).__name__}: {error}")
        self._model_failed = isinstance(error, ModelError) and self._state is not CameraState.FAILED
        self._set_state(CameraState.FAILED, reason)
        self._reader.ask_to_close()  # what waits there is still analysed

    # The analyser's thread

    def _analyse(self, stop: threading.Event) -> None:
        while not self._reader.opened.wait(IDLE_WAKE_S):
            if stop.is_set() or self._state is CameraState.FAILED:
                return
            self._show_line()
        info = self._reader.info
        assert info is not None
        self._set_state(CameraState.CONNECTING, "loading the model")
        self._draw_first()
        with closing(open_tracks(self._order.model, rate_hz=info.rate_hz or 25.0)) as tracks:
            self._model_label = tracks.label
            with self._lock:
                first_step_s = PICTURE_S if info.picture else 0.0
                self._pipeline = Pipeline(
                    tracks, controls=self._controls, tallies=self._tallies, first_step_s=first_step_s
                )
            try:
                while not stop.is_set():
                    read = self._reader.frames.get(IDLE_WAKE_S)
                    if read is None:
                        if self._live:
                            self._show_line()
                        self._redraw_if_asked()
                    elif self._reader.outdated(read):
                        continue
                    elif read.frame is None:
                        self._damaged = read.damaged
                        self._set_state(CameraState.ENDED, ENDED_PICTURE if info.picture else ENDED_FILE)
                        self._finish()
                    elif self._wait_until_due(read, read.frame, stop):
                        self._process(read.frame, read)
            except ClosedError:
                return

    def _show_line(self) -> None:
        """Take over what the source is doing: connecting, stalled, reconnecting."""
        line = self._reader.line(time.monotonic())
        self._set_state(line.state, line.reason, line.next_try_utc_s)

    def _wait_until_due(self, read: Read, frame: Frame, stop: threading.Event) -> bool:
        """Sleep until ``frame`` is due, redrawing the one before it when asked; False if it is not wanted any more."""
        live, jumped = self._live, read.jumps != self._jumps
        if jumped:
            self._clock.restart()
        while not stop.is_set() and not self._reader.outdated(read):
            controls = self._controls
            paused = controls.paused and not live
            self._set_state(CameraState.PAUSED if paused else CameraState.LIVE)
            if paused:
                self._clock.restart()
                with self._lock:
                    self._played.clear()
                    self._processed.clear()
            if live or jumped:  # the first frame from a new place is shown at once, also while paused
                return True
            now_s = time.monotonic()
            wait_s = IDLE_WAKE_S if paused else self._clock.wait_s(frame.time_s, now_s, speed=controls.speed)
            if wait_s <= 0:
                return True
            if self._wake.wait(wait_s) and not stop.is_set():
                self._redraw_if_asked()
        return False

    def _process(self, frame: Frame, read: Read) -> None:
        asked = self._wake.is_set()
        self._wake.clear()
        pipeline = self._pipeline
        assert pipeline is not None
        if not self._live:
            frame = replace(frame, read_s=time.time())  # a file's frame waits decoded until it is due: no delay
        tracks = pipeline.track(frame, self._controls)
        now_s = time.monotonic()
        with self._lock:
            last, controls = pipeline.frame, self._controls  # those of now: detecting takes long enough to change them
            if controls.paused and self._live:
                pipeline.hold()
            else:
                pipeline.release()
            crossings = pipeline.view(frame, tracks, controls)
            self._processed.tick(now_s)
            self._played.tick(now_s, frame.time_s - last.time_s if last else 0.0)
        if crossings:
            self._publish(Crossed(self.id, crossings))
        self._position_s, self._damaged = read.position_s, read.damaged
        if self._painter.fits and (asked or self._may_draw(read, controls, now_s)):
            self._drawn_s = now_s
            self._draw()
        self._jumps = read.jumps
        self._latency_s += 0.1 * (time.time() - frame.read_s - self._latency_s)

    def _finish(self) -> None:
        """The file has ended: count who was behind a zone by then, and show it."""
        pipeline = self._pipeline
        assert pipeline is not None
        with self._lock:
            crossings = pipeline.finish(self._controls)
        if crossings:
            self._publish(Crossed(self.id, crossings))
        self._redraw()

    def _may_draw(self, read: Read, controls: Controls, now_s: float) -> bool:
        """Not a paused live camera's new frames, nor more of a hurried file than anybody can see."""
        if read.jumps != self._jumps:
            return True
        if controls.paused:
            return not self._live
        return controls.speed <= 1 or now_s - self._drawn_s >= 1 / MAX_DRAWN_HZ

    def _redraw_if_asked(self) -> None:
        if self._wake.is_set():
            self._wake.clear()
            self._redraw()

    def _redraw(self) -> None:
        pipeline = self._pipeline
        if self._painter.fits and pipeline is not None and pipeline.frame is not None:
            self._draw()

    def _draw_first(self) -> None:
        """Show the first frame as it is, while the model is being loaded: that takes seconds."""
        frame = self._reader.first
        assert frame is not None
        with self._lock:
            if self._pipeline is not None:
                return
            self._painter.paint(frame, lambda canvas: shrink(frame.image, _size(canvas), out=canvas))
            packets = tuple(self._painter.packets(frame, self._tallies))
        for packet in packets:
            self._publish(packet)

    def _draw(self) -> None:
        pipeline = self._pipeline
        assert pipeline is not None
        with self._lock:
            frame, controls = pipeline.shown, self._controls
            assert frame is not None
            self._painter.paint(frame, lambda canvas: pipeline.picture(controls, size_wh=_size(canvas), out=canvas))
            tallies, present = pipeline.tallies, pipeline.present(controls)
        for packet in self._painter.packets(frame, tallies, present):
            self._publish(packet)


def _size(image: ImageArray) -> tuple[int, int]:
    return image.shape[1], image.shape[0]
