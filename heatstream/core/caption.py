"""What a picture that leaves the page says of itself: the camera's name, and when it was."""

from __future__ import annotations

from datetime import datetime

from heatstream.core.lettering import BOLD, INK, SOFT, WHITE, Lettering, plain
from heatstream.core.types import ImageArray


def moment_words(utc_s: float | None, position_s: float) -> str:
    """The time of a frame: by the clock of the machine's zone where it is known, else the place in the file."""
    if utc_s is not None:
        return datetime.fromtimestamp(utc_s).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    minutes, seconds = divmod(int(position_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def draw_caption(image: ImageArray, name: str, when: str) -> None:
    """Draw ``name`` and ``when`` into the lower left corner of ``image``, BGR uint8 (H, W, 3)."""
    lettering = Lettering(image)
    name = plain(name)
    pad, gap = lettering.size_px // 2 + 2, lettering.size_px
    name_px = lettering.width(name, weight=BOLD)
    width = name_px + (gap if name else 0) + lettering.width(when) + 2 * pad
    height = round(1.2 * lettering.size_px) + 2 * pad
    left, top = lettering.size_px, image.shape[0] - height - lettering.size_px
    lettering.plate((left, top, width, height), INK)
    base = top + pad + round(0.95 * lettering.size_px)
    lettering.write(name, (left + pad, base), WHITE, weight=BOLD)
    lettering.write(when, (left + pad + name_px + (gap if name else 0), base), SOFT)
