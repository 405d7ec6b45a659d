"""What a user can change while a camera runs: one frozen, revisioned value that the engine reads once a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from heatstream.core.errors import ControlsError
from heatstream.core.types import Zone, ZoneUse

#: The seed document's default ``decay_factor`` 0.99 per frame at 25 frames a second: ln 0.5 / (ln 0.99 x 25).
DEFAULT_HALF_LIFE_S = math.log(0.5) / (math.log(0.99) * 25)


class Anchor(StrEnum):
    """The point of a box that counts as the object's place."""

    CENTER = "center"
    BOTTOM = "bottom"


class Measure(StrEnum):
    """What heat adds up: the seconds that objects spend in a cell, or how many tracks were in it."""

    DWELL = "dwell"
    VISITS = "visits"


class Place(StrEnum):
    """Where in its box an object leaves its mark: all over it, in its middle, or at its lower edge (feet, wheels)."""

    BOX = "box"
    CENTER = "center"
    FEET = "feet"


class Shape(StrEnum):
    """The shape of the mark that an object leaves in the heat; ``smooth`` is warmest in its middle (a Gaussian)."""

    CIRCLE = "circle"
    RECT = "rect"
    SMOOTH = "smooth"


class Blend(StrEnum):
    """How heat is laid over the picture: cold stays clear, or everything is tinted alike (the seed's way)."""

    TRANSPARENT = "transparent"
    UNIFORM = "uniform"


class Scale(StrEnum):
    """What the hottest colour stands for.

    ``auto``: a slowly following maximum that never flickers and lets heat fade in an empty scene; ``fixed``:
    ``scale_top_s`` object-seconds; ``percentile``: the value below which ``scale_percentile`` % of the warm cells
    lie; ``minmax``: from the coldest to the hottest cell of each frame (the seed's way).
    """

    AUTO = "auto"
    FIXED = "fixed"
    PERCENTILE = "percentile"
    MINMAX = "minmax"


def _require(ok: bool, message: str) -> None:
    if not ok:
        raise ControlsError(message)


@dataclass(frozen=True, slots=True)
class HeatControls:
    """How heat gathers, fades and looks.

    ``half_life_s`` > 0 seconds (``math.inf``: never fades); ``size`` scales the stamped mark, 1 is the seed's;
    ``colormap`` is a name of ``heatstream.core.colormaps``; ``alpha`` 0-1; ``scale_top_s`` > 0 is in the unit of
    ``measure``, object-seconds or visits. ``classes`` are the names of the classes that leave marks (None: all that
    are shown). What has stood still for ``still_s`` > 0 seconds leaves none any more (``math.inf``: it always does).
    """

    colormap: str = "JET"
    alpha: float = 0.5
    half_life_s: float = DEFAULT_HALF_LIFE_S
    shape: Shape = Shape.CIRCLE
    size: float = 1.0
    blend: Blend = Blend.TRANSPARENT
    scale: Scale = Scale.AUTO
    scale_top_s: float = 5.0
    scale_percentile: float = 99.0
    measure: Measure = Measure.DWELL
    place: Place = Place.BOX
    classes: tuple[str, ...] | None = None
    still_s: float = math.inf

    def __post_init__(self) -> None:
        _require(0 <= self.alpha <= 1, f"alpha must lie between 0 and 1, not {self.alpha}")
        _require(self.half_life_s > 0, f"the half-life must be more than 0 seconds, not {self.half_life_s}")
        _require(0.1 <= self.size <= 5, f"the size must lie between 0.1 and 5, not {self.size}")
        _require(
            self.scale_top_s > 0 and math.isfinite(self.scale_top_s),
            f"the top of the scale must be more than 0 seconds, not {self.scale_top_s}",
        )
        _require(
            50 <= self.scale_percentile <= 100,
            f"the percentile must lie between 50 and 100, not {self.scale_percentile}",
        )
        _require(self.still_s > 0, f"the time of standing still must be more than 0 seconds, not {self.still_s}")


@dataclass(frozen=True, slots=True)
class OverlayControls:
    """What is drawn on the picture besides heat."""

    heat: bool = True
    boxes: bool = True
    labels: bool = True
    trails: bool = False
    zones: bool = True
    counts: bool = True
    legend: bool = True


@dataclass(frozen=True, slots=True)
class DetectControls:
    """What to look for: confidence and IoU thresholds 0-1, and class names to show and count (None: all)."""

    confidence: float = 0.3
    iou: float = 0.5
    classes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _require(0 <= self.confidence <= 1, f"the confidence must lie between 0 and 1, not {self.confidence}")
        _require(0 < self.iou <= 1, f"the IoU must lie between 0 and 1, not {self.iou}")


@dataclass(frozen=True, slots=True)
class CountControls:
    """How crossings are counted.

    With ``once`` a track counts at most once for each zone, whichever way it goes, else each time it crosses again.
    ``band`` is the dead band on each side of a zone as a share of the picture's shorter side (0-0.1); None: derived
    from each object's size and jitter.
    """

    once: bool = False
    band: float | None = None

    def __post_init__(self) -> None:
        _require(
            self.band is None or 0 <= self.band <= 0.1,
            f"the dead band must lie between 0 and 0.1 of the picture's shorter side, not {self.band}",
        )


@dataclass(frozen=True, slots=True)
class Controls:
    """Everything a user can change without a restart. Defaults are the seed document's.

    ``revision`` grows by one with every change; ``counts_epoch`` and ``heat_epoch`` grow when counts are to be reset
    and heat is to be cleared, so that these act exactly once, whatever is lost on the way. ``speed`` is how fast a file
    plays, media seconds for each second (0.1-16).
    """

    heat: HeatControls = HeatControls()
    overlay: OverlayControls = OverlayControls()
    detect: DetectControls = DetectControls()
    zones: tuple[Zone, ...] = ()
    anchor: Anchor = Anchor.CENTER
    counting: CountControls = CountControls()
    paused: bool = False
    loop: bool = True
    speed: float = 1.0
    counts_epoch: int = 0
    heat_epoch: int = 0
    revision: int = 0

    def __post_init__(self) -> None:
        ids = [zone.id for zone in self.zones]
        _require(len(set(ids)) == len(ids), "two zones have the same id")
        _require(0.1 <= self.speed <= 16, f"the speed must lie between 0.1 and 16, not {self.speed}")

    @property
    def counted_zones(self) -> tuple[Zone, ...]:
        """The zones that count; the others are masks of the heat."""
        return tuple(zone for zone in self.zones if zone.use is ZoneUse.COUNT)
