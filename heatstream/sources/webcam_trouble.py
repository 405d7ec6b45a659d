"""Why a webcam cannot be opened, in words, with what to do about it. OpenCV does not say."""

from __future__ import annotations

import errno
import os
import sys
from typing import Final

from heatstream.core.errors import SourceError, SourceRefusedError, SourceUnreachableError
from heatstream.sources.webcams import Webcam, device_file

_ADVICE: Final = {
    "linux": "plug it in again, or choose another one",
    "darwin": "close other programs that use it, and allow the camera under System Settings, Privacy & Security",
    "win32": "close other programs that use it, and allow the camera under Settings, Privacy & security",
}


def check(webcam: Webcam) -> None:
    """See whether ``webcam`` could be started now, as far as the system tells (on Linux).

    Raises:
        SourceRefusedError: this user may not open it.
        SourceUnreachableError: it is in use, or gone.
    """
    if sys.platform != "linux":
        return
    device = device_file(webcam.index)
    what, number = f"the webcam {webcam.name} ({device})", _refusal(str(device))
    if number in (errno.EACCES, errno.EPERM):
        raise SourceRefusedError(
            f"{what} may not be opened by this user; add the user to the group “video” (sudo usermod -aG video NAME) "
            "and log in again, or give the device to the container"
        )
    if number == errno.EBUSY:
        raise SourceUnreachableError(f"{what} is in use by another program; close that one")
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        raise SourceUnreachableError(f"{what} was unplugged; plug it in again")


def unusable(webcam: Webcam) -> SourceError:
    """The error to raise for ``webcam``, against which ``check`` had nothing and which could not be opened."""
    return SourceUnreachableError(f"the webcam {webcam.name} cannot be opened; {_ADVICE.get(sys.platform, 'check it')}")


def _refusal(device: str) -> int:
    """The system's error number for opening ``device`` and asking it for pictures as it is set now; 0: no error."""
    from linuxpy.video import device as v4l2  # noqa: PLC0415 - Linux only

    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return error.errno or 0
    try:
        # Setting the format that is set already changes nothing, and fails while another program takes pictures.
        v4l2.set_raw_format(handle, v4l2.get_raw_format(handle, v4l2.BufferType.VIDEO_CAPTURE))
    except OSError as error:
        return error.errno or 0
    finally:
        os.close(handle)
    return 0
