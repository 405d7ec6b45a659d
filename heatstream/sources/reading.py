"""What sources have in common that one thread reads and any thread may close."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from heatstream.core.errors import ClosedError, SourceError
from heatstream.core.types import Frame


class OneReader(ABC):
    """Frames for one thread at a time. Whoever reads while another thread closes lets go of decoder or device itself,
    for these must not be touched by two threads.

    ``_name`` is for messages, ``_closing`` is set from ``close`` on.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._reading = False

    @abstractmethod
    def _next(self) -> Frame | None:
        """The next frame; None at the end, or when it is to stop."""

    def _let_go(self) -> None:  # noqa: B027 - what holds nothing has nothing to give back
        """Give everything back; idempotent."""

    def frames(self) -> Iterator[Frame]:
        """The frames, a file's as fast as they are asked for; a second call goes on where the first one stopped.

        Raises:
            ClosedError: the source was closed before.
            SourceError: another thread is reading, or a live source is lost; its leaves tell why.
        """
        if self._closing.is_set():
            raise ClosedError(f"{self._name} was closed")
        return self._iterate()

    def close(self) -> None:
        """Let go; an iteration in another thread ends with what it is decoding or waiting for."""
        with self._lock:
            self._closing.set()
            if self._reading:
                return
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _iterate(self) -> Iterator[Frame]:
        while self._begin():
            try:
                frame = self._next()
            finally:
                still_open = self._end()
            if frame is None or not still_open:
                return
            yield frame

    def _begin(self) -> bool:
        with self._lock:
            if self._closing.is_set():
                return False
            if self._reading:
                raise SourceError(f"{self._name} is being read by another thread already")
            self._reading = True
            return True

    def _end(self) -> bool:
        with self._lock:
            self._reading = False
            closing = self._closing.is_set()
        if closing:
            self._let_go()
        return not closing
