"""What a set of rules offers to ``Heatmap``: heat, counts, and the picture under its heat."""

from __future__ import annotations

from typing import Protocol

from heatstream.core.geometry import Floats
from heatstream.core.types import FloatArray, ImageArray, InOut
from heatstream.solutions.inputs import Seen


class Rules(Protocol):
    """How heat gathers, fades and looks, and what counts; made for the first frame."""

    def step(self, image: ImageArray, seen: Seen) -> ImageArray:
        """Take one frame; a new picture with the heat over it. ``image`` stays as it is."""
        ...

    def heat(self) -> FloatArray:
        """A new array (H, W) of the heat under each pixel of the last frame."""
        ...

    def counted(self) -> dict[str, InOut]:
        """What was counted of each class seen so far, by its name."""
        ...

    def arrows(self, size_wh: tuple[int, int]) -> list[tuple[Floats, Floats]]:
        """Where each arrow starts (2,) px and the unit vector (2,) that shows which way is in; none if no way is."""
        ...
