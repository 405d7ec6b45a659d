"""How large a picture is sent: no wider than somebody shows it, in a few sizes that viewers of like windows share."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

#: Those who show a picture between two of these widths (pixels) share one encoding, as wide as the widest of them shows
#: it; above the last one all share the whole picture. A lone viewer so gets exactly what it shows, which its browser
#: need not scale (a seventh of the processor time that a picture costs there).
STEPS_PX = (480, 640, 800, 960, 1280, 1600, 1920)
#: No picture is made narrower than this.
LEAST_PX = 160
#: Stands for the whole picture.
WHOLE = 0


def fits_for(shown_px: Iterable[int]) -> dict[int, int]:
    """For each of the widths (device pixels) in which viewers show a picture, the one to make for it, or ``WHOLE``.

    A viewer that does not know its width says 0.
    """
    fits: dict[int, int] = {}
    for step, group in groupby(sorted(set(shown_px)), _step):
        widths = list(group)
        fit = WHOLE if step == WHOLE else max(widths[-1], LEAST_PX)
        fits.update(dict.fromkeys(widths, fit))
    return fits


def fitted(size_wh: tuple[int, int], fit: int) -> tuple[int, int]:
    """The size that a picture of ``size_wh`` gets under ``fit``: never larger than it is, in its own shape."""
    width, height = size_wh
    if fit == WHOLE or fit >= width:
        return size_wh
    return fit, max(1, round(height * fit / width))


def _step(shown_px: int) -> int:
    return next((width for width in STEPS_PX if 0 < shown_px <= width), WHOLE)
