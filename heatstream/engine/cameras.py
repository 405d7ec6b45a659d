"""All cameras of one engine process, and that process's main function."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections import deque
from functools import partial
from multiprocessing.connection import Connection

import cv2

from heatstream.core import logs
from heatstream.core.errors import HeatStreamError
from heatstream.core.settings import settings
from heatstream.core.types import Packet, Snapshot
from heatstream.engine.camera import Camera
from heatstream.engine.messages import (
    AddCounts,
    Alive,
    Apply,
    AskStill,
    Command,
    Open,
    Push,
    Report,
    Seek,
    Shutdown,
    Still,
    Stop,
    Taken,
    TryNow,
    Watch,
)
from heatstream.engine.worker import Worker
from heatstream.sources.inlets import INLETS
from heatstream.sources.pushed import is_browser
from heatstream.vision import warm_up

logger = logging.getLogger(__name__)

#: How often every camera's state is reported, seconds.
SNAPSHOT_PERIOD_S = 0.2
ALIVE_PERIOD_S = 1.0


class Outbox:
    """Reports on their way to the web process: of a camera's packets and snapshots only the newest waits, the rest
    (crossings, answers) is a queue."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, tuple[int, int] | None], Packet | Snapshot] = {}
        self._queue: deque[Report] = deque()
        self._changed = threading.Condition()

    def put(self, report: Report) -> None:
        """Take ``report``; never blocks."""
        with self._changed:
            if isinstance(report, Packet):
                self._newest[report.camera_id, report.size_wh] = report
            elif isinstance(report, Snapshot):
                self._newest[report.camera_id, None] = report
            else:
                self._queue.append(report)
            self._changed.notify()

    def take(self, timeout_s: float) -> Report | None:
        """The next report, None after ``timeout_s`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._newest or self._queue), timeout_s)
            if self._queue:
                return self._queue.popleft()
            if self._newest:
                return self._newest.pop(next(iter(self._newest)))
            return None


class Cameras:
    """Opens, changes and ends cameras as commands say; reports go through ``outbox``."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._cameras: dict[str, Camera] = {}
        self._inlets: dict[str, str] = {}  # of the cameras whose pictures a browser sends, the name of their inlet

    def obey(self, command: Command) -> None:
        """Carry out one command; one for a camera that is gone is ignored (it may have crossed its end)."""
        if isinstance(command, Open):
            self._open(command)
            return
        if isinstance(command, Shutdown):
            self.close()
            return
        camera = self._cameras.get(command.camera_id)
        if isinstance(command, AskStill):
            self._answer(command, camera)
        elif camera is None:
            logger.info("No camera %s for %s", command.camera_id, type(command).__name__)
        elif isinstance(command, Apply):
            camera.apply(command.controls)
        elif isinstance(command, Watch):
            camera.watch(command.fits)
        elif isinstance(command, Seek):
            camera.seek(command.position_s)
        elif isinstance(command, TryNow):
            camera.try_now()
        elif isinstance(command, AddCounts):
            camera.add_counts(command.tallies)
        elif isinstance(command, Push):
            self._push(command)
        elif isinstance(command, Stop):
            self._stop(camera)

    def report(self) -> None:
        """Put every camera's snapshot into the outbox."""
        for camera in tuple(self._cameras.values()):
            try:
                self._outbox.put(camera.snapshot())
            except Exception:  # one that cannot tell must not silence the others, which would end the engine
                logger.exception("Camera %s cannot say what it does", camera.id)

    def close(self) -> None:
        """End all cameras."""
        cameras, self._cameras = tuple(self._cameras.values()), {}
        for camera in cameras:
            camera.ask_to_close()
        for camera in cameras:
            camera.close()

    def _open(self, order: Open) -> None:
        if order.camera_id not in self._cameras:
            if is_browser(order.source):
                self._inlets[order.camera_id] = order.source.strip()
            self._cameras[order.camera_id] = Camera(order, self._outbox.put)
            self._cameras[order.camera_id].start()

    def _stop(self, camera: Camera) -> None:
        del self._cameras[camera.id]
        name = self._inlets.pop(camera.id, None)
        if name is not None and name not in self._inlets.values():
            INLETS.forget(name)
        Worker(f"{camera.id}-closer", lambda stop: camera.close()).start()  # others need not wait for it

    def _push(self, push: Push) -> None:
        """Hand a browser's picture to its source; one for a camera of another kind is ignored."""
        name = self._inlets.get(push.camera_id)
        if name is not None:
            INLETS.get(name).put(push.picture, partial(self._outbox.put, Taken(push.number)))

    def _answer(self, ask: AskStill, camera: Camera | None) -> None:
        try:
            jpeg = camera.still(ask.look) if camera else None
            error = "" if jpeg else "There is no picture yet."
        except (HeatStreamError, cv2.error) as failure:
            jpeg, error = None, str(failure)
        self._outbox.put(Still(ask.request_id, jpeg, error))


def serve(commands: Connection, reports: Connection) -> None:
    """The engine process: obey commands until ``Shutdown`` or until the web process is gone, then end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the web process ends us
    logs.configure(settings().log_level)
    outbox = Outbox()
    cameras = Cameras(outbox)
    workers = (
        Worker("engine-sender", lambda stop: _send(reports, outbox, stop)),
        Worker("engine-reporter", lambda stop: _report(cameras, outbox, stop)),
        Worker("engine-warm-up", lambda stop: _warm_up()),
    )
    for worker in workers:
        worker.start()
    try:
        while (command := _next(commands)) is not None:
            cameras.obey(command)
            if isinstance(command, Shutdown):
                break
    except Exception:
        logger.exception("The engine failed")
    finally:
        cameras.close()
        for worker in workers:
            worker.ask_to_stop()
        logging.shutdown()
        os._exit(0)  # libraries' own threads (torch, OpenVINO) must not hold up the end: all our work is closed


def _next(commands: Connection) -> Command | None:
    """The next command, None when the web process is gone."""
    try:
        command: Command = commands.recv()
    except (EOFError, OSError):
        logger.info("The web process is gone")
        return None
    return command


def _warm_up() -> None:
    """Import what detection needs before the first camera asks, then keep it out of garbage collection."""
    warm_up()
    gc.collect()
    gc.freeze()


def _send(reports: Connection, outbox: Outbox, stop: threading.Event) -> None:
    while not stop.is_set():
        report = outbox.take(timeout_s=0.5)
        if report is not None:
            try:
                reports.send(report)
            except OSError:
                return


def _report(cameras: Cameras, outbox: Outbox, stop: threading.Event) -> None:
    alive_s = 0.0
    while not stop.wait(SNAPSHOT_PERIOD_S):
        cameras.report()
        if time.monotonic() - alive_s >= ALIVE_PERIOD_S:
            alive_s = time.monotonic()
            outbox.put(Alive(os.getpid()))
