"""One engine process as its parent sees it: start, send, receive, end."""

from __future__ import annotations

import multiprocessing
import threading

from heatstream.core.errors import ClosedError, EngineUnavailableError
from heatstream.engine.cameras import serve
from heatstream.engine.messages import Command, Report, Shutdown
from heatstream.engine.worker import Worker
from heatstream.host.outgoing import Outgoing

#: Commands that wait for an engine that does not read; it is ended long before a slider can fill this.
OUTGOING_LIMIT = 10_000


class EngineChild:
    """Owns a spawned engine process and the pipes to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        commands_in, self._commands = context.Pipe(duplex=False)
        self._reports, reports_out = context.Pipe(duplex=False)
        self._process = context.Process(target=serve, args=(commands_in, reports_out), name="heatstream-engine")
        self._process.daemon = True
        self._process.start()
        for theirs in (commands_in, reports_out):
            theirs.close()  # so that the end of the child ends our read
        self._outgoing = Outgoing(OUTGOING_LIMIT)
        self._sender = Worker("engine-commands", self._send_all)
        self._sender.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    def send(self, command: Command) -> None:
        """Hand ``command`` over without waiting; a process that is gone never gets it."""
        self._outgoing.put(command)

    def receive(self, timeout_s: float) -> Report | None:
        """The next report, None after ``timeout_s`` seconds.

        Raises:
            EngineUnavailableError: the process is gone.
        """
        try:
            return self._reports.recv() if self._reports.poll(timeout_s) else None
        except (EOFError, OSError) as error:
            raise EngineUnavailableError("The engine process ended.") from error

    def end(self, timeout_s: float) -> None:
        """Ask the process to end, and kill it where it has not within ``timeout_s`` seconds. Idempotent."""
        self.send(Shutdown())
        self._outgoing.close()
        self._process.join(timeout_s)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(1.0)
        self._sender.stop()
        self._commands.close()
        self._reports.close()

    def _send_all(self, stop: threading.Event) -> None:
        """A pipe can be full while the engine loads its libraries; nobody but this thread waits for that."""
        while not stop.is_set():
            try:
                self._commands.send(self._outgoing.get())
            except (ClosedError, OSError):
                return
