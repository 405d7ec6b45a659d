"""Zones in pixels, as fields of signed distance: negative where *out* is, positive where *in* is, zero at the zone.

Lines and polygons differ only here; counting follows paths through either field by one rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatstream.core.geometry import Floats, Points, inradius, line_distance, on_segment, polygon_depth
from heatstream.core.types import Zone, ZoneKind

#: A polygon's dead band is at most this share of its largest inner circle: inside a small one nothing could settle.
POLYGON_BAND = 0.25
#: A path near a polygon is looked at this often within the width of the band, but at most so often in one step.
LOOKS_PER_BAND = 2
MOST_LOOKS = 256


@dataclass(frozen=True, slots=True)
class LineShape:
    """A line from A to B, (2, 2) px. Its distance is linear along a straight path, so a path's ends tell all of it."""

    points: Points

    def signed(self, points: Points) -> Floats:
        """Signed distance (N,) px of points (N, 2) from the infinite line, positive on the right."""
        return line_distance(points, self.points)

    def lets_through(self, x: float, y: float) -> bool:
        """Whether a place on the infinite line lies between the ends."""
        return bool(on_segment(np.array([[x, y]]), self.points)[0])

    def band(self, wanted: Floats) -> Floats:
        """The dead band (N,) px: as wanted."""
        return wanted

    def least(self, before: Floats, after: Floats, length: Floats) -> Floats:
        """The least distance (N,) along straight paths with these distances at their ends."""
        return np.minimum(before, after)

    def looks(self, length: Floats, band: Floats) -> npt.NDArray[np.intp]:
        """How many places (N,) between its ends a path must be looked at, to see all of it: none."""
        return np.zeros(len(length), np.intp)


@dataclass(frozen=True, slots=True)
class PolygonShape:
    """A polygon (V, 2) px and the radius of the largest circle inside it."""

    points: Points
    radius: float

    def signed(self, points: Points) -> Floats:
        """Signed distance (N,) px of points (N, 2) from the edge, positive inside."""
        return polygon_depth(points, self.points)

    def lets_through(self, x: float, y: float) -> bool:
        """Every way over the edge leads in or out."""
        return True

    def band(self, wanted: Floats) -> Floats:
        """The dead band (N,) px: as wanted, but narrow in a small polygon."""
        return np.minimum(wanted, POLYGON_BAND * self.radius)

    def least(self, before: Floats, after: Floats, length: Floats) -> Floats:
        """A lower bound (N,): no distance changes faster than one moves."""
        return np.asarray((before + after - length) / 2)

    def looks(self, length: Floats, band: Floats) -> npt.NDArray[np.intp]:
        """How many places (N,) between its ends a path must be looked at, to see where it goes beyond the band."""
        return np.minimum(length * LOOKS_PER_BAND / band, MOST_LOOKS).astype(np.intp)


Shape = LineShape | PolygonShape


def shape_of(zone: Zone, size_wh: tuple[int, int]) -> Shape:
    """``zone`` in pixels of a picture of ``size_wh``."""
    points = np.asarray(zone.points, np.float64) * size_wh
    return LineShape(points) if zone.kind is ZoneKind.LINE else PolygonShape(points, inradius(points))
