"""An opened live stream as a source: its newest pictures, never far behind, each with the time at which it came."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heatstream.core.errors import HeatStreamError, SourceError
from heatstream.core.types import Frame, ImageArray, SourceInfo
from heatstream.sources.container import moving_pictures, only_sound
from heatstream.sources.decoder import Pictures
from heatstream.sources.interrupt import Patience, waiting
from heatstream.sources.live_clock import Backlog, LiveClock
from heatstream.sources.network_errors import explained, late, no_video, silent
from heatstream.sources.reading import OneReader

#: An open stream that shows no picture for so long is given up, seconds; a slow one may take so many of its intervals.
SILENCE_S = 10.0
SILENCE_INTERVALS = 5.0
#: No camera's picture is larger; a stream that says so is refused before memory is taken for it.
MAX_PIXELS = 16_384 * 8_704
#: Pictures above this many pixels are decoded by several threads, which costs one picture of delay for each.
_LARGE_PIXELS = 2560 * 1440
_LARGE_THREADS = 3
#: Formats that come in pieces of some seconds, which may be this late or early before the pace is set anew, seconds.
_IN_BURSTS = ("hls",)
MAX_LATE_S, MAX_AHEAD_S = 1.0, 30.0
BURST_SILENCE_S = 30.0
#: Formats without timestamps, for which FFmpeg makes some up.
_UNTIMED = ("mpjpeg", "mjpeg", "mpjpeg,mjpeg")
#: What FFmpeg and sockets raise.
FAILURES = (av.FFmpegError, OSError, ValueError, HTTPException, HeatStreamError)


@dataclass(frozen=True, slots=True)
class Line:
    """What a live source is made from.

    ``name`` is the address as it may be shown; ``open`` opens it, for as long as the ``Patience`` lasts; ``hang_up``
    lets go of what ``open`` needed besides the container. ``on_picture`` is told of every picture; ``failure`` tells
    what went wrong where FFmpeg could not be told.
    """

    name: str
    open: Callable[[Patience], InputContainer]
    with_password: bool = False
    hang_up: Callable[[], None] = lambda: None
    on_picture: Callable[[], None] = lambda: None
    failure: Callable[[], Exception | None] = lambda: None


class LiveSource(OneReader):
    """The pictures of a live stream, as ``Source`` describes.

    Opening waits for the first picture, at most ``limit_s`` seconds or until ``stop`` is set. ``close`` ends a read in
    another thread within a fraction of a second. Packets that wait because decoding cannot keep up are thrown away, up
    to the next key frame; the index of the frames counts them.

    Raises:
        SourceError: no picture came; its leaves tell why.
    """

    def __init__(self, line: Line, *, limit_s: float, stop: threading.Event | None = None) -> None:
        super().__init__(line.name)
        self.damaged = 0
        self.position_s = 0.0
        self._line = line
        self._patience = Patience(limit_s, self._closing, *([stop] if stop else []))
        self._reading = True
        self._index = 0
        self._skipping = False  # until the next key frame
        self._clock, self._backlog = LiveClock(), Backlog()
        self._paced, self._timed = False, True
        self._pace_s: float | None = None  # the time at which a picture is due, minus its timestamp
        self._container: InputContainer | None = None
        try:
            with waiting(self._patience):
                self._container = line.open(self._patience)
                self._start_decoding(self._container)
                self._first: Frame | None = self._next_frame()
            if self._first is None:
                raise self._error(no_video(line.name), late(line.name, limit_s))
        except FAILURES as error:
            self._let_go()
            raise self._error(error, late(line.name, limit_s)) from None
        except BaseException:
            self._let_go()
            raise
        self._reading = False
        rate_hz = float(self._stream.guessed_rate or 0) if self._timed else 0.0
        self.info = SourceInfo(
            label=line.name,
            size_wh=self._first.size_wh,
            rate_hz=rate_hz if 0.05 <= rate_hz <= 240 else None,
            codec=self._stream.codec_context.codec.canonical_name,
            live=True,
        )
        self._silence_s = max(
            BURST_SILENCE_S if self._paced else SILENCE_S, SILENCE_INTERVALS / (self.info.rate_hz or 1.0)
        )

    def _let_go(self) -> None:
        self._packets: Iterator[Packet[VideoStream]] = iter(())
        container, self._container = self._container, None
        if container is not None:
            container.close()
        self._line.hang_up()

    def _next(self) -> Frame | None:
        """The next frame; None at the stream's end, or when it is to stop."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        self._patience.renew(self._silence_s)
        overdue = silent(self._line.name, self._silence_s)
        try:
            with waiting(self._patience):
                frame = self._next_frame()
        except FAILURES as error:
            if self._patience.stopped:
                return None
            raise self._error(error, overdue) from None
        if frame is None and not self._patience.stopped and self._line.failure() is not None:
            raise self._error(EOFError(), overdue)
        return frame

    def _error(self, error: Exception, overdue: SourceError) -> HeatStreamError:
        """What to say of ``error``."""
        failure = self._line.failure()
        if failure is None and self._patience.over and not isinstance(error, HeatStreamError):
            error = TimeoutError()
        return explained(self._line.name, failure or error, with_password=self._line.with_password, overdue=overdue)

    def _start_decoding(self, container: InputContainer) -> None:
        stream = moving_pictures(container)
        if stream is None:
            raise no_video(self._line.name, sound=only_sound(container))
        self._stream = stream
        self._paced = container.format.name in _IN_BURSTS
        self._timed = container.format.name not in _UNTIMED
        context = self._stream.codec_context
        context.options = {"max_pixels": str(MAX_PIXELS)}
        context.thread_type = "NONE"  # threads of slices do not tell of damage
        if context.width * context.height > _LARGE_PIXELS:
            context.thread_type, context.thread_count = "FRAME", _LARGE_THREADS
        self._pictures = Pictures()
        self._packets = container.demux(self._stream)
        self._ready: deque[VideoFrame] = deque()

    def _next_frame(self) -> Frame | None:
        """Read and decode up to the next picture; None at the end."""
        while True:
            while self._ready:
                picture = self._ready.popleft()
                self.damaged += picture.is_corrupt
                image = self._converted(picture)
                if image is not None:
                    return self._frame(image, picture)
            began_s = time.monotonic()
            packet = next(self._packets, None)
            if packet is None:
                return None
            self._came_s = time.monotonic()
            if self._to_skip(packet, self._came_s - began_s):
                self._index += 1
                continue
            self._ready.extend(self._decode(packet))
            if self._patience.over:
                raise TimeoutError

    def _wait_until_due(self, raw_s: float | None) -> float:
        """What comes in bursts is given out in the pace of its timestamps; returns the time at which it was due."""
        now_s = time.monotonic()
        if raw_s is None:
            return now_s
        due_s = raw_s + self._pace_s if self._pace_s is not None else now_s
        if not -MAX_LATE_S < due_s - now_s < MAX_AHEAD_S:
            due_s = now_s
        self._pace_s = due_s - raw_s
        while (left_s := due_s - time.monotonic()) > 0 and not self._patience.stopped:
            self._closing.wait(min(left_s, 0.1))
        return due_s

    def _to_skip(self, packet: Packet[VideoStream], waited_s: float) -> bool:
        if self._paced:
            return False
        raw_s = _seconds(packet.dts if packet.dts is not None else packet.pts, packet)
        if self._backlog.behind(raw_s, self._came_s, waited_s):
            self._skipping = True
        elif packet.is_keyframe or not packet.size:
            self._skipping = False
        return self._skipping

    def _decode(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        self.damaged += packet.is_corrupt
        try:
            return packet.decode()
        except av.FFmpegError as error:
            if isinstance(error, EOFError):
                return []
            self.damaged += not packet.is_corrupt
            return []

    def _converted(self, picture: VideoFrame) -> ImageArray | None:
        try:
            return self._pictures.image(picture)
        except (av.FFmpegError, ValueError):
            self.damaged += 1
            return None

    def _frame(self, image: ImageArray, picture: VideoFrame) -> Frame:
        self._index += 1
        self._line.on_picture()
        raw_s = _seconds(picture.pts, picture) if self._timed else None
        if self._paced:
            self._came_s = self._wait_until_due(raw_s)
        self.position_s = self._clock.stamp(raw_s, self._came_s)
        wall_s = time.time()
        came_utc_s = wall_s - (time.monotonic() - self._came_s)
        return Frame(image, self._index, self.position_s, utc_s=came_utc_s, read_s=wall_s)


def _seconds(ticks: int | None, timed: VideoFrame | Packet[VideoStream]) -> float | None:
    return None if ticks is None or timed.time_base is None else float(ticks * timed.time_base)
