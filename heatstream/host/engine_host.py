"""The web process's handle to the engine: cameras and their controls live here and survive an engine that dies."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from heatstream.core.controls import Controls
from heatstream.core.errors import EngineUnavailableError, UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Packet, Snapshot
from heatstream.engine.messages import (
    Alive,
    Apply,
    AskStill,
    Command,
    Look,
    Open,
    Report,
    Resume,
    Seek,
    Still,
    Stop,
    Watch,
)
from heatstream.engine.worker import Worker
from heatstream.host.child import EngineChild
from heatstream.host.hub import Hub
from heatstream.host.spec import CameraSpec
from heatstream.vision import is_tracks_file

logger = logging.getLogger(__name__)

#: An engine that says nothing for this long (seconds) hangs, and is ended and started again. Loading torch and a
#: model on a busy machine was seen to keep it silent for 3 s.
SILENCE_LIMIT_S = 30.0
#: Waits before an engine is started again, seconds; the last one repeats. A minute without a fall starts over.
RESTART_WAITS_S = (0.2, 1.0, 2.0, 5.0, 10.0)
STABLE_S = 60.0


class EngineState(StrEnum):
    """What the engine process is doing."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(slots=True)
class _Kept:
    """What the host remembers of a camera, enough to open it again."""

    spec: CameraSpec
    controls: Controls
    snapshot: Snapshot
    viewer_left_s: float = field(default_factory=time.monotonic)


class EngineHost:
    """Starts an engine process, keeps it running, and speaks for its cameras. Methods may be called from any thread."""

    def __init__(self) -> None:
        self.restarts = 0
        self._state = EngineState.STOPPED
        self._hub: Hub | None = None
        self._child: EngineChild | None = None
        self._cameras: dict[str, _Kept] = {}
        self._stills: dict[int, Future[bytes]] = {}
        self._requests = 0
        self._lock = threading.RLock()
        self._worker = Worker("engine-host", self._supervise)

    @property
    def hub(self) -> Hub:
        """Pictures for viewers; there from ``start`` on."""
        if self._hub is None:
            raise EngineUnavailableError("The engine has not been started.")
        return self._hub

    @property
    def state(self) -> EngineState:
        """What the engine process is doing."""
        return self._state

    @property
    def engine_pid(self) -> int | None:
        """The engine's process id, None while there is none."""
        child = self._child
        return child.pid if child else None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the engine process and keep it running; ``loop`` is where viewers wait."""
        self._hub = Hub(loop, on_watch=self._on_watch)
        self._state = EngineState.STARTING
        self._worker.start()

    def close(self, timeout_s: float = 2.5) -> None:
        """End the engine process and all viewers. Idempotent."""
        self._worker.ask_to_stop()
        if self._hub is not None:
            self._hub.close()
        self._worker.stop(timeout_s)

    def open(self, spec: CameraSpec, controls: Controls | None = None) -> str:
        """Run the camera of ``spec`` and return its id at once; one that runs already is shared and left as it is."""
        with self._lock:
            if spec.id not in self._cameras:
                first = Snapshot(camera_id=spec.id, state=CameraState.CONNECTING, reason="waiting for the engine")
                self._cameras[spec.id] = _Kept(spec, controls or Controls(), first)
                self._send(self._order(self._cameras[spec.id]))
        return spec.id

    def stop(self, camera_id: str) -> None:
        """End a camera for everybody; one that is gone already is fine."""
        with self._lock:
            if self._cameras.pop(camera_id, None) is not None:
                self._send(Stop(camera_id))
        self.hub.end(camera_id)

    def restart(self, camera_id: str) -> None:
        """Open a camera anew from the beginning of its source, with its controls and counts (after a failure)."""
        with self._lock:
            kept = self._kept(camera_id)
            kept.snapshot = replace(kept.snapshot, state=CameraState.CONNECTING, reason="opening again", position_s=0.0)
            self._send(Stop(camera_id))
            self._send(self._order(kept))
            self._send(Watch(camera_id, self.hub.fits(camera_id)))

    def cameras(self) -> tuple[CameraSpec, ...]:
        """The cameras that run, oldest first."""
        with self._lock:
            return tuple(kept.spec for kept in self._cameras.values())

    def spec(self, camera_id: str) -> CameraSpec:
        """What camera this is.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        return self._kept(camera_id).spec

    def snapshot(self, camera_id: str) -> Snapshot:
        """What the camera was doing when it last said so, a fifth of a second ago at most while the engine runs.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        return self._kept(camera_id).snapshot

    def controls(self, camera_id: str) -> Controls:
        """The controls in force.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        return self._kept(camera_id).controls

    def update(self, camera_id: str, change: Callable[[Controls], Controls]) -> Controls:
        """Replace the camera's controls by ``change`` of them, as one step that no other change can fall into.

        Returns:
            the new controls, with their new revision; the same as before if nothing changed.

        Raises:
            UnknownCameraError: there is none of this id.
            ControlsError: from ``change``; the old controls stay.
        """
        with self._lock:
            kept = self._kept(camera_id)
            changed = change(kept.controls)
            if changed.counts_epoch != kept.controls.counts_epoch:
                kept.snapshot = replace(kept.snapshot, tallies=())  # a new engine must not bring old counts back
            if changed != kept.controls:
                kept.controls = replace(changed, revision=kept.controls.revision + 1)
                self._send(Apply(camera_id, kept.controls))
            return kept.controls

    def seek(self, camera_id: str, position_s: float) -> None:
        """Go on from ``position_s`` seconds in the file; a camera that cannot (see ``Snapshot.seekable``) stays put.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        self._kept(camera_id)
        self._send(Seek(camera_id, position_s))

    def ask_still(self, camera_id: str, look: Look = Look.SHOWN) -> Future[bytes]:
        """Ask for a JPEG of the newest frame.

        Returns:
            a future that ends with the bytes or with ``EngineUnavailableError``.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        future: Future[bytes] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it, so its end can always be set
        with self._lock:
            self._kept(camera_id)
            self._requests += 1
            self._stills[self._requests] = future
            if not self._send(AskStill(self._requests, camera_id, look)):
                del self._stills[self._requests]
                future.set_exception(EngineUnavailableError("The engine is starting; try once more in a moment."))
        return future

    def still_sync(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        """``still`` for a thread that can wait."""
        try:
            return self.ask_still(camera_id, look).result(timeout_s)
        except TimeoutError as error:
            raise EngineUnavailableError("The engine did not send a picture in time; try once more.") from error

    async def still(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        """A JPEG of the newest frame.

        Raises:
            UnknownCameraError: there is no such camera.
            EngineUnavailableError: there is no picture yet, or the engine does not answer in time.
        """
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self.ask_still(camera_id, look)), timeout_s)
        except TimeoutError as error:
            raise EngineUnavailableError("The engine did not send a picture in time; try once more.") from error

    def _kept(self, camera_id: str) -> _Kept:
        try:
            return self._cameras[camera_id]
        except KeyError:
            raise UnknownCameraError(f"No camera {camera_id} runs here; choose a source to start one.") from None

    def _order(self, kept: _Kept) -> Open:
        last = kept.snapshot
        # Stored tracks belong to the file's frames from its first one on, so there the file begins anew.
        position_s = 0.0 if is_tracks_file(Path(kept.spec.model.model)) else last.position_s
        resume = Resume(position_s, last.index, last.time_s, last.run, last.tallies)
        return Open(kept.spec.id, kept.spec.source, kept.spec.model, kept.controls, resume)

    def _send(self, command: Command) -> bool:
        """Send to the engine if there is one; a new engine is told everything anyway."""
        with self._lock:
            if self._child is None:
                return False
            self._child.send(command)
            return True

    def _on_watch(self, camera_id: str, fits: frozenset[int]) -> None:
        with self._lock:
            kept = self._cameras.get(camera_id)
            if kept is not None:
                kept.viewer_left_s = time.monotonic()
                self._send(Watch(camera_id, fits))

    # The supervising thread

    def _supervise(self, stop: threading.Event) -> None:
        falls = 0
        while not stop.is_set():
            started_s = time.monotonic()
            child: EngineChild | None = None
            try:
                child = EngineChild()
                self._begin(child)
                self._listen(child, stop)
            except EngineUnavailableError as error:
                logger.warning("%s It is started again.", error)
            except Exception:
                logger.exception("The engine could not be kept; it is started again")
            finally:
                self._state = EngineState.STOPPED if stop.is_set() else EngineState.RESTARTING
                with self._lock:
                    self._child = None
                if child is not None:
                    child.end(timeout_s=1.5 if stop.is_set() else 0.0)
                self._lose_engine()
            if not stop.is_set():
                falls = 0 if time.monotonic() - started_s > STABLE_S else falls
                stop.wait(RESTART_WAITS_S[min(falls, len(RESTART_WAITS_S) - 1)])
                falls += 1
                self.restarts += 1

    def _begin(self, child: EngineChild) -> None:
        with self._lock:
            self._child = child
            for kept in self._cameras.values():
                child.send(self._order(kept))
                child.send(Watch(kept.spec.id, self.hub.fits(kept.spec.id)))

    def _listen(self, child: EngineChild, stop: threading.Event) -> None:
        heard_s = idle_checked_s = time.monotonic()
        while not stop.is_set():
            report = child.receive(timeout_s=0.25)
            now_s = time.monotonic()
            if report is not None:
                self._take(report)
            if isinstance(report, Alive):
                heard_s = now_s
            elif now_s - heard_s > SILENCE_LIMIT_S:
                raise EngineUnavailableError(f"The engine said nothing for {SILENCE_LIMIT_S:.0f} s.")
            if now_s - idle_checked_s > 1.0:
                idle_checked_s = now_s
                self._stop_idle(now_s)

    def _take(self, report: Report) -> None:
        if isinstance(report, Packet):
            self.hub.publish(report)
        elif isinstance(report, Snapshot):
            with self._lock:
                kept = self._cameras.get(report.camera_id)
                if kept is None:
                    return
                kept.snapshot = report
            self.hub.publish_snapshot(report)
        elif isinstance(report, Alive):
            self._state = EngineState.RUNNING
        elif isinstance(report, Still):
            with self._lock:
                future = self._stills.pop(report.request_id, None)
            if future is not None and report.jpeg is not None:
                future.set_result(report.jpeg)
            elif future is not None:
                future.set_exception(EngineUnavailableError(report.error))

    def _lose_engine(self) -> None:
        """Tell everyone who waits that the engine is gone, and show it in every camera's state."""
        with self._lock:
            stills, self._stills = self._stills, {}
            for kept in self._cameras.values():
                kept.snapshot = replace(
                    kept.snapshot,
                    state=CameraState.CONNECTING,
                    reason="the engine stopped and is being started again",
                    processed_hz=0.0,
                    speed=None,
                )
                self.hub.publish_snapshot(kept.snapshot)
        for future in stills.values():
            future.set_exception(EngineUnavailableError("The engine stopped; it is being started again."))

    def _stop_idle(self, now_s: float) -> None:
        """File cameras end some minutes after their last viewer."""
        limit_s = settings().idle_stop_s
        with self._lock:
            idle = [
                camera_id
                for camera_id, kept in self._cameras.items()
                if self.hub.viewers(camera_id) == 0
                and now_s - kept.viewer_left_s > limit_s
                and not (kept.snapshot.source and kept.snapshot.source.live)
            ]
        for camera_id in idle:
            logger.info("Camera %s ends: nobody has looked for %.0f s", camera_id, limit_s)
            self.stop(camera_id)
