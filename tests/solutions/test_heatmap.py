"""``Heatmap`` by HeatStream's rules: heat, counts, region, and what it takes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import cv2
import numpy as np
import pytest

from heatstream import solutions
from heatstream.core.colormaps import COLORMAPS, lut
from heatstream.core.errors import ControlsError
from heatstream.core.types import ImageArray
from tests.support.results import around, result

SIZE_WH = (640, 400)
FRAME = np.full((400, 640, 3), 90, np.uint8)
LEVEL = [(100, 200), (500, 200)]
SQUARE = [(200, 100), (400, 100), (400, 300), (200, 300)]


def walk(heatmap: solutions.Heatmap, places: list[tuple[float, float]], track_id: int = 1, class_id: int = 0) -> None:
    for x, y in places:
        heatmap.generate_heatmap(FRAME, [result([around(x, y)], [track_id], [class_id])])


def counts(heatmap: solutions.Heatmap) -> tuple[int, int]:
    return heatmap.in_counts, heatmap.out_counts


def down(x: float, step: int = 20) -> list[tuple[float, float]]:
    return [(x, y) for y in range(100, 301, step)]


def _last(frames: int = 12, **arguments: Any) -> ImageArray:
    """The last picture of a scene with two objects, one of which crosses ``LEVEL``."""
    heatmap = solutions.Heatmap(**arguments)
    for number in range(frames):
        boxes = [around(300, 100 + 20 * number, 40, 60), around(450, 100, 40, 60)]
        picture = heatmap.generate_heatmap(FRAME, [result(boxes, [1, 2], [0, 2])])
    return picture


# --- heat


def test_heat_is_in_object_seconds() -> None:
    heatmap = solutions.Heatmap(fps=10, decay_factor=1)
    for _ in range(30):
        heatmap.generate_heatmap(FRAME, result([around(300, 200, 80, 80)], [1]))
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.shape == (400, 640)
    assert heatmap.heatmap[200, 300] == pytest.approx(3.0)
    assert heatmap.heatmap[300, 300] == 0


@pytest.mark.parametrize("fps", [None, 5, 60])
@pytest.mark.parametrize("decay", [0.99, 0.5])
def test_the_decay_factor_is_for_each_call(fps: float | None, decay: float) -> None:
    heatmap = solutions.Heatmap(fps=fps, decay_factor=decay)
    heatmap.generate_heatmap(FRAME, [result([around(300, 200, 80, 80)], [1])])
    before = heatmap.heatmap
    for _ in range(3):
        heatmap.generate_heatmap(FRAME, [])
    assert before is not None
    assert heatmap.heatmap is not None
    assert heatmap.heatmap[200, 300] == pytest.approx(before[200, 300] * decay**3, rel=1e-5)


def test_a_decay_factor_of_zero_shows_the_present_only() -> None:
    heatmap = solutions.Heatmap(decay_factor=0)
    for x in (100, 500):
        picture = heatmap.generate_heatmap(FRAME, [result([around(x, 200, 80, 80)], [1])])
    assert heatmap.heatmap is not None
    assert heatmap.heatmap[200, 100] == 0
    assert heatmap.heatmap[200, 500] > 0
    assert (picture[200, 100] == 90).all()
    assert (picture[200, 500] != 90).any()


def test_heat_fades_from_sight_once_all_have_left() -> None:
    heatmap = solutions.Heatmap()
    for _ in range(50):
        picture = heatmap.generate_heatmap(FRAME, [result([around(300, 200, 80, 80)], [1])])
    strength = []
    for _ in range(4):
        strength.append(float(np.abs(picture.astype(int) - FRAME).mean()))
        for _ in range(150):
            picture = heatmap.generate_heatmap(FRAME, [])
    assert strength == sorted(strength, reverse=True)
    assert strength[-1] < 0.05 * strength[0]


def test_one_picture_alone_shows_its_objects_as_hot_as_can_be() -> None:
    picture = solutions.Heatmap(heatmap_alpha=0.6).generate_heatmap(FRAME, [result([around(300, 200, 80, 80)])])
    hottest = 0.4 * 90 + 0.6 * lut("JET")[255].astype(float)
    assert np.abs(picture[200, 300] - hottest).max() <= 1
    assert (picture[20, 20] == 90).all(), "cold is clear"


def test_boxes_without_ids_add_heat_and_do_not_count() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=LEVEL)
    for x, y in down(300):
        heatmap.generate_heatmap(FRAME, [result([around(x, y)])])
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.max() > 0
    assert counts(heatmap) == (0, 0)
    assert heatmap.class_wise_count == {}


def test_boxes_that_never_have_an_id_are_told_of_once() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=LEVEL)
    for _ in range(40):
        heatmap.generate_heatmap(FRAME, [])
    for _ in range(24):
        heatmap.generate_heatmap(FRAME, [result([around(300, 200)])])
    with pytest.warns(RuntimeWarning, match=r"no box had an id in 25 frames.*tracker='botsort.yaml'") as caught:
        heatmap.generate_heatmap(FRAME, [result([around(300, 200)])])
    assert caught[0].filename == __file__
    tracked, heat_only = solutions.Heatmap(count_reg_pts=LEVEL), solutions.Heatmap()
    tracked.generate_heatmap(FRAME, [result([around(300, 200)], [1])])
    for _ in range(40):
        for each in (heatmap, tracked, heat_only):
            each.generate_heatmap(FRAME, [result([around(300, 200)])])


def test_the_picture_given_stays_and_the_arrays_returned_are_new() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=LEVEL)
    image = FRAME.copy()
    picture = heatmap.generate_heatmap(image, [result([around(300, 200)], [1])])
    assert (image == 90).all()
    assert not np.shares_memory(image, picture)
    assert heatmap.heatmap is not None
    heatmap.heatmap[:] = 99
    assert heatmap.heatmap.max() < 1


def test_before_the_first_frame_there_is_nothing() -> None:
    heatmap = solutions.Heatmap()
    assert heatmap.heatmap is None
    assert counts(heatmap) == (0, 0)
    assert heatmap.class_wise_count == {}


# --- counts


def test_a_line_counts_both_ways_each_time_and_at_any_speed() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=LEVEL, classes_names={0: "person", 2: "car"})
    walk(heatmap, down(300))
    assert counts(heatmap) == (1, 0), "down over a line drawn left to right is in"
    walk(heatmap, down(300)[::-1])
    assert counts(heatmap) == (1, 1)
    walk(heatmap, down(300, 100), track_id=2, class_id=2)
    assert heatmap.class_wise_count == {"person": {"IN": 1, "OUT": 1}, "car": {"IN": 1, "OUT": 0}}
    walk(heatmap, [(300, 150), (300, 190), (300, 150)], track_id=3)
    assert counts(heatmap) == (2, 1), "near is not across"


def test_a_polygon_counts_entering_and_leaving() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=[*SQUARE, SQUARE[0]])
    walk(heatmap, [(x, 200) for x in range(100, 301, 20)])
    assert counts(heatmap) == (1, 0)
    walk(heatmap, [(x, 200) for x in range(300, 501, 20)])
    assert counts(heatmap) == (1, 1)
    walk(heatmap, [(300, 200)] * 5, track_id=2)
    assert counts(heatmap) == (1, 1), "who is first seen inside has not entered"


@pytest.mark.parametrize(("reach", "expected"), [(0, (0, 0)), (15, (1, 0))])
def test_the_distance_threshold_reaches_past_the_ends_of_a_line(reach: int, expected: tuple[int, int]) -> None:
    for x in (90, 510):
        heatmap = solutions.Heatmap(count_reg_pts=LEVEL, line_dist_thresh=reach)
        walk(heatmap, down(x))
        assert counts(heatmap) == expected
    outside = solutions.Heatmap(count_reg_pts=LEVEL, line_dist_thresh=reach)
    walk(outside, down(520))
    assert counts(outside) == (0, 0)


@pytest.mark.parametrize("fidelity", ["heatstream", "seed"])
@pytest.mark.parametrize(
    "region",
    [
        {"count_reg_pts": [(200, 400), (1000, 400)], "imw": 1280, "imh": 800},
        {"count_reg_pts": LEVEL, "imw": 400, "imh": 640},  # exchanged
        {"count_reg_pts": LEVEL, "imw": 640},
        {"count_reg_pts": [(100 / 640, 0.5), (500 / 640, 0.5)]},
        {"count_reg_pts": np.array(LEVEL)},
    ],
)
def test_points_may_be_those_of_another_size_or_shares(fidelity: str, region: dict[str, Any]) -> None:
    expected, heatmap = (
        solutions.Heatmap(count_reg_pts=LEVEL, fidelity=fidelity),
        solutions.Heatmap(fidelity=fidelity, **region),
    )
    for each in (expected, heatmap):
        walk(each, [(310 + y / 4, y) for y in range(100, 301, 10)])
    assert sum(counts(heatmap)) == 1
    assert counts(heatmap) == counts(expected)


def test_points_keep_their_place_when_the_size_changes() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=LEVEL)
    walk(heatmap, [(300, 120), (300, 140)])
    small = np.full((200, 320, 3), 90, np.uint8)
    for y in (80, 90, 110, 120):
        picture = heatmap.generate_heatmap(small, [result([around(150, y, 10, 10)], [1])])
    assert counts(heatmap) == (1, 0)
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.shape == (200, 320)
    assert heatmap.heatmap[65, 150] > 0
    assert picture[100, 200].tolist() == [255, 0, 255]


def test_a_region_beyond_the_picture_counts_inside_it_and_says_so() -> None:
    heatmap = solutions.Heatmap(count_reg_pts=[(1000, 200), (300, 200)])
    with pytest.warns(RuntimeWarning, match="reach beyond the 640x400 picture: only the part inside counts"):
        walk(heatmap, down(400))
    assert counts(heatmap) == (0, 1), "the direction stays that of the points"
    concave = [(100, 100), (900, 100), (900, 150), (150, 150), (150, 250), (900, 250), (900, 300), (100, 300)]
    heatmap = solutions.Heatmap(count_reg_pts=[(1000 - x, y) for x, y in concave])
    with pytest.warns(RuntimeWarning, match="reach beyond"):
        walk(heatmap, [(300, y) for y in range(20, 390, 10)])
    assert counts(heatmap) == (2, 2), "two arms of one region"


@pytest.mark.parametrize("points", [[(20, 500), (600, 504)], [(700, 10), (800, 10), (800, 90)], [(0, 400), (9, 409)]])
def test_a_region_outside_the_picture_counts_nothing_and_says_so(points: list[tuple[int, int]]) -> None:
    heatmap = solutions.Heatmap(count_reg_pts=points)
    with pytest.warns(RuntimeWarning, match="lie outside the 640x400 picture: nothing will be counted"):
        walk(heatmap, down(300))
    assert counts(heatmap) == (0, 0)
    assert heatmap.heatmap is not None
    assert heatmap.heatmap.max() > 0


# --- what is drawn


@pytest.mark.parametrize("fidelity", ["heatstream", "seed"])
def test_region_and_counts_are_not_tinted_by_heat(fidelity: str) -> None:
    colours = {"count_reg_color": (10, 200, 30), "count_bg_color": (1, 2, 3), "count_txt_color": (250, 4, 200)}
    picture = _last(fidelity=fidelity, count_reg_pts=LEVEL, line_thickness=5, **colours)
    assert picture[200, 150].tolist() == [10, 200, 30]
    corner = picture[:120, 320:].reshape(-1, 3)
    for name in ("count_bg_color", "count_txt_color"):
        assert (corner == colours[name]).all(axis=1).sum() > 50, name


@pytest.mark.parametrize(
    "argument",
    [
        {"colormap": cv2.COLORMAP_PARULA},
        {"heatmap_alpha": 0.9},
        {"view_in_counts": False},
        {"view_out_counts": False},
        {"count_reg_pts": SQUARE},
        {"count_reg_pts": None},
        {"count_txt_color": (0, 0, 255)},
        {"count_bg_color": (0, 255, 255)},
        {"count_reg_color": (0, 255, 0)},
        {"region_thickness": 9},
        {"line_thickness": 4},
        {"decay_factor": 0.7},
        {"shape": "rect"},
        {"classes_names": {0: "pedestrian"}},
        {"names": ["pedestrian"]},
        {"imw": 320, "imh": 200, "count_reg_pts": [(50, 50), (250, 100)]},
        {"fidelity": "seed"},
        {"fps": 25},
    ],
    ids=lambda argument: next(iter(argument)),
)
def test_each_argument_changes_the_picture(argument: dict[str, Any]) -> None:
    usual = {"count_reg_pts": LEVEL}
    assert not np.array_equal(_last(**usual), _last(**{**usual, **argument}))


@pytest.mark.parametrize("thickness", [1, 5, 11])
def test_the_region_is_as_thick_as_asked(thickness: int) -> None:
    picture = _last(count_reg_pts=LEVEL, region_thickness=thickness)
    pink = (picture[:, 150] == (255, 0, 255)).all(axis=1).sum()
    assert thickness - 1 <= pink <= thickness + 2, "OpenCV draws 5 as 7 pixels"


@pytest.mark.parametrize(
    ("into", "out", "rows"),
    [
        (True, True, ["IN 3 OUT 1", "Person: IN 2 OUT 1", "Truck: IN 1 OUT 0"]),
        (True, False, ["IN 3", "Person: IN 2", "Truck: IN 1"]),
        (False, True, ["OUT 1", "Person: OUT 1", "Truck: OUT 0"]),
        (False, False, []),
    ],
)
def test_the_counts_written_are_those_asked_for(into: bool, out: bool, rows: list[str]) -> None:
    from heatstream.core.types import InOut
    from heatstream.solutions.drawing import count_rows

    counted = {"person": InOut(2, 1), "dog": InOut(), "truck": InOut(1, 0)}
    assert count_rows(counted, into=into, out=out) == rows


def test_the_text_of_the_counts_grows_with_the_line_thickness() -> None:
    plates = []
    for thickness in (1, 2, 4, 200):
        picture = _last(count_reg_pts=LEVEL, count_bg_color=(7, 8, 9), line_thickness=thickness)
        plates.append((picture == (7, 8, 9)).all(axis=2).any(axis=1).sum())
    assert plates == sorted(set(plates))
    assert plates[-1] < 200, "it stays in its corner"


def test_without_either_count_no_plate_is_drawn() -> None:
    picture = _last(count_reg_pts=LEVEL, view_in_counts=False, view_out_counts=False)
    assert (picture[:60, 520:] == 90).all()
    assert (_last(count_reg_pts=LEVEL)[:60, 520:] != 90).any()


def test_a_tiny_picture_and_many_classes_are_drawn_as_far_as_they_fit() -> None:
    names = {number: f"kind {number}" for number in range(60)}
    heatmap = solutions.Heatmap(names, count_reg_pts=[(0, 20), (40, 20)], line_thickness=90, region_thickness=90)
    image = np.zeros((40, 40, 3), np.uint8)
    for y in (5, 5, 35):
        boxes = [around(20, y, 8, 8)] * 60
        picture = heatmap.generate_heatmap(image, [result(boxes, range(60), range(60))])
    assert picture.shape == image.shape
    assert heatmap.in_counts == 60


@pytest.mark.parametrize("fidelity", ["heatstream", "seed"])
def test_every_colormap_colours_the_hottest_place(fidelity: str) -> None:
    assert len(COLORMAPS) == 22
    box = result([around(300, 200, 80, 80)])
    for name, number in COLORMAPS.items():
        pictures = [
            solutions.Heatmap(colormap=given, heatmap_alpha=1, fidelity=fidelity).generate_heatmap(FRAME, box)
            for given in (number, name, f"cv2.COLORMAP_{name}")
        ]
        assert pictures[0][200, 300].tolist() == lut(name)[255].tolist(), name
        assert all(np.array_equal(pictures[0], other) for other in pictures[1:])


# --- what it takes


def test_class_names_come_with_the_results_unless_they_are_given() -> None:
    for arguments, name in [
        ({}, "person"),
        ({"classes_names": {0: "guest"}}, "guest"),
        ({"names": {0: "guest"}}, "guest"),
        ({"names": ["guest"]}, "guest"),
        ({"classes_names": {0: "guest"}, "names": {0: "guest"}}, "guest"),
        ({"classes_names": {5: "guest"}}, "class 0"),
    ]:
        for fidelity in ("heatstream", "seed"):
            heatmap = solutions.Heatmap(fidelity=fidelity, **arguments)
            heatmap.generate_heatmap(FRAME, None)
            walk(heatmap, [(300, 100)])
            assert heatmap.class_wise_count == {name: {"IN": 0, "OUT": 0}}


def test_arguments_can_be_given_in_the_order_of_the_table() -> None:
    heatmap = solutions.Heatmap({0: "person"}, 640, 400, cv2.COLORMAP_HOT, 0.4, False, True, False, LEVEL)
    assert (heatmap.colormap, heatmap.heatmap_alpha, heatmap.view_out_counts) == (cv2.COLORMAP_HOT, 0.4, False)
    assert heatmap.count_reg_pts == LEVEL


def test_tensors_are_read_wherever_they_are() -> None:
    class Tensor:
        def __init__(self, values: Any) -> None:
            self._values = np.array(values, np.float32)

        def cpu(self) -> Tensor:
            return self

        def numpy(self) -> np.ndarray:
            return self._values

    given = result()
    for name, values in {"xyxy": [[10, 10, 50, 50]], "id": [4], "cls": [2], "conf": [0.5]}.items():
        setattr(given.boxes, name, Tensor(values))
    heatmap = solutions.Heatmap()
    heatmap.generate_heatmap(FRAME, [given])
    assert heatmap.class_wise_count == {"car": {"IN": 0, "OUT": 0}}


@pytest.mark.parametrize("fidelity", ["heatstream", "seed"])
def test_boxes_that_are_no_numbers_are_left_out(fidelity: str) -> None:
    boxes = [(np.nan, 0, 9, 9), (0, 0, np.inf, 9), around(300, 200, 80, 80)]
    one, other = (solutions.Heatmap(fidelity=fidelity, count_reg_pts=LEVEL) for _ in range(2))
    pictures = [one.generate_heatmap(FRAME, [result(boxes, [1, 2, 3])])]
    pictures += [other.generate_heatmap(FRAME, [result(boxes[2:], [3])])]
    assert np.array_equal(*pictures)


@pytest.mark.parametrize("shape", [(400, 640), (400, 640, 1)])
def test_a_grey_picture_is_taken(shape: tuple[int, ...]) -> None:
    picture = solutions.Heatmap().generate_heatmap(np.full(shape, 90, np.uint8), [result([around(300, 200)])])
    assert np.array_equal(picture, solutions.Heatmap().generate_heatmap(FRAME, [result([around(300, 200)])]))


@pytest.mark.parametrize(
    ("im0", "message"),
    [
        (None, "im0 is None"),
        ("picture.png", "not str"),
        (FRAME.astype(np.float32) / 255, "uint8 from 0 to 255, not float32"),
        (np.zeros((4, 4, 4), np.uint8), r"not \(4, 4, 4\)"),
        (np.zeros((0, 0, 3), np.uint8), r"not \(0, 0, 3\)"),
        (np.zeros(9, np.uint8), r"not \(9,\)"),
    ],
)
def test_what_is_no_picture_is_refused(im0: Any, message: str) -> None:
    with pytest.raises(ControlsError, match=message):
        solutions.Heatmap().generate_heatmap(im0, [])


@pytest.mark.parametrize(
    ("tracks", "message"),
    [
        ([result(), result()], "results of 2 frames"),
        ("tracks", "not str"),
        (iter([result()]), "stream=True"),
        ([np.zeros((3, 7))], "not ndarray"),
    ],
)
def test_what_is_no_result_is_refused(tracks: Any, message: str) -> None:
    with pytest.raises(ControlsError, match=message):
        solutions.Heatmap().generate_heatmap(FRAME, tracks)


def test_results_of_a_model_that_finds_no_boxes_are_refused() -> None:
    classified = result()
    classified.boxes = None
    with pytest.raises(ControlsError, match="use a model that detects"):
        solutions.Heatmap().generate_heatmap(FRAME, [classified])


def test_importing_it_is_cheap() -> None:
    code = "import sys; from heatstream import solutions; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "torch",
        "ultralytics",
        "openvino",
        "streamlit",
        "av",
        "pydantic",
        "heatstream.engine",
        "heatstream.vision",
    }
    assert heavy.isdisjoint(done.stdout.split())
