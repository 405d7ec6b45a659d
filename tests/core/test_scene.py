"""The composed picture: what each switch adds, in which order, and that inputs stay as they are."""

from __future__ import annotations

import itertools
import threading
from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from heatstream.core import heat
from heatstream.core.annotate import class_colour
from heatstream.core.colormaps import lut
from heatstream.core.controls import Anchor, Blend, Controls, HeatControls, OverlayControls, Scale
from heatstream.core.legend import draw_legend, figure
from heatstream.core.moment import Moment
from heatstream.core.scene import Scene, compose, heat_picture
from heatstream.core.trails import Trails
from heatstream.core.types import InOut, Tracks, Zone, ZoneTally

SIZE = (480, 360)
BARE = OverlayControls(**dict.fromkeys((field.name for field in fields(OverlayControls)), False))
ZONES = (Zone("a", "Süd", ((0.1, 0.8), (0.5, 0.7))), Zone("b", "出口", ((0.6, 0.2), (0.9, 0.2), (0.9, 0.5))))


@pytest.fixture
def photo(rng) -> np.ndarray:
    image = cv2.GaussianBlur(rng.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8), (0, 0), 4)
    image.flags.writeable = False
    return image


def full_scene(size_wh: tuple[int, int] = SIZE) -> Scene:
    """Two people who have walked for two seconds."""
    state, trails = heat.initial(size_wh), Trails()
    width, height = size_wh
    for index in range(50):
        place = np.array([[0.1, 0.2, 0.2, 0.5], [0.5, 0.3, 0.6, 0.6]]) + 0.004 * index * np.array([1, 0, 1, 0])
        xyxy = (place * [width, height, width, height]).astype(np.float32)
        tracks = Tracks(xyxy, np.array([1, 2]), np.ones(2, np.float32), np.array([0, 2]))
        state = heat.step(state, xyxy, 0.04, HeatControls())
        trails.step(tracks, Moment(index, 0.04 * index, 1, None, size_wh), Anchor.CENTER)
    tallies = (ZoneTally("a", InOut(3, 1)), ZoneTally("b", InOut(2, 0), occupancy=2))
    return Scene(state, tracks, trails, ZONES, tallies, {0: "person", 2: "car"})


def test_with_everything_off_the_picture_is_the_frame(photo):
    picture = compose(photo, full_scene(), Controls(overlay=BARE))
    np.testing.assert_array_equal(picture, photo)
    assert not np.shares_memory(picture, photo)


@pytest.mark.parametrize("name", ["heat", "boxes", "labels", "trails", "zones", "counts"])
def test_each_switch_adds_something_of_its_own(photo, name):
    scene = full_scene()
    alone = compose(photo, scene, Controls(overlay=replace(BARE, **{name: True})))
    assert (alone != photo).any(axis=2).sum() > 100
    everything = OverlayControls(trails=True)
    without = compose(photo, scene, Controls(overlay=replace(everything, **{name: False})))
    assert not np.array_equal(without, compose(photo, scene, Controls(overlay=everything)))


def test_the_input_is_never_modified_and_may_be_read_only(photo):
    before = photo.copy()
    for blend, scale in itertools.product(Blend, Scale):
        controls = Controls(heat=HeatControls(blend=blend, scale=scale), overlay=OverlayControls(trails=True))
        picture = compose(photo, full_scene(), controls)
        assert (picture.shape, picture.dtype) == (photo.shape, np.uint8)
        np.testing.assert_array_equal(photo, before)


def test_drawing_twice_draws_the_same(photo):
    scene, controls = full_scene(), Controls(overlay=OverlayControls(trails=True))
    first = compose(photo, scene, controls)
    np.testing.assert_array_equal(compose(photo, scene, controls), first)


@pytest.mark.parametrize("overlay", [OverlayControls(), BARE])
def test_out_is_drawn_into_if_it_fits(photo, overlay):
    scene, controls = full_scene(), Controls(overlay=overlay)
    out = np.zeros_like(photo)
    assert compose(photo, scene, controls, out=out) is out
    np.testing.assert_array_equal(out, compose(photo, scene, controls))
    assert compose(photo, scene, controls, out=np.zeros((4, 4, 3), np.uint8)).shape == photo.shape


@pytest.mark.parametrize("blend", list(Blend))
def test_heat_tints_nothing_that_is_drawn(photo, blend):
    controls = Controls(heat=HeatControls(blend=blend, alpha=1), overlay=OverlayControls(labels=False, legend=False))
    picture = compose(photo, full_scene(), controls)
    x0, y0, x1, y1 = full_scene().tracks.xyxy[0].round().astype(int).tolist()
    assert tuple(picture[(y0 + y1) // 2, x0]) == tuple(picture[y1, (x0 + x1) // 2]) == class_colour(0)


def test_a_frame_of_another_size_gets_the_heat_stretched(rng):
    scene = full_scene((640, 480))
    image = rng.integers(0, 256, (720, 1280, 3), np.uint8)
    picture = compose(image, scene, Controls(overlay=replace(BARE, heat=True)))
    warm = np.argwhere((picture != image).any(axis=2))
    small = np.zeros((480, 640, 3), np.uint8)
    wanted = np.argwhere(compose(small, scene, Controls(overlay=replace(BARE, heat=True))).any(axis=2))
    np.testing.assert_allclose(warm.mean(axis=0), wanted.mean(axis=0) * [1.5, 2], rtol=0.06)


@pytest.mark.parametrize("size_wh", [(1, 1), (16, 16), (17, 9), (160, 120), (90, 900)])
@pytest.mark.parametrize("blend", list(Blend))
def test_tiny_and_odd_frames_are_composed(rng, size_wh, blend):
    image = rng.integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
    controls = Controls(heat=HeatControls(blend=blend), overlay=OverlayControls(trails=True))
    picture = compose(image, full_scene(size_wh), controls)
    assert picture.shape == image.shape
    assert heat_picture(full_scene(size_wh), controls).shape == image.shape


def test_a_new_camera_without_tracks_is_composed(photo):
    picture = compose(photo, Scene(heat.initial(SIZE)), Controls(overlay=OverlayControls(legend=False)))
    np.testing.assert_array_equal(picture, photo)


@pytest.mark.parametrize("name", ["JET", "VIRIDIS"])
def test_the_legend_shows_the_colours_and_goes_with_the_heat(photo, name):
    scene, params = full_scene(), HeatControls(colormap=name)
    with_legend = compose(photo, scene, Controls(heat=params, overlay=replace(BARE, heat=True, legend=True)))
    without = compose(photo, scene, Controls(heat=params, overlay=replace(BARE, heat=True)))
    rows, columns = np.nonzero((with_legend != without).any(axis=2))
    assert rows.min() > SIZE[1] / 2
    assert columns.min() > SIZE[0] / 2
    corner = with_legend[rows.min() : rows.max(), columns.min() : columns.max()].reshape(-1, 3)
    for level in (0, 128, 255):
        assert np.abs(corner.astype(int) - lut(name)[level]).sum(axis=1).min() <= 12
    no_heat = compose(photo, scene, Controls(overlay=replace(BARE, legend=True)))
    np.testing.assert_array_equal(no_heat, photo)


def test_the_legend_follows_scale_and_half_life():
    def legend(top_s: float, half_life_s: float, low_s: float = 0) -> bytes:
        image = np.zeros((360, 480, 3), np.uint8)
        draw_legend(image, (low_s, top_s), HeatControls(half_life_s=half_life_s))
        assert image.any()
        return image.tobytes()

    looks = [legend(2, 3), legend(5, 3), legend(2, 30), legend(2, float("inf")), legend(2, 3, low_s=1)]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.05, "0.05"),
        (0.123, "0.12"),
        (1, "1.0"),
        (2.76, "2.8"),
        (12.4, "12"),
        (360, "360"),
        (99_999, "99999"),
    ],
)
def test_figures_are_short(value, text):
    assert figure(value) == text


def test_the_heat_picture_is_heat_on_black_in_the_frames_size():
    scene = full_scene((1280, 720))
    picture = heat_picture(scene, Controls(heat=HeatControls(alpha=0, blend=Blend.UNIFORM)))
    assert (picture.shape, picture.dtype) == ((720, 1280, 3), np.uint8)
    assert not picture[:100].any()
    y, x = np.unravel_index(scene.heat.grid.argmax(), scene.heat.grid.shape)
    assert picture[4 * y + 2, 4 * x + 2].max() > 120
    assert picture[600:, 900:].any()  # the legend


def test_pictures_can_be_composed_by_several_threads_at_once(photo):
    scene, controls = full_scene(), Controls(overlay=OverlayControls(trails=True))
    wanted, wrong = compose(photo, scene, controls), []

    def work() -> None:
        wrong.extend(1 for _ in range(30) if not np.array_equal(compose(photo, scene, controls), wanted))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
