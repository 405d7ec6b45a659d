"""Arithmetic on boxes that detector, tracker and replay share."""

from __future__ import annotations

import numpy as np

from heatstream.core.types import POSITION_STEP_PX, FloatArray


def clip(xyxy: FloatArray, size_wh: tuple[int, int]) -> FloatArray:
    """``xyxy`` (N, 4) px kept within a frame of ``size_wh``; a new array."""
    limit = np.array([*size_wh, *size_wh], np.float32)
    return np.clip(xyxy, np.float32(0), limit)


def quantise(xyxy: FloatArray) -> FloatArray:
    """``xyxy`` (N, 4) px rounded to ``POSITION_STEP_PX``; exact in float32 for frames up to 2**19 px a side."""
    step = np.float32(POSITION_STEP_PX)
    return np.asarray(np.rint(xyxy / step) * step, np.float32)
