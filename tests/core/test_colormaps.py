"""The 22 colormaps: all there, all different, found by any spelling."""

from __future__ import annotations

import re
from itertools import combinations

import cv2
import numpy as np
import pytest

from heatstream.core.colormaps import COLORMAPS, find, lut
from heatstream.core.controls import HeatControls
from heatstream.core.errors import ControlsError


def test_all_of_the_seed_document_are_there_in_its_order(media_dir):
    seed = next(media_dir.parent.glob("seed-*.md")).read_text()
    assert list(COLORMAPS) == re.findall(r"`cv::COLORMAP_(\w+)`", seed)
    assert len(COLORMAPS) == 22


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_table_is_what_opencv_draws(name):
    ramp = np.arange(256, dtype=np.uint8)[None]
    np.testing.assert_array_equal(lut(name)[None], cv2.applyColorMap(ramp, COLORMAPS[name]))
    assert (lut(name).shape, lut(name).dtype) == ((256, 3), np.uint8)
    assert not lut(name).flags.writeable


def test_no_two_are_alike():
    assert all(not np.array_equal(lut(one), lut(other)) for one, other in combinations(COLORMAPS, 2))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jet", "JET"),
        ("COLORMAP_PARULA", "PARULA"),
        ("cv2.COLORMAP_HOT", "HOT"),
        ("cv::COLORMAP_Bone", "BONE"),
        (" twilight shifted ", "TWILIGHT_SHIFTED"),
        ("twilight-shifted", "TWILIGHT_SHIFTED"),
    ],
)
def test_a_name_is_found_as_people_write_it(text, name):
    assert find(text) == name
    np.testing.assert_array_equal(lut(text), lut(name))


@pytest.mark.parametrize("text", ["", "grey", "JETS", "COLORMAP_"])
def test_an_unknown_name_is_refused_with_the_choices(text):
    with pytest.raises(ControlsError, match=r"choose one of AUTUMN, .*DEEPGREEN"):
        find(text)


def test_the_default_is_one_of_them():
    assert HeatControls().colormap in COLORMAPS
