"""The seed document's rules for ``Heatmap``, as its class had them, for comparison and for who depends on them.

Heat: each call multiplies it by the decay factor, then adds 2 under each box, in the whole box or in the circle of its
shorter side. Picture: heat stretched from its least to its most over 0-255, coloured, and blended over everything.
Counts: each id once, when it is near the line or inside the polygon and was seen before; *in* if the region's
centroid lies, seen from the previous centre, on the side to which the box's left edge lies now.

Where the old versions disagreed or failed: a frame without ids still fades and gathers heat; another frame size
stretches heat and region; the ids counted are remembered for the last ``REMEMBERED`` seen, not for ever; boxes are cut
off at the picture first, as Ultralytics does itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np
import shapely

from heatstream.core.colormaps import COLORMAPS
from heatstream.core.controls import Shape
from heatstream.core.geometry import Floats
from heatstream.core.types import FloatArray, ImageArray, InOut
from heatstream.solutions.arguments import HeatmapArguments, colormap_name
from heatstream.solutions.inputs import Seen
from heatstream.solutions.region import Region

#: Ids: who has not been seen since that many others is forgotten.
REMEMBERED = 10_000
#: Heat for each object and call.
GAIN = np.float32(2)


class _Track(NamedTuple):
    """The last centre of an id, in pixels, and whether it was counted."""

    x: float
    y: float
    counted: bool


class SeedRules:
    """Heat (H, W) and the ids of one video."""

    def __init__(
        self, arguments: HeatmapArguments, names: Mapping[int, str], region: Region | None, size_wh: tuple[int, int]
    ) -> None:
        self._decay = np.float32(arguments.decay_factor)
        self._circle = arguments.shape == Shape.CIRCLE
        self._alpha = float(arguments.heatmap_alpha)
        self._colormap = COLORMAPS[colormap_name(arguments.colormap)]
        self._near_px = float(arguments.line_dist_thresh)
        self._names, self._region = names, region
        self._heat = np.zeros((size_wh[1], size_wh[0]), np.float32)
        self._where = _geometry(region, size_wh)
        self._tracks: OrderedDict[int, _Track] = OrderedDict()
        self._counted: dict[str, InOut] = {}

    def step(self, image: ImageArray, seen: Seen) -> ImageArray:
        """See ``Rules.step``."""
        size_wh = image.shape[1], image.shape[0]
        if self._heat.shape != image.shape[:2]:
            self._resize(size_wh)
        self._heat *= self._decay
        for box in np.clip(seen.xyxy, np.float32(0), np.array([*size_wh, *size_wh], np.float32)):
            self._stamp(box)
        tracks = seen.tracks
        for box, track_id, class_id in zip(
            tracks.xyxy, tracks.track_id.tolist(), tracks.class_id.tolist(), strict=True
        ):
            self._follow(box, track_id, self._names.get(class_id, f"class {class_id}"))
        stretched = cv2.normalize(self._heat, np.empty(0), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        coloured = cv2.applyColorMap(stretched, self._colormap)
        return np.asarray(cv2.addWeighted(image, 1 - self._alpha, coloured, self._alpha, 0), np.uint8)

    def heat(self) -> FloatArray:
        """See ``Rules.heat``; 2 for each object and call, before it fades."""
        return self._heat.copy()

    def counted(self) -> dict[str, InOut]:
        """See ``Rules.counted``."""
        return dict(self._counted)

    def arrows(self, size_wh: tuple[int, int]) -> list[tuple[Floats, Floats]]:
        """See ``Rules.arrows``: the direction follows from each box, so none can be shown."""
        return []

    def _stamp(self, box: FloatArray) -> None:
        """Add heat in whole pixels under one box (4,) that lies in the picture."""
        x0, y0, x1, y1 = (int(value) for value in box)
        area = self._heat[y0:y1, x0:x1]
        if not self._circle:
            area += GAIN
            return
        centre_x, centre_y = int((box[0] + box[2]) // 2), int((box[1] + box[3]) // 2)
        radius = min(x1 - x0, y1 - y0) // 2
        dx, dy = np.arange(x0, x1) - centre_x, np.arange(y0, y1)[:, None] - centre_y
        area += GAIN * (dx * dx + dy * dy <= radius * radius)

    def _follow(self, box: FloatArray, track_id: int, name: str) -> None:
        """Remember where an id is, and count it if it is its turn."""
        both = self._counted.setdefault(name, InOut())
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        before = self._tracks.pop(track_id, None)
        counted = before is not None and before.counted
        if before is not None and self._where is not None and not counted and self._reached(self._where, x, y):
            counted = True
            inward = (float(box[0]) - before.x) * (self._where.centroid.x - before.x) > 0
            self._counted[name] = InOut(both.into + inward, both.out + (not inward))
        self._tracks[track_id] = _Track(x, y, counted)
        if len(self._tracks) > REMEMBERED:
            self._tracks.popitem(last=False)

    def _reached(self, where: shapely.LineString | shapely.Polygon, x: float, y: float) -> bool:
        """Whether a centre is near the line or strictly inside the polygon."""
        place = shapely.Point(x, y)
        if where.geom_type == "LineString":
            return bool(place.distance(where) < self._near_px)
        return bool(where.contains(place))

    def _resize(self, size_wh: tuple[int, int]) -> None:
        """Stretch all that is remembered in pixels to another frame size."""
        old_height, old_width = self._heat.shape
        self._heat = np.asarray(cv2.resize(self._heat, size_wh, interpolation=cv2.INTER_LINEAR), np.float32)
        self._where = _geometry(self._region, size_wh)
        scale_x, scale_y = size_wh[0] / old_width, size_wh[1] / old_height
        for track_id, track in self._tracks.items():
            self._tracks[track_id] = _Track(track.x * scale_x, track.y * scale_y, track.counted)


def _geometry(region: Region | None, size_wh: tuple[int, int]) -> shapely.LineString | shapely.Polygon | None:
    """The region in pixels of a frame."""
    if region is None:
        return None
    points = region.pixels(size_wh)
    return shapely.LineString(points) if len(points) == 2 else shapely.Polygon(points)
