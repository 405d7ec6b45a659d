"""``fidelity="seed"``: the old rules to the pixel, by hand and against an independent restatement."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from heatstream import solutions
from heatstream.core.types import ImageArray
from heatstream.solutions import seed_rules
from tests.support.results import around, result
from tests.support.seed_heatmap import SeedHeatmap

GREY = np.full((6, 7, 3), 100, np.uint8)
LARGE = np.zeros((400, 640, 3), np.uint8)
LEVEL = [(20, 200), (620, 200)]
SQUARE = [(200, 100), (400, 100), (400, 300), (200, 300)]


def seed(**arguments: Any) -> solutions.Heatmap:
    return solutions.Heatmap(fidelity="seed", **arguments)


def walk(heatmap: solutions.Heatmap, places: list[tuple[float, float]], track_id: int = 1, class_id: int = 0) -> None:
    """Let one object of 20 x 20 pixels be at these places, frame by frame."""
    for x, y in places:
        heatmap.generate_heatmap(LARGE, [result([around(x, y)], [track_id], [class_id])])


def counts(heatmap: solutions.Heatmap) -> tuple[int, int]:
    return heatmap.in_counts, heatmap.out_counts


# --- heat


def test_a_circle_adds_two_inside_its_box() -> None:
    heatmap = seed()
    heatmap.generate_heatmap(GREY, [result([(1.9, 1.2, 5.5, 5.9)], [1])])
    # Box in whole pixels 1..5, radius (5 - 1) // 2 = 2, centre (7.4 // 2, 7.1 // 2) = (3, 3); column and row 5 are out.
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 2, 0, 0, 0],
        [0, 0, 2, 2, 2, 0, 0],
        [0, 2, 2, 2, 2, 0, 0],
        [0, 0, 2, 2, 2, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def test_the_centre_is_that_of_the_box_before_it_is_cut_to_whole_pixels() -> None:
    heatmap = seed()
    heatmap.generate_heatmap(GREY, [result([(1.6, 1, 3.6, 3)], [1])])
    # (1.6 + 3.6) // 2 = 2 and (1 + 3) // 2 = 2, radius 1.
    assert heatmap.heatmap is not None
    assert np.argwhere(heatmap.heatmap).tolist() == [[1, 2], [2, 1], [2, 2]]
    heatmap = seed()
    heatmap.generate_heatmap(GREY, [result([(1.6, 1, 4.6, 3)], [1])])
    # (1.6 + 4.6) // 2 = 3, where whole pixels would give (1 + 4) // 2 = 2.
    assert heatmap.heatmap is not None
    assert np.argwhere(heatmap.heatmap).tolist() == [[1, 3], [2, 2], [2, 3]]


def test_a_rectangle_adds_two_to_the_whole_box_and_heat_fades_before_it_gathers() -> None:
    heatmap = seed(shape="rect", decay_factor=0.5)
    for box in [(1, 1, 3, 3), (2, 2, 4, 4)]:
        heatmap.generate_heatmap(GREY, [result([box], [1])])
    assert heatmap.heatmap is not None
    assert heatmap.heatmap[:5, :5].tolist() == [
        [0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 1, 3, 2, 0],
        [0, 0, 2, 2, 0],
        [0, 0, 0, 0, 0],
    ]


def test_the_picture_is_stretched_coloured_and_blended_over_everything() -> None:
    heatmap = seed(shape="rect", decay_factor=0.5, heatmap_alpha=0.25)
    heatmap.generate_heatmap(GREY, [result([(1, 1, 3, 3)], [1])])
    picture = heatmap.generate_heatmap(GREY, [result([(3, 3, 5, 5)], [1])])
    # Heat 0, 1 and 2: levels 0, 127 (127.5 cut off) and 255; JET begins at (128, 0, 0) and ends at (0, 0, 128).
    middle = cv2.applyColorMap(np.full((1, 1), 127, np.uint8), cv2.COLORMAP_JET)[0, 0]
    assert picture[0, 0].tolist() == [107, 75, 75]
    assert picture[3, 3].tolist() == [75, 75, 107]
    assert picture[1, 1].tolist() == np.rint(75 + 0.25 * middle.astype(float)).astype(int).tolist()
    assert (picture[5] == picture[0, 0]).all(), "no heat is tinted, too"


def test_standing_still_tends_to_two_hundred() -> None:
    heatmap = seed(shape="rect")
    for _ in range(1500):
        heatmap.generate_heatmap(GREY, [result([(1, 1, 3, 3)], [1])])
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.max() == pytest.approx(200, abs=0.1)


@pytest.mark.parametrize("ids", [None, [1]])
def test_boxes_with_and_without_ids_add_heat(ids: list[int] | None) -> None:
    heatmap = seed(shape="rect")
    heatmap.generate_heatmap(GREY, [result([(1, 1, 3, 3)], ids)])
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.sum() == 8
    assert heatmap.class_wise_count == ({} if ids is None else {"person": {"IN": 0, "OUT": 0}})


@pytest.mark.parametrize("nothing", [None, [], [result()], [result(ids=[])]])
def test_a_frame_without_objects_fades_and_keeps_its_tint(nothing: Any) -> None:
    heatmap = seed(shape="rect", decay_factor=0.5)
    heatmap.generate_heatmap(GREY, [result([(1, 1, 3, 3)], [1])])
    picture = heatmap.generate_heatmap(GREY, nothing)
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.max() == 1
    assert picture[1, 1].tolist() == [50, 50, 114]
    assert picture[0, 0].tolist() == [114, 50, 50]


def test_a_box_beyond_the_picture_is_cut_off_first() -> None:
    one, other = seed(), seed()
    one.generate_heatmap(GREY, [result([(-3, -9, 4, 4)], [1])])
    other.generate_heatmap(GREY, [result([(0, 0, 4, 4)], [1])])
    assert one.heatmap is not None
    assert one.heatmap.max() == 2
    assert np.array_equal(one.heatmap, other.heatmap)


@pytest.mark.parametrize("shape", ["circle", "rect"])
def test_the_restatement_agrees(shape: str, rng: np.random.Generator) -> None:
    line = ((20, 210), (620, 190))
    ours = seed(count_reg_pts=list(line), shape=shape)
    restated = SeedHeatmap(line)
    centre = rng.uniform((0, 60), (640, 340), (12, 2))
    velocity = rng.uniform(-14, 14, (12, 2))
    for _ in range(70):
        centre += velocity
        half = rng.uniform(3, 40, (12, 2))
        boxes = np.concatenate((centre - half, centre + half), axis=1).clip(0, (640, 400, 640, 400))
        boxes = boxes.astype(np.float32)
        shown = rng.random(12) < 0.8
        ids = np.flatnonzero(shown)
        image: ImageArray = rng.integers(0, 256, (400, 640, 3), np.uint8)
        picture = ours.generate_heatmap(image, [result(boxes[shown].tolist(), ids.tolist())])
        expected = restated.generate(image.copy(), boxes[shown], ids)
    assert ours.in_counts > 0
    assert ours.out_counts > 0
    assert counts(ours) == (restated.in_counts, restated.out_counts)
    assert ours.heatmap is not None
    same = np.array_equal(ours.heatmap, restated.heat)
    assert same is (shape == "circle"), "the restatement draws circles"
    if same:  # where neither has drawn its line and its counts
        bare = np.ones((400, 640), bool)
        bare[:60], bare[170:230] = False, False
        assert np.array_equal(picture[bare], expected[bare])


# --- counts


def test_a_line_counts_who_comes_near_without_crossing() -> None:
    heatmap = seed(count_reg_pts=LEVEL)
    walk(heatmap, [(300, 150), (300, 185.5), (300, 185.4)])
    assert counts(heatmap) == (0, 1)
    stopped = seed(count_reg_pts=LEVEL)
    walk(stopped, [(300, 150), (300, 185), (300, 185)])
    assert counts(stopped) == (0, 0), "15 px away is not closer than 15"


def test_a_line_misses_who_jumps_over_it() -> None:
    heatmap = seed(count_reg_pts=LEVEL)
    walk(heatmap, [(300, y) for y in range(140, 300, 40)])
    assert counts(heatmap) == (0, 0)


@pytest.mark.parametrize(("threshold", "expected"), [(5, (0, 0)), (50, (0, 1))])
def test_the_distance_threshold_is_that_of_the_argument(threshold: int, expected: tuple[int, int]) -> None:
    heatmap = seed(count_reg_pts=LEVEL, line_dist_thresh=threshold)
    walk(heatmap, [(300, 140), (300, 180), (300, 220), (300, 260)])
    assert counts(heatmap) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(300, 150), (300, 195)], (0, 1)),  # left edge 290 is left of 300, the centroid 320 right of it
        ([(300, 150), (315, 195)], (1, 0)),  # left edge 305 is right of it, like the centroid
        ([(340, 150), (340, 195)], (1, 0)),  # both left
        ([(340, 150), (355, 195)], (0, 1)),
    ],
)
def test_direction_compares_the_left_edge_with_the_previous_centre(
    places: list[tuple[float, float]], expected: tuple[int, int]
) -> None:
    heatmap = seed(count_reg_pts=LEVEL)
    walk(heatmap, places)
    assert counts(heatmap) == expected


def test_an_id_counts_once_ever_and_not_in_its_first_frame() -> None:
    heatmap = seed(count_reg_pts=LEVEL, classes_names={0: "person", 2: "car"})
    walk(heatmap, [(300, 200)])
    assert counts(heatmap) == (0, 0)
    walk(heatmap, [(300, 200), (300, 100), (300, 200), (300, 300), (300, 200)])
    assert counts(heatmap) == (0, 1)
    walk(heatmap, [(400, 100), (400, 200)], track_id=7, class_id=2)
    assert heatmap.class_wise_count == {"person": {"IN": 0, "OUT": 1}, "car": {"IN": 1, "OUT": 0}}


def test_a_polygon_counts_who_is_strictly_inside_and_never_an_exit() -> None:
    edge = seed(count_reg_pts=SQUARE)
    walk(edge, [(150, 200), (200, 200), (200, 200)])
    assert counts(edge) == (0, 0)
    walk(edge, [(201, 200), (100, 200), (50, 200)])
    assert sum(counts(edge)) == 1
    born = seed(count_reg_pts=[*SQUARE, SQUARE[0]])
    walk(born, [(300, 200)])
    assert counts(born) == (0, 0)
    walk(born, [(300, 200)])
    assert sum(counts(born)) == 1


def test_the_ids_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed_rules, "REMEMBERED", 3)
    heatmap = seed(count_reg_pts=LEVEL)
    for track_id in range(6):
        walk(heatmap, [(300, 150), (300, 195)], track_id)
    assert counts(heatmap) == (0, 6)
    for track_id in (3, 10, 3, 11, 3, 12, 3):
        walk(heatmap, [(300, 195)], track_id)
    assert counts(heatmap) == (0, 6), "who is seen is remembered"
    walk(heatmap, [(300, 150), (300, 195)], 0)
    assert counts(heatmap) == (0, 7), "forgotten, so new"


def test_another_frame_size_stretches_heat_region_and_paths() -> None:
    heatmap = seed(count_reg_pts=LEVEL, shape="rect", decay_factor=1)
    heatmap.generate_heatmap(LARGE, [result([(100, 40, 140, 80), around(300, 150)], [1, 2])])
    half = np.zeros((200, 320, 3), np.uint8)
    picture = heatmap.generate_heatmap(half, [result([around(150, 98, 10, 10)], [2])])
    assert picture.shape == half.shape
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.shape == (200, 320)
    assert heatmap.heatmap[30, 60] == 2
    assert heatmap.heatmap[10, 60] == 0
    # The line is at y = 100 now with its centroid at 160; the id was at 150 of 320, and its left edge is at 145.
    assert counts(heatmap) == (0, 1)
