"""The web process's handle to the engine: it speaks for all cameras, and knows them whatever is started again."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from heatstream.core.controls import Controls
from heatstream.core.counting import Counted, added, rearranged
from heatstream.core.errors import CameraStoppedError, EngineUnavailableError, SourceError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Packet, Snapshot
from heatstream.engine.messages import (
    AddCounts,
    Apply,
    Look,
    Open,
    Report,
    Resume,
    Seek,
    Still,
    Stop,
    Taken,
    TryNow,
    Watch,
)
from heatstream.host import stills
from heatstream.host.hub import Hub
from heatstream.host.keeper import Keeper
from heatstream.host.pushes import Pushes
from heatstream.host.roster import WAITING, Forgotten, Kept, Roster
from heatstream.host.spec import CameraSpec
from heatstream.host.supervisor import Calls, EngineState, Supervisor
from heatstream.sources.credentials import NO_SECRET, Secret
from heatstream.sources.inlets import SentPicture
from heatstream.sources.pushed import is_browser
from heatstream.store import Store, Vault
from heatstream.vision import ModelSpec, is_tracks_file

__all__ = ["EngineHost", "EngineState", "Forgotten"]

logger = logging.getLogger(__name__)


class EngineHost:
    """Starts an engine process, keeps it running, and speaks for its cameras. Methods may be called from any thread.

    A camera is known from ``open`` to ``forget``, and runs or is stopped. ``open_store`` gives the database in which
    cameras, controls and counts last; without one they end with this process. ``vault`` encrypts what is secret in
    it. Methods that take a ``camera_id`` raise ``UnknownCameraError`` where none of this id is known.
    """

    def __init__(self, open_store: Callable[[], Store] | None = None, vault: Vault | None = None) -> None:
        self._hub: Hub | None = None
        self._keeper = Keeper(open_store)
        self._roster = Roster(self._keeper.put, most_running=settings().max_cameras, vault=vault)
        self._lock = threading.RLock()
        self._engine = Supervisor(Calls(self._began, self._take, self._lost, self._stop_idle))
        self._stills = stills.Stills(self._engine.send)
        self._pushes = Pushes(self._engine.send)

    @property
    def hub(self) -> Hub:
        """Pictures for viewers; there from ``start`` on."""
        if self._hub is None:
            raise EngineUnavailableError("The engine has not been started.")
        return self._hub

    @property
    def state(self) -> EngineState:
        """What the engine process is doing."""
        return self._engine.state

    @property
    def restarts(self) -> int:
        """How often the engine process was started again."""
        return self._engine.restarts

    @property
    def engine_pid(self) -> int | None:
        """The engine's process id, None while there is none."""
        return self._engine.pid

    @property
    def trouble(self) -> str:
        """What is wrong with keeping cameras, controls and counts, in words for people; empty if nothing is."""
        return " ".join(filter(None, (self._keeper.trouble, self._roster.trouble)))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read what was kept, start the engine process and keep it running; ``loop`` is where viewers wait.

        Live cameras that ran run again, the others are stopped until someone wakes them.
        """
        self._hub = Hub(loop, on_watch=self._on_watch)
        records = self._keeper.start()
        with self._lock:
            self._roster.fill(records)
        self._engine.start()

    def close(self, timeout_s: float = 2.5) -> None:
        """End the engine process and all viewers, and write what is to be kept. Idempotent."""
        self._engine.ask_to_close()
        if self._hub is not None:
            self._hub.close()
        self._engine.close(timeout_s)
        self._keeper.close()

    # Cameras

    def open(self, spec: CameraSpec, controls: Controls | None = None, *, secret: Secret = NO_SECRET) -> str:
        """Run the camera of ``spec`` and return its id at once.

        One that runs already is shared and left as it is; one that is stopped goes on as ``wake`` says. ``controls``
        are for a new one only. ``secret``, which may also stand in the source's text, is not part of what the camera
        is: a new one takes the place of the one that is known, and the source is opened anew with it.

        Raises:
            TooManyCamerasError: as many run as may.
        """
        spec, written = spec.split()
        secret = secret or written
        with self._lock:
            kept = self._roster.find(spec.id)
            if kept is None:
                self._roster.require_room()
                kept = self._roster.add(spec, controls or Controls(), secret)
            elif secret and secret != kept.secret:
                self._roster.entrust(kept, secret)
                if kept.running:
                    self._engine.send(Stop(spec.id))
                    kept.running = False
            self._run(kept)
        return spec.id

    def open_instead(self, camera_id: str, model: ModelSpec, controls: Controls) -> str:
        """Run another model on a camera's source, with the same secret: another camera, whose id is returned at once.

        A camera that has failed gives it its place. ``controls`` are for a new one only.

        Raises:
            TooManyCamerasError: as many run as may.
        """
        with self._lock:
            kept = self._roster.get(camera_id)
            if kept.running and kept.snapshot.state is CameraState.FAILED:
                self._stop(kept, "another model is used instead")
            return self.open(replace(kept.spec, model=model), controls, secret=kept.secret or NO_SECRET)

    def let_in(self, camera_id: str, secret: Secret) -> None:
        """Open a camera's source anew with another secret; what ``secret`` leaves empty stays as it was.

        Raises:
            TooManyCamerasError: it was stopped, and as many run as may.
        """
        with self._lock:
            kept = self._roster.get(camera_id)
            self._roster.entrust(kept, secret.completed(kept.secret or NO_SECRET))
            self.restart(camera_id)

    def wake(self, camera_id: str) -> None:
        """Let a stopped camera go on, with its controls and counts, from its place in the file; else do nothing.

        Raises:
            TooManyCamerasError: as many run as may.
        """
        with self._lock:
            self._run(self._roster.get(camera_id))

    def stop(self, camera_id: str) -> None:
        """End a camera's work for everybody; it stays known. One that does not run, or is unknown, is fine."""
        with self._lock:
            kept = self._roster.find(camera_id)
            if kept is not None and kept.running:
                self._stop(kept, "stopped by hand")

    def forget(self, camera_id: str) -> Forgotten:
        """End a camera and remove it with its controls and counts; what is returned brings it back."""
        with self._lock:
            kept = self._roster.remove(camera_id)
            if kept.running:
                self._engine.send(Stop(camera_id))
        self.hub.end(camera_id)
        return Forgotten(kept.record(), kept.secret)

    def restore(self, forgotten: Forgotten) -> str:
        """Undo ``forget``: the camera is known again, and runs if it did and there is room; returns its id.

        One that was opened anew meanwhile is left as it is.
        """
        record = forgotten.record
        with self._lock:
            if self._roster.find(record.id) is None:
                kept = self._roster.bring_back(record, forgotten.secret)
                self._roster.use(kept)
                if record.running and self._roster.has_room():
                    self._run(kept)
        return record.id

    def restart(self, camera_id: str) -> None:
        """Open a camera anew from the beginning of its source, with its controls and counts (after a failure).

        Raises:
            TooManyCamerasError: it was stopped, and as many run as may.
        """
        with self._lock:
            kept = self._roster.get(camera_id)
            if kept.running:
                self._engine.send(Stop(camera_id))
                kept.running = False
            kept.snapshot = replace(kept.snapshot, position_s=0.0)
            self._run(kept, "opening again")

    def running(self, camera_id: str) -> bool:
        """Whether a camera is to run, whatever state it is in; a stopped one is not."""
        return self._roster.get(camera_id).running

    def locked(self, camera_id: str) -> bool:
        """Whether a camera cannot run before its password is given anew (see ``open``): what was kept is lost."""
        return self._roster.get(camera_id).secret is None

    def cameras(self) -> tuple[CameraSpec, ...]:
        """All cameras that are known, running or stopped, the last used one first."""
        with self._lock:
            return tuple(kept.spec for kept in self._roster.all())

    def spec(self, camera_id: str) -> CameraSpec:
        """What camera this is."""
        return self._roster.get(camera_id).spec

    def snapshot(self, camera_id: str) -> Snapshot:
        """What the camera was doing when it last said so, a fifth of a second ago at most while the engine runs.

        One that is stopped has its last counts, and what was known of its source.
        """
        return self._roster.get(camera_id).snapshot

    def controls(self, camera_id: str) -> Controls:
        """The controls in force, or of a stopped camera those with which it will go on."""
        return self._roster.get(camera_id).controls

    def update(self, camera_id: str, change: Callable[[Controls], Controls]) -> Controls:
        """Replace the camera's controls by ``change`` of them, as one step that no other change can fall into.

        Returns:
            the new controls, with their new revision; the same as before if nothing changed.

        Raises:
            ControlsError: from ``change``; the old controls stay.
        """
        with self._lock:
            kept = self._roster.get(camera_id)
            before, changed = kept.controls, change(kept.controls)
            if changed == before:
                return before
            kept.controls = replace(changed, revision=before.revision + 1)
            # What a new engine, or a stopped camera, goes on from follows the change, too.
            tallies = rearranged(kept.snapshot.tallies, before.counted_zones, changed.counted_zones)
            if changed.counts_epoch != before.counts_epoch:
                tallies = ()
            kept.snapshot = replace(kept.snapshot, tallies=tallies)
            self._roster.save(kept)
            if kept.running:
                self._engine.send(Apply(camera_id, kept.controls))
            else:
                kept.snapshot = replace(kept.snapshot, revision=kept.controls.revision)
                self._show(kept)
            return kept.controls

    def counted(self, camera_id: str) -> Counted:
        """What the zones that count have counted since the last reset, for ``give_back``."""
        with self._lock:
            kept = self._roster.get(camera_id)
            return Counted(kept.controls.counted_zones, kept.snapshot.tallies, kept.controls.counts_epoch)

    def give_back(self, camera_id: str, counted: Counted) -> None:
        """Add what zones had counted to what they count now; a zone that does not count gets nothing, nor any after a
        reset of all counts."""
        with self._lock:
            kept = self._roster.get(camera_id)
            more = counted.for_zones(kept.controls.counted_zones)
            if counted.epoch != kept.controls.counts_epoch or not more:
                return
            kept.snapshot = replace(kept.snapshot, tallies=added(kept.snapshot.tallies, more))
            self._roster.save(kept)
            if kept.running:
                self._engine.send(AddCounts(camera_id, more))
            else:
                self._show(kept)

    def seek(self, camera_id: str, position_s: float) -> None:
        """Go on from ``position_s`` seconds in the file; a camera that cannot (see ``Snapshot.seekable``) stays put."""
        with self._lock:
            kept = self._roster.get(camera_id)
            if kept.running:
                self._engine.send(Seek(camera_id, position_s))
            elif kept.snapshot.seekable:
                kept.snapshot = replace(kept.snapshot, position_s=max(position_s, 0.0))
                self._roster.save(kept)
                self._show(kept)

    def try_now(self, camera_id: str) -> None:
        """Open the source of a camera that reconnects at once; one that has its source, or is stopped, stays so."""
        if self._roster.get(camera_id).running:
            self._engine.send(TryNow(camera_id))

    def push(self, camera_id: str, picture: SentPicture) -> Future[bool]:
        """Hand a browser's picture to its camera; the future ends when it was taken (True), or never will be (False).

        One that is overtaken by a newer one is not taken, nor one that a busy engine does not come to.

        Raises:
            CameraStoppedError: the camera is stopped.
            SourceError: its pictures come from elsewhere.
        """
        kept = self._roster.get(camera_id)
        if not is_browser(kept.spec.source):
            raise SourceError("This camera's pictures do not come from a browser.")
        if not kept.running:
            raise CameraStoppedError("The camera is stopped; start it again on its page.")
        kept.pushed_s = time.monotonic()
        return self._pushes.offer(camera_id, picture)

    # Stills

    def still_sync(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        """``still`` for a thread that can wait."""
        return stills.wait(self._ask_still(camera_id, look), timeout_s)

    async def still(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        """A JPEG of the newest frame.

        Raises:
            CameraStoppedError: the camera is stopped.
            EngineUnavailableError: there is no picture yet, or the engine does not answer in time.
        """
        return await stills.arrival(self._ask_still(camera_id, look), timeout_s)

    def _ask_still(self, camera_id: str, look: Look = Look.SHOWN) -> Future[bytes]:
        if not self._roster.get(camera_id).running:
            raise CameraStoppedError("The camera is stopped; open its page, or start it again, to see pictures.")
        return self._stills.ask(camera_id, look)

    # Running and stopping; the lock is held

    def _run(self, kept: Kept, reason: str = WAITING) -> None:
        if kept.secret is None:
            kept.lock()
            self._show(kept)
            return
        if not kept.running:
            self._roster.require_room()
            kept.begin(reason)
            self._order(kept)
            self._show(kept)
        self._roster.use(kept)

    def _stop(self, kept: Kept, reason: str) -> None:
        kept.end(reason)
        self._engine.send(Stop(kept.spec.id))
        self._roster.save(kept)
        self._show(kept)
        for camera_id in self._roster.thin_out():
            self.hub.end(camera_id)

    def _order(self, kept: Kept) -> None:
        """Tell the engine to run it, from where it was."""
        last = kept.snapshot
        # Stored tracks belong to the file's frames from its first one on, so there the file begins anew.
        position_s = 0.0 if is_tracks_file(Path(kept.spec.model.model)) else last.position_s
        resume = Resume(position_s, last.index, last.time_s, last.run, last.tallies)
        secret = kept.secret or NO_SECRET
        self._engine.send(Open(kept.spec.id, kept.spec.source, kept.spec.model, kept.controls, resume, secret))
        if self._hub is not None:
            self._engine.send(Watch(kept.spec.id, self._hub.fits(kept.spec.id)))

    def _show(self, kept: Kept) -> None:
        if self._hub is not None:
            self._hub.publish_snapshot(kept.snapshot)

    def _on_watch(self, camera_id: str, fits: frozenset[int]) -> None:
        with self._lock:
            kept = self._roster.find(camera_id)
            if kept is not None and kept.running:
                kept.viewer_left_s = time.monotonic()
                self._engine.send(Watch(camera_id, fits))

    # What the supervisor calls, on its thread

    def _began(self) -> None:
        with self._lock:
            for kept in self._roster.running():
                self._order(kept)

    def _take(self, report: Report) -> None:
        if isinstance(report, Packet):
            self.hub.publish(report)
        elif isinstance(report, Snapshot):
            with self._lock:
                kept = self._roster.find(report.camera_id)
                if kept is not None and kept.running:
                    kept.take(report)
                    self._roster.save(kept)
                    self._show(kept)
        elif isinstance(report, Still):
            self._stills.take(report)
        elif isinstance(report, Taken):
            self._pushes.take(report)

    def _lost(self) -> None:
        """Tell everyone who waits that the engine is gone, and show it in every running camera's state."""
        with self._lock:
            for kept in self._roster.running():
                kept.snapshot = replace(
                    kept.snapshot,
                    state=CameraState.CONNECTING,
                    reason="the engine stopped and is being started again",
                    processed_hz=0.0,
                    speed=None,
                )
                self._show(kept)
        self._stills.lose()
        self._pushes.lose()

    def _stop_idle(self, now_s: float) -> None:
        """File cameras stop some minutes after their last viewer, browsers' cameras also after their last picture."""
        limit_s = settings().idle_stop_s
        with self._lock:
            for kept in self._roster.running():
                idle = self.hub.viewers(kept.spec.id) == 0 and now_s - kept.viewer_left_s > limit_s
                if is_browser(kept.spec.source):
                    idle = idle and now_s - kept.pushed_s > limit_s
                elif kept.live:
                    idle = False
                if idle:
                    logger.info("Camera %s stops: nobody has looked for %.0f s", kept.spec.id, limit_s)
                    self._stop(kept, "nobody has watched it for a while")
