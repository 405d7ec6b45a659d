"""A camera's reader thread: the frames of its source one after the other, through loops and jumps."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from heatstream.core.controls import Controls
from heatstream.core.errors import SourceError, SourceUnreadableError
from heatstream.core.types import Frame, SourceInfo
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.messages import Open
from heatstream.engine.worker import Worker
from heatstream.sources import Source, open_source

logger = logging.getLogger(__name__)

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
    """Opens the source of ``order`` and puts its frames into ``frames``, with index, media time and run continued.

    From ``opened`` on there are ``info`` and the ``first`` frame; the frame is in ``frames`` as well.
    ``controls`` gives the controls in force, ``on_error`` takes what ends the reader: the source cannot be used.
    """

    def __init__(self, order: Open, *, controls: Callable[[], Controls], on_error: Callable[[Exception], None]) -> None:
        self.frames: Mailbox[Read] = Mailbox(READ_AHEAD)
        self.info: SourceInfo | None = None
        self.first: Frame | None = None
        self.opened = threading.Event()
        self._order = order
        self._controls = controls
        self._wake = threading.Event()  # another place was asked for, or the loop was switched
        self._lock = threading.Lock()
        self._jumps = 0
        self._goal_s = 0.0
        self._damaged = 0  # in the passes before this one
        self._worker = Worker(f"{order.camera_id}-reader", self._run, on_error=on_error)

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

    def outdated(self, read: Read) -> bool:
        """Whether another place was asked for since ``read`` was read."""
        return read.jumps != self._jumps

    def _run(self, stop: threading.Event) -> None:
        last: Frame | None = None
        start_s, jumps = self._order.resume.position_s, 0
        while not stop.is_set():
            try:
                source = open_source(self._order.source, start_s=start_s)
            except SourceError as error:
                if not start_s:
                    raise
                logger.info("Camera %s begins at the start of its source: %s", self._order.camera_id, error)
                start_s = 0.0
                continue
            with source:
                self.info = source.info
                newest = self._pass_on(source, after=last, jumps=jumps)
                self._damaged += source.damaged
            if newest is last and jumps == self._jumps and not stop.is_set():
                raise SourceUnreadableError(f"{source.info.label}: no picture could be decoded from it")
            last, start_s = newest, 0.0
            if jumps == self._jumps and not self._loops():
                self.frames.put(Read(None, damaged=self._damaged, jumps=jumps))
                self._wait_at_end(jumps, stop)
            with self._lock:
                if jumps != self._jumps:
                    jumps, start_s = self._jumps, self._within(self._goal_s, source.info.duration_s)

    def _wait_at_end(self, jumps: int, stop: threading.Event) -> None:
        while jumps == self._jumps and not self._loops() and not stop.is_set():
            self._wake.wait()
            self._wake.clear()

    def _loops(self) -> bool:
        """Whether the source begins again at its end; a single picture never does."""
        return self._controls().loop and not (self.info is not None and self.info.picture)

    def _within(self, goal_s: float, duration_s: float | None) -> float:
        return goal_s if duration_s is None else max(0.0, min(goal_s, duration_s - LAST_GOAL_S))

    def _pass_on(self, source: Source, *, after: Frame | None, jumps: int) -> Frame | None:
        """Hand the frames of one opening on, until its end or a jump; returns the last one."""
        resume = self._order.resume
        index, run = (after.index, after.run) if after else (resume.index, resume.run)
        gap_s = 1 / (source.info.rate_hz or 25.0)
        time_s = after.time_s + gap_s if after else (resume.time_s + gap_s if resume.index else 0.0)
        last = after
        for frame in source.frames():
            last = replace(frame, index=index + frame.index, time_s=time_s + frame.time_s, run=run + frame.run)
            if not self.opened.is_set():
                self.first = last
                self.opened.set()
            read = Read(last, source.position_s, self._damaged + source.damaged, jumps)
            if not self.frames.put(read) or jumps != self._jumps:
                break
        return last
