"""The caption of a picture that leaves the page."""

from __future__ import annotations

import numpy as np
import pytest

from heatstream.core.caption import draw_caption, moment_words


def test_a_known_time_is_told_by_the_clock_and_an_unknown_one_by_the_place_in_the_file() -> None:
    assert moment_words(1_700_000_000.0, 5.0).startswith("2023-11-1")
    assert moment_words(None, 5.9) == "0:00:05"
    assert moment_words(None, 3 * 3600 + 25 * 60 + 7) == "3:25:07"


@pytest.mark.parametrize("size_wh", [(160, 120), (1280, 720), (3840, 2160)])
def test_it_stands_in_the_lower_left_and_leaves_the_rest(size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    image = np.full((height, width, 3), 128, np.uint8)
    draw_caption(image, "square", "0:00:05")
    changed = np.argwhere((image != 128).any(axis=2))
    assert len(changed) > 50
    assert changed[:, 0].min() > height * 0.7
    assert changed[:, 1].max() < width * 0.9


def test_a_name_longer_than_the_picture_is_cut_and_harmless() -> None:
    image = np.full((120, 160, 3), 128, np.uint8)
    draw_caption(image, "x" * 500, "0:00:05")
    assert (image[:60] == 128).all()
