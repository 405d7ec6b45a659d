"""What ``model.track`` returns, made by hand: the attributes that are read, with NumPy arrays for tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import numpy as np

NAMES = {0: "person", 2: "car"}

Box = Sequence[float]


def result(
    boxes: Sequence[Box] = (),
    ids: Sequence[int] | None = None,
    classes: Sequence[int] | None = None,
    *,
    names: Mapping[int, str] = NAMES,
) -> SimpleNamespace:
    """One frame's result; without ``ids`` nothing was tracked, without ``classes`` all are persons."""
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return SimpleNamespace(
        names=dict(names),
        boxes=SimpleNamespace(
            xyxy=xyxy,
            id=None if ids is None else np.array(ids, np.float32),
            cls=np.array([0] * len(xyxy) if classes is None else classes, np.float32),
            conf=np.full(len(xyxy), 0.9, np.float32),
        ),
    )


def around(x: float, y: float, width: float = 20, height: float = 20) -> Box:
    """A box with its centre at (x, y)."""
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
