"""Rates and playback time from given clock readings; nothing here reads a clock."""

from __future__ import annotations

from collections import deque

#: The newest events count, however long ago they were: few pictures a second have a rate, too.
NEWEST = 3


class RateMeter:
    """Events per second over the last ``window_s`` seconds, or between the ``NEWEST`` events if that is longer, from
    ``now_s`` readings of one monotonic clock."""

    def __init__(self, window_s: float = 2.0) -> None:
        self._window_s = window_s
        self._ticks: deque[tuple[float, float]] = deque()

    def tick(self, now_s: float, amount: float = 1.0) -> None:
        """Something happened, ``amount`` times (or for ``amount`` media seconds)."""
        self._ticks.append((now_s, amount))
        self._forget(now_s)

    def rate(self, now_s: float) -> float:
        """Amount per second; 0 before the second event, and when none has come for long."""
        self._forget(now_s)
        if len(self._ticks) < 2:
            return 0.0
        (before_s, _), (last_s, _) = self._ticks[-2], self._ticks[-1]
        gap_s = last_s - before_s
        if now_s - last_s > max(self._window_s, 2 * gap_s):
            return 0.0
        span_s = max(now_s - gap_s, last_s) - self._ticks[0][0]  # the next event is not late before that
        return sum(amount for _, amount in list(self._ticks)[1:]) / span_s if span_s > 0 else 0.0

    def clear(self) -> None:
        """Start afresh (after a pause)."""
        self._ticks.clear()

    def _forget(self, now_s: float) -> None:
        while len(self._ticks) > NEWEST and now_s - self._ticks[0][0] > self._window_s:
            self._ticks.popleft()


class PlaybackClock:
    """When a file's frames are due so that it plays at the speed asked for, or slower where processing cannot keep up.

    A frame that is more than ``patience_s`` late moves the whole schedule: the file plays slower, and no frame is
    skipped or hurried to catch up.
    """

    def __init__(self, patience_s: float = 0.25) -> None:
        self._patience_s = patience_s
        self._offset_s: float | None = None
        self._speed = 1.0

    def wait_s(self, time_s: float, now_s: float, *, speed: float = 1.0) -> float:
        """Seconds to wait at ``now_s`` before the frame of media time ``time_s`` is shown; 0 when due or late.

        ``speed`` is in media seconds for each second; another one than before begins a new schedule.
        """
        if speed != self._speed:
            self._speed, self._offset_s = speed, None
        due_s = time_s / speed
        if self._offset_s is None or now_s - (due_s + self._offset_s) > self._patience_s:
            self._offset_s = now_s - due_s
        return max(0.0, due_s + self._offset_s - now_s)

    def restart(self) -> None:
        """The next frame is due at once (after a pause or a jump)."""
        self._offset_s = None
