"""Pictures as a source: one of them, or those of a folder as a sequence."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from heatstream.core.errors import SourceError, SourceUnreadableError
from heatstream.core.types import Frame, ImageArray, SourceInfo
from heatstream.sources.base import OpenOptions
from heatstream.sources.file import local_path
from heatstream.sources.picture_file import is_picture, read_picture
from heatstream.sources.reading import OneReader

logger = logging.getLogger(__name__)

#: How fast a folder's pictures follow each other, pictures a second, and the fastest.
DEFAULT_RATE_HZ: Final = 25.0
MAX_RATE_HZ: Final = 240.0
_DIGITS = re.compile(r"(\d+)")


def open_pictures(text: str, options: OpenOptions) -> PictureSource | None:
    """A ``PictureSource`` if ``text`` is the path or ``file://`` URL of a picture or of a folder; None if it is not.

    A folder may be followed by ``?rate=10``, pictures a second.

    Raises:
        SourceError: it cannot be used; see ``PictureSource``.
    """
    path = local_path(text)
    if path is None:
        return None
    folder, rate_hz = split_rate(path)
    if _is_folder(folder):
        return PictureSource(folder, pictures_in(folder), options, rate_hz=rate_hz)
    return PictureSource(path, [path], options) if is_picture(path) else None


def split_rate(path: Path) -> tuple[Path, float]:
    """The folder and the rate that ``folder?rate=10`` names; of any other path itself and the usual rate.

    Raises:
        SourceError: there is another option, or the rate is out of its range.
    """
    head, mark, query = str(path).rpartition("?")
    if not mark or _is_folder(path) or not _is_folder(Path(head)):
        return path, DEFAULT_RATE_HZ
    rate_hz = 0.0
    for name, value in parse_qsl(query, keep_blank_values=True) or [("", "")]:
        if name != "rate":
            raise SourceError(f"{head}: there is no option {name!r}; write {Path(head).name}?rate=10")
        try:
            rate_hz = float(value)
        except ValueError:
            rate_hz = 0.0
    if not 0 < rate_hz <= MAX_RATE_HZ:
        raise SourceError(f"{head}: the rate must be more than 0 and at most {MAX_RATE_HZ:g} pictures a second")
    return Path(head), rate_hz


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # no path at all: too long, or with a zero byte
        return False


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in ``folder`` (not below it), numbers in their names in the order of numbers.

    Hidden files and links that lead outside are left out.

    Raises:
        SourceUnreadableError: there are none.
        SourceError: it may not be read.
    """
    root = folder.resolve()
    try:
        found = [
            path
            for path in folder.iterdir()
            if is_picture(path)
            and not path.name.startswith(".")
            and (not path.is_symlink() or path.resolve().is_relative_to(root))
            and path.is_file()
        ]
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror}") from error
    if not found:
        raise SourceUnreadableError(
            f"{folder} is a folder without pictures; name a video file, or a folder of pictures"
        )
    return sorted(found, key=lambda path: natural(path.name))


def natural(name: str) -> tuple[list[str | int], str]:
    """A key that sorts ``img2`` before ``img10``."""
    parts = _DIGITS.split(name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


class PictureSource(OneReader):
    """The pictures ``paths``, one after the other, as ``Source`` describes; ``path`` is the picture or their folder.

    Sizes may differ: ``info`` has that of the first picture that can be read, each frame has its own. Damaged pictures
    are left out and counted, and their place in time stays empty. The n-th picture is at (n - 1) / ``rate_hz`` seconds;
    a single picture without a ``rate_hz`` has neither rate nor duration.

    Raises:
        SourceNotFoundError, SourceUnreadableError: no picture can be read.
        SourceError: none may be read, or there is none after ``options.start_s``.
    """

    def __init__(
        self, path: Path, paths: Sequence[Path], options: OpenOptions | None = None, *, rate_hz: float | None = None
    ) -> None:
        super().__init__(str(path))
        self._paths = paths
        self._rate_hz = rate_hz or DEFAULT_RATE_HZ
        self._damaged = 0
        self._index = 0
        start_s = (options or OpenOptions()).start_s if rate_hz is not None else 0.0
        self._next_place = self._shown = self._first_place = round(start_s * self._rate_hz)
        self._first: ImageArray | None = self._find_first(start_s)
        height, width = self._first.shape[:2]
        self.info = SourceInfo(
            label=path.name or str(path),
            size_wh=(width, height),
            rate_hz=rate_hz,
            duration_s=None if rate_hz is None else len(paths) / rate_hz,
            codec=self._paths[self._first_place].suffix.lower().lstrip(".").replace("jpg", "jpeg"),
            picture=rate_hz is None,
        )

    @property
    def damaged(self) -> int:
        """How many pictures could not be read so far."""
        return self._damaged

    @property
    def position_s(self) -> float:
        """The last picture's place in the sequence, seconds."""
        return self._shown / self._rate_hz

    def _find_first(self, start_s: float) -> ImageArray:
        """Read the first picture that can be, from the beginning asked for on."""
        failure: SourceError | None = None
        while self._next_place < len(self._paths):
            try:
                image = read_picture(self._paths[self._next_place])
            except SourceError as error:
                failure = failure or error
                self._damaged += 1
                self._next_place += 1
                continue
            self._first_place = self._shown = self._next_place
            return image
        if failure is None:
            raise SourceError(f"{self._name} has no picture after {start_s:g} seconds; begin earlier")
        raise failure

    def _next(self) -> Frame | None:
        image, self._first = self._first, None
        while not self._closing.is_set() and self._next_place < len(self._paths):
            place = self._next_place
            self._next_place += 1
            try:
                image = read_picture(self._paths[place]) if image is None else image
            except SourceError as error:
                logger.warning("A picture is left out: %s", error)
                self._damaged += 1
                continue
            self._index += 1
            self._shown = place
            return Frame(image, self._index, (place - self._first_place) / self._rate_hz, read_s=time.time())
        return None
