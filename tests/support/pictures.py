"""Pictures as a browser sends them."""

from __future__ import annotations

import json
import struct
import time

import cv2
import numpy as np

from heatstream.sources.inlets import SentPicture

SOURCE = "browser://0123456789abcdef0123456789abcdef"


def jpeg(grey: int = 128, size_wh: tuple[int, int] = (64, 48)) -> bytes:
    """A plain picture."""
    image = np.full((size_wh[1], size_wh[0], 3), grey, np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def sent(
    grey: int = 128,
    *,
    size_wh: tuple[int, int] = (64, 48),
    whole_wh: tuple[int, int] | None = None,
    captured_s: float | None = None,
) -> SentPicture:
    """A plain picture on its way, taken just now unless told otherwise."""
    return SentPicture(jpeg(grey, size_wh), whole_wh or size_wh, time.time() if captured_s is None else captured_s)


def message(picture: bytes, number: int = 1, **header: object) -> bytes:
    """What a browser's page sends; ``header`` replaces fields."""
    now_ms = time.monotonic() * 1000
    fields = {"n": number, "captured_ms": now_ms - 5, "sent_ms": now_ms, "width": 64, "height": 48, **header}
    head = json.dumps(fields).encode()
    return struct.pack(">I", len(head)) + head + picture
