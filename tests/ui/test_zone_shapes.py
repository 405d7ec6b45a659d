"""Canvas objects and zones: what was captured from the real canvas, and round trips."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatstream.core.types import Point, Zone
from heatstream.ui import zone_shapes
from heatstream.ui.zone_shapes import Changes, Identities, Shape, from_drawing, merge, to_drawing

SIZE = (640, 360)
#: As the canvas sends it; only what tells objects apart from the plain is written out.
PLAIN = {"angle": 0, "scaleX": 1, "scaleY": 1, "flipX": False, "flipY": False, "skewX": 0, "skewY": 0}
CENTRED = {"originX": "center", "originY": "center", "strokeWidth": 3, "strokeDashOffset": 0} | PLAIN
#: Captured in Chromium from drawable-canvas 0.13.0: a line drawn with the mouse from (50, 49.2) to (250, 89.2).
LINE = {"type": "Line", "left": 150, "top": 69.2188, "width": 200, "height": 40} | CENTRED
LINE |= {"x1": -100, "x2": 100, "y1": -20, "y2": 20}
#: Likewise a polygon, clicked at (320, 219.2), (420, 219.2), (400, 319.2) and closed.
CORNERS = [{"x": 320, "y": 219.21875}, {"x": 420, "y": 219.21875}, {"x": 400, "y": 319.21875}]
POLYGON = {"type": "Polygon", "left": 370, "top": 269.2188, "width": 100, "height": 100, "points": CORNERS} | CENTRED
#: The outline of a polygon that is still being drawn, and a click that slipped in line mode.
OUTLINE = {"type": "Path", "path": [["M", 10, 10], ["L", 50, 50]], "left": 30, "top": 30} | CENTRED
CLICK = LINE | {"x1": -1, "x2": 1, "y1": 0, "y2": 0, "left": 10, "top": 10}


def drawing(*objects: dict) -> dict:
    return {"version": "7.4.0", "objects": list(objects)}


def px(shape: Shape, size=SIZE) -> list[Point]:
    return [(x * size[0], y * size[1]) for x, y in shape.points]


def test_captured_objects_lie_where_they_were_drawn() -> None:
    line, polygon = from_drawing(drawing(LINE, POLYGON), SIZE)
    assert np.allclose(px(line), [(50, 49.2188), (250, 89.2188)], atol=0.01)
    assert np.allclose(px(polygon), [(320, 219.2188), (420, 219.2188), (400, 319.2188)], atol=0.01)
    assert line.marker == polygon.marker == 0


def test_unfinished_and_slipped_drawings_are_left_out() -> None:
    assert from_drawing(drawing(OUTLINE, CLICK), SIZE) == ()
    assert from_drawing(None, SIZE) == ()
    assert from_drawing({"background": ""}, SIZE) == ()


def test_a_moved_polygon_moves_by_its_centre_alone() -> None:
    """The canvas leaves the points as they were drawn and changes left and top."""
    (moved,) = from_drawing(drawing(POLYGON | {"left": 399, "top": 298.2188}), SIZE)
    assert np.allclose(px(moved), [(349, 248.2188), (449, 248.2188), (429, 348.2188)], atol=0.01)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"angle": 90}, [(170, 0), (130, 200)]),  # clockwise on the screen: the left end comes up
        ({"scaleX": 0.5, "scaleY": 2}, [(100, 60), (200, 140)]),
        ({"flipX": True}, [(250, 80), (50, 120)]),
        ({"flipY": True}, [(50, 120), (250, 80)]),
        ({"skewX": 45}, [(30, 80), (270, 120)]),  # x grows by y
        ({"skewY": 45}, [(50, -20), (250, 220)]),  # y grows by x
        ({"angle": 180, "flipX": True}, [(50, 120), (250, 80)]),
    ],
)
def test_turned_stretched_flipped_and_slanted(change: dict, expected: list[Point]) -> None:
    size = (400, 400)
    (shape,) = from_drawing(drawing(LINE | {"left": 150, "top": 100} | change), size)
    inside = [(min(max(x, 0), 400), min(max(y, 0), 400)) for x, y in expected]
    assert np.allclose(px(shape, size), inside, atol=0.01)


def test_points_beyond_the_picture_come_to_its_edge() -> None:
    (shape,) = from_drawing(drawing(LINE | {"left": 600, "top": -10}), SIZE)
    assert shape.points == ((500 / 640, 0.0), (1.0, pytest.approx(10 / 360, abs=1e-5)))


coordinate = st.floats(0, 1).map(lambda value: round(value, 4))
point = st.tuples(coordinate, coordinate)


def apart(points: list[Point]) -> bool:
    return all(math.dist(a, b) > 0.05 for a, b in itertools.combinations(points, 2))


shapes = st.lists(point, min_size=2, max_size=8).filter(apart)
sizes = st.tuples(st.integers(200, 2000), st.integers(200, 2000))


@settings(deadline=None)
@given(st.lists(shapes, max_size=4), sizes)
def test_round_trip(all_points: list[list[Point]], size: tuple[int, int]) -> None:
    zones = [Zone(f"z{i}", f"Zone {i}", tuple(points)) for i, points in enumerate(all_points)]
    back = from_drawing(to_drawing(zones, size), size)
    assert [shape.marker for shape in back] == [i + 1 for i in range(len(zones))]
    for zone, shape in zip(zones, back, strict=True):
        assert np.allclose(zone.points, shape.points, atol=2e-5)


@settings(deadline=None)
@given(shapes, st.floats(-180, 180), st.floats(0.2, 3), st.floats(0.2, 3), st.booleans())
def test_a_transformed_object_is_the_matrix_applied_about_its_centre(points, angle, scale_x, scale_y, flip) -> None:
    """Against numpy: R(angle) . diag(scale) on the offsets from the middle of the bounding box."""
    size = (20_000, 20_000)
    (item,) = to_drawing([Zone("z", "Z", tuple((0.4 + x / 10, 0.4 + y / 10) for x, y in points))], size)["objects"]
    plain = np.array(px(from_drawing(drawing(item), size)[0], size))
    middle = (plain.min(axis=0) + plain.max(axis=0)) / 2
    turn = math.radians(angle)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    matrix = matrix @ np.diag([-scale_x if flip else scale_x, scale_y])
    changed = item | {"angle": angle, "scaleX": scale_x, "scaleY": scale_y, "flipX": flip}
    (shape,) = from_drawing(drawing(changed), size)
    assert np.allclose(px(shape, size), (plain - middle) @ matrix.T + middle, atol=1.5)


def numbered():
    return (f"new{i}" for i in itertools.count(1)).__next__


def zone(zone_id: str, *points: Point, name: str = "") -> Zone:
    return Zone(zone_id, name or zone_id, points)


A = zone("a", (0.1, 0.1), (0.5, 0.1))
B = zone("b", (0.2, 0.5), (0.4, 0.5), (0.3, 0.9))


def shaped(some: Zone, marker: int = 0, dx: float = 0.0) -> Shape:
    return Shape(tuple((x + dx, y) for x, y in some.points), marker)


def test_given_zones_keep_their_ids_and_an_unchanged_canvas_changes_nothing() -> None:
    known = Identities([A, B], SIZE)
    assert not known.update([shaped(A, 1), shaped(B, 2)])
    changes = known.update([shaped(A, 1, dx=0.2), shaped(B, 2)])
    assert changes == Changes(moved={"a": shaped(A, dx=0.2).points})
    assert known.update([shaped(B, 2)]) == Changes(removed=frozenset({"a"}))


def test_the_canvas_may_round_its_pixels() -> None:
    known = Identities([A, B], SIZE)
    assert not known.update([shaped(A, 1, dx=1e-5), shaped(B, 2, dx=-1e-5)])


def test_drawn_objects_are_known_again_by_place_and_order() -> None:
    known = Identities([], SIZE, new_id=numbered())
    first, second = zone("x", (0.1, 0.1), (0.9, 0.1)), zone("y", (0.1, 0.9), (0.9, 0.9))
    assert set(known.update([shaped(first)]).added) == {"new1"}
    assert set(known.update([shaped(first), shaped(second)]).added) == {"new2"}
    assert set(known.update([shaped(first, dx=0.05), shaped(second)]).moved) == {"new1"}
    assert known.update([shaped(second)]) == Changes(removed=frozenset({"new1"}))
    assert set(known.update([shaped(second, dx=0.05)]).moved) == {"new2"}


def test_undo_brings_the_same_zone_back() -> None:
    known = Identities([A], SIZE, new_id=numbered())
    assert set(known.update([shaped(A, 1), shaped(B)]).added) == {"new1"}
    assert known.update([]).removed == {"a", "new1"}
    assert set(known.update([shaped(A, 1), shaped(B)]).added) == {"a", "new1"}


def test_a_line_never_takes_a_polygons_id() -> None:
    known = Identities([], SIZE, new_id=numbered())
    known.update([shaped(A)])
    changes = known.update([shaped(B)])
    assert set(changes.added) == {"new2"}
    assert changes.removed == {"new1"}


def test_a_polygon_may_lose_a_corner_and_keep_its_id() -> None:
    square = zone("s", (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    known = Identities([], SIZE, new_id=numbered())
    known.update([shaped(square)])
    assert set(known.update([Shape(square.points[:3])]).moved) == {"new1"}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["draw", "move", "delete"]), st.integers(0, 5), st.integers(1, 9)), max_size=25)
)
def test_ids_stay_with_their_objects_through_any_single_steps(steps) -> None:
    """The model keeps (id, shape) pairs; the canvas only ever shows the shapes."""
    known = Identities([A], SIZE, new_id=numbered())
    model = [("a", shaped(A, 1))]
    for serial, (step, where, amount) in enumerate(steps):
        if step == "draw":
            model.append(("", Shape(((serial / 100, amount / 10), (serial / 100 + 0.3, amount / 10)))))
        elif model and step == "move":
            zone_id, shape = model[where % len(model)]
            moved = tuple((x, y + amount / 1000 + serial / 1e5) for x, y in shape.points)
            model[where % len(model)] = (zone_id, Shape(moved, shape.marker))
        elif model:
            del model[where % len(model)]
        known.update([shape for _, shape in model])
        ids = list(known.points)
        assert len(ids) == len(model) == len(set(ids))
        assert all(old in ("", new) for (old, _), new in zip(model, ids, strict=True))
        model = [(new, shape) for new, (_, shape) in zip(ids, model, strict=True)]


def test_merge_touches_only_what_changed() -> None:
    elsewhere = zone("c", (0.3, 0.3), (0.6, 0.6), name="Door")
    renamed = Zone("a", "Gate", A.points, flipped=True, colour=3)
    changes = Changes(added={"n": B.points}, moved={"a": ((0.2, 0.2), (0.7, 0.2))}, removed=frozenset({"b"}))
    merged = merge([renamed, B, elsewhere], changes, {})
    assert merged == (
        Zone("a", "Gate", ((0.2, 0.2), (0.7, 0.2)), flipped=True, colour=3),
        elsewhere,
        Zone("n", "Area 1", B.points, colour=0),
    )


def test_a_zone_deleted_elsewhere_is_not_moved_back_to_life() -> None:
    assert merge([B], Changes(moved={"a": A.points}), {"a": A}) == (B,)


def test_a_zone_that_comes_back_keeps_its_name_and_direction() -> None:
    before = Zone("a", "Gate", A.points, flipped=True, colour=3)
    assert merge([], Changes(added={"a": A.points}), {"a": before}) == (before,)


def test_a_zone_that_comes_back_leaves_its_name_to_who_has_it_now() -> None:
    now = Zone("n", "Gate", B.points)
    merged = merge([now], Changes(added={"a": A.points}), {"a": Zone("a", "Gate", A.points)})
    assert [zone.name for zone in merged] == ["Gate", "Gate (2)"]
    longest = "x" * zone_shapes.LONGEST_NAME
    others = [Zone("1", longest, A.points), Zone("2", f"{longest[:-4]} (2)", A.points)]
    assert zone_shapes.distinct(Zone("3", longest, A.points), others).name == f"{longest[:-4]} (3)"


def test_new_names_are_free_ones() -> None:
    taken = [zone("1", *A.points, name="Line 1"), zone("3", *A.points, name="Line 3")]
    assert zone_shapes.free_name(taken, is_line=True) == "Line 2"
    assert zone_shapes.free_name(taken, is_line=False) == "Area 1"


@pytest.mark.parametrize(
    ("points", "flipped", "words"),
    [
        (((0.1, 0.5), (0.9, 0.5)), False, "in = downward ↓"),  # drawn left to right
        (((0.1, 0.5), (0.9, 0.5)), True, "in = upward ↑"),
        (((0.5, 0.1), (0.5, 0.9)), False, "in = leftward ←"),  # drawn top to bottom
        (((0.5, 0.9), (0.5, 0.1)), False, "in = rightward →"),
        (((0.2, 0.8), (0.6, 0.4)), False, "in = down to the right ↘"),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), False, "in = entering it"),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), True, "in = leaving it"),
    ],
)
def test_direction_words(points: tuple[Point, ...], flipped: bool, words: str) -> None:
    assert zone_shapes.direction_words(Zone("z", "Z", points, flipped), (400, 400)) == words


def test_the_direction_is_that_of_the_pixels() -> None:
    """Normalised coordinates are squeezed: a line at 45 degrees in a square picture is flat in a wide one."""
    zone = Zone("z", "Z", ((0.0, 0.0), (0.5, 0.5)))
    assert zone_shapes.direction_words(zone, (400, 400)) == "in = down to the left ↙"
    assert zone_shapes.direction_words(zone, (1600, 400)) == "in = downward ↓"


def test_ids_are_short_and_differ() -> None:
    ids = {zone_shapes.new_zone_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(zone_id) == 9 for zone_id in ids)
