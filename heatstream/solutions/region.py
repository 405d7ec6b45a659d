"""Where it is counted: the points as they were given, in the pixels of any frame, and as zones of the core."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import shapely

from heatstream.core.geometry import MIN_AREA, Points, validate_zone
from heatstream.core.types import Point, Zone


@dataclass(frozen=True, slots=True)
class Region:
    """A line (two points) or polygon, in pixels of a picture of ``size_wh``; it may reach beyond it."""

    points: tuple[Point, ...]
    size_wh: tuple[int, int]

    def pixels(self, size_wh: tuple[int, int]) -> Points:
        """The points (V, 2) in pixels of a picture of ``size_wh``; those given, to the bit, if the size is the same."""
        return np.array(self.points) * (np.array(size_wh) / self.size_wh)


def region_of(points: tuple[Point, ...], size_wh: tuple[int, int]) -> Region:
    """A region from points in pixels of a picture of ``size_wh``, or in shares of it where all lie in 0-1."""
    array = np.array(points)
    if array.min() >= 0 and array.max() <= 1:
        return Region(tuple((x, y) for x, y in (array * size_wh).tolist()), size_wh)
    return Region(points, size_wh)


def zones_of(region: Region, reach_px: float) -> tuple[Zone, ...]:
    """The parts of a region that lie inside the picture, as zones; a line is first made ``reach_px`` longer each way.

    Warns with ``RuntimeWarning`` if the region itself is not all inside.

    Raises:
        ControlsError: the region is too small to count anything.
    """
    corners = np.array(region.size_wh, np.float64)
    points = np.array(region.points)
    frame = shapely.box(0, 0, *corners)
    if len(points) == 2:
        along = points[1] - points[0]
        along /= np.hypot(*along)
        inside = _line_inside(points, frame)
        parts = _line_inside(points + reach_px * np.array([-along, along]), frame) if inside else []
    else:
        cut = shapely.Polygon(points).intersection(frame)
        pieces = [piece for piece in getattr(cut, "geoms", [cut]) if piece.geom_type == "Polygon"]
        whole = corners.prod()
        inside = parts = [np.array(p.exterior.coords)[:-1] for p in pieces if p.area > MIN_AREA * whole]
    if not inside or (points < 0).any() or (points > corners).any():
        what = "only the part inside counts" if inside else "nothing will be counted"
        size = f"{region.size_wh[0]}x{region.size_wh[1]}"
        where = "reach beyond" if inside else "lie outside"
        warnings.warn(f"count_reg_pts {where} the {size} picture: {what}", RuntimeWarning, stacklevel=4)
    zones = []
    for number, part in enumerate(parts):
        shares = np.clip(part / corners, 0, 1).tolist()
        zone = Zone(f"region-{number}", "count_reg_pts", tuple((x, y) for x, y in shares))
        validate_zone(zone)
        zones.append(zone)
    return tuple(zones)


def _line_inside(points: Points, frame: shapely.Polygon) -> list[Points]:
    """The one piece of a line from A to B that lies in ``frame``, walked from A to B; none where it misses it."""
    cut = shapely.LineString(points).intersection(frame)
    if cut.geom_type != "LineString" or cut.is_empty:
        return []
    piece = np.array(cut.coords)
    ends = piece[[0, -1]]
    return [ends if (ends[1] - ends[0]) @ (points[1] - points[0]) > 0 else ends[::-1]]
