"""A camera's reader thread: the frames of its source one after the other, through loops, jumps and losses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from heatstream.core.controls import Controls
from heatstream.core.types import Frame, SourceInfo
from heatstream.engine.connection import Connection, Line
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.messages import Open
from heatstream.engine.worker import Worker

#: Frames decoded ahead of the analyser; the reader waits when they are full.
READ_AHEAD = 4
#: Until this many seconds before its end one can jump into a file: behind the last picture there is nothing to show.
LAST_GOAL_S = 0.5


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader hands over: a frame with its place in the source, or None at the source's end.

    ``damaged`` counts what could not be decoded in all passes through the source; ``jumps`` how often the place was
    changed before this was read (see ``Reader.outdated``).
    """

    frame: Frame | None
    position_s: float = 0.0
    damaged: int = 0
    jumps: int = 0


class Reader:
    """Opens the source of ``order`` and puts its frames into ``frames``: a file's all, of a live source the newest.

    From ``opened`` on there are ``info`` and the ``first`` frame; the frame is in ``frames`` as well.
    ``controls`` gives the controls in force, ``on_error`` takes what ends the reader: the source cannot be used.
    """

    def __init__(self, order: Open, *, controls: Callable[[], Controls], on_error: Callable[[Exception], None]) -> None:
        self.frames: Mailbox[Read] = Mailbox(READ_AHEAD)
        self.first: Frame | None = None
        self.opened = threading.Event()
        self._order = order
        self._controls = controls
        self._wake = threading.Event()  # another place was asked for, or the loop was switched
        self._lock = threading.Lock()
        self._jumps = 0
        self._goal_s = 0.0
        self._worker = Worker(f"{order.camera_id}-reader", self._run, on_error=on_error)
        self._connection = Connection(order.address, stop=self._worker.stopping, resume=order.resume)

    @property
    def info(self) -> SourceInfo | None:
        """What is known of the source; None before it has been open."""
        return self._connection.info

    @property
    def dropped(self) -> int:
        """How many frames were never taken from ``frames``."""
        return self.frames.dropped + self._connection.dropped

    def line(self, now_s: float) -> Line:
        """What the source is doing at ``now_s`` of the monotonic clock."""
        return self._connection.line(now_s)

    def start(self) -> None:
        """Open the source in the background and begin."""
        self._worker.start()

    def ask_to_close(self) -> None:
        """Begin to end, without waiting; what is in ``frames`` can still be taken."""
        self._worker.ask_to_stop()
        self.frames.close()
        self._wake.set()

    def close(self, timeout_s: float) -> None:
        """End the thread; idempotent, legal before start."""
        self.ask_to_close()
        self._worker.stop(timeout_s)

    def wake(self) -> None:
        """The controls have changed."""
        self._wake.set()

    def seek(self, position_s: float) -> None:
        """Go on from ``position_s`` seconds in the file; what was read before is outdated from now on."""
        with self._lock:
            self._jumps += 1
            self._goal_s = max(0.0, position_s)
        self._wake.set()

    def try_now(self) -> None:
        """Open a source that is lost at once, not when its wait is over."""
        self._connection.try_now()

    def outdated(self, read: Read) -> bool:
        """Whether another place was asked for since ``read`` was read."""
        return read.jumps != self._jumps

    def _run(self, stop: threading.Event) -> None:
        start_s, jumps = self._order.resume.position_s, 0
        while not stop.is_set():
            self._pass_on(start_s, jumps)
            start_s = 0.0
            if jumps == self._jumps and not self._loops():
                self.frames.put(Read(None, damaged=self._connection.damaged, jumps=jumps))
                self._wait_at_end(jumps, stop)
            with self._lock:
                if jumps != self._jumps:
                    jumps, start_s = self._jumps, self._within(self._goal_s, self.info)

    def _wait_at_end(self, jumps: int, stop: threading.Event) -> None:
        while jumps == self._jumps and not self._loops() and not stop.is_set():
            self._wake.wait()
            self._wake.clear()

    def _loops(self) -> bool:
        """Whether the source begins again at its end; a single picture never does."""
        return self._controls().loop and not (self.info is not None and self.info.picture)

    def _within(self, goal_s: float, info: SourceInfo | None) -> float:
        if info is None or info.duration_s is None:
            return goal_s
        return max(0.0, min(goal_s, info.duration_s - LAST_GOAL_S))

    def _pass_on(self, start_s: float, jumps: int) -> None:
        """Hand the frames on, until the file's end or a jump; a live source's until the reader is to stop."""
        connection = self._connection
        with closing(connection.frames(start_s)) as frames:
            for frame in frames:
                if not self.opened.is_set():
                    if connection.live:
                        self.frames.keep_newest()
                    self.first = frame
                    self.opened.set()
                read = Read(frame, connection.position_s, connection.damaged, jumps)
                if not self.frames.put(read) or jumps != self._jumps:
                    break
