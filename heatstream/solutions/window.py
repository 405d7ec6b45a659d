"""A window on the screen, where there is one."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import cv2

from heatstream.core.types import ImageArray

TITLE = "HeatStream heatmap"
#: Seconds that opening a window may take in the trial.
TRIAL_S = 20.0


class Window:
    """Shows pictures; warns once, with ``RuntimeWarning``, and shows none where that is not possible."""

    def __init__(self) -> None:
        self._usable: bool | None = None

    def show(self, image: ImageArray) -> None:
        """Show BGR uint8 (H, W, 3) until the next one."""
        if self._usable is None:
            self._usable = has_display()
            if not self._usable:
                self._warn()
        if not self._usable:
            return
        try:
            cv2.imshow(TITLE, image)
            cv2.waitKey(1)
        except cv2.error:  # an OpenCV without windows
            self._usable = False
            self._warn()

    def _warn(self) -> None:
        warnings.warn(
            "view_img=True, but no window can be shown here; the frames are made without", RuntimeWarning, stacklevel=4
        )


def has_display() -> bool:
    """Whether a window can be opened.

    OpenCV's Qt ends the process where it cannot reach the display, so on Linux another process tries first.
    """
    if not sys.platform.startswith("linux"):
        return True
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    trial = [sys.executable, "-c", "import cv2; cv2.namedWindow('trial'); cv2.destroyAllWindows()"]
    try:
        return subprocess.run(trial, capture_output=True, timeout=TRIAL_S, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
