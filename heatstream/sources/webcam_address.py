"""How a webcam of this machine is written as a source: ``0``, ``/dev/video0``, ``webcam://0?size=1280x720&rate=30``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from heatstream.core.errors import SourceError

SCHEME: Final = "webcam://"
#: Where Linux has its webcams, by number and by lasting names; nothing else that has a path is one.
_NUMBERED: Final = "/dev/video"
_NAMED: Final = "/dev/v4l/"
_SIZE = re.compile(r"(\d{2,5})x(\d{2,5})")
_MAX_RATE_HZ: Final = 1000.0


@dataclass(frozen=True, slots=True)
class WebcamAddress:
    """A webcam and how it should run.

    ``device`` is its number, or its path in ``/dev/v4l``. ``size_wh`` (pixels) and ``rate_hz`` (pictures a second) are
    wishes, None for the camera's own.
    """

    device: str
    size_wh: tuple[int, int] | None = None
    rate_hz: float | None = None

    @property
    def text(self) -> str:
        """The address as a source text that ``parse_address`` takes."""
        options = []
        if self.size_wh is not None:
            options.append(f"size={self.size_wh[0]}x{self.size_wh[1]}")
        if self.rate_hz is not None:
            options.append(f"rate={self.rate_hz:g}")
        return f"{SCHEME}{quote(self.device)}{'?' if options else ''}{'&'.join(options)}"

    @property
    def number(self) -> int | None:
        """The device's number; None where it is named by a path."""
        return int(self.device) if self.device.isdecimal() else None


def is_webcam(text: str) -> bool:
    """Whether ``text`` names a webcam of this machine."""
    text = text.strip()
    return text.isdecimal() or text.lower().startswith(SCHEME) or text.startswith((_NUMBERED, _NAMED))


def parse_address(text: str) -> WebcamAddress:
    """What ``text``, for which ``is_webcam`` holds, says.

    Raises:
        SourceError: it names no device, or an option is unknown or out of its range.
    """
    text = text.strip()
    if not text.lower().startswith(SCHEME):
        return WebcamAddress(_checked(text))
    device, _, query = text[len(SCHEME) :].partition("?")
    address = WebcamAddress(_checked(unquote(device)))
    size_wh, rate_hz = address.size_wh, address.rate_hz
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "size":
            size_wh = _size(value)
        elif name == "rate":
            rate_hz = _rate(value)
        else:
            raise SourceError(f"a webcam has no option {name!r}; it has size=1280x720 and rate=30")
    return WebcamAddress(address.device, size_wh, rate_hz)


def webcam_name(text: str) -> str:
    """What to call the webcam that ``text`` names, without asking it: by its number, or by the name in its path."""
    try:
        device = parse_address(text).device
    except SourceError:
        return "Webcam"
    if device.isdecimal():
        return f"Webcam {device}"
    name = device.rpartition("/")[2].removeprefix("usb-").partition("-video-index")[0]
    return f"Webcam {name.replace('_', ' ')}"


def _checked(device: str) -> str:
    number = device.removeprefix(_NUMBERED)
    if number.isdecimal() and len(number) <= 3:
        return str(int(number))
    if device.startswith(_NAMED) and ".." not in device and "\0" not in device:
        return device
    raise SourceError(f"{device!r} names no webcam; write its number, such as 0, or its path, such as /dev/video0")


def _size(value: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(value.strip().lower())
    if match is None:
        raise SourceError(f"the webcam's size must be like 1280x720, not {value!r}")
    return int(match[1]), int(match[2])


def _rate(value: str) -> float:
    try:
        rate_hz = float(value)
    except ValueError:
        rate_hz = math.nan
    if not 0 < rate_hz <= _MAX_RATE_HZ:
        raise SourceError(f"the webcam's rate must be a number of pictures a second, such as 30, not {value!r}")
    return rate_hz
