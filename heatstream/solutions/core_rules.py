"""HeatStream's rules for ``Heatmap``: heat in object-seconds that fades from sight, and swept, two-sided counts.

One call is one frame of ``1 / fps`` seconds. Heat is clear where it is cold. Its scale follows the hottest place; in
the first second its top is the time that has passed, so that one picture alone shows its objects as hot as can be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from heatstream.core import heat
from heatstream.core.controls import HeatControls, Scale, Shape
from heatstream.core.geometry import Floats
from heatstream.core.legend import draw_legend
from heatstream.core.moment import Moment
from heatstream.core.render import overlay
from heatstream.core.track_counter import TrackCounter
from heatstream.core.types import FloatArray, ImageArray, InOut, Zone
from heatstream.core.zone_marks import in_direction
from heatstream.solutions.arguments import HeatmapArguments, colormap_name
from heatstream.solutions.inputs import Seen

#: Frames a second where the user does not tell.
USUAL_HZ = 25.0
#: A decay factor of 0 is a half-life of this share of a frame: what is left is less than the core's least heat.
NOTHING_LEFT = 1 / 64


class CoreRules:
    """The core's heat and counter, for frames of one video that starts with ``size_wh`` pixels."""

    def __init__(
        self, arguments: HeatmapArguments, names: Mapping[int, str], zones: tuple[Zone, ...], size_wh: tuple[int, int]
    ) -> None:
        rate_hz = arguments.fps or USUAL_HZ
        self._frame_s = 1 / rate_hz
        self._params = HeatControls(
            colormap=colormap_name(arguments.colormap),
            alpha=float(arguments.heatmap_alpha),
            half_life_s=_half_life_s(arguments.decay_factor, rate_hz),
            shape=Shape(arguments.shape),
        )
        self._legend = arguments.fps is not None
        self._names, self._zones = names, zones
        self._heat = heat.initial(size_wh)
        self._counter = TrackCounter(names)
        self._classes: dict[str, None] = {}
        self._frames = 0

    def step(self, image: ImageArray, seen: Seen) -> ImageArray:
        """See ``Rules.step``."""
        size_wh = image.shape[1], image.shape[0]
        self._frames += 1
        elapsed_s = self._frames * self._frame_s
        self._heat = heat.step(heat.resize(self._heat, size_wh), seen.xyxy, self._frame_s, self._params)
        moment = Moment(self._frames, elapsed_s, 1, None, size_wh)
        self._counter.step(seen.tracks, moment, self._zones)
        for class_id in seen.tracks.class_id.tolist():
            self._classes.setdefault(self._names.get(class_id, f"class {class_id}"))
        top_s = min(self._heat.top_s, elapsed_s)
        shown = replace(self._params, scale=Scale.FIXED, scale_top_s=top_s)
        result = overlay(image, self._heat, shown)
        if self._legend:
            draw_legend(result, (0.0, top_s), shown)
        return result

    def heat(self) -> FloatArray:
        """See ``Rules.heat``; in object-seconds, between the cells of the core's grid in even steps."""
        (width, height), cell = self._heat.size_wh, self._heat.cell_px
        grid = self._heat.grid
        large = cv2.resize(grid, (grid.shape[1] * cell, grid.shape[0] * cell), interpolation=cv2.INTER_LINEAR)
        return np.array(large[:height, :width], np.float32)

    def counted(self) -> dict[str, InOut]:
        """See ``Rules.counted``."""
        counted = dict.fromkeys(self._classes, InOut())
        for tally in self._counter.zones.tallies():
            for name, both in tally.by_class.items():
                old = counted.get(name, InOut())
                counted[name] = old + both
        return counted

    def arrows(self, size_wh: tuple[int, int]) -> list[tuple[Floats, Floats]]:
        """See ``Rules.arrows``."""
        return [in_direction(zone, size_wh) for zone in self._zones]


def _half_life_s(decay_factor: float, rate_hz: float) -> float:
    """The half-life of heat that is multiplied by ``decay_factor`` each frame; never less than a share of a frame."""
    least_s = NOTHING_LEFT / rate_hz
    if decay_factor <= 0:
        return least_s
    half_life_s = heat.half_life_from_decay(float(decay_factor), rate_hz)
    return half_life_s if math.isinf(half_life_s) else max(half_life_s, least_s)
