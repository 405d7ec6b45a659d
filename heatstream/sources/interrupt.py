"""Ends what waits on a network, also inside FFmpeg, when its time is up or when another thread wants it to end.

While FFmpeg waits for data, PyAV asks a clock about ten times a second whether the time limit is over. That is the only
way to end such a wait from outside: closing the container under a reading thread crashes. So PyAV is given a clock here
that leaps when the waiting thread's ``Patience`` is over (checked with PyAV 18; ``tests/sources/test_interrupt.py``
notices a version that asks another clock).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av.container.core

#: The time limits given to PyAV: never reached but by a leap. (open, read), seconds.
LIMITS = (1e6, 1e6)
_LEAP_S = 1e7
_here = threading.local()


class Patience:
    """How long a wait may take: until ``limit_s`` seconds have passed or one of the events ``stops`` is set."""

    def __init__(self, limit_s: float = math.inf, *stops: threading.Event) -> None:
        self.stops = stops
        self.broken = False  # something failed that makes waiting vain
        self.renew(limit_s)

    def renew(self, limit_s: float) -> None:
        """Wait for ``limit_s`` seconds from now."""
        self._until_s = time.monotonic() + limit_s

    @property
    def stopped(self) -> bool:
        """Whether somebody wants the wait to end."""
        return any(stop.is_set() for stop in self.stops)

    @property
    def over(self) -> bool:
        """Whether the wait is to end."""
        return self.left_s <= 0 or self.stopped or self.broken

    @property
    def left_s(self) -> float:
        """Seconds until the time is up; negative behind it."""
        return self._until_s - time.monotonic()


@contextmanager
def waiting(patience: Patience) -> Iterator[None]:
    """Within the block, PyAV calls with the time limits ``LIMITS`` raise ``av.ExitError`` once ``patience`` is over."""
    outer = getattr(_here, "patience", None)
    _here.patience = patience
    try:
        yield
    finally:
        _here.patience = outer


class _Clock:
    """Stands for the module ``time`` in PyAV's container module, which uses ``monotonic`` only."""

    def monotonic(self) -> float:
        patience: Patience | None = getattr(_here, "patience", None)
        if patience is None or not patience.over:
            return time.monotonic()
        # Each answer is far behind the one before: a wait that begins too late ends as well.
        leaps: int = getattr(_here, "leaps", 0) + 1
        _here.leaps = leaps
        return time.monotonic() + leaps * _LEAP_S


av.container.core.time = _Clock()  # type: ignore[attr-defined]
