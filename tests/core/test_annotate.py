"""Boxes, labels and trails on a picture."""

from __future__ import annotations

import numpy as np
import pytest

from heatstream.core.annotate import class_colour, draw_boxes, draw_labels, draw_trails
from heatstream.core.controls import Anchor
from heatstream.core.moment import Moment
from heatstream.core.trails import Trails
from heatstream.core.types import Tracks

NAMES = {0: "person", 2: "car"}


def tracks(*rows: tuple[float, float, float, float], class_id: int = 0) -> Tracks:
    count = len(rows)
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    return Tracks(xyxy, np.arange(1, count + 1), np.ones(count, np.float32), np.full(count, class_id))


def grey(size_wh: tuple[int, int] = (320, 240)) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), 128, np.uint8)


def test_a_box_is_outlined_in_its_classs_colour():
    for class_id in (0, 2):
        image = grey()
        draw_boxes(image, tracks((50, 60, 150, 200), class_id=class_id))
        assert tuple(image[60, 100]) == tuple(image[130, 50]) == tuple(image[200, 100]) == class_colour(class_id)
        assert (image[100:160, 80:120] == 128).all()
        assert (image[:50] == 128).all()
    assert class_colour(0) != class_colour(2)


def test_a_label_stands_over_its_box_in_the_classs_colour():
    image = grey()
    draw_labels(image, tracks((50, 60, 150, 200), class_id=2), NAMES)
    changed = np.argwhere((image != 128).any(axis=2))
    assert (changed[:, 0] < 61).all()
    assert (changed[:, 1] >= 49).all()
    plate = np.median(image[changed[:, 0], changed[:, 1]], axis=0)
    assert np.abs(plate - class_colour(2)).max() < 30


def test_a_label_says_class_and_id_and_only_the_id_over_a_narrow_box():
    def extent(box: tuple[float, float, float, float], names: dict[int, str]) -> int:
        image = grey((640, 480))
        draw_labels(image, tracks(box), names)
        return int(np.ptp(np.argwhere((image != 128).any(axis=2))[:, 1]))

    wide, narrow = (100, 100, 300, 300), (100, 100, 104, 300)
    assert (
        extent(wide, {0: "a long name of a class"}) > extent(wide, NAMES) > 2 * extent(narrow, {0: "a long name" * 3})
    )
    assert extent(wide, {}) > 2 * extent(narrow, {0: "a long name" * 3})  # a class without a name has its number


def test_a_label_at_the_pictures_edges_stays_inside():
    image = grey()
    draw_labels(image, tracks((310, -50, 340, 100)), NAMES)
    changed = np.argwhere((image != 128).any(axis=2))
    assert np.ptp(changed[:, 1]) > 30
    assert changed[:, 0].max() < 40


@pytest.mark.parametrize("size_wh", [(1, 1), (16, 16), (5, 300), (640, 480)])
def test_any_box_can_be_drawn(size_wh):
    wild = tracks(
        (np.nan, 0, 1, 1),
        (-np.inf, -np.inf, np.inf, np.inf),
        (1e30, 1e30, 1e31, 1e31),
        (-1e9, -1e9, 1e9, 1e9),
        (9, 9, 9, 9),
    )
    image = grey(size_wh)
    draw_boxes(image, wild)
    draw_labels(image, wild, NAMES)
    assert image.shape == grey(size_wh).shape


def test_no_tracks_draw_nothing():
    image = grey()
    draw_boxes(image, Tracks())
    draw_labels(image, Tracks(), NAMES)
    draw_trails(image, Trails())
    assert (image == 128).all()


def test_lines_and_text_grow_with_the_picture():
    def ink(size_wh: tuple[int, int]) -> tuple[int, int]:
        image = grey(size_wh)
        draw_boxes(image, tracks((size_wh[0] / 4, size_wh[1] / 4, size_wh[0] / 2, size_wh[1] / 2)))
        line = int((image[:, round(size_wh[0] * 0.3)] != 128).any(axis=1).sum())
        image = grey(size_wh)
        draw_labels(image, tracks((size_wh[0] / 4, size_wh[1] / 4, size_wh[0] / 2, size_wh[1] / 2)), NAMES)
        return line, int((image[:, round(size_wh[0] * 0.26)] != 128).any(axis=1).sum())

    (thin, small), (middle, medium), (thick, large) = ink((480, 360)), ink((1280, 720)), ink((3840, 2160))
    assert thin < middle < thick
    assert 10 <= small < medium < large


def test_a_trail_runs_where_the_track_was():
    trails = Trails()
    for index in range(10):
        box = tracks((20 + 10 * index, 100, 40 + 10 * index, 140))
        trails.step(box, Moment(index, 0.2 * index, 1, None, (320, 240)), Anchor.CENTER)
    image = grey()
    draw_trails(image, trails)
    changed = np.argwhere((image != 128).any(axis=2))
    assert changed[:, 0].min() > 110
    assert changed[:, 0].max() < 130
    assert (changed[:, 1].min(), changed[:, 1].max()) == (pytest.approx(30, abs=4), pytest.approx(120, abs=5))
    assert tuple(image[120, 119]) == class_colour(0)
