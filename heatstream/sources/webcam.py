"""A webcam of this machine as a live source, through OpenCV: V4L2 on Linux, the other systems' own ways elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from cv2 import VideoCapture

from heatstream.core.errors import SourceError, SourceTimeoutError, SourceUnreachableError
from heatstream.core.types import Frame, ImageArray, SourceInfo
from heatstream.sources.base import OpenOptions
from heatstream.sources.reading import OneReader
from heatstream.sources.webcam_address import WebcamAddress, is_webcam, parse_address
from heatstream.sources.webcam_trouble import check, unusable
from heatstream.sources.webcams import BACKENDS, Webcam, device_file, webcams

logger = logging.getLogger(__name__)

#: Raw pictures larger than this are too much for a USB line at full rate: the camera is asked for JPEG, pixels.
MOST_RAW_PIXELS: Final = 640 * 480
#: Pictures that may wait in the driver: one is filled while the other is taken, and none gets old.
BUFFERS: Final = 2
#: ``close`` from another thread is noticed within this long, nanoseconds (where the backend can wait: V4L2).
_SLICE_NS: Final = 100_000_000
#: A camera that sends nothing for so long, seconds, has been lost.
PATIENCE_S: Final = 10.0
#: After so many pictures in a row that cannot be decoded, the camera is given up.
MOST_DAMAGED: Final = 100
#: So many source texts are remembered with the names of their cameras.
_MOST_NAMES: Final = 64
_names: dict[str, str] = {}


def open_webcam(text: str, options: OpenOptions) -> WebcamSource | None:
    """A ``WebcamSource`` if ``text`` names a webcam of this machine; None if it does not.

    Raises:
        SourceError: see ``parse_address`` and ``WebcamSource``.
    """
    return WebcamSource(parse_address(text), options) if is_webcam(text) else None


class WebcamSource(OneReader):
    """The pictures of the webcam at ``address``, as ``Source`` describes.

    Media time is when a picture arrived. A camera that was open before in this process is found again by its name when
    its number has changed, as it does when it is plugged in again. Opening takes the first picture.

    Raises:
        SourceUnreachableError: it is not plugged in, or another program uses it.
        SourceRefusedError: this user may not open it.
        SourceTimeoutError: it sends no picture.
        SourceError: it cannot be used.
    """

    def __init__(self, address: WebcamAddress, options: OpenOptions | None = None) -> None:
        self._timeout_s = (options or OpenOptions()).timeout_s
        self._webcam = _find(address)
        super().__init__(f"the webcam {self._webcam.name}")
        self._damaged = 0
        self._index = 0
        self._began_s = self._position_s = 0.0
        self._capture = _open(self._webcam)
        try:
            _ask_for(self._capture, address)
            self._packed = _leave_packed(self._capture)
            self._first: ImageArray | None = self._take_first()
            height, width = self._first.shape[:2]
            self.info = SourceInfo(
                label=self._webcam.name,
                size_wh=(width, height),
                rate_hz=_rate_hz(self._capture),
                codec=_codec(self._capture),
                live=True,
            )
        except BaseException:
            self._capture.release()
            raise
        if address.size_wh not in (None, self.info.size_wh):
            logger.warning(
                "The webcam %s gives %dx%d pixels instead of %dx%d", self._webcam.name, width, height, *address.size_wh
            )
        _remember(address, self._webcam)

    @property
    def damaged(self) -> int:
        """How many pictures could not be decoded so far."""
        return self._damaged

    @property
    def position_s(self) -> float:
        """When the last picture came, seconds since the first one."""
        return self._position_s

    def _let_go(self) -> None:
        self._capture.release()

    def _next(self) -> Frame | None:
        """The next picture that can be decoded; None after ``close``."""
        image, self._first = self._first, None
        for _ in range(MOST_DAMAGED):
            if image is None:
                if not self._grab(PATIENCE_S):
                    return None
                image = _decoded(self._capture, packed=self._packed)
            if image is not None:
                return self._frame(image)
            self._damaged += 1
        raise SourceUnreachableError(f"the webcam {self._webcam.name} sends damaged pictures only; plug it in again")

    def _frame(self, image: ImageArray) -> Frame:
        now_s, utc_s = time.monotonic(), time.time()
        if not self._index:
            self._began_s = now_s
        self._index += 1
        self._position_s = now_s - self._began_s
        image.flags.writeable = False
        return Frame(image, self._index, self._position_s, utc_s=utc_s, read_s=utc_s)

    def _take_first(self) -> ImageArray:
        for _ in range(MOST_DAMAGED):
            self._grab(self._timeout_s)
            image = _decoded(self._capture, packed=self._packed)
            if image is not None:
                return image
            self._damaged += 1
        raise SourceError(f"no picture of the webcam {self._webcam.name} can be decoded; choose another size")

    def _grab(self, patience_s: float) -> bool:
        """Wait for the next picture; False after ``close``."""
        begun_s = time.monotonic()
        while not self._closing.is_set():
            try:
                if sys.platform != "linux":  # the other backends cannot wait: the read ends with a picture or fails
                    grabbed = self._capture.grab()
                else:
                    waited, ready = VideoCapture.waitAny([self._capture], _SLICE_NS)
                    if not waited:
                        if time.monotonic() - begun_s > patience_s:
                            raise SourceTimeoutError(
                                f"the webcam {self._webcam.name} has sent no picture for {patience_s:g} seconds; "
                                "plug it in again, or choose a smaller size"
                            )
                        continue
                    grabbed = len(ready) > 0
            except cv2.error as error:
                raise self._lost() from error
            if not grabbed:
                raise self._lost()
            return True
        return False

    def _lost(self) -> SourceError:
        return SourceUnreachableError(
            f"the webcam {self._webcam.name} gives no more pictures: it was unplugged, or another program took it; "
            "plug it in again"
        )


def _find(address: WebcamAddress) -> Webcam:
    """The camera at ``address``: the one that had this address before, if it is plugged in under whatever number, else
    the one that has it now.

    Raises:
        SourceError: there is none, or it may not be asked.
    """
    found = webcams()
    known = _names.get(address.device)
    here = next((webcam for webcam in found if _is_at(webcam, address)), None)
    if known is not None and (here is None or here.name != known):
        here = next((webcam for webcam in found if webcam.name == known), here)
    if here is not None:
        return here
    if sys.platform != "linux" and address.number is not None and not found:
        return Webcam(address.number, "", f"Webcam {address.number}")  # not every system tells which it has
    what = f"the webcam {known or address.device}"
    if not found:
        raise SourceUnreachableError(f"{what} is not there: no webcam is plugged into the machine that runs HeatStream")
    others = ", ".join(f"{webcam.index} ({webcam.name})" for webcam in found)
    raise SourceUnreachableError(f"{what} is not there; plug it in, or choose one of these: {others}")


def _is_at(webcam: Webcam, address: WebcamAddress) -> bool:
    if address.number is not None:
        return webcam.index == address.number
    return address.device == webcam.path or Path(address.device).resolve() == device_file(webcam.index).resolve()


def _remember(address: WebcamAddress, webcam: Webcam) -> None:
    _names.pop(address.device, None)
    _names[address.device] = webcam.name
    while len(_names) > _MOST_NAMES:
        del _names[next(iter(_names))]


def _open(webcam: Webcam) -> VideoCapture:
    check(webcam)
    capture = VideoCapture()
    for backend in BACKENDS.get(sys.platform, (cv2.CAP_ANY,)):
        if capture.open(webcam.index, backend):
            return capture
    raise unusable(webcam)


def _ask_for(capture: VideoCapture, address: WebcamAddress) -> None:
    """Set what ``address`` wishes; a camera that cannot do it comes as near as it can. The order matters: the format
    decides which sizes there are, the size which rates."""
    if address.size_wh is not None:
        width, height = address.size_wh
        if width * height > MOST_RAW_PIXELS:
            capture.set(cv2.CAP_PROP_FOURCC, _fourcc("MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    if address.rate_hz is not None:
        capture.set(cv2.CAP_PROP_FPS, address.rate_hz)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, BUFFERS)


def _fourcc(name: str) -> int:
    """The number of a pixel format."""
    return int.from_bytes(name.encode("ascii"), "little")


def _leave_packed(capture: VideoCapture) -> bool:
    """Have JPEG pictures handed over as they come: OpenCV would repeat the last one in place of a damaged one."""
    jpeg = sys.platform == "linux" and _codec(capture) == "mjpeg"
    return jpeg and bool(capture.set(cv2.CAP_PROP_CONVERT_RGB, 0))


def _decoded(capture: VideoCapture, *, packed: bool) -> ImageArray | None:
    """The picture that was grabbed, BGR uint8 (H, W, 3); None if it is damaged."""
    try:
        whole, taken = capture.retrieve()
        if not whole or taken is None or not taken.size:
            return None
        image = cv2.imdecode(np.asarray(taken, np.uint8).reshape(-1), cv2.IMREAD_COLOR) if packed else taken
        if image is not None and image.ndim == 2:
            image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    except cv2.error:
        return None
    return None if image is None else np.asarray(image, np.uint8)


def _rate_hz(capture: VideoCapture) -> float | None:
    """The rate on which the camera has settled, pictures a second; None if it does not say."""
    rate_hz = float(capture.get(cv2.CAP_PROP_FPS))
    return rate_hz if 0 < rate_hz <= 1000 else None


def _codec(capture: VideoCapture) -> str:
    """The camera's format in words; empty if it does not say."""
    number = int(capture.get(cv2.CAP_PROP_FOURCC))
    letters = number.to_bytes(4, "little", signed=False) if 0 < number < 2**32 else b""
    name = letters.decode("ascii", "replace").strip().lower()
    return "mjpeg" if name == "mjpg" else name if name.isalnum() else ""
