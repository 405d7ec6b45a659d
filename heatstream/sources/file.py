"""A recorded video as a source, from a file: it goes by timestamps and survives damaged data."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import av

from heatstream.core.errors import SourceError, SourceUnreadableError
from heatstream.core.types import Frame, ImageArray, SourceInfo
from heatstream.sources.base import OpenOptions, is_url, redacted
from heatstream.sources.container import Opener, Timing, open_container, recorded_utc_s, scan
from heatstream.sources.decoder import Decoder
from heatstream.sources.reading import OneReader
from heatstream.sources.timeline import Timeline


def local_path(text: str) -> Path | None:
    """The file that ``text`` names, a path or a ``file://`` URL; None if it is another URL or a number.

    Raises:
        SourceError: it lies on another computer.
    """
    text = text.strip()
    if text.isdecimal():
        return None
    if is_url(text):
        scheme, _, rest = text.partition("://")
        if scheme.lower() != "file":
            return None
        host, _, path = rest.partition("/")
        if host not in ("", "localhost"):
            raise SourceError(f"{redacted(text)} lies on another computer; write file:///path")
        text = f"/{unquote(path)}"
    return _at_home(Path(text))


def _at_home(path: Path) -> Path:
    """``path`` with a leading ``~`` or ``~name`` expanded, if anybody is known by that name."""
    try:
        return path.expanduser()
    except (RuntimeError, ValueError):
        return path


def open_file(text: str, options: OpenOptions) -> FileSource | None:
    """A ``FileSource`` if ``text`` is a path or a ``file://`` URL; None if it is another URL or a number."""
    path = local_path(text)
    return None if path is None else FileSource(path, options)


@dataclass(frozen=True, slots=True)
class Recording:
    """What is read by ``RecordedSource``: ``name`` for messages, ``label`` for people, and what opens it anew."""

    name: str
    label: str
    opener: Opener
    timing: Timing
    start_utc_s: float | None = None


class RecordedSource(OneReader):
    """The frames of a video that has an end, as ``Source`` describes.

    Media time follows its timestamps, is 0 at the first frame and always increases. Opening decodes the first picture,
    so a recording without any is refused at once.

    Raises:
        SourceUnreadableError: no picture can be decoded from it.
        SourceError: it ends before ``options.start_s``; and what its opener raises.
    """

    def __init__(self, recording: Recording, options: OpenOptions) -> None:
        super().__init__(recording.name)
        self._options = options
        self._timing = recording.timing
        self._timeline = Timeline(self._timing.interval_s)
        self._decoder = Decoder(recording.opener, self._timing)
        self._index = 0
        self._position_s = 0.0
        self._shift_s = 0.0  # position in the file minus media time
        try:
            first = self._find_first()
        except BaseException:
            self._let_go()
            raise
        height, width = first[1].shape[:2]
        self._first: tuple[float | None, ImageArray] | None = first
        self.info = SourceInfo(
            label=recording.label,
            size_wh=(width, height),
            rate_hz=self._timing.rate_hz,
            duration_s=self._timing.duration_s,
            codec=self._decoder.codec,
            start_utc_s=recording.start_utc_s,
        )

    @property
    def damaged(self) -> int:
        """How often data could not be decoded so far."""
        return self._decoder.damaged

    @property
    def position_s(self) -> float:
        """The last frame's place in the file, seconds from the file's first picture."""
        return self._position_s

    def _let_go(self) -> None:
        self._decoder.close()

    def _find_first(self) -> tuple[float | None, ImageArray]:
        """Decode the first picture from ``start_s`` on, and set where in the file it is."""
        start_s = self._options.start_s
        if start_s > 0:
            self._shift_s = self._decoder.seek(start_s)
        first = self._decode()
        if first is not None:
            return first
        if start_s > 0:
            raise SourceError(f"{self._name} has no picture after {start_s:g} seconds; begin earlier")
        raise SourceUnreadableError(f"no picture can be decoded from {self._name}; it may be damaged or cut off")

    def _decode(self) -> tuple[float | None, ImageArray] | None:
        """The next picture that can be decoded, with its raw timestamp in seconds; None at the end."""
        while (picture := self._decoder.next()) is not None:
            try:
                return self._decoder.raw_s(picture), self._decoder.image(picture)
            except (av.FFmpegError, ValueError):
                self._decoder.damaged += 1
        return None

    def _next(self) -> Frame | None:
        decoded, self._first = self._first or self._decode(), None
        if decoded is None:
            return None
        raw_s, image = decoded
        time_s = self._timeline.stamp(raw_s)
        self._index += 1
        self._position_s = time_s + self._shift_s
        start_utc_s = self.info.start_utc_s
        utc_s = None if start_utc_s is None else start_utc_s + self._position_s
        return Frame(image, self._index, time_s, utc_s=utc_s, read_s=time.time())


class FileSource(RecordedSource):
    """The frames of the video file ``path``, as ``Source`` describes.

    Raises:
        SourceNotFoundError: there is no such file.
        SourceUnreadableError: no picture can be decoded from it.
        SourceTimeoutError: it did not open in time.
        SourceError: it may not be read, or it ends before ``options.start_s``.
    """

    def __init__(self, path: str | os.PathLike[str], options: OpenOptions | None = None) -> None:
        path = _at_home(Path(path))
        options = options or OpenOptions()
        opener = partial(open_container, path, timeout_s=options.timeout_s)
        container, stream = opener()
        with container:
            timing = scan(container, stream)
            start_utc_s = recorded_utc_s(container, stream)
        super().__init__(Recording(str(path), path.name, opener, timing, start_utc_s), options)
