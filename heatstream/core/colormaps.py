"""The 22 colormaps of OpenCV, by name and as tables of 256 colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import cv2
import numpy as np

from heatstream.core.errors import ControlsError
from heatstream.core.types import ImageArray

_NAMES = (
    *("AUTUMN", "BONE", "JET", "WINTER", "RAINBOW", "OCEAN", "SUMMER", "SPRING", "COOL", "HSV", "PINK", "HOT"),
    *("PARULA", "MAGMA", "INFERNO", "PLASMA", "VIRIDIS", "CIVIDIS", "TWILIGHT", "TWILIGHT_SHIFTED", "TURBO"),
    "DEEPGREEN",
)

#: OpenCV's number of each colormap.
COLORMAPS: Mapping[str, int] = MappingProxyType({name: getattr(cv2, f"COLORMAP_{name}") for name in _NAMES})


def find(name: str) -> str:
    """The colormap's own name for what a person wrote: any case, with or without ``COLORMAP_`` and ``cv2.``.

    Raises:
        ControlsError: there is no such colormap; the message lists all.
    """
    wanted = name.strip().upper().replace("-", "_").replace(" ", "_")
    wanted = wanted.removeprefix("CV2.").removeprefix("CV::").removeprefix("COLORMAP_")
    if wanted not in COLORMAPS:
        raise ControlsError(f"there is no colormap {name!r}; choose one of {', '.join(COLORMAPS)}")
    return wanted


@cache
def _lut(name: str) -> ImageArray:
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    table = np.asarray(cv2.applyColorMap(ramp, COLORMAPS[name]), np.uint8).reshape(256, 3)
    table.flags.writeable = False
    return table


def lut(name: str) -> ImageArray:
    """The colours of a colormap, cold first: uint8 (256, 3), BGR, read-only.

    Raises:
        ControlsError: there is no such colormap.
    """
    return _lut(find(name))
