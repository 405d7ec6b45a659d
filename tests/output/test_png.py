"""Pictures without loss."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from heatstream.core.errors import ControlsError
from heatstream.output import encode_png


def test_nothing_is_lost(rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, (30, 40, 3)).astype(np.uint8)
    encoded = encode_png(image)
    assert encoded.startswith(b"\x89PNG")
    assert np.array_equal(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), image)


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ControlsError, match="no PNG"):
        encode_png(np.zeros(shape, np.uint8))
