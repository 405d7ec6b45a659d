"""How long to wait before a lost source is opened again; pure but for the dice."""

from __future__ import annotations

import random
from collections.abc import Callable

from heatstream.core.errors import SourceError, SourceNotFoundError, SourceRefusedError

#: The first wait after a loss, doubled with each failure in a row, up to the longest, seconds.
FIRST_S, LONGEST_S = 1.0, 60.0
#: What is not there is asked for again less eagerly, as if so many tries had failed already.
_NOT_FOUND_TRIES = 3
#: A wrong password is tried rarely: cameras lock users out who try too often, seconds.
REFUSED_S = 300.0
#: Waits differ by this share either way, so that many cameras do not all come back in the same moment.
JITTER = 0.2
#: A connection that gave new pictures for so long was a good one: the next loss begins with the first wait, seconds.
STEADY_S = 10.0


class Backoff:
    """Waits that double from failure to failure; times are readings of one monotonic clock. ``dice`` gives 0 to 1."""

    def __init__(self, dice: Callable[[], float] = random.random) -> None:
        self._dice = dice
        self._failures = 0
        self._since_s: float | None = None

    def lives(self, now_s: float) -> None:
        """A new picture came."""
        if self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s >= STEADY_S:
            self._failures = 0

    def failed(self, error: SourceError) -> float:
        """The source was lost or did not open for the reason ``error``; the seconds to wait before the next try."""
        self._since_s = None
        if isinstance(error, SourceRefusedError):
            return REFUSED_S * self._spread()
        if isinstance(error, SourceNotFoundError):
            self._failures = max(self._failures, _NOT_FOUND_TRIES)
        wait_s = min(FIRST_S * 2.0 ** min(self._failures, 30), LONGEST_S)
        self._failures += 1
        return wait_s * self._spread()

    def _spread(self) -> float:
        return 1 + JITTER * (2 * self._dice() - 1)
