"""The life of one source: opened, read, watched, and opened again after a loss. The only loop that reconnects."""

from __future__ import annotations

import logging
import math
import threading
import time
import zlib
from collections.abc import Generator
from dataclasses import dataclass, replace

from heatstream.core.errors import (
    SourceError,
    SourceTimeoutError,
    SourceUnreachableError,
    SourceUnreadableError,
)
from heatstream.core.types import CameraState, Frame, ImageArray, SourceInfo
from heatstream.engine.backoff import Backoff
from heatstream.engine.messages import Resume
from heatstream.sources import Source, local_path, open_source
from heatstream.sources.base import is_url, redacted
from heatstream.sources.pushed import has_come
from heatstream.sources.webcam_address import is_webcam

logger = logging.getLogger(__name__)

#: A live source is stalled after so many seconds without a picture, or after so many of its intervals if that is more.
STALL_S, STALL_INTERVALS = 3.0, 3.0
#: The same picture for so long is a camera that hangs (even a quiet scene has noise); after more it is opened anew.
FROZEN_S, FROZEN_LONG_S = 10.0, 30.0
#: How often a wait looks whether a browser's picture has come, or somebody wants a try now, seconds.
WAKE_S = 0.5
FROZEN = "the same picture comes again and again: the camera seems to hang"


@dataclass(frozen=True, slots=True)
class Line:
    """What a connection is doing, for the camera's state and its reason."""

    state: CameraState
    reason: str = ""
    next_try_utc_s: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a source is opened: each try takes ``timeout_s`` at most, and the first opening is given up ``give_up_s``
    seconds after the start; ``operator`` may open every address."""

    timeout_s: float = 10.0
    give_up_s: float = math.inf
    operator: bool = False


class Connection:
    """The frames of the source ``text``, with index, media time and run continued from opening to opening.

    A source that cannot wait (``SourceInfo.live``) is opened again whenever it is lost, with growing waits; media time
    goes on by the real gap. Before it has ever been open, only what may mend itself is tried again: an unreachable host
    or a silent one. Setting ``stop`` ends every wait. For one thread; ``line``, ``info`` and the counts may be read by
    others.
    """

    def __init__(
        self, text: str, *, stop: threading.Event, resume: Resume | None = None, terms: Terms | None = None
    ) -> None:
        self.info: SourceInfo | None = None
        self.dropped = 0
        self.last: Frame | None = None
        self._text = text
        self._stop = stop
        self._resume = resume or Resume()
        self._terms = terms or Terms()
        self._line = Line(CameraState.CONNECTING, "opening")
        self._backoff = Backoff()
        self._give_up_s = time.monotonic() + self._terms.give_up_s
        self._source: Source | None = None
        self._hurry = threading.Event()
        self._damaged = 0  # in the openings before this one
        self._came_s = 0.0  # when the last frame came
        self._worked = bool(self._resume.index)

    @property
    def live(self) -> bool:
        """Whether the source cannot wait."""
        return self.info is not None and self.info.live

    @property
    def damaged(self) -> int:
        """How often data could not be decoded, in all openings."""
        source = self._source
        return self._damaged + (source.damaged if source is not None else 0)

    @property
    def position_s(self) -> float:
        """The place of the last frame in its file."""
        return self._source.position_s if self._source is not None else 0.0

    def line(self, now_s: float) -> Line:
        """What it is doing at ``now_s`` of the monotonic clock."""
        line, info = self._line, self.info
        if line.state is CameraState.LIVE and info is not None and info.live:
            patience_s = max(STALL_S, STALL_INTERVALS / (info.rate_hz or math.inf))
            if now_s - self._came_s > patience_s:
                return Line(CameraState.STALLED, info.waits_for)
        return line

    def try_now(self) -> None:
        """End the wait for the next try; from any thread."""
        self._hurry.set()

    def frames(self, start_s: float = 0.0) -> Generator[Frame, None, None]:
        """A file's frames from ``start_s`` on, to its end; a live source's until ``stop`` is set.

        Raises:
            SourceError: it cannot be used, and waiting would not help.
        """
        while not self._stop.is_set():
            try:
                source = self._open(start_s)
            except SourceError as error:
                if self._stop.is_set():
                    return
                if self._may_mend(error):
                    self._wait(error)
                elif start_s:
                    logger.info("%s begins at its start: %s", redacted(self._text), error)
                    start_s = 0.0
                else:
                    raise
                continue
            loss: SourceError | None = None
            before = self.last
            try:
                with source:
                    yield from self._numbered(source)
            except SourceError as error:
                if not source.info.live:
                    raise
                loss = error
            finally:
                self._damaged += source.damaged
                self._source = None
            if self._stop.is_set():
                return
            if not source.info.live:
                if self.last is before:
                    raise SourceUnreadableError(f"{source.info.label}: no picture could be decoded from it")
                return
            self._wait(loss or SourceUnreachableError(f"{source.info.label} has ended the stream; check the camera"))

    def _open(self, start_s: float) -> Source:
        timeout_s = self._terms.timeout_s
        if not self._worked:
            timeout_s = max(0.1, min(timeout_s, self._give_up_s - time.monotonic()))
        return open_source(
            self._text, start_s=start_s, timeout_s=timeout_s, stop=self._stop, operator=self._terms.operator
        )

    def _numbered(self, source: Source) -> Generator[Frame, None, None]:
        """The frames of one opening; those of a live source only while they change."""
        index, time_s, run = self._next_place(source.info)
        self.info, self._source = source.info, source
        still = _Stillness()
        source_index = 0
        for frame in source.frames():
            now_s = time.monotonic()
            self._came_s = now_s
            self.dropped += max(0, frame.index - source_index - 1)
            source_index = frame.index
            if source.info.live and self._hangs(source.info, still.same_for_s(frame.image, now_s), now_s):
                self.dropped += 1
                continue
            self._worked = True
            self._line = Line(CameraState.LIVE)
            self.last = replace(frame, index=index + frame.index, time_s=time_s + frame.time_s, run=run + frame.run)
            yield self.last

    def _next_place(self, info: SourceInfo) -> tuple[int, float, int]:
        """Index, media time and run that come before the first frame of an opening."""
        gap_s, resume, last = 1 / (info.rate_hz or 25.0), self._resume, self.last
        if last is None:
            return resume.index, resume.time_s + gap_s if resume.index else 0.0, resume.run
        if info.live:
            gap_s = max(gap_s, time.monotonic() - self._came_s)
        return last.index, last.time_s + gap_s, last.run

    def _hangs(self, info: SourceInfo, same_for_s: float, now_s: float) -> bool:
        if not same_for_s:
            self._backoff.lives(now_s)
        if same_for_s < FROZEN_S:
            return False
        if same_for_s >= FROZEN_LONG_S:
            raise SourceTimeoutError(f"{info.label}: {FROZEN}")
        self._line = Line(CameraState.STALLED, FROZEN)
        return True

    def _may_mend(self, error: SourceError) -> bool:
        """Whether it is worth opening again after ``error``."""
        if self.live:
            return True
        elsewhere = is_webcam(self._text) or (is_url(self._text) and local_path(self._text) is None)
        if not elsewhere or type(error) is SourceError:
            return False
        if self._resume.index:  # it has been good before this process began
            return True
        mends = isinstance(error, (SourceUnreachableError, SourceTimeoutError))
        return mends and time.monotonic() < self._give_up_s

    def _wait(self, error: SourceError) -> None:
        wait_s = self._backoff.failed(error)
        if not self._worked:
            wait_s = min(wait_s, max(0.0, self._give_up_s - time.monotonic()))
        level = logging.WARNING if self.live else logging.INFO
        logger.log(level, "%s; the next try comes in %.0f s", error, wait_s)
        self._line = Line(CameraState.RECONNECTING, str(error), time.time() + wait_s)
        until_s = time.monotonic() + wait_s
        self._hurry.clear()
        while (left_s := until_s - time.monotonic()) > 0 and not (self._hurry.is_set() or has_come(self._text)):
            if self._stop.wait(min(left_s, WAKE_S)):
                return
        self._line = Line(CameraState.RECONNECTING, str(error))


class _Stillness:
    """For how long the same picture has been coming."""

    def __init__(self) -> None:
        self._print = 0
        self._since_s = -math.inf

    def same_for_s(self, image: ImageArray, now_s: float) -> float:
        """Seconds since the first picture that was equal to ``image``, 0 for a new one."""
        found = zlib.crc32(image[::4].tobytes())  # every fourth row: 0.3 ms at 720p
        if found != self._print or self._since_s == -math.inf:
            self._print, self._since_s = found, now_s
        return now_s - self._since_s
