"""The webcams of this machine: their names, and in which sizes and at which rates they give pictures."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2

logger = logging.getLogger(__name__)

#: With what OpenCV opens a webcam, the first one that can.
BACKENDS: Final = {
    "linux": (cv2.CAP_V4L2,),
    "win32": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_AVFOUNDATION,),
}
#: Where Linux has devices and tells about them.
DEV = Path("/dev")
SYSFS = Path("/sys/class/video4linux")
#: Of a camera that takes any size or rate these are offered, as far as they lie within its limits.
_USUAL_SIZES: Final = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
_USUAL_RATES_HZ: Final = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 60.0)


@dataclass(frozen=True, slots=True)
class Mode:
    """A size in pixels, and the rates in pictures a second at which it can be had, fastest first (empty: unknown)."""

    size_wh: tuple[int, int]
    rates_hz: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Webcam:
    """A webcam: its number, its most lasting path (Linux; elsewhere its id, or empty), its name for people, and its
    modes, largest first (empty where they cannot be known)."""

    index: int
    path: str
    name: str
    modes: tuple[Mode, ...] = ()


def webcams() -> tuple[Webcam, ...]:
    """Every webcam that is plugged in now, by number. Takes milliseconds, and does not disturb one that runs."""
    found = _on_linux() if sys.platform == "linux" else _elsewhere()
    return tuple(sorted(found, key=lambda webcam: webcam.index))


def device_file(index: int) -> Path:
    """The device of webcam number ``index`` on Linux."""
    return DEV / f"video{index}"


def _on_linux() -> Iterator[Webcam]:
    for device in DEV.glob("video*"):
        number = device.name.removeprefix("video")
        if not number.isdecimal():
            continue
        try:
            told = _ask(device)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EBUSY) or not _is_first(device.name):
                continue  # gone meanwhile, or no camera
            told = "", ()
        if told is not None:
            card, modes = told
            name = _name(device.name) or card or f"Webcam {number}"
            yield Webcam(int(number), _lasting_path(device), name, modes)


def _is_first(device: str) -> bool:
    """Whether the device is the first of its camera; a USB camera has others, for metadata."""
    try:
        return (SYSFS / device / "index").read_text().strip() == "0"
    except OSError:
        return True


def _name(device: str) -> str:
    """What the system calls the camera, without what many say twice (``C920: C920``); empty where it does not say."""
    try:
        name = " ".join((SYSFS / device / "name").read_text(errors="replace").split())
    except OSError:
        return ""
    first, colon, second = name.partition(": ")
    return first if colon and first.startswith(second) else name


def _lasting_path(device: Path) -> str:
    """A link of udev's that stays with the camera, else with its socket, else the device, which is numbered anew."""
    for folder in ("by-id", "by-path"):
        links = sorted((DEV / "v4l" / folder).glob("*"))
        for link in links:
            if link.resolve() == device.resolve():
                return str(link)
    return str(device)


def _ask(device: Path) -> tuple[str, tuple[Mode, ...]] | None:
    """What a camera calls itself, and its modes; None if it is another kind of device.

    Raises:
        OSError: it cannot be opened.
    """
    from linuxpy.video import device as v4l2  # noqa: PLC0415 - Linux only

    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        told = v4l2.read_capabilities(handle)
        able = v4l2.Capability(told.device_caps or told.capabilities)
        if v4l2.Capability.VIDEO_CAPTURE in able:
            kind = v4l2.BufferType.VIDEO_CAPTURE
        elif v4l2.Capability.VIDEO_CAPTURE_MPLANE in able:
            kind = v4l2.BufferType.VIDEO_CAPTURE_MPLANE
        else:
            return None
        rates: dict[tuple[int, int], set[float]] = {}
        for form in v4l2.iter_read_formats(handle, kind):
            for size_wh in _sizes(v4l2.iter_read_frame_sizes(handle, form.pixel_format)):
                steps = v4l2.iter_read_frame_intervals(handle, form.pixel_format, *size_wh)
                rates.setdefault(size_wh, set()).update(_rates(steps))
    finally:
        os.close(handle)
    modes = [Mode(size_wh, tuple(sorted(hz, reverse=True))) for size_wh, hz in rates.items()]
    modes.sort(key=lambda mode: (mode.size_wh[0] * mode.size_wh[1], mode.size_wh), reverse=True)
    return told.card.decode(errors="replace"), tuple(modes)


def _sizes(told: Iterable[Any]) -> Iterator[tuple[int, int]]:
    for size in told:
        info = size.info
        if hasattr(info, "width"):
            yield info.width, info.height
            continue
        for width, height in _USUAL_SIZES:
            if info.min_width <= width <= info.max_width and info.min_height <= height <= info.max_height:
                yield width, height


def _rates(told: Iterable[Any]) -> Iterator[float]:
    for step in told:
        least, most = sorted((float(step.min_fps), float(step.max_fps)))
        if least == most:
            yield from [round(most, 2)] if most > 0 else []
        else:
            yield from (rate for rate in _USUAL_RATES_HZ if least <= rate <= most)


def _elsewhere() -> Iterator[Webcam]:
    """What OpenCV can open on Windows and macOS, in the order in which OpenCV numbers it; modes are not told there."""
    from cv2_enumerate_cameras import enumerate_cameras  # noqa: PLC0415 - not on Linux

    backend = BACKENDS.get(sys.platform, (cv2.CAP_ANY,))[0]
    for camera in enumerate_cameras(backend):
        yield Webcam(camera.index, str(camera.path or ""), str(camera.name or f"Webcam {camera.index}"))
