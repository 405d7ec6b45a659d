"""Keeps one engine process running: starts it, listens to it, and starts it again when it falls or hangs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from heatstream.core.errors import EngineUnavailableError
from heatstream.engine.messages import Alive, Command, Report
from heatstream.engine.worker import Worker
from heatstream.host.child import EngineChild

logger = logging.getLogger(__name__)

#: An engine that says nothing for this long (seconds) hangs, and is ended and started again. Loading torch and a
#: model on a busy machine was seen to keep it silent for 3 s.
SILENCE_LIMIT_S = 30.0
#: Waits before an engine is started again, seconds; the last one repeats. A minute without a fall starts over.
RESTART_WAITS_S = (0.2, 1.0, 2.0, 5.0, 10.0)
STABLE_S = 60.0
#: How often its owner is asked to tidy up, seconds.
TICK_S = 1.0


class EngineState(StrEnum):
    """What the engine process is doing."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Calls:
    """Whom to tell; all are called on the supervising thread.

    ``began``: a new engine takes commands and knows no camera yet; ``said``: it has sent a report; ``lost``: it is
    gone, and with it whatever it was asked; ``tick``: about a second has passed, at this monotonic time.
    """

    began: Callable[[], None]
    said: Callable[[Report], None]
    lost: Callable[[], None]
    tick: Callable[[float], None]


class Supervisor:
    """Runs from ``start`` to ``close``; ``send`` may be called from any thread."""

    def __init__(self, calls: Calls) -> None:
        self.restarts = 0
        self.state = EngineState.STOPPED
        self._calls = calls
        self._child: EngineChild | None = None
        self._lock = threading.Lock()
        self._worker = Worker("engine-host", self._run)

    @property
    def pid(self) -> int | None:
        """The engine's process id, None while there is none."""
        child = self._child
        return child.pid if child else None

    def start(self) -> None:
        """Start the engine process and keep it running."""
        self.state = EngineState.STARTING
        self._worker.start()

    def ask_to_close(self) -> None:
        """Begin to end, without waiting."""
        self._worker.ask_to_stop()

    def close(self, timeout_s: float) -> None:
        """End the engine process. Idempotent, legal before start."""
        self._worker.stop(timeout_s)

    def send(self, command: Command) -> bool:
        """Send to the engine if there is one; a new engine must be told everything anyway."""
        with self._lock:
            if self._child is None:
                return False
            self._child.send(command)
            return True

    def _run(self, stop: threading.Event) -> None:
        falls = 0
        while not stop.is_set():
            started_s = time.monotonic()
            child: EngineChild | None = None
            try:
                child = EngineChild()
                with self._lock:
                    self._child = child
                self._calls.began()
                self._listen(child, stop)
            except EngineUnavailableError as error:
                logger.warning("%s It is started again.", error)
            except Exception:
                logger.exception("The engine could not be kept; it is started again")
            finally:
                self.state = EngineState.STOPPED if stop.is_set() else EngineState.RESTARTING
                with self._lock:
                    self._child = None
                if child is not None:
                    child.end(timeout_s=1.5 if stop.is_set() else 0.0)
                self._calls.lost()
            if not stop.is_set():
                falls = 0 if time.monotonic() - started_s > STABLE_S else falls
                stop.wait(RESTART_WAITS_S[min(falls, len(RESTART_WAITS_S) - 1)])
                falls += 1
                self.restarts += 1

    def _listen(self, child: EngineChild, stop: threading.Event) -> None:
        heard_s = ticked_s = time.monotonic()
        while not stop.is_set():
            report = child.receive(timeout_s=0.25)
            now_s = time.monotonic()
            if report is not None:
                self._calls.said(report)
            if isinstance(report, Alive):
                heard_s = now_s
                self.state = EngineState.RUNNING
            elif now_s - heard_s > SILENCE_LIMIT_S:
                raise EngineUnavailableError(f"The engine said nothing for {SILENCE_LIMIT_S:.0f} s.")
            if now_s - ticked_s > TICK_S:
                ticked_s = now_s
                self._calls.tick(now_s)
