"""Where pictures come in that others hand over: for each name one place, which holds the newest picture alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

#: A picture that has waited longer than this (seconds) is not what a source begins with.
FRESH_S = 2.0


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture as a browser sends it.

    ``size_wh`` is the size in pixels in which its camera sees; ``jpeg`` may be a smaller copy, where the line is slow.
    ``captured_s`` is when it was taken, by this machine's wall clock (epoch seconds).
    """

    jpeg: bytes
    size_wh: tuple[int, int]
    captured_s: float


class Inlet:
    """The newest picture for those who wait for it. Methods may be called from any thread; none blocks but ``take``."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: SentPicture | None = None
        self._came_s = 0.0
        self._number = 0
        self._on_taken: Callable[[], None] | None = None

    def put(self, picture: SentPicture, on_taken: Callable[[], None] | None = None) -> None:
        """Replace the picture; ``on_taken`` is called, once, when somebody takes this one."""
        with self._changed:
            self._newest, self._on_taken = picture, on_taken
            self._came_s = time.monotonic()
            self._number += 1
            self._changed.notify_all()

    def is_fresh(self) -> bool:
        """Whether the picture has just come."""
        return self._newest is not None and time.monotonic() - self._came_s <= FRESH_S

    def begin(self) -> int:
        """The number after which to ``take`` first: a picture that has just come is not missed, an old one is."""
        with self._changed:
            return self._number - self.is_fresh()

    def take(
        self, after: int, timeout_s: float, *, unless: Callable[[], bool] = lambda: False
    ) -> tuple[int, SentPicture] | None:
        """The newest picture with its number if that is above ``after``; waits for one, at most ``timeout_s`` seconds.

        Everyone who waits gets it. None after the time, or as soon as ``stir`` is called and ``unless`` is true.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._number > after or unless(), timeout_s)
            if self._newest is None or self._number <= after:
                return None
            number, picture = self._number, self._newest
            on_taken, self._on_taken = self._on_taken, None
        if on_taken is not None:
            on_taken()
        return number, picture

    def stir(self) -> None:
        """Have those who wait look at their ``unless``."""
        with self._changed:
            self._changed.notify_all()


class Inlets:
    """All inlets of a process, by name: the text of the source that takes from it."""

    def __init__(self) -> None:
        self._inlets: dict[str, Inlet] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Inlet:
        """The inlet of this name, made where there is none yet."""
        with self._lock:
            return self._inlets.setdefault(name, Inlet())

    def forget(self, name: str) -> None:
        """Drop an inlet and its picture; a source that has it open gets no more."""
        with self._lock:
            self._inlets.pop(name, None)


#: This process's inlets: sources find theirs here, and whoever brings pictures puts them in here.
INLETS = Inlets()
