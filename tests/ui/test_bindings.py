"""Half-lives as people read them, and colormaps as people see them."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from heatstream.core.colormaps import COLORMAPS, lut
from heatstream.core.controls import DEFAULT_HALF_LIFE_S
from heatstream.ui import colormap_swatches
from heatstream.ui.bindings import HALF_LIVES_S, duration_words, half_life_choices
from heatstream.ui.heat_panel import still_choices


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.25 s"),
        (DEFAULT_HALF_LIFE_S, "2.8 s"),
        (30, "30 s"),
        (90, "1.5 min"),
        (7200, "2 h"),
        (math.inf, "never"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_every_half_life_step_reads_differently() -> None:
    words = [duration_words(seconds) for seconds in half_life_choices(DEFAULT_HALF_LIFE_S, DEFAULT_HALF_LIFE_S)]
    assert len(set(words)) == len(words) == len(HALF_LIVES_S) + 1


@pytest.mark.parametrize("now_s", [19.8, 2.8, 29.7, math.inf])
def test_the_time_in_force_is_told_from_the_others_by_its_words(now_s: float) -> None:
    for choices in (half_life_choices(now_s, DEFAULT_HALF_LIFE_S), still_choices(now_s)):
        words = [duration_words(seconds) for seconds in choices]
        assert len(set(words)) == len(words)
        assert now_s in choices


def test_a_half_life_from_elsewhere_is_among_the_choices() -> None:
    choices = half_life_choices(7.3, DEFAULT_HALF_LIFE_S)
    assert {7.3, DEFAULT_HALF_LIFE_S, math.inf} <= set(choices)
    assert choices == sorted(choices)


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_swatch_shows_its_colormap(name: str) -> None:
    strip = cv2.imdecode(np.frombuffer(colormap_swatches.strip_png(name), np.uint8), cv2.IMREAD_COLOR)
    assert strip.shape == (14, 256, 3)
    assert (strip == lut(name)[None]).all()
    blue, green, red = (int(value) for value in lut(name)[255])
    assert colormap_swatches.gradient(name).endswith(f"rgb({red},{green},{blue}))")
