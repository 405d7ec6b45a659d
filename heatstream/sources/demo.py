"""The demo scene as a source: ``demo://plaza``, endless, and as fast as it is asked for."""

from __future__ import annotations

import time

from heatstream.core.types import Frame, SourceInfo
from heatstream.demo import PlazaScene, is_demo, parse_address
from heatstream.sources.base import OpenOptions
from heatstream.sources.reading import OneReader


def open_demo(text: str, options: OpenOptions) -> DemoSource | None:
    """A ``DemoSource`` if ``text`` is a ``demo://`` address; None if it is not.

    Raises:
        SourceError: there is no such scene, or an option is unknown or out of range.
    """
    return DemoSource(text, options) if is_demo(text) else None


class DemoSource(OneReader):
    """The frames of the demo scene that the address ``text`` names, as ``Source`` describes.

    It has no end: ``options.start_s`` may be any time. Media time is exact, a frame every 40 ms.

    Raises:
        SourceError: there is no such scene, or an option is unknown or out of range.
    """

    def __init__(self, text: str, options: OpenOptions | None = None) -> None:
        super().__init__("the demo plaza")
        address = parse_address(text)
        self._scene = PlazaScene(address.seed, address.crowd)
        self._first = round((options or OpenOptions()).start_s * self._scene.rate_hz)
        self._given = 0
        self.info = SourceInfo("Demo plaza", self._scene.size_wh, rate_hz=self._scene.rate_hz, codec="rendered")

    @property
    def damaged(self) -> int:
        """Always 0."""
        return 0

    @property
    def position_s(self) -> float:
        """The last frame's time in the scene, seconds."""
        return (self._first + max(self._given - 1, 0)) / self._scene.rate_hz

    def _next(self) -> Frame:
        image = self._scene.render(self._first + self._given)
        image.flags.writeable = False
        self._given += 1
        return Frame(image, self._given, (self._given - 1) / self._scene.rate_hz, read_s=time.time())
