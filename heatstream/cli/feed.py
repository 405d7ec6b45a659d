"""The frames that ``run`` works on, read ahead in a thread of their own."""

from __future__ import annotations

import threading
from contextlib import closing
from types import TracebackType
from typing import Self

from heatstream.core.errors import HeatStreamError, SourceTimeoutError
from heatstream.core.types import Frame, SourceInfo
from heatstream.engine.connection import Connection, Terms
from heatstream.engine.mailbox import Mailbox
from heatstream.engine.worker import Worker

#: Frames of a file that may wait; of a live source only the newest does.
QUEUE = 4


class Feed:
    """Opens ``source`` within ``open_timeout_s`` and reads it until it ends, until ``most`` frames or until ``close``.

    A live source that is lost later is opened again for as long as it takes. A context manager.
    """

    def __init__(self, source: str, *, open_timeout_s: float, most: int | None = None) -> None:
        self.frames: Mailbox[Frame] = Mailbox(QUEUE)
        self._most = most
        self._opened = threading.Event()
        self._failure: HeatStreamError | None = None
        self._worker = Worker("reader", self._read)
        terms = Terms(timeout_s=open_timeout_s, give_up_s=open_timeout_s, operator=True)
        self._connection = Connection(source, stop=self._worker.stopping, terms=terms)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def wait_until_open(self) -> SourceInfo:
        """Wait for the first frame.

        Raises:
            SourceError: there is none.
        """
        while not self._opened.wait(0.2):
            pass  # in short steps, so that Ctrl-C is heard
        if self.error is not None:
            raise self.error
        if self._connection.info is None:
            raise SourceTimeoutError("the source was closed before it had opened")
        return self._connection.info

    @property
    def live(self) -> bool:
        """Whether the source cannot wait."""
        return self._connection.live

    @property
    def damaged(self) -> int:
        """How often data could not be decoded."""
        return self._connection.damaged

    @property
    def dropped(self) -> int:
        """How many frames of a live source came too fast."""
        return self._connection.dropped + self.frames.dropped

    @property
    def error(self) -> Exception | None:
        """What ended it early."""
        return self._failure or self._worker.error

    def close(self) -> None:
        """End the thread; idempotent. What is in ``frames`` can still be taken."""
        self._worker.ask_to_stop()
        self.frames.close()
        self._worker.stop(10.0)

    def _read(self, stop: threading.Event) -> None:
        try:
            with closing(self._connection.frames()) as frames:
                for number, frame in enumerate(frames, start=1):
                    if not self._opened.is_set():
                        if self.live:
                            self.frames.keep_newest()
                        self._opened.set()
                    if not self.frames.put(frame) or (number == self._most and not self.live):
                        break
        except HeatStreamError as error:
            self._failure = error  # the command says it, so that the log need not
        finally:
            self.frames.close()
            self._opened.set()
