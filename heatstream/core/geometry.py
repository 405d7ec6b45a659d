"""Segments, polygons and zones on (N, 2) arrays: sides, distances, passages; what makes a zone usable.

Points are (x, y) with y down, as on a screen. Signed results share one meaning, so that counting needs one rule:
they are positive where *in* leads to: to the right of a line walked from A to B, and inside a polygon.
Everything is pure; distances are in the unit of the points given (pixels, unless said otherwise).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from heatstream.core.controls import Anchor
from heatstream.core.errors import ControlsError
from heatstream.core.types import Point, Zone, ZoneKind, ZoneUse

Points = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Normalised; one or two pixels of a full HD picture. Shorter lines and smaller polygons are slips of the mouse.
MIN_LENGTH = 1e-3
MIN_AREA = 1e-6


def anchors(xyxy: npt.NDArray[np.floating], anchor: Anchor) -> Points:
    """The point that stands for each box: ``xyxy`` (N, 4) -> (N, 2), the centre or the middle of the lower edge."""
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    x = (boxes[:, 0] + boxes[:, 2]) / 2
    y = boxes[:, 3] if anchor is Anchor.BOTTOM else (boxes[:, 1] + boxes[:, 3]) / 2
    return np.stack((x, y), axis=1)


def _cross(a: Points, b: Points) -> Floats:
    """The z component of a x b over the last axis."""
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def line_distance(points: Points, line: Points) -> Floats:
    """Signed distance (N,) of ``points`` (N, 2) from the infinite line through ``line`` (2, 2), positive on the right.

    "Right" is as seen walking from the first to the second point of the line on the screen.
    """
    along = line[1] - line[0]
    return _cross(along, points - line[0]) / math.hypot(*along)


def on_segment(points: Points, line: Points) -> Bools:
    """Which ``points`` (N, 2), known to lie on the infinite line, lie between the ends of ``line`` (ends included)."""
    along = line[1] - line[0]
    share = (points - line[0]) @ along / (along @ along)
    return np.asarray((share >= 0) & (share <= 1))


def _next(polygon: Points) -> Points:
    """The point (V, 2) that follows each point of ``polygon`` (V, 2)."""
    return np.concatenate((polygon[1:], polygon[:1]))


def inside_polygon(points: Points, polygon: Points) -> Bools:
    """Which ``points`` (N, 2) lie inside ``polygon`` (V, 2): even-odd rule by ray casting to the right."""
    a, b = polygon, _next(polygon)
    x, y = points[:, :1], points[:, 1:]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = b[:, 1] - a[:, 1]
    slope = (b[:, 0] - a[:, 0]) / np.where(rise == 0, 1.0, rise)
    hits = spans & (x < a[:, 0] + slope * (y - a[:, 1]))
    return np.asarray(hits.sum(axis=1) % 2 == 1)


def boundary_distance(points: Points, polygon: Points) -> Floats:
    """Distance (N,) of ``points`` (N, 2) from the nearest edge of ``polygon`` (V, 2), inside or outside."""
    along = _next(polygon) - polygon
    squared = (along**2).sum(axis=1)
    dx, dy = points[:, :1] - polygon[:, 0], points[:, 1:] - polygon[:, 1]
    share = np.clip((dx * along[:, 0] + dy * along[:, 1]) / np.where(squared == 0, 1.0, squared), 0.0, 1.0)
    gap_x, gap_y = dx - share * along[:, 0], dy - share * along[:, 1]
    return np.asarray(np.sqrt((gap_x * gap_x + gap_y * gap_y).min(axis=1)))


def polygon_depth(points: Points, polygon: Points) -> Floats:
    """Signed distance (N,) of ``points`` (N, 2) from the edge of ``polygon`` (V, 2), positive inside."""
    distance = boundary_distance(points, polygon)
    return np.where(inside_polygon(points, polygon), distance, -distance)


def inradius(polygon: Points) -> float:
    """The radius of the largest circle that fits into ``polygon`` (V, 2)."""
    return float(shapely.maximum_inscribed_circle(shapely.Polygon(polygon)).length)


def validate_zone(zone: Zone) -> None:
    """Check that something can be counted at ``zone``.

    Raises:
        ControlsError: fewer than two points, a coordinate that is no number or lies outside 0-1, a line without
            length, a polygon without area or whose edges cross; the message names the zone and what to change.
    """
    name = f"zone {zone.name!r}"
    if len(zone.points) < 2:
        raise ControlsError(f"{name} needs two points for a line, or three or more for a polygon")
    for number, point in enumerate(zone.points, 1):
        if len(point) != 2 or not all(math.isfinite(value) for value in point):
            raise ControlsError(f"{name}: point {number} is not a pair of numbers: {point}")
        if not all(0 <= value <= 1 for value in point):
            raise ControlsError(f"{name}: point {number} lies outside the picture: {point}, expected 0 to 1")
    if zone.kind is ZoneKind.LINE:
        if math.dist(*zone.points) < MIN_LENGTH:
            raise ControlsError(f"{name}: the two ends of the line are the same point; draw it longer")
        if zone.use is not ZoneUse.COUNT:
            raise ControlsError(f"{name} is a line, and lines only count; draw an area where heat may (not) gather")
        return
    polygon = shapely.Polygon(zone.points)
    if shapely.convex_hull(polygon).area < MIN_AREA:
        raise ControlsError(f"{name} has no area: its points lie on one line; move them apart")
    if not polygon.is_valid:
        raise ControlsError(f"{name}: the edges of the polygon cross or touch each other; move its points apart")
    if polygon.area < MIN_AREA:
        raise ControlsError(f"{name} has no area; move its points apart")


def zone_from_points(name: str, points: Sequence[Point], size_wh: tuple[int, int], *, zone_id: str = "") -> Zone:
    """A checked zone from points in pixels of a picture of ``size_wh``, or in 0-1 where all are at most 1.

    A polygon's closing point that repeats the first is dropped. Without ``zone_id`` the id follows from the name and
    the points.

    Raises:
        ControlsError: a point lies outside the picture, or ``validate_zone`` finds a fault.
    """
    given = [(float(x), float(y)) for x, y in points]
    if len(given) > 3 and given[0] == given[-1]:
        given.pop()
    if any(value > 1 for point in given for value in point):
        width, height = size_wh
        for x, y in given:
            if math.isfinite(x) and math.isfinite(y) and not (0 <= x <= width and 0 <= y <= height):
                raise ControlsError(f"zone {name!r}: ({x:g}, {y:g}) lies outside the {width}x{height} picture")
        given = [(x / width, y / height) for x, y in given]
    digest = hashlib.sha256(repr((name, given)).encode()).hexdigest()[:8]
    zone = Zone(zone_id or f"zone-{digest}", name, tuple(given))
    validate_zone(zone)
    return zone


def touches_edge(zone: Zone, margin: float = 0.02) -> bool:
    """Whether a point of ``zone`` lies within ``margin`` (normalised) of the picture's edge, where counting is poor:
    objects are seen there only in part, and hardly before they cross."""
    return any(min(x, y, 1 - x, 1 - y) < margin for x, y in zone.points)
