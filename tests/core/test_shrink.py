"""Pictures made smaller look as those made by area."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.random import default_rng

from heatstream.core.shrink import shrink

SIZES = ((1100, 619), (800, 450), (706, 397), (640, 360), (480, 270), (320, 180), (200, 113), (160, 90))


def picture() -> np.ndarray:
    """1280x720: soft shapes, hard edges and some noise, as a camera's picture has them."""
    rng = default_rng(1)
    image = cv2.GaussianBlur(rng.integers(0, 256, (720, 1280, 3), np.uint8), (0, 0), 12)
    image = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX)
    for x in range(0, 1280, 90):
        cv2.rectangle(image, (x, x // 2), (x + 40, x // 2 + 25), (x % 256, 255 - x % 256, 90), -1)
    return np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size_wh", SIZES)
def test_it_looks_as_made_by_area(size_wh: tuple[int, int]) -> None:
    image = picture()
    found = shrink(image, size_wh)
    assert found.shape == (size_wh[1], size_wh[0], 3)
    assert cv2.PSNR(found, cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)) > 35


def test_every_pixel_counts() -> None:
    """A pattern of single pixels becomes even grey, where plain interpolation would show a pattern of its own."""
    lines = np.zeros((720, 1280, 3), np.uint8)
    lines[::2] = 255
    assert np.ptp(shrink(lines, (320, 180))) <= 2
    assert np.ptp(cv2.resize(lines, (300, 169), interpolation=cv2.INTER_LINEAR)) > 200


def test_it_writes_where_it_is_told_and_leaves_the_picture_alone() -> None:
    image = picture()
    before, out = image.copy(), np.empty((397, 706, 3), np.uint8)
    assert np.shares_memory(shrink(image, (706, 397), out=out), out)
    assert np.array_equal(out, shrink(image, (706, 397)))
    assert np.array_equal(image, before)
    assert np.array_equal(shrink(image, (1280, 720)), image)
