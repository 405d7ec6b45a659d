"""Shading and blending, pixel by pixel on small grids and against plain arithmetic on large ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatstream.core.colormaps import COLORMAPS, lut
from heatstream.core.controls import Blend, HeatControls, Scale
from heatstream.core.heat import HeatState, initial, step
from heatstream.core.render import overlay, palette, shade

FIXED = HeatControls(scale=Scale.FIXED, scale_top_s=10)
UNIFORM = replace(FIXED, blend=Blend.UNIFORM)


@pytest.fixture
def photo(rng):
    """An opaque, busy picture that nobody may write to."""

    def make(size_wh: tuple[int, int]) -> np.ndarray:
        image = rng.integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
        image.flags.writeable = False
        return image

    return make


def warm(size_wh: tuple[int, int]) -> HeatState:
    """Heat of up to 10 object-seconds around the middle, and none at the edges."""
    state = initial(size_wh)
    height, width = state.grid.shape
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot((x - width / 2) / width, (y - height / 2) / height)
    state.grid[:] = 10 * np.clip(1 - far / 0.35, 0, 1)
    return state


def test_levels_rise_from_the_lower_to_the_upper_limit():
    grid = np.array([[0, 1, 2], [5, 10, 11], [2.5, 1000, 0.01]], np.float32)
    np.testing.assert_array_equal(shade(grid, (0, 10)), [[0, 26, 51], [128, 255, 255], [64, 255, 0]])
    np.testing.assert_array_equal(shade(grid, (5, 10)), [[0, 0, 0], [0, 255, 255], [0, 255, 0]])
    assert shade(grid, (0, 10)).dtype == np.uint8
    assert grid[1, 0] == 5  # its input is as it was


@pytest.mark.parametrize("limits", [(0, 0), (3, 3), (5, 2)])
def test_a_scale_without_extent_shows_nothing(limits):
    assert not shade(np.full((3, 3), 3, np.float32), limits).any()


def test_heat_far_above_the_scale_is_the_hottest_level():
    assert (shade(np.array([[1e5, 1e7, 1e12]], np.float32), (0, 0.05)) == 255).all()
    assert (shade(np.array([[1e5, 1e7, 1e12]], np.float32), (0.01, 0.05)) == 255).all()


@settings(max_examples=100, deadline=None)
@given(value=st.floats(0, 1e9, width=32), top_s=st.floats(1e-6, 1e9))
def test_more_heat_is_never_a_lower_level(value, top_s):
    low, high = shade(np.array([[value, value * 1.5]], np.float32), (0, top_s))[0].tolist()
    assert low <= high


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 1.0])
def test_opacity_rises_with_heat_from_clear_to_alpha(alpha):
    keep = palette("JET", alpha).keep.astype(int)
    assert keep[0] == 255
    assert keep[255] == round(255 * (1 - alpha))
    assert (np.diff(keep) <= 0).all()


def test_uniform_is_the_seeds_formula_pixel_by_pixel(photo):
    image = photo((3, 3))
    state = HeatState(np.array([[0, 1, 2], [5, 10, 11], [2.5, 1000, 0.01]], np.float32), (3, 3))
    picture = overlay(image, state, UNIFORM)
    colour = lut("JET")[[[0, 26, 51], [128, 255, 255], [64, 255, 0]]]
    np.testing.assert_allclose(picture, 0.5 * image + 0.5 * colour, atol=0.51)


def test_transparent_leaves_cold_pixels_and_tints_warm_ones(photo):
    image = photo((3, 3))
    state = HeatState(np.array([[0, 0, 0], [0, 10, 0], [0, 5, 0]], np.float32), (3, 3))
    picture = overlay(image, state, FIXED)
    cold = state.grid == 0
    np.testing.assert_array_equal(picture[cold], image[cold])
    np.testing.assert_allclose(picture[1, 1], 0.5 * image[1, 1] + 0.5 * lut("JET")[255], atol=1.5)
    share = 0.5 * (1 - (1 - 128 / 255) ** 4)
    np.testing.assert_allclose(picture[2, 1], (1 - share) * image[2, 1] + share * lut("JET")[128], atol=1.5)


@pytest.mark.parametrize("size_wh", [(16, 16), (333, 217), (480, 360), (641, 483), (1280, 720)])
@pytest.mark.parametrize("params", [FIXED, UNIFORM], ids=["transparent", "uniform"])
def test_the_picture_is_the_same_as_by_plain_arithmetic_on_whole_frames(photo, size_wh, params):
    import cv2

    image, state = photo(size_wh), warm(size_wh)
    levels, looks, cell = shade(state.grid, (0, 10)), palette("JET", 0.5), state.cell_px

    def whole(small: np.ndarray) -> np.ndarray:
        large = cv2.resize(small, (small.shape[1] * cell, small.shape[0] * cell), interpolation=cv2.INTER_LINEAR)
        return large[: size_wh[1], : size_wh[0]].astype(float)

    if params.blend is Blend.UNIFORM:
        wanted = 0.5 * image + 0.5 * whole(looks.colour[levels, 0])
    else:
        wanted = image * whole(looks.keep[levels])[..., None] / 255 + whole(looks.tint[levels, 0])
    picture = overlay(image, state, params)
    np.testing.assert_allclose(picture, wanted, atol=2)
    assert not np.array_equal(picture, image)


@pytest.mark.parametrize("blend", list(Blend))
def test_alpha_0_is_the_frame(photo, blend):
    image = photo((640, 480))
    picture = overlay(image, warm((640, 480)), HeatControls(alpha=0, blend=blend))
    np.testing.assert_array_equal(picture, image)
    assert not np.shares_memory(picture, image)


def test_alpha_1_is_the_colour_where_it_is_hottest(photo):
    state = initial((640, 480))
    state.grid[:] = 10
    for blend in Blend:
        picture = overlay(photo((640, 480)), state, replace(FIXED, alpha=1, blend=blend))
        np.testing.assert_array_equal(picture, np.broadcast_to(lut("JET")[255], picture.shape))


@pytest.mark.parametrize("scale", list(Scale))
def test_an_empty_grid_leaves_the_frame(photo, scale):
    image = photo((480, 360))
    picture = overlay(image, initial((480, 360)), HeatControls(scale=scale))
    np.testing.assert_array_equal(picture, image)
    tinted = overlay(image, initial((480, 360)), HeatControls(scale=scale, blend=Blend.UNIFORM))
    np.testing.assert_allclose(tinted, 0.5 * image + 0.5 * lut("JET")[0], atol=0.51)


@pytest.mark.parametrize("blend", list(Blend))
def test_each_colormap_gives_other_pixels(photo, blend):
    image, state = photo((160, 120)), warm((160, 120))
    pictures = [overlay(image, state, replace(FIXED, colormap=name, blend=blend)) for name in COLORMAPS]
    assert all(np.abs(a.astype(int) - b).max() > 8 for a, b in combinations(pictures, 2))


@pytest.mark.parametrize("blend", list(Blend))
def test_out_is_used_if_it_fits(photo, blend):
    image, state, params = photo((641, 480)), warm((641, 480)), replace(FIXED, blend=blend)
    out = np.full_like(image, 7)
    assert overlay(image, state, params, out=out) is out
    np.testing.assert_array_equal(out, overlay(image, state, params))
    other = np.zeros((5, 5, 3), np.uint8)
    assert overlay(image, state, params, out=other) is not other


def test_heat_at_an_edge_or_corner_is_drawn_to_the_edge(photo):
    image = photo((643, 487))  # the last cells reach one pixel beyond
    state = initial((643, 487))
    state.grid[0, 0] = state.grid[-1, -1] = 10
    picture = overlay(image, state, replace(FIXED, alpha=1))
    np.testing.assert_array_equal(picture[0, 0], lut("JET")[255])
    np.testing.assert_array_equal(picture[-1, -1], lut("JET")[255])
    np.testing.assert_array_equal(picture[200:280, 200:280], image[200:280, 200:280])


def test_what_was_hot_fades_from_the_picture_when_all_have_left():
    black = np.zeros((240, 320, 3), np.uint8)
    state, params = initial((320, 240)), HeatControls(half_life_s=2.0, colormap="BONE")  # brighter where it is hotter
    light = []
    for index in range(350):
        crowd = np.array([[100, 60, 180, 140]] if index < 100 else np.empty((0, 4)), np.float32)
        state = step(state, crowd, 0.04, params)
        if index >= 100 and index % 50 == 0:
            light.append(overlay(black, state, params).sum(dtype=int))
    assert light[-1] < 0.25 * light[0]
    assert all(later < before for before, later in pairwise(light))
