"""Zones on a picture: the arrow agrees with how crossings are counted, the plates are readable and apart."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from heatstream.core.controls import Anchor
from heatstream.core.counting import ZoneCounter
from heatstream.core.lettering import Lettering, plain
from heatstream.core.moment import Moment
from heatstream.core.types import Direction, InOut, Tracks, Zone, ZoneTally, ZoneUse
from heatstream.core.zone_marks import MASK, coloured, draw_tallies, draw_zones, free_colour, in_direction, zone_colour

SIZE = (640, 480)
SHARE = st.floats(0.2, 0.8)


def grey(size_wh: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), 128, np.uint8)


def changed(image: np.ndarray) -> np.ndarray:
    return np.argwhere((image != 128).any(axis=2))


@pytest.mark.parametrize(
    ("points", "way"),
    [
        (((0.2, 0.5), (0.8, 0.5)), (0, 1)),  # drawn left to right: down is in
        (((0.8, 0.5), (0.2, 0.5)), (0, -1)),
        (((0.5, 0.2), (0.5, 0.8)), (-1, 0)),  # drawn downward: to the left is in
        (((0.5, 0.8), (0.5, 0.2)), (1, 0)),
    ],
)
def test_the_arrow_points_to_the_right_of_the_line(points, way):
    middle, direction = in_direction(Zone("a", "A", points), SIZE)
    np.testing.assert_allclose(direction, way, atol=1e-9)
    np.testing.assert_allclose(middle, (320, 240))
    np.testing.assert_allclose(in_direction(Zone("a", "A", points, flipped=True), SIZE)[1], -direction)


def walk(zone: Zone, start: np.ndarray, end: np.ndarray) -> list[Direction]:
    """The crossings of somebody who goes straight from ``start`` to ``end`` (px)."""
    counter, found = ZoneCounter({0: "person"}), []
    for index, share in enumerate(np.linspace(0, 1, 21)):
        x, y = start + (end - start) * share
        one = Tracks(
            np.array([[x - 10, y - 20, x + 10, y + 20]], np.float32),
            np.array([1]),
            np.ones(1, np.float32),
            np.array([0]),
        )
        moment = Moment(index + 1, index * 0.04, 1, None, SIZE)
        found += [crossing.direction for crossing in counter.step(one, moment, (zone,), Anchor.CENTER)]
    return found


@settings(max_examples=60, deadline=None)
@given(angle=st.floats(0, 2 * math.pi), flipped=st.booleans())
def test_who_walks_along_a_lines_arrow_is_counted_in(angle, flipped):
    reach = np.array([math.cos(angle) * 0.2, math.sin(angle) * 0.2])
    points = (tuple((0.5 - reach).tolist()), tuple((0.5 + reach).tolist()))
    zone = Zone("a", "A", points, flipped)
    middle, direction = in_direction(zone, SIZE)
    assert walk(zone, middle - 120 * direction, middle + 120 * direction) == [Direction.IN]
    assert walk(zone, middle + 120 * direction, middle - 120 * direction) == [Direction.OUT]


@settings(max_examples=60, deadline=None)
@given(turn=st.floats(0, 2 * math.pi), corners=st.integers(3, 6), clockwise=st.booleans(), flipped=st.booleans())
def test_who_walks_along_a_polygons_arrow_is_counted_in(turn, corners, clockwise, flipped):
    angles = turn + np.arange(corners) * 2 * math.pi / corners * (1 if clockwise else -1)
    points = tuple((0.5 + 0.22 * math.cos(a), 0.5 + 0.25 * math.sin(a)) for a in angles)
    zone = Zone("a", "A", points, flipped)
    middle, direction = in_direction(zone, SIZE)
    assert walk(zone, middle - 60 * direction, middle + 60 * direction) == [Direction.IN]


@settings(max_examples=60, deadline=None)
@given(x=SHARE, y=SHARE, dx=st.floats(-0.2, 0.2), dy=st.floats(-0.2, 0.2))
def test_the_arrow_stands_upright_on_its_line(x, y, dx, dy):
    assume(math.hypot(dx, dy) > 0.01)
    _, direction = in_direction(Zone("a", "A", ((x, y), (x + dx, y + dy))), SIZE)
    assert np.hypot(*direction) == pytest.approx(1)
    assert direction @ np.array([dx * SIZE[0], dy * SIZE[1]]) == pytest.approx(0, abs=1e-6)


def test_the_arrow_is_drawn_on_the_in_side_only():
    image = grey()
    draw_zones(image, [Zone("a", "A", ((0.2, 0.5), (0.8, 0.5)))])
    rows = changed(image)[:, 0]
    assert rows.max() - 240 > 2 * (240 - rows.min())
    assert tuple(image[240, 250]) == zone_colour(0)
    flipped = grey()
    draw_zones(flipped, [Zone("a", "A", ((0.2, 0.5), (0.8, 0.5)), flipped=True)])
    rows = changed(flipped)[:, 0]
    assert 240 - rows.min() > 2 * (rows.max() - 240)


def test_each_zone_has_a_colour_and_a_polygon_is_closed():
    image = grey()
    line = Zone("a", "A", ((0.1, 0.1), (0.1, 0.9)))
    draw_zones(image, [line, Zone("b", "B", ((0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.4, 0.8)))])
    assert tuple(image[160, 64]) == zone_colour(0)
    assert tuple(image[192, 300]) == tuple(image[300, 256]) == zone_colour(1) != zone_colour(0)
    own = grey()
    draw_zones(own, [replace(line, colour=3)])
    assert tuple(own[160, 64]) == zone_colour(3)


def test_the_next_colour_is_the_one_that_the_fewest_have():
    line = Zone("a", "A", ((0.1, 0.1), (0.1, 0.9)))
    zones = [line, replace(line, id="b", colour=2), replace(line, id="c")]
    assert [zone.colour for zone in coloured(zones)] == [0, 2, 2]
    assert free_colour([]) == 0
    assert free_colour(zones) == 1
    every = [replace(line, colour=number) for number in (0, 1, 2, 3, 4, 5, 7, 0)]
    assert free_colour(every) == 2
    assert [free_colour(every, wanted) for wanted in (0, 4, 7, 11, -1)] == [2, 4, 2, 5, 5]


@pytest.mark.parametrize("name", ["Nord", "Zählinie Süd", "Вход", "出口", "مدخل", "🚶", "a\nb\tc", "", "x" * 500])
def test_any_name_can_be_written(name):
    image = grey()
    zone = Zone("a", name, ((0.3, 0.5), (0.7, 0.5)))
    draw_tallies(image, [zone], {})
    assert len(changed(image)) > 500
    assert np.ptp(changed(image)[:, 0]) < 40  # one line, whatever the name


def test_names_that_differ_look_different():
    def plate(name: str) -> bytes:
        image = grey()
        draw_tallies(image, [Zone("a", name, ((0.3, 0.5), (0.7, 0.5)))], {}, counts=False)
        return image.tobytes()

    names = ["Zähler", "Zahler", "出口", "入口", "Вход", "Входы"]
    assert len({plate(name) for name in names}) == len(names)


def test_a_plate_shows_the_zones_own_figures():
    zone = Zone("a", "A", ((0.3, 0.5), (0.7, 0.5)))

    def plate(**tallies: ZoneTally) -> bytes:
        image = grey()
        draw_tallies(image, [zone], tallies)
        return image.tobytes()

    nothing = plate()
    assert plate(a=ZoneTally("a")) == nothing == plate(b=ZoneTally("b", InOut(9, 9)))
    looks = [
        nothing,
        plate(a=ZoneTally("a", InOut(3, 0))),
        plate(a=ZoneTally("a", InOut(0, 3))),
        plate(a=ZoneTally("a", InOut(3, 0), occupancy=2)),
        plate(a=ZoneTally("a", InOut(3, 0), occupancy=0)),
    ]
    assert len(set(looks)) == len(looks)


def test_a_plate_without_counts_is_the_name():
    widths = []
    for counts in (False, True):
        image = grey()
        draw_tallies(image, [Zone("a", "Gate", ((0.3, 0.5), (0.7, 0.5)))], {}, counts=counts)
        widths.append(np.ptp(changed(image)[:, 1]))
    assert widths[0] < 0.6 * widths[1]
    image = grey()
    draw_tallies(image, [Zone("a", "", ((0.3, 0.5), (0.7, 0.5)))], {}, counts=False)
    assert not len(changed(image))


def test_the_plate_of_a_line_keeps_off_its_line_and_arrow():
    for points in (((0.2, 0.5), (0.8, 0.5)), ((0.5, 0.2), (0.5, 0.8)), ((0.3, 0.3), (0.7, 0.7))):
        zone, marks, plates = Zone("a", "Gate", points), grey(), grey()
        draw_zones(marks, [zone])
        draw_tallies(plates, [zone], {})
        both = (marks != 128).any(axis=2) & (plates != 128).any(axis=2)
        assert not both.any()


def test_plates_stay_inside_and_apart():
    zones = [Zone(str(n), f"Gate {n}", ((0.0, 0.001 * n), (0.1, 0.001 * n))) for n in range(5)]
    zones += [Zone("last", "Corner", ((0.95, 0.95), (1, 0.95), (1, 1)))]
    alone = []
    for count in range(1, len(zones) + 1):
        image = grey()
        draw_tallies(image, zones[:count], {})
        alone.append(len(changed(image)))
    first = alone[0]
    assert all(after - before > 0.9 * first for before, after in pairwise(alone))


@pytest.mark.parametrize("size_wh", [(1, 1), (16, 16), (40, 400), (400, 40)])
def test_tiny_pictures_can_bear_zones(size_wh):
    image = grey(size_wh)
    zones = [Zone("a", "A", ((0.1, 0.5), (0.9, 0.5))), Zone("b", "B", ((0, 0), (1, 0), (1, 1)))]
    draw_zones(image, zones)
    draw_tallies(image, zones, {})
    assert len(changed(image))


def test_a_name_is_kept_to_one_short_line():
    assert plain("  North\n gate\x00 ") == "North gate"
    assert plain("ab" * 50).endswith("…")
    assert Lettering(grey()).width(plain("W" * 500)) < 400


@pytest.mark.parametrize("use", [ZoneUse.HEAT_ONLY, ZoneUse.HEAT_NEVER])
def test_a_mask_is_a_dashed_grey_outline_with_its_use_and_no_counts(use):
    mask = Zone("m", "Kiosk", ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)), use=use)
    image = grey()
    draw_zones(image, [mask])
    top = image[120, 160:480]
    dashes = (top == MASK).all(axis=1)
    assert 0.25 < dashes.mean() < 0.75
    assert not (image[125:355, 165:475] != 128).any(), "no arrow points inside"
    assert not (image == zone_colour(0)).all(axis=2).any()
    plates = [grey(), grey()]
    draw_tallies(plates[0], [mask], {"m": ZoneTally("m", InOut(3, 4))})
    draw_tallies(plates[1], [mask], {}, counts=False)
    np.testing.assert_array_equal(*plates)
    assert changed(plates[0]).size
