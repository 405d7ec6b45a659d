"""Settings as text in a link: a round trip, and what is no such text."""

from __future__ import annotations

import base64
import math
import zlib
from dataclasses import replace

import pytest

from heatstream.core.controls import Controls, CountControls, DetectControls, HeatControls, Measure, Place, Shape
from heatstream.core.errors import ControlsError
from heatstream.core.types import Zone, ZoneUse
from heatstream.ui.share import adopted, decode, encode, link, taken_back, words

LINE = Zone("z1", "Tür · 门", ((0.2, 0.5), (0.8, 0.5)), flipped=True, colour=0)
SHARED = Controls(heat=HeatControls("VIRIDIS", half_life_s=math.inf), zones=(LINE,), loop=False)


def test_what_is_shared_comes_back_without_the_moment() -> None:
    busy = replace(SHARED, paused=True, counts_epoch=4, heat_epoch=2, revision=77)
    text = encode(busy)
    assert decode(text) == SHARED
    assert not set(text) & set("+/= &")
    assert encode(SHARED) == text


def test_it_is_short_enough_for_an_address() -> None:
    corners = tuple((0.5 + 0.4 * math.cos(i), 0.5 + 0.3 * math.sin(i)) for i in range(8))
    zones = tuple(Zone(f"z{i}", f"Area {i}", corners) for i in range(10))
    assert len(encode(replace(SHARED, zones=zones))) < 2000


def packed(plain: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(plain)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%%%",
        "ä",
        encode(SHARED)[:-4],
        encode(SHARED)[4:],
        packed(b"\xff\xfe"),
        packed(b"[1, 2]"),
        packed(b'{"heat": {"alpha": 7}}'),
        packed(b'{"zones": [{"id": "a", "name": "a", "points": [[0, 0], [5, 5]]}]}'),
        packed(b'{"heat": {"colormap": "NONE"}}'),
        packed(b" " * 10_000_000),
    ],
)
def test_what_is_no_settings_is_refused(text: str) -> None:
    with pytest.raises(ControlsError):
        decode(text)


@pytest.mark.parametrize(
    ("zones", "says"),
    [
        ((replace(LINE, id=""),), "no id"),
        ((replace(LINE, name="n" * 41),), "longer than 40 characters: “" + "n" * 40 + "…”"),
        (tuple(replace(LINE, id=str(i)) for i in range(101)), "101 zones, more than 100"),
    ],
)
def test_zones_that_no_page_makes_are_refused(zones: tuple[Zone, ...], says: str) -> None:
    with pytest.raises(ControlsError, match=says):
        decode(encode(replace(SHARED, zones=zones)))


def test_zones_of_one_name_are_told_apart() -> None:
    line = Zone("a", "Gate", ((0.2, 0.5), (0.8, 0.5)))
    read = decode(encode(replace(Controls(), zones=(line, replace(line, id="b")))))
    assert [zone.name for zone in read.zones] == ["Gate", "Gate (2)"]


def test_as_many_zones_with_as_long_names_as_may_be_are_taken() -> None:
    zones = tuple(replace(LINE, id=str(i), name=f"{i:n>40}") for i in range(100))
    assert decode(encode(replace(SHARED, zones=zones))).zones == zones


def test_all_that_can_be_asked_of_heat_and_counting_travels() -> None:
    corners = ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8))
    heat = HeatControls(
        measure=Measure.VISITS, place=Place.FEET, shape=Shape.SMOOTH, classes=("person",), still_s=30.0, scale_top_s=8.0
    )
    asked = Controls(
        heat=heat,
        counting=CountControls(once=True, band=0.02),
        zones=(LINE, Zone("m", "Road", corners, use=ZoneUse.HEAT_NEVER, colour=1)),
    )
    assert decode(encode(asked)) == asked


def test_a_line_that_does_not_count_is_refused() -> None:
    with pytest.raises(ControlsError, match="lines only count"):
        decode(encode(replace(SHARED, zones=(replace(LINE, use=ZoneUse.HEAT_ONLY),))))


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        (Controls(heat=HeatControls(measure=Measure.VISITS)), "visits as heat in “Jet” that fades to half in 2.8 s"),
        (Controls(heat=HeatControls(alpha=0.9)), "heat in “Jet” that fades to half in 2.8 s"),
        (Controls(counting=CountControls(once=True)), "how crossings are counted"),
        (Controls(detect=DetectControls(iou=0.9)), "what to look for"),
    ],
)
def test_words_for_what_a_link_changes(shared: Controls, says: str) -> None:
    assert words(Controls(), shared) == says


def test_what_belongs_to_the_camera_stays() -> None:
    mine = Controls(paused=True, counts_epoch=4, heat_epoch=2, revision=9)
    assert adopted(mine, replace(SHARED, counts_epoch=1)) == replace(
        SHARED, paused=True, counts_epoch=4, heat_epoch=2, revision=9
    )


def test_taking_back_leaves_what_was_changed_since() -> None:
    before = Controls(revision=1)
    after = replace(SHARED, revision=2)
    assert taken_back(after, before, after) == before
    later = replace(after, heat=replace(after.heat, alpha=0.9), loop=True)
    back = taken_back(later, before, after)
    assert back == replace(before, heat=replace(before.heat, alpha=0.9), loop=True)


@pytest.mark.parametrize("page", ["http://host:8501", "http://host:8501/?camera=other&start=1#top"])
def test_a_link_is_the_pages_own_address(page: str) -> None:
    assert link(page, {"camera": "cam-1", "settings": "a-b_c"}) == "http://host:8501/?camera=cam-1&settings=a-b_c"


def test_a_link_of_before_zones_had_colours_changes_nothing_where_its_zones_are() -> None:
    now = replace(SHARED, zones=(LINE, replace(LINE, id="z2", name="Door", colour=1)))
    before = replace(now, zones=tuple(replace(zone, colour=None) for zone in now.zones))
    assert adopted(now, decode(encode(before))) == now
