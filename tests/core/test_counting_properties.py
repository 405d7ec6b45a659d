"""Counting holds for any path: reversed, resampled, turned, flipped, jittering, and against a slow restatement.

Here one dead band is set: the rule between the inner and the outer one goes by sightings, not by paths alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from heatstream.core.geometry import line_distance
from heatstream.core.types import Zone, ZoneKind
from tests.support.walks import SIZE, Place, line, polygon, straight
from tests.support.walks import walked as walked_with_a_band

BAND_PX = 3.0
#: A path that begins nearer than this to a zone has no side yet.
BORN_PX = 1.0
SWAP = str.maketrans("io", "oi")
MIDDLE = (500.0, 500.0)

places = st.tuples(st.floats(150, 850), st.floats(150, 850)).map(lambda p: (round(p[0], 2), round(p[1], 2)))
# Half of the places lie close to the zones, where counting is hard.
near = st.tuples(st.floats(250, 750), st.floats(-8, 8)).map(lambda p: (round(p[0], 2), round(500 + p[1], 2)))
paths = st.lists(st.one_of(places, near), min_size=2, max_size=10)
zones = st.sampled_from(
    [
        line((300, 500), (700, 500)),
        line((700, 500), (300, 500)),
        line((480, 500), (520, 500)),
        line((300, 350), (650, 720)),
        polygon((300, 500), (700, 500), (620, 700), (350, 650)),
        polygon((490, 500), (515, 500), (515, 520), (490, 520)),
        polygon((300, 300), (700, 300), (500, 500), (700, 700), (300, 700)),
        polygon((450, 300), (450, 498), (300, 500), (450, 502), (450, 700), (550, 700), (550, 300)),
    ]
)
lines = zones.filter(lambda zone: zone.kind is ZoneKind.LINE)


def walked(zone: Zone, path: Sequence[Place], rate_hz: float = 25.0) -> str:
    return walked_with_a_band(zone, path, band_px=BAND_PX, rate_hz=rate_hz)


def corners(zone: Zone) -> np.ndarray:
    return np.array(zone.points) * SIZE


def dense(path: Sequence[Place], step_px: float) -> np.ndarray:
    """The path's places, none further than ``step_px`` from the next."""
    legs = [np.linspace(a, b, max(1, math.ceil(math.dist(a, b) / step_px)) + 1)[:-1] for a, b in pairwise(path)]
    return np.concatenate((*legs, path[-1:]))


def asked_px(zone: Zone) -> float:
    """The dead band at ``zone``: narrower in a small polygon."""
    if zone.kind is ZoneKind.LINE:
        return BAND_PX
    return min(BAND_PX, shapely.maximum_inscribed_circle(shapely.Polygon(corners(zone))).length / 4)


def signed(zone: Zone, points: Sequence[Place] | np.ndarray) -> np.ndarray:
    """How far points (N, 2) are from a zone, by shapely for polygons, px."""
    shape, points = corners(zone), np.asarray(points, np.float64)
    if zone.kind is ZoneKind.LINE:
        return line_distance(points, shape)
    area, places = shapely.Polygon(shape), shapely.points(points)
    shapely.prepare(area)
    outline = shapely.distance(places, area.exterior)
    return np.where(shapely.contains(area, places), outline, -outline)


def restated(zone: Zone, path: Sequence[Place], bands_px: Sequence[float]) -> set[str]:
    """What the rule tells for each band, along a dense path and with shapely's distances for polygons."""
    shape = corners(zone)
    walk = dense(path, 0.5)
    distance, reach = signed(zone, walk), np.ones(len(walk), bool)
    if zone.kind is ZoneKind.LINE:
        reach = np.hypot(*(walk - shape.mean(axis=0)).T) <= np.hypot(*(shape[1] - shape[0])) / 2
    told = set()
    for band_px in bands_px:
        word, through, was = "", 0, 0
        side = 0 if abs(distance[0]) <= BORN_PX else math.copysign(1, distance[0])
        for value, within in zip(distance.tolist(), reach.tolist(), strict=True):
            here = 1 if value >= 0 else -1
            if was == -here and within:
                through += here
            was = here
            if abs(value) > band_px:
                if side == -here and through * here > 0:
                    word += "i" if here > 0 else "o"
                side, through = here, 0
        told.add(word)
    return told


def clear_cut(zone: Zone, path: Sequence[Place]) -> str:
    """What the restated rule tells of ``path``; paths on which it hangs by a hair are not used."""
    if zone.kind is ZoneKind.LINE:
        ends = shapely.points(corners(zone))
        assume(shapely.distance(ends, shapely.LineString(path)).min() > 1.0)
    told = restated(zone, path, [asked_px(zone) * share for share in (0.75, 1.0, 1.3)])
    assume(len(told) == 1)
    assume(abs(abs(signed(zone, path[:1])[0]) - BORN_PX) > 0.1)
    return told.pop()


@settings(max_examples=200, deadline=None)
@given(zones, paths)
def test_the_slow_restatement_agrees(zone: Zone, path: list[Place]) -> None:
    expected = clear_cut(zone, path)
    assert walked(zone, path, rate_hz=25) == expected


@settings(max_examples=200, deadline=None)
@given(zones, paths)
def test_the_way_back_swaps_in_and_out(zone: Zone, path: list[Place]) -> None:
    # A path that begins within the band has a side, one that ends there has not.
    assume((np.abs(signed(zone, [path[0], path[-1]])) > BAND_PX).all())
    there, back = walked(zone, path), walked(zone, path[::-1])
    assert back == there[::-1].translate(SWAP)


@settings(max_examples=200, deadline=None)
@given(zones, paths)
def test_flipping_swaps_in_and_out(zone: Zone, path: list[Place]) -> None:
    flipped = Zone(zone.id, zone.name, zone.points, not zone.flipped)
    assert walked(flipped, path) == walked(zone, path).translate(SWAP)


@settings(max_examples=100, deadline=None)
@given(lines, paths)
def test_walking_a_line_the_other_way_swaps_in_and_out(zone: Zone, path: list[Place]) -> None:
    distance = np.abs(line_distance(np.array(path), corners(zone)))
    assume((np.abs(distance - BAND_PX) > 1e-6).all())
    assume(shapely.distance(shapely.points(corners(zone)), shapely.LineString(path)).min() > 1e-6)
    turned = Zone(zone.id, zone.name, zone.points[::-1])
    assert walked(turned, path) == walked(zone, path).translate(SWAP)


@settings(max_examples=40, deadline=None)
@given(zones, paths, st.floats(0.8, 60))
def test_a_path_sampled_at_another_rate_counts_alike(zone: Zone, path: list[Place], step_px: float) -> None:
    expected = clear_cut(zone, path)
    finer = [(float(x), float(y)) for x, y in dense(path, step_px)]
    assert walked(zone, path, rate_hz=3) == expected
    assert walked(zone, finer, rate_hz=30) == expected


@settings(max_examples=100, deadline=None)
@given(zones, paths, st.floats(0, 360))
def test_turning_zone_and_path_together_changes_nothing(zone: Zone, path: list[Place], angle: float) -> None:
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def turn(points: Sequence[Place]) -> list[Place]:
        away = np.array(points) - MIDDLE
        turned = away @ np.array([[cos, sin], [-sin, cos]]) + MIDDLE
        return [(float(x), float(y)) for x, y in turned]

    expected = clear_cut(zone, path)
    assert walked(polygon(*turn(corners(zone))), turn(path)) == expected


@settings(max_examples=100, deadline=None)
@given(lines, st.sampled_from([-1, 1]), st.lists(st.tuples(st.floats(-200, 200), st.floats(-0.95, 60)), max_size=40))
def test_whatever_stays_on_one_side_counts_nothing(zone: Zone, side: int, steps: list[tuple[float, float]]) -> None:
    start, end = corners(zone)
    along = (end - start) / np.hypot(*(end - start))
    right = np.array([-along[1], along[0]])
    # It begins on that side, too: who is first seen a pixel beyond the zone is there.
    path = [(start + end) / 2 + x * along + side * off * BAND_PX * right for x, off in [(0.0, 1.0), *steps]]
    assert walked(zone, [(float(x), float(y)) for x, y in path]) == ""


@settings(max_examples=100, deadline=None)
@given(zones, near, st.lists(st.tuples(st.floats(0, 0.95), st.floats(0, 2 * math.pi)), max_size=40))
def test_whoever_stands_still_counts_nothing(zone: Zone, at: Place, jitter: list[tuple[float, float]]) -> None:
    reach = asked_px(zone)
    assert walked(zone, [(at[0] + r * reach * math.cos(w), at[1] + r * reach * math.sin(w)) for r, w in jitter]) == ""


@pytest.mark.parametrize("rate_hz", [3, 5, 12, 25, 30, 60])
@settings(max_examples=25, deadline=None)
@given(zone=zones, a=places, b=places)
def test_a_straight_walk_counts_alike_at_any_rate(rate_hz: float, zone: Zone, a: Place, b: Place) -> None:
    expected = clear_cut(zone, [a, b])
    assert walked(zone, straight(a, b, round(2 * rate_hz)), rate_hz=rate_hz) == expected
