"""A browser's camera as a source: ``browser://NAME``, whose pictures come in through the inlet of that text."""

from __future__ import annotations

import io
import math
import re
import threading
import time

import cv2
import numpy as np
from PIL import Image

from heatstream.core.errors import SourceError, SourceTimeoutError, SourceUnreadableError
from heatstream.core.types import MEMORY_S, Frame, ImageArray, SourceInfo
from heatstream.sources.base import OpenOptions
from heatstream.sources.inlets import INLETS, SentPicture
from heatstream.sources.reading import OneReader

SCHEME = "browser://"
LABEL = "Browser camera"
WAITING = "waiting for the browser's camera"
#: How often a wait looks whether it shall stop, seconds.
STOP_WAKE_S = 0.25
#: A picture may have as many pixels as a 4K camera's, and as few as anything can be seen in.
MOST_PX, SHORTEST_SIDE_PX = 3840 * 2160, 16
#: A capture clock that has drifted from this machine's by more than this between two pictures was set, seconds.
CLOCK_SLACK_S = 2.0
#: Two pictures of the same instant are this far apart in media time, seconds.
LEAST_STEP_S = 0.001
_NAME = re.compile(r"[a-z0-9]{16,64}")


def open_pushed(text: str, options: OpenOptions) -> PushedSource | None:
    """A ``PushedSource`` if ``text`` is a ``browser://`` address; None if it is not.

    Raises:
        SourceError: the address has no proper name.
        SourceTimeoutError: no picture came in time.
    """
    return PushedSource(text, options) if is_browser(text) else None


def is_browser(text: str) -> bool:
    """Whether a source's text names a browser's camera, be it a right one or not."""
    return text.strip().lower().startswith(SCHEME)


def browser_name(text: str) -> str:
    """The NAME of a text for which ``is_browser`` is true; it is the same for the same browser.

    Raises:
        SourceError: it is none that a page gives to a browser.
    """
    name = text.strip()[len(SCHEME) :]
    if not _NAME.fullmatch(name):
        raise SourceError(f"{LABEL}: an address like this is made by the page; choose “My camera” there to get one")
    return name


def has_come(text: str) -> bool:
    """Whether a picture for this address has just come: it is worth opening it now, whatever else is waited for."""
    return is_browser(text) and INLETS.get(text.strip()).is_fresh()


def picture_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG in pixels, from its head alone.

    Raises:
        SourceUnreadableError: it is no JPEG, or has too many pixels or too few.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = MOST_PX
    except (OSError, ValueError, SyntaxError, ImportError) as error:  # ImportError: see ``picture_file.read_picture``
        raise SourceUnreadableError("What was sent is no JPEG picture.") from error
    if width * height > MOST_PX or min(width, height) < SHORTEST_SIDE_PX:
        raise SourceUnreadableError(
            f"A picture must have at most {MOST_PX:,} pixels, and {SHORTEST_SIDE_PX} or more on each side."
        )
    return width, height


def decode(picture: SentPicture) -> ImageArray | None:
    """The picture as BGR uint8 (H, W, 3), read-only, in its camera's size; None if it cannot be decoded.

    A smaller copy is enlarged, so that what is tracked keeps its place when the browser changes the quality; one that
    was turned meanwhile has its own size.
    """
    try:
        width, height = picture_size(picture.jpeg)
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), flags)
        if image is None:
            return None
        whole_width, whole_height = picture.size_wh
        if width < whole_width and abs(width * whole_height / (height * whole_width) - 1) < 0.02:
            image = cv2.resize(image, picture.size_wh, interpolation=cv2.INTER_LINEAR)
    except (SourceUnreadableError, cv2.error):
        return None
    found = np.asarray(image, np.uint8)
    found.flags.writeable = False
    return found


class PushedSource(OneReader):
    """The pictures that come in for the address ``text``, as ``Source`` describes: live, without an end.

    Opening waits for the first picture; later ``frames`` waits as long as it takes, for the visitor may come back any
    time. Media time is that of capturing; after a gap in which tracks are forgotten, or when the camera's size has
    changed, a new run begins.

    Raises:
        SourceError: the address has no proper name.
        SourceTimeoutError: no picture came within ``options.timeout_s``.
    """

    def __init__(self, text: str, options: OpenOptions | None = None) -> None:
        super().__init__("the browser's camera")
        browser_name(text)
        self.damaged = 0
        self._inlet = INLETS.get(text.strip())
        self._taken = self._inlet.begin()
        self._last: Frame | None = None
        self._last_s = 0.0  # monotonic
        options = options or OpenOptions()
        self._stop = options.stop or threading.Event()
        first = self._wait(options.timeout_s)
        if first is None:
            raise SourceTimeoutError(f"{WAITING}; open this page in the browser that has it, and allow it there")
        self._first: Frame | None = first
        self.info = SourceInfo(LABEL, first.size_wh, codec="mjpeg", live=True, waits_for=WAITING)

    @property
    def position_s(self) -> float:
        """Always 0: there is no place to go back to."""
        return 0.0

    def close(self) -> None:
        """Stop waiting, in whatever thread."""
        super().close()
        self._inlet.stir()

    @property
    def _ended(self) -> bool:
        return self._closing.is_set() or self._stop.is_set()

    def _next(self) -> Frame | None:
        first, self._first = self._first, None
        return first or self._wait(math.inf)

    def _wait(self, timeout_s: float) -> Frame | None:
        """The next picture that can be decoded; None at the end, or when none comes for ``timeout_s`` seconds."""
        until_s = time.monotonic() + timeout_s
        while not self._ended and (left_s := until_s - time.monotonic()) > 0:
            taken = self._inlet.take(self._taken, min(left_s, STOP_WAKE_S), unless=lambda: self._ended)
            if taken is None:
                continue
            self._taken, picture = taken
            image = decode(picture)
            if image is not None:
                return self._frame(image, picture.captured_s)
            self.damaged += 1
        return None

    def _frame(self, image: ImageArray, captured_s: float) -> Frame:
        now_s, last = time.monotonic(), self._last
        if last is None or last.utc_s is None:
            frame = Frame(image, 1, 0.0, utc_s=captured_s, read_s=captured_s)
        else:
            step_s, waited_s = captured_s - last.utc_s, now_s - self._last_s
            if abs(step_s - waited_s) > CLOCK_SLACK_S:
                step_s = waited_s
            afresh = step_s > MEMORY_S or image.shape != last.image.shape
            frame = Frame(
                image,
                last.index + 1,
                last.time_s + max(step_s, LEAST_STEP_S),
                run=last.run + afresh,
                utc_s=captured_s,
                read_s=captured_s,  # from there to the screen is the delay that people see
            )
        self._last, self._last_s = frame, now_s
        return frame
