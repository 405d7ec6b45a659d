"""Sides, distances and passages by hand and against shapely; what makes a zone usable."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from heatstream.core.controls import Anchor
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import (
    anchors,
    boundary_distance,
    inradius,
    inside_polygon,
    line_distance,
    on_segment,
    polygon_depth,
    touches_edge,
    validate_zone,
    zone_from_points,
)
from heatstream.core.types import Zone, ZoneKind

RIGHTWARD = np.array([[10.0, 50.0], [90.0, 50.0]])
SQUARE = np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]])
# An "L", so that the hull and the polygon differ.
ELL = np.array([[0.0, 0.0], [60.0, 0.0], [60.0, 20.0], [20.0, 20.0], [20.0, 60.0], [0.0, 60.0]])
coordinates = st.floats(-20, 80, allow_nan=False).map(lambda value: round(value, 3))


def test_anchors_are_the_centre_or_the_middle_of_the_lower_edge() -> None:
    boxes = np.array([[0, 0, 10, 20], [5, 5, 6, 9]], np.float32)
    np.testing.assert_array_equal(anchors(boxes, Anchor.CENTER), [[5, 10], [5.5, 7]])
    np.testing.assert_array_equal(anchors(boxes, Anchor.BOTTOM), [[5, 20], [5.5, 9]])
    assert anchors(np.empty((0, 4), np.float32), Anchor.CENTER).shape == (0, 2)


def test_below_a_line_drawn_to_the_right_is_its_right_hand_side() -> None:
    points = np.array([[50.0, 60.0], [50.0, 45.0], [200.0, 50.0]])
    np.testing.assert_allclose(line_distance(points, RIGHTWARD), [10, -5, 0])


@pytest.mark.parametrize(
    ("toward", "right"),
    [
        ((1, 0), (0, 1)),
        ((0, 1), (-1, 0)),
        ((-1, 0), (0, -1)),
        ((0, -1), (1, 0)),
        ((1, 1), (-1, 1)),
        ((-3, 1), (-1, -3)),
    ],
)
def test_the_right_hand_side_follows_the_walker(toward: tuple[int, int], right: tuple[int, int]) -> None:
    line = np.array([[5.0, 7.0], [5.0 + toward[0], 7.0 + toward[1]]])
    on_the_right = line[:1] + np.array([right])
    assert line_distance(on_the_right, line)[0] == pytest.approx(math.hypot(*right))


def test_the_ends_belong_to_a_segment() -> None:
    points = np.array([[10.0, 50.0], [90.0, 50.0], [9.9, 50.0], [90.1, 50.0], [40.0, 50.0]])
    np.testing.assert_array_equal(on_segment(points, RIGHTWARD), [True, True, False, False, True])


@settings(deadline=None)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20))
def test_polygons_agree_with_shapely(places: list[tuple[float, float]]) -> None:
    points = np.array(places)
    for corners in (SQUARE, ELL, ELL[::-1]):
        polygon = shapely.Polygon(corners)
        distance = shapely.distance(shapely.points(points), polygon.exterior)
        np.testing.assert_allclose(boundary_distance(points, corners), distance, atol=1e-9)
        clear = distance > 1e-6
        inside = shapely.contains(polygon, shapely.points(points))
        np.testing.assert_array_equal(inside_polygon(points, corners)[clear], inside[clear])
        np.testing.assert_allclose(polygon_depth(points, corners), np.where(inside, distance, -distance), atol=1e-6)


def test_a_repeated_corner_does_no_harm() -> None:
    corners = np.concatenate((SQUARE[:1], SQUARE))
    points = np.array([[20.0, 15.0], [0.0, 15.0]])
    np.testing.assert_allclose(polygon_depth(points, corners), [5, -10])


def test_the_inner_circle_of_a_square_touches_its_edges() -> None:
    assert inradius(SQUARE) == pytest.approx(10, rel=0.02)


def zone(*points: tuple[float, float]) -> Zone:
    return Zone("z", "Door", points)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((), "needs two points"),
        (((0.5, 0.5),), "needs two points"),
        (((0.5, 0.5), (0.5, 0.5)), "same point"),
        (((0.5, 0.5), (0.5001, 0.5)), "same point"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "cross"),
        (((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)), "cross"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "no area"),
        (((0.1, 0.1), (0.1, 0.1), (0.1, 0.1)), "no area"),
        (((0.1, 0.1), (0.1001, 0.1), (0.1001, 0.1001)), "no area"),
        (((0.1, math.nan), (0.5, 0.5)), "point 1 is not a pair of numbers"),
        (((0.1, 0.1), (math.inf, 0.5), (0.2, 0.2)), "point 2 is not a pair of numbers"),
        (((0.1, 0.1), (0.5, 1.01)), "point 2 lies outside"),
        (((-0.01, 0.1), (0.5, 0.5), (0.9, 0.1)), "point 1 lies outside"),
    ],
)
def test_zones_where_nothing_can_be_counted_are_refused(points: tuple[tuple[float, float], ...], message: str) -> None:
    with pytest.raises(ControlsError, match=message) as caught:
        validate_zone(zone(*points))
    assert "'Door'" in str(caught.value)


@pytest.mark.parametrize(
    "points",
    [
        ((0.0, 0.0), (1.0, 1.0)),
        ((0.0, 0.5), (1.0, 0.5)),
        ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)),
        ((0.1, 0.1), (0.5, 0.3), (0.9, 0.1), (0.5, 0.9)),
        ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)),
    ],
)
def test_good_zones_pass(points: tuple[tuple[float, float], ...]) -> None:
    validate_zone(zone(*points))


def test_pixels_become_shares_of_the_picture() -> None:
    made = zone_from_points("Kerb", [(20, 400), (1080, 404)], (1280, 720))
    assert (made.name, made.kind, made.flipped) == ("Kerb", ZoneKind.LINE, False)
    assert made.points == ((20 / 1280, 400 / 720), (1080 / 1280, 404 / 720))


def test_points_of_at_most_one_are_shares_already() -> None:
    assert zone_from_points("a", [(0, 0.5), (1, 1)], (1280, 720)).points == ((0, 0.5), (1, 1))


def test_the_frames_own_corner_is_inside() -> None:
    assert zone_from_points("a", [(0, 0), (1280, 720)], (1280, 720)).points == ((0, 0), (1, 1))


def test_a_closing_point_is_dropped() -> None:
    corners = [(20, 400), (1080, 404), (1080, 360), (20, 360)]
    assert zone_from_points("a", [*corners, corners[0]], (1280, 720)) == zone_from_points("a", corners, (1280, 720))
    assert len(zone_from_points("a", corners, (1280, 720)).points) == 4


def test_there_and_back_is_no_line() -> None:
    with pytest.raises(ControlsError, match="no area"):
        zone_from_points("a", [(20, 400), (1080, 404), (20, 400)], (1280, 720))


@pytest.mark.parametrize("outside", [(1281, 400), (600, 720.5), (-1, 400), (600, -0.5)])
def test_points_outside_the_picture_are_named(outside: tuple[float, float]) -> None:
    with pytest.raises(ControlsError, match=r"\(.*\) lies outside the 1280x720 picture") as caught:
        zone_from_points("a", [(20, 400), outside, (30, 90)], (1280, 720))
    assert f"({outside[0]:g}, {outside[1]:g})" in str(caught.value)


def test_points_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ControlsError, match="not a pair of numbers"):
        zone_from_points("a", [(math.nan, 4), (10, 20)], (1280, 720))


def test_ids_follow_from_name_and_points_unless_given() -> None:
    points = [(0.1, 0.1), (0.9, 0.9)]
    first = zone_from_points("a", points, (10, 10)).id
    assert first == zone_from_points("a", points, (20, 20)).id
    assert len({first, zone_from_points("b", points, (10, 10)).id, zone_from_points("a", points[::-1], (9, 9)).id}) == 3
    assert zone_from_points("a", points, (10, 10), zone_id="mine").id == "mine"


@pytest.mark.parametrize(
    ("points", "touches"),
    [
        (((0.1, 0.5), (0.9, 0.5)), False),
        (((0.01, 0.5), (0.9, 0.5)), True),
        (((0.1, 0.5), (0.985, 0.5)), True),
        (((0.1, 0.5), (0.5, 0.015), (0.5, 0.6)), True),
        (((0.1, 0.5), (0.5, 0.99), (0.5, 0.6)), True),
        (((0.021, 0.979), (0.979, 0.021)), False),
    ],
)
def test_zones_at_the_edge_are_told(points: tuple[tuple[float, float], ...], touches: bool) -> None:
    assert touches_edge(zone(*points)) is touches
    assert touches_edge(zone(*points), margin=0.2) or not touches
