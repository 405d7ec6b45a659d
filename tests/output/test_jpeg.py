"""Pictures as JPEG."""

import cv2
import numpy as np
import pytest

from heatstream.core.errors import ControlsError
from heatstream.output import encode_jpeg


def picture(rng: np.random.Generator) -> np.ndarray:
    small = rng.integers(0, 256, (12, 16, 3), np.uint8)
    return cv2.resize(small, (160, 120), interpolation=cv2.INTER_CUBIC)


def test_decodes_to_the_same_picture(rng: np.random.Generator) -> None:
    image = picture(rng)
    data = encode_jpeg(image, 95)
    assert data[:2] == b"\xff\xd8"
    assert data[-2:] == b"\xff\xd9"
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == image.shape
    assert np.abs(decoded.astype(int) - image).mean() < 4


def test_quality_costs_bytes(rng: np.random.Generator) -> None:
    image = picture(rng)
    assert len(encode_jpeg(image, 30)) < len(encode_jpeg(image)) < len(encode_jpeg(image, 95))
    assert encode_jpeg(image) == encode_jpeg(image, 80)


def test_read_only_and_cut_out_pictures(rng: np.random.Generator) -> None:
    image = picture(rng)
    image.flags.writeable = False
    assert encode_jpeg(image[10:50, 20:60]) == encode_jpeg(image[10:50, 20:60].copy())


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_out_of_range(quality: int) -> None:
    with pytest.raises(ControlsError, match="between 1 and 100"):
        encode_jpeg(np.zeros((8, 8, 3), np.uint8), quality)


@pytest.mark.parametrize("shape", [(0, 0, 3), (8, 70_000, 3)])
def test_pictures_that_are_no_jpeg(shape: tuple[int, ...]) -> None:
    with pytest.raises(ControlsError, match="no JPEG"):
        encode_jpeg(np.zeros(shape, np.uint8))
