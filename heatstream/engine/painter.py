"""Draws one frame in each size that viewers ask for, and packs the pictures with the figures of that frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from heatstream.core.types import Frame, ImageArray, Packet, ZoneTally
from heatstream.output import encode_jpeg
from heatstream.output.fit import fitted

#: Draws a picture of the size of the canvas, BGR uint8 (H, W, 3), on it.
Draw = Callable[[ImageArray], object]


class Painter:
    """The pictures of one camera; ``fits`` are the widths asked for (see ``heatstream.output.fit``)."""

    def __init__(self, camera_id: str) -> None:
        self.fits: frozenset[int] = frozenset()
        self._camera_id = camera_id
        self._canvases: dict[tuple[int, int], ImageArray] = {}  # used again for the next picture of the same size
        self._serves: dict[tuple[int, int], list[int]] = {}

    def paint(self, frame: Frame, draw: Draw) -> None:
        """Have ``frame`` drawn in every size that is asked for now."""
        self._serves = {}
        for fit in sorted(self.fits):
            self._serves.setdefault(fitted(frame.size_wh, fit), []).append(fit)
        self._canvases = {
            size_wh: np.empty((size_wh[1], size_wh[0], 3), np.uint8) if canvas is None else canvas
            for size_wh in self._serves
            for canvas in [self._canvases.get(size_wh)]
        }
        for canvas in self._canvases.values():
            draw(canvas)

    def packets(
        self, frame: Frame, tallies: tuple[ZoneTally, ...], present: Mapping[str, int] | None = None
    ) -> Iterator[Packet]:
        """What was painted last, encoded, one packet for each size."""
        for size_wh, fits in self._serves.items():
            yield Packet(
                camera_id=self._camera_id,
                index=frame.index,
                time_s=frame.time_s,
                read_s=frame.read_s,
                published_s=time.time(),
                size_wh=size_wh,
                jpeg=encode_jpeg(self._canvases[size_wh]),
                fits=tuple(fits),
                tallies=tallies,
                present=present or {},
            )
