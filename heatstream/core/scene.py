"""Everything that one picture shows, as a value, and the picture made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from heatstream.core import heat
from heatstream.core.annotate import draw_boxes, draw_labels, draw_trails
from heatstream.core.controls import Blend, Controls
from heatstream.core.heat import HeatState
from heatstream.core.legend import draw_legend
from heatstream.core.render import overlay
from heatstream.core.trails import Trails
from heatstream.core.types import ImageArray, Tracks, Zone, ZoneTally
from heatstream.core.zone_marks import draw_tallies, draw_zones


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known at one frame: ``tracks`` are those to show, ``class_names`` by class id."""

    heat: HeatState
    tracks: Tracks = field(default_factory=Tracks)
    trails: Trails = field(default_factory=Trails)
    zones: tuple[Zone, ...] = ()
    tallies: tuple[ZoneTally, ...] = ()
    class_names: Mapping[int, str] = field(default_factory=dict)


def compose(image: ImageArray, scene: Scene, controls: Controls, *, out: ImageArray | None = None) -> ImageArray:
    """``image`` with all that ``controls.overlay`` asks for, BGR uint8 (H, W, 3).

    ``image`` stays as it is. The result is written to ``out`` if that has the same shape (and shares no memory with
    ``image``), else to a new array, and returned. Heat comes first, so that nothing that is drawn is tinted.
    """
    shown = controls.overlay
    height, width = image.shape[:2]
    if shown.heat:
        state = heat.resize(scene.heat, (width, height))
        picture = overlay(image, state, controls.heat, out=out)
    else:
        picture = out if out is not None and out.shape == image.shape else np.empty_like(image)
        np.copyto(picture, image)
    if shown.trails:
        draw_trails(picture, scene.trails)
    if shown.boxes:
        draw_boxes(picture, scene.tracks)
    if shown.labels:
        draw_labels(picture, scene.tracks, scene.class_names)
    if shown.zones:
        draw_zones(picture, scene.zones)
    if shown.zones or shown.counts:
        tallies = {tally.zone_id: tally for tally in scene.tallies}
        draw_tallies(picture, scene.zones, tallies, counts=shown.counts)
    if shown.heat and shown.legend:
        draw_legend(picture, heat.span(scene.heat, controls.heat), controls.heat)
    return picture


def heat_picture(scene: Scene, controls: Controls) -> ImageArray:
    """The heat alone, at full strength on black, with its legend: BGR uint8 in the size of the heat's frames."""
    width, height = scene.heat.size_wh
    params = replace(controls.heat, alpha=1.0, blend=Blend.TRANSPARENT)
    picture = overlay(np.zeros((height, width, 3), np.uint8), scene.heat, params)
    draw_legend(picture, heat.span(scene.heat, params), params)
    return picture
