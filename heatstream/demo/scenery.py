"""The backdrop as a file, so that the demo opens at once: painting it takes seconds, reading it a fiftieth of one.

``python -m heatstream.tools.paint_demo`` writes it again after a change of what is painted; a test compares the two.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from heatstream.core.types import ImageArray
from heatstream.demo.backdrop import Backdrop, Occluder, painted

SCENERY = Path(__file__).resolve().parents[2] / "assets" / "demo_scenery.npz"


@lru_cache(maxsize=1)
def backdrop() -> Backdrop:
    """The one backdrop, read-only: from its file, or painted where that is missing or cannot be read."""
    try:
        found = load(SCENERY)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, cv2.error):
        found = painted()
    for array in (found.image, found.shade, found.light):
        array.flags.writeable = False
    return found


def save(made: Backdrop, path: Path) -> None:
    """Write ``made`` to ``path``: pictures as PNG, which keeps every bit."""
    files = {"image": _png(made.image), "shade": _png(made.shade), "light": _png(made.light)}
    for i, occluder in enumerate(made.occluders):
        files[f"keep{i}"] = _png(occluder.keep[..., 0])
    depths = [np.nan if occluder.deep is None else occluder.deep for occluder in made.occluders]
    corners = [(occluder.left, occluder.top) for occluder in made.occluders]
    np.savez(path, allow_pickle=False, depths=np.array(depths), corners=np.array(corners, np.int64), **files)


def load(path: Path) -> Backdrop:
    """What ``save`` wrote.

    Raises:
        OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, cv2.error: there is no such file, or it is broken.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as files:
        occluders = []
        for i, (deep, (left, top)) in enumerate(zip(files["depths"].tolist(), files["corners"].tolist(), strict=True)):
            keep = np.repeat(_picture(files[f"keep{i}"])[..., None], 4, axis=2)
            occluders.append(Occluder(keep, left, top, None if np.isnan(deep) else deep))
        image, shade, light = (_picture(files[name]) for name in ("image", "shade", "light"))
    return Backdrop(image, tuple(occluders), shade, light)


def _png(image: ImageArray) -> ImageArray:
    return np.asarray(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1], np.uint8)


def _picture(data: ImageArray) -> ImageArray:
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)
