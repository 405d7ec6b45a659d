"""Time of a live source from its timestamps and their arrival; pure: no clock is read here."""

from __future__ import annotations

#: Timestamps that stray further than this from the time of arrival are no clock any more, seconds.
MAX_OFF_S = 2.0
#: Media time nears the time of arrival by this share a frame (20 s at 25 Hz): clocks that run apart stay together.
_SLEW = 0.002
#: The least step between two frames, seconds.
_MIN_STEP_S = 0.001
#: A camera's clock may lose this much against ours, seconds for each second.
_MAX_DRIFT = 0.0005
#: A delay that changes by more than this at once is a clock that was set, seconds.
MAX_JUMP_S = 60.0
#: A read that takes longer has waited for data to come, seconds.
_WAITING_S = 0.05


class LiveClock:
    """Media seconds for one frame after another; the first is 0 and each is later than the one before.

    Timestamps say when a picture was taken, free of the network's jitter, so media time follows them. One that is
    missing, or that jumps (the camera's clock was set, or started again), counts from the arrival instead.
    """

    def __init__(self) -> None:
        self._first_s: float | None = None  # arrival of the first frame
        self._shift_s: float | None = None  # media time minus timestamp
        self._time_s = -_MIN_STEP_S

    def stamp(self, raw_s: float | None, arrival_s: float) -> float:
        """Media time of the frame with timestamp ``raw_s`` that came at ``arrival_s`` of a monotonic clock."""
        if self._first_s is None:
            self._first_s = arrival_s
        arrived_s = arrival_s - self._first_s
        time_s = arrived_s
        if raw_s is not None:
            if self._shift_s is None or abs(raw_s + self._shift_s - arrived_s) > MAX_OFF_S:
                self._shift_s = arrived_s - raw_s
            else:
                time_s = raw_s + self._shift_s
                self._shift_s += _SLEW * (arrived_s - time_s)
        self._time_s = max(time_s, self._time_s + _MIN_STEP_S)
        return self._time_s


class Backlog:
    """Tells that frames wait to be read because what reads them cannot keep up.

    The delay of a frame is counted from the quickest one so far. Frames more than ``most_s`` late for ``patience_s``
    seconds, in which reading hardly ever had to wait for data, are a backlog; it ends when reading waits again. A
    hiccup of the network ends sooner, and timestamps that run at a wrong pace never keep reading from waiting.
    """

    def __init__(self, most_s: float = 0.3, patience_s: float = 0.5) -> None:
        self._most_s, self._patience_s = most_s, patience_s
        self._least_s: float | None = None  # arrival minus timestamp of the quickest frame
        self._arrival_s = 0.0
        self._late_since_s: float | None = None
        self._waited_s = 0.0  # since then
        self._behind = False

    def behind(self, raw_s: float | None, arrival_s: float, waited_s: float) -> bool:
        """Whether the frame with timestamp ``raw_s`` is in a backlog; it came at ``arrival_s``, waited for so long."""
        if raw_s is None:
            return False
        delay_s, passed_s = arrival_s - raw_s, max(0.0, arrival_s - self._arrival_s)
        self._arrival_s = arrival_s
        if self._least_s is None or abs(delay_s - self._least_s) > MAX_JUMP_S:
            self._least_s = delay_s
        self._least_s = min(delay_s, self._least_s + _MAX_DRIFT * passed_s)
        late = delay_s - self._least_s > self._most_s
        if self._behind:
            self._behind = late and waited_s < _WAITING_S
        elif late and self._late_since_s is not None:
            self._waited_s += waited_s
            since_s = arrival_s - self._late_since_s
            self._behind = since_s >= self._patience_s and self._waited_s < since_s / 2
        if not late or self._behind:
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s, self._waited_s = arrival_s, 0.0
        return self._behind
