"""Opens a video container safely and learns its true timing from packet timestamps, without decoding."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from heatstream.core.errors import SourceError, SourceNotFoundError, SourceTimeoutError, SourceUnreadableError
from heatstream.sources.timeline import MAX_GAP_S

#: Containers of video only: playlists, scripts of files, pictures and text could name other files or addresses.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf,dv,rm,gif,apng,dhav,"
    "yuv4mpegpipe,mjpeg,mpjpeg,h264,hevc,m4v,mpegvideo,obu,av1"
)
_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
#: The scan reads at most this much from the start, and from the last key frame on: about a minute of 4K.
_MAX_PACKETS = 20_000
_MAX_BYTES = 32 * 2**20
#: No video has more pictures a second; a file with few pictures may say so.
_MOST_HZ = 1000.0
#: Beyond the end of any file, seconds.
_FAR_S = 10**8


@dataclass(frozen=True, slots=True)
class Timing:
    """What the timestamps of a file tell.

    ``first_s`` is the earliest timestamp, ``interval_s`` the typical time between frames (never 0); ``rate_hz`` and
    ``duration_s`` are None where unknown. ``by_dts``: the container stored its timestamps in the order of decoding,
    so that a picture's own is wrong and the decoding time is right. ``seekable``: timestamps never start over.
    """

    first_s: float
    interval_s: float
    rate_hz: float | None
    duration_s: float | None
    by_dts: bool = False
    seekable: bool = True


#: Opens a recording from its start; a container and its video.
Opener = Callable[[], tuple[InputContainer, VideoStream]]


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A packet's timestamps in ticks."""

    pts: int | None
    dts: int | None


def open_container(path: Path, *, timeout_s: float) -> tuple[InputContainer, VideoStream]:
    """Open ``path`` and find its video.

    Raises:
        SourceNotFoundError: there is no such file.
        SourceUnreadableError: it is no video file, broken, or without pictures.
        SourceTimeoutError: it did not open in time.
        SourceError: it may not be read.
    """
    _check_file(path)
    try:
        container = av.open(f"file:{path.absolute()}", options=_OPTIONS, timeout=(timeout_s, None))
    except av.ExitError as error:
        raise SourceTimeoutError(f"{path} did not open within {timeout_s:g} seconds") from error
    except (av.FFmpegError, ValueError, OSError) as error:
        raise SourceUnreadableError(
            f"{path} cannot be read as a video: it is another kind of file, or it is damaged or cut off"
        ) from error
    stream = moving_pictures(container)
    if stream is not None:
        return container, stream
    pictures, sound = has_pictures(container), only_sound(container)
    container.close()
    if pictures:
        raise SourceUnreadableError(f"{path} is in a format that cannot be decoded here; convert it, to H.264 say")
    raise SourceUnreadableError(f"{path} has {'sound but ' if sound else ''}no pictures; choose a video file")


def moving_pictures(container: InputContainer) -> VideoStream | None:
    """The first video for which there is a decoder, of several threads, and no cover picture; None if there is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            stream.thread_type = "AUTO"
            return stream
    return None


def has_pictures(container: InputContainer) -> bool:
    """Whether there is a video that is no cover picture, with a decoder for it or without."""
    return not all(stream.disposition & Disposition.attached_pic for stream in container.streams.video)


def only_sound(container: InputContainer) -> bool:
    """Whether there is sound, with no pictures but for a cover."""
    return bool(container.streams.audio) and not has_pictures(container)


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise SourceUnreadableError(f"{path} is a folder; name a video file in it")
        if not path.exists():
            raise SourceNotFoundError(f"{path} does not exist; check the path")
        if not path.is_file():
            raise SourceUnreadableError(f"{path} is not a regular file; only video files can be opened so far")
        with path.open("rb"):
            pass
        if not path.stat().st_size:
            raise SourceUnreadableError(f"{path} is empty")
    except (OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise SourceError(f"{path} cannot be read: {reason}") from error


def scan(container: InputContainer, stream: VideoStream) -> Timing:
    """Read packets to learn the timing; the container stands somewhere else afterwards."""
    tick_s = float(stream.time_base or 0)
    stamps, complete = _read_stamps(container, stream)
    by_dts = _goes_by_dts(container, stream, stamps)
    stretches = _stretches(stamps, tick_s, by_dts=by_dts)
    declared_hz = _believable(float(stream.guessed_rate or 0))
    if not stretches or not tick_s:
        interval_s = 1 / (declared_hz or 25.0)
        return Timing(0.0, interval_s, declared_hz, len(stamps) * interval_s if complete and declared_hz else None)
    steps = [after - before for ticks in stretches for before, after in pairwise(sorted(ticks)) if after > before]
    rate_hz = (_believable(1 / (tick_s * _typical(steps))) if steps else None) or declared_hz
    interval_s = 1 / (rate_hz or 25.0)
    first, last = min(stretches[0]), max(stretches[-1])
    duration_s: float | None = sum(tick_s * (max(ticks) - min(ticks)) + interval_s for ticks in stretches)
    if not complete:
        end = _last_tick(container, stream, by_dts=by_dts) if len(stretches) == 1 else None
        duration_s = tick_s * (end - first) + interval_s if end is not None and end >= last else None
    # A decoder tells the decoding time of the packet that let the picture out, which is some packets later.
    delay_s = interval_s * stream.codec_context.reorder_depth if by_dts else 0.0
    return Timing(tick_s * first + delay_s, interval_s, rate_hz, duration_s, by_dts, len(stretches) == 1)


def declared(container: InputContainer, stream: VideoStream) -> Timing:
    """The timing as the container tells it, for what is too far away to be read twice."""
    rate_hz = _believable(float(stream.guessed_rate or 0))
    first_s = float((stream.start_time or 0) * (stream.time_base or 0))
    duration_s = container.duration / av.time_base if container.duration else None
    return Timing(first_s, 1 / (rate_hz or 25.0), rate_hz, duration_s, container.format.name == "avi")


def _read_stamps(container: InputContainer, stream: VideoStream) -> tuple[list[_Stamp], bool]:
    """Timestamps from where the container stands, and whether that was all up to the end of what can be read."""
    stamps: list[_Stamp] = []
    read = 0
    with suppress(av.FFmpegError):
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                stamps.append(_Stamp(packet.pts, packet.dts))
                read += packet.size
            if len(stamps) >= _MAX_PACKETS or read >= _MAX_BYTES:
                return stamps, False
    return stamps, True


def _goes_by_dts(container: InputContainer, stream: VideoStream, stamps: list[_Stamp]) -> bool:
    """True if pictures' timestamps were only made up, in the order of decoding."""
    if any(stamp.dts is None for stamp in stamps):
        return False
    if container.format.name == "avi":
        return True
    pts = [stamp.pts for stamp in stamps if stamp.pts is not None]
    in_order = len(pts) > 2 and all(before < after for before, after in pairwise(pts))
    return in_order and stream.codec_context.has_b_frames


def _stretches(stamps: list[_Stamp], tick_s: float, *, by_dts: bool) -> list[list[int]]:
    """Timestamps in ticks, a new list each time the clock was set back or jumped."""
    stretches: list[list[int]] = []
    last_dts: int | None = None
    for stamp in stamps:
        tick = stamp.dts if by_dts or stamp.pts is None else stamp.pts
        if tick is None:
            continue
        if not stretches:
            follows = False
        elif stamp.dts is not None and last_dts is not None:
            follows = 0 <= (stamp.dts - last_dts) * tick_s <= MAX_GAP_S
        else:  # without decoding times, pictures are out of order within a second or so
            follows = -2.0 <= (tick - stretches[-1][-1]) * tick_s <= MAX_GAP_S
        if not follows:
            stretches.append([])
        stretches[-1].append(tick)
        last_dts = stamp.dts
    return stretches


def _believable(rate_hz: float) -> float | None:
    """``rate_hz`` if a video can have it, else None."""
    return rate_hz if 0 < rate_hz <= _MOST_HZ else None


def _typical(steps: list[int]) -> float:
    """The mean of the steps near their median: robust against pauses, exact where rounded to milliseconds."""
    median = statistics.median_low(steps)  # which is one of them
    return statistics.fmean(step for step in steps if 0.5 * median < step < 1.5 * median)


def _last_tick(container: InputContainer, stream: VideoStream, *, by_dts: bool) -> int | None:
    """The latest timestamp after the last key frame; None if the end cannot be reached."""
    try:
        container.seek(int(_FAR_S / (stream.time_base or 1)), stream=stream)
    except (av.FFmpegError, OverflowError):
        return None
    stamps, complete = _read_stamps(container, stream)
    stretches = _stretches(stamps, float(stream.time_base or 0), by_dts=by_dts)
    return max(stretches[-1]) if complete and stretches else None


def recorded_utc_s(container: InputContainer, stream: VideoStream) -> float | None:
    """When the recording began, in epoch seconds by the container's metadata, or None."""
    for metadata, key in (
        (container.metadata, "com.apple.quicktime.creationdate"),
        (container.metadata, "creation_time"),
        (stream.metadata, "creation_time"),
    ):
        try:
            moment = datetime.fromisoformat(metadata[key].strip())
        except (KeyError, ValueError):
            continue
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if seconds > 0:  # 1904 and 1970 stand for "unknown"
            return seconds
    return None
