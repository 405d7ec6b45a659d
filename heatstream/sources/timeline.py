"""Turns a file's raw timestamps, which may be missing, repeated or reset, into strictly increasing media time."""

from __future__ import annotations

#: A longer gap between two timestamps is a jump of the clock, not a pause, seconds (a pause is kept as it is).
MAX_GAP_S = 60.0
#: With few frames, as in a time-lapse, gaps up to this many typical intervals are no jump either.
MAX_GAP_INTERVALS = 10.0


class Timeline:
    """Media seconds for one timestamp after another; the first is 0.

    A missing timestamp comes one typical interval after the one before. One that does not advance comes half an
    interval after it, so that a single stray costs nothing; when the next one advances from there, the clock was set
    back, and time goes on from where it was. A jump forward of more than a minute goes on likewise.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._max_gap_s = max(MAX_GAP_S, MAX_GAP_INTERVALS * interval_s)
        self._time_s = -interval_s
        self._shift_s: float | None = None  # media time minus timestamp; None: the first timestamp decides
        self._stray_s: float | None = None  # the last timestamp, if it did not advance

    def stamp(self, raw_s: float | None) -> float:
        """Media time in seconds of the picture with timestamp ``raw_s``; always later than the one before."""
        due_s = max(0.0, self._time_s + self._interval_s)
        stray_s, self._stray_s = self._stray_s, None
        if raw_s is None:
            time_s = due_s
        elif self._shift_s is None:
            time_s = due_s
            self._shift_s = due_s - raw_s
        else:
            time_s = raw_s + self._shift_s
            behind = time_s <= self._time_s
            if time_s > self._time_s + self._max_gap_s or (behind and stray_s is not None and raw_s > stray_s):
                time_s = due_s
                self._shift_s = due_s - raw_s
            elif behind:
                time_s = self._time_s + self._interval_s / 2
                self._stray_s = raw_s
        self._time_s = time_s
        return time_s
