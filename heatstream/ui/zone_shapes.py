"""What the drawing canvas knows as objects, HeatStream knows as zones: the way from one to the other, and back.

The canvas (streamlit-drawable-canvas 0.13, Fabric 7) describes a line by its centre (``left``, ``top``) and its end
points about that centre, a polygon by the centre and points about the middle of their bounding box. Moving changes
the centre; turning and stretching put a matrix ``rotate . scale (and flip) . skew x . skew y`` in between.

Of a property that it does not know the canvas says nothing more, so a zone's identity travels as a number in
``strokeDashOffset``, which draws nothing on an unbroken outline and moves the dashes of a broken one by a few pixels.
Objects drawn by hand have 0 there; those are known again by their place and order (see ``Identities``).
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from heatstream.core.types import Point, Zone, ZoneKind, ZoneUse
from heatstream.core.zone_marks import free_colour, in_direction, numbered, zone_colour

STROKE_WIDTH = 3
#: The handles around a line stand so far from it that a level one can be taken by its middle.
LINE_PADDING_PX = 16
#: An area that does not count is grey and dashed: its outline, its dashes (pixels), and what is inside by its use.
MASK_STROKE = "rgb(205, 210, 214)"
MASK_DASHES = (9, 7)
MASK_FILLS = {ZoneUse.HEAT_ONLY: "rgba(255, 255, 255, 0.12)", ZoneUse.HEAT_NEVER: "rgba(12, 16, 18, 0.5)"}
LONGEST_NAME = 40
#: A click that slipped is no line: shorter lines are not taken over.
SHORTEST_LINE_PX = 6.0
#: Drawn points are kept to this many decimals of the picture's width or height (0.02 px of 1920).
DECIMALS = 5

#: Two places closer than this are the same; the canvas rounds its pixels to four decimals.
SAME_PLACE = 3e-5

_ARROWS = (
    ("→", "rightward"),
    ("↘", "down to the right"),
    ("↓", "downward"),
    ("↙", "down to the left"),
    ("←", "leftward"),
    ("↖", "up to the left"),
    ("↑", "upward"),
    ("↗", "up to the right"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """One line or polygon on the canvas: ``points`` normalised 0-1, ``marker`` the number it was given or 0."""

    points: tuple[Point, ...]
    marker: int = 0


def stroke(number: int) -> str:
    """The CSS colour of the zones with this number (see ``zone_marks``), the same as in the live picture."""
    blue, green, red = zone_colour(number)
    return f"rgb({red}, {green}, {blue})"


def fill(number: int) -> str:
    """The CSS colour inside an area on the canvas."""
    return stroke(number).replace("rgb(", "rgba(").replace(")", ", 0.18)")


def is_mask(zone: Zone) -> bool:
    """Whether an area tells heat where to gather, and does not count."""
    return zone.use is not ZoneUse.COUNT


def to_drawing(zones: Sequence[Zone], size_wh: tuple[int, int]) -> dict[str, Any]:
    """The canvas drawing that shows ``zones`` on a canvas of ``size_wh`` pixels; zone i is marked i + 1."""
    objects = [_to_object(zone, size_wh, i, number) for i, (number, zone) in enumerate(numbered(zones), 1)]
    return {"version": "7.4.0", "objects": objects}


def _to_object(zone: Zone, size_wh: tuple[int, int], marker: int, colour: int) -> dict[str, Any]:
    xs = [x * size_wh[0] for x, _ in zone.points]
    ys = [y * size_wh[1] for _, y in zone.points]
    left, top = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    common = {
        "originX": "center",
        "originY": "center",
        "left": left,
        "top": top,
        "stroke": stroke(colour),
        "strokeWidth": STROKE_WIDTH,
        "strokeUniform": True,
        "strokeDashOffset": marker,
    }
    if zone.kind is ZoneKind.LINE:
        ends = {"x1": xs[0] - left, "y1": ys[0] - top, "x2": xs[1] - left, "y2": ys[1] - top}
        return {"type": "Line", "fill": stroke(colour), "padding": LINE_PADDING_PX, **common, **ends}
    points = [{"x": x, "y": y} for x, y in zip(xs, ys, strict=True)]
    if is_mask(zone):
        common |= {"stroke": MASK_STROKE, "strokeDashArray": list(MASK_DASHES)}
        return {"type": "Polygon", "fill": MASK_FILLS[zone.use], **common, "points": points}
    return {"type": "Polygon", "fill": fill(colour), **common, "points": points}


def from_drawing(drawing: Mapping[str, Any] | None, size_wh: tuple[int, int]) -> tuple[Shape, ...]:
    """The finished lines and polygons of a canvas's ``json_data``, in drawing order.

    Points beyond the picture are moved to its edge. Whatever is no line or polygon (an outline still being drawn, a
    click that slipped) is left out.
    """
    shapes = []
    for item in (drawing or {}).get("objects", ()):
        points_px = _points_px(item)
        if points_px:
            points = tuple(_normalised(point, size_wh) for point in points_px)
            shapes.append(Shape(points, int(item.get("strokeDashOffset") or 0)))
    return tuple(shapes)


def _points_px(item: Mapping[str, Any]) -> list[Point]:
    kind = str(item.get("type", "")).lower()
    if kind == "line":
        own = [(item["x1"], item["y1"]), (item["x2"], item["y2"])]
        ends = _placed(item, own)
        return ends if math.dist(*ends) >= SHORTEST_LINE_PX else []
    if kind == "polygon" and len(item.get("points", ())) >= 3:
        own = [(point["x"], point["y"]) for point in item["points"]]
        xs, ys = [x for x, _ in own], [y for _, y in own]
        middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        return _placed(item, [(x - middle_x, y - middle_y) for x, y in own])
    return []


def _placed(item: Mapping[str, Any], points: Sequence[Point]) -> list[Point]:
    """Points about an object's centre -> canvas pixels: ``rotate . scale and flip . skew x . skew y``, then moved."""
    angle = math.radians(item.get("angle", 0))
    cos, sin = math.cos(angle), math.sin(angle)
    scale_x = item.get("scaleX", 1) * (-1 if item.get("flipX") else 1)
    scale_y = item.get("scaleY", 1) * (-1 if item.get("flipY") else 1)
    skew_x = math.tan(math.radians(item.get("skewX", 0)))
    skew_y = math.tan(math.radians(item.get("skewY", 0)))
    placed = []
    for own_x, own_y in points:
        slanted_y = own_y + skew_y * own_x
        x, y = scale_x * (own_x + skew_x * slanted_y), scale_y * slanted_y
        placed.append((item["left"] + cos * x - sin * y, item["top"] + sin * x + cos * y))
    return placed


def _normalised(point: Point, size_wh: tuple[int, int]) -> Point:
    x, y = (round(min(max(value / size, 0.0), 1.0), DECIMALS) for value, size in zip(point, size_wh, strict=True))
    return x, y


def new_zone_id() -> str:
    """A short random id for a zone."""
    return f"z{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What the user did to the zones between two states of the canvas, by zone id."""

    added: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    moved: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.removed)


class Identities:
    """Knows which object of the canvas is which zone, from one state of the canvas to the next.

    Objects that came from ``to_drawing`` carry their zone's number. An object drawn by hand is the zone that last had
    exactly its points (also one that was deleted and brought back by undo); else, among those of one kind that are
    left over, order decides; what still remains is new and gets an id from ``new_id``.
    """

    def __init__(
        self, zones: Sequence[Zone], size_wh: tuple[int, int], new_id: Callable[[], str] = new_zone_id
    ) -> None:
        self._by_marker = {i + 1: zone.id for i, zone in enumerate(zones)}
        self._new_id = new_id
        shapes = from_drawing(to_drawing(zones, size_wh), size_wh)
        self._now = {self._by_marker[shape.marker]: shape.points for shape in shapes}
        self._ever: dict[tuple[Point, ...], str] = {}

    @property
    def points(self) -> Mapping[str, tuple[Point, ...]]:
        """The points of each zone on the canvas, by id, in drawing order."""
        return self._now

    def update(self, shapes: Sequence[Shape]) -> Changes:
        """Take over a state of the canvas and say what changed since the one before (at first: the given zones)."""
        ids = self._recognise(shapes)
        before = self._now
        now = {}
        for zone_id, shape in zip(ids, shapes, strict=True):
            same = zone_id in before and _close(before[zone_id], shape.points)
            now[zone_id] = before[zone_id] if same else shape.points
            if not shape.marker:
                self._ever[shape.points] = zone_id
        self._now = now
        return Changes(
            added={key: points for key, points in now.items() if key not in before},
            moved={key: points for key, points in now.items() if key in before and before[key] != points},
            removed=frozenset(before) - frozenset(now),
        )

    def _recognise(self, shapes: Sequence[Shape]) -> list[str]:
        ids = [self._by_marker.get(shape.marker, "") for shape in shapes]
        for i, shape in enumerate(shapes):
            known = self._ever.get(shape.points, "")
            if not ids[i] and known not in ids:
                ids[i] = known
        marked = set(self._by_marker.values())
        left_over = [key for key in self._now if key not in ids and key not in marked]
        for i, shape in enumerate(shapes):
            if not ids[i]:
                is_line = len(shape.points) == 2
                ids[i] = next((key for key in left_over if (len(self._now[key]) == 2) == is_line), "") or self._new_id()
                left_over = [key for key in left_over if key != ids[i]]
        return ids


def _close(some: Sequence[Point], others: Sequence[Point]) -> bool:
    return len(some) == len(others) and all(math.dist(a, b) <= SAME_PLACE for a, b in zip(some, others, strict=True))


def merge(zones: Sequence[Zone], changes: Changes, remembered: Mapping[str, Zone]) -> tuple[Zone, ...]:
    """``zones`` with ``changes`` carried out, and nothing else touched.

    A zone that came, went or was renamed elsewhere meanwhile stays as it is there. A zone that comes back (undo) has
    the direction that it has in ``remembered``, and the name and colour if no other has them now.
    """
    moved = changes.moved
    merged = [replace(zone, points=moved.get(zone.id, zone.points)) for zone in zones if zone.id not in changes.removed]
    for zone_id, points in changes.added.items():
        old = remembered.get(zone_id) or new_zone(points, merged, zone_id=zone_id)
        if all(zone.id != zone_id for zone in merged):
            merged.append(replace(fitting(old, merged), points=points))
    return tuple(merged)


def new_zone(points: tuple[Point, ...], zones: Sequence[Zone], *, zone_id: str = "") -> Zone:
    """A zone to come to ``zones``: with the next free name and colour, and a new id if none is given."""
    name = free_name(zones, is_line=len(points) == 2)
    return Zone(zone_id or new_zone_id(), name, points, colour=free_colour(zones))


def free_name(zones: Sequence[Zone], *, is_line: bool) -> str:
    """``Line 1`` or ``Area 1``, with the first number that no zone has yet."""
    names = {zone.name for zone in zones}
    kind = "Line" if is_line else "Area"
    return next(name for i in range(1, len(zones) + 2) if (name := f"{kind} {i}") not in names)


def distinct(zone: Zone, zones: Iterable[Zone]) -> Zone:
    """``zone`` under a name that no other of ``zones`` has: its own, or that with a number behind it."""
    names = {other.name for other in zones if other.id != zone.id}
    others = (f"{zone.name[: LONGEST_NAME - len(end)]}{end}".strip() for i in count(2) if (end := f" ({i})"))
    return replace(zone, name=next(name for name in chain([zone.name], others) if name not in names))


def fitting(zone: Zone, zones: Sequence[Zone]) -> Zone:
    """``zone`` as it comes back to ``zones``: its name is ``distinct``, and its colour another if that is less used."""
    return replace(distinct(zone, zones), colour=free_colour(zones, zone.colour))


def direction_words(zone: Zone, size_wh: tuple[int, int]) -> str:
    """Which way counts as in, in a few words with an arrow."""
    if zone.kind is ZoneKind.POLYGON:
        return "in = leaving it" if zone.flipped else "in = entering it"
    x, y = in_direction(zone, size_wh)[1].tolist()
    arrow, words = _ARROWS[round(math.atan2(y, x) / (math.pi / 4)) % 8]
    return f"in = {words} {arrow}"
