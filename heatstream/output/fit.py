"""How large a picture is sent: no wider than it is shown, in a few steps, so that many viewers share an encoding."""

from __future__ import annotations

#: Widths in pixels that are made on demand; a viewer gets the next one up from what it shows, or the whole picture.
WIDTHS_PX = (480, 640, 800, 960, 1280, 1600, 1920)
#: Stands for the whole picture.
WHOLE = 0


def fit_for(shown_px: int) -> int:
    """The width to ask for where a picture is shown ``shown_px`` wide: one of ``WIDTHS_PX``, or ``WHOLE``."""
    return next((width for width in WIDTHS_PX if 0 < shown_px <= width), WHOLE)


def fitted(size_wh: tuple[int, int], fit: int) -> tuple[int, int]:
    """The size that a picture of ``size_wh`` gets under ``fit``: never larger than it is, in its own shape."""
    width, height = size_wh
    if fit == WHOLE or fit >= width:
        return size_wh
    return fit, max(1, round(height * fit / width))
