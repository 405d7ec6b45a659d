"""Wrong arguments are refused when a ``Heatmap`` is made, and the message says what is wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from heatstream import solutions
from heatstream.core.errors import ControlsError
from heatstream.solutions.arguments import region_points

NAN = math.nan


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"heatmap_alpha": 1.5}, "heatmap_alpha must be a number from 0 to 1, not 1.5"),
        ({"heatmap_alpha": -0.1}, "heatmap_alpha"),
        ({"heatmap_alpha": NAN}, "heatmap_alpha must be a number from 0 to 1, not nan"),
        ({"heatmap_alpha": "much"}, "heatmap_alpha"),
        ({"decay_factor": -1}, "decay_factor must be a number from 0 to 1, not -1"),
        ({"decay_factor": 1.01}, "decay_factor"),
        ({"decay_factor": None}, "decay_factor"),
        ({"decay_factor": NAN}, "decay_factor"),
        ({"line_dist_thresh": -1}, "line_dist_thresh"),
        ({"line_dist_thresh": math.inf}, "line_dist_thresh"),
        ({"region_thickness": 0}, "region_thickness must be a number from 1 to 255"),
        ({"region_thickness": 1.5}, "region_thickness must be a whole number, not 1.5"),
        ({"line_thickness": NAN}, "line_thickness"),
        ({"imw": -1}, "imw"),
        ({"imh": 10.5}, "imh must be a whole number"),
        ({"fps": 0}, "fps"),
        ({"colormap": 99}, "there is no colormap 99; choose one of AUTUMN, .*, DEEPGREEN"),
        ({"colormap": -1}, "there is no colormap -1"),
        ({"colormap": "rainbows"}, "there is no colormap 'rainbows'"),
        ({"colormap": None}, "there is no colormap None"),
        ({"colormap": True}, "there is no colormap True"),
        ({"shape": "square"}, "shape must be 'circle' or 'rect' or 'smooth', not 'square'"),
        ({"shape": None}, "shape"),
        ({"fidelity": "old"}, "fidelity must be 'heatstream' or 'seed', not 'old'"),
        ({"count_txt_color": (0, 0)}, "count_txt_color must be three numbers"),
        ({"count_bg_color": "red"}, "count_bg_color must be three numbers"),
        ({"count_bg_color": None}, "count_bg_color"),
        ({"count_reg_color": (0, 0, 256)}, "count_reg_color must be a number from 0 to 255, not 256"),
        ({"count_reg_color": (0, 0, 0.5)}, "count_reg_color must be a whole number"),
        ({"count_reg_pts": []}, "list of points"),
        ({"count_reg_pts": 5}, "list of points"),
        ({"count_reg_pts": [1, 2, 3]}, "list of points"),
        ({"count_reg_pts": [(1, 2), (3,)]}, "list of points"),
        ({"count_reg_pts": [(1, 2), ("a", "b")]}, "list of points"),
        ({"count_reg_pts": [(1, 2, 3), (4, 5, 6)]}, "list of points"),
        ({"count_reg_pts": [(20, 400)]}, "needs two points for a line, or three or more"),
        ({"count_reg_pts": [(20, 400), (20, 400)]}, "the two ends of the line are the same point"),
        ({"count_reg_pts": [(20, NAN), (100, 400)]}, "must be numbers of pixels"),
        ({"count_reg_pts": [(20, 400), (math.inf, 400)]}, "must be numbers of pixels"),
        ({"count_reg_pts": [(20, 400), (1e9, 400)]}, "must be numbers of pixels, at most 100000"),
        ({"count_reg_pts": [(0, 0), (100, 100), (100, 0), (0, 100)]}, "edges of the polygon cross"),
        ({"count_reg_pts": [(0, 0), (100, 100), (200, 200)]}, "no area"),
        ({"classes_names": "person"}, "classes_names must be a dictionary"),
        ({"classes_names": 80}, "classes_names must be a dictionary"),
        ({"classes_names": {"person": 0}}, "class numbers as keys"),
        ({"classes_names": {0: "a"}, "names": {0: "b"}}, "two names of one argument"),
    ],
)
def test_a_wrong_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ControlsError, match=message):
        solutions.Heatmap(**arguments)


def test_a_polygon_may_be_closed_by_its_first_point() -> None:
    corners = [(0, 0), (100, 0), (100, 100)]
    assert region_points([*corners, corners[0]]) == region_points(corners) == tuple(corners)


def test_the_errors_are_value_errors() -> None:
    with pytest.raises(ValueError, match="heatmap_alpha"):
        solutions.Heatmap(heatmap_alpha=2)


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="opacity"):
        solutions.Heatmap(opacity=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "arguments",
    [
        {"heatmap_alpha": 0, "decay_factor": 1},
        {"heatmap_alpha": 1.0, "decay_factor": 0},
        {"heatmap_alpha": np.float32(0.5), "imw": np.int64(640), "imh": 360.0},
        {"colormap": np.int32(2), "count_reg_color": [0, 0, 255], "count_bg_color": np.array([1, 2, 3])},
        {"count_reg_pts": ((0, 0), (640, 360))},
        {"count_reg_pts": [[0, 0], [100, 0], [100, 100], [0, 0]]},
        {"shape": "rect", "fidelity": solutions.Fidelity.SEED, "fps": 29.97},
        {"view_img": False, "count_reg_pts": None, "classes_names": None, "names": None},
    ],
)
@pytest.mark.parametrize("fidelity", ["heatstream", "seed"])
def test_what_is_within_the_range_works(arguments: dict[str, Any], fidelity: str) -> None:
    heatmap = solutions.Heatmap(**{"fidelity": fidelity, **arguments})
    for _ in range(3):
        assert heatmap.generate_heatmap(np.zeros((360, 640, 3), np.uint8), []).shape == (360, 640, 3)
