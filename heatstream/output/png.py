"""A picture as PNG, which loses nothing: for what is kept, not for viewers."""

from __future__ import annotations

import cv2

from heatstream.core.errors import ControlsError
from heatstream.core.types import ImageArray


def encode_png(image: ImageArray) -> bytes:
    """The BGR uint8 (H, W, 3) ``image`` as a PNG; safe in several threads.

    Raises:
        ControlsError: the image is empty or of another kind.
    """
    if image.ndim != 3 or not image.size:
        raise ControlsError(f"no PNG can be made of a picture of shape {image.shape}")
    return cv2.imencode(".png", image)[1].tobytes()
