"""The marks that objects leave in the heat: where in the box, in what shape, on which cells of the grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatstream.core.controls import HeatControls, Place, Shape

#: In the middle or at the feet, a mark is this share of the box's shorter side wide.
SPOT = 0.5
#: A smooth mark is a Gaussian with this share of the mark's half width as its standard deviation; it ends at the
#: mark's edge, where 1.1 % of its middle are left.
SIGMA = 1 / 3
#: Cells: a cell whose centre lies on a circle belongs to it, whatever the last bit says.
_ROUNDING = 1e-9

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the box ``index`` covers: ``weight`` (rows, columns) is 0-1 (or bool) for each cell of ``cells``."""

    index: int
    cells: tuple[slice, slice]
    weight: npt.NDArray[np.float32] | npt.NDArray[np.bool_]


def spots(xyxy: npt.NDArray[np.floating], place: Place) -> Floats:
    """The boxes (N, 4) px that marks fill, of the objects' boxes ``xyxy`` (N, 4) px."""
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    if place is Place.BOX:
        return boxes
    half = SPOT / 2 * np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    x = (boxes[:, 0] + boxes[:, 2]) / 2
    y = (boxes[:, 1] + boxes[:, 3]) / 2 if place is Place.CENTER else boxes[:, 3]
    return np.stack([x - half, y - half, x + half, y + half], axis=1)


def marks(
    xyxy: npt.NDArray[np.floating], grid_wh: tuple[int, int], cell_px: int, params: HeatControls
) -> Iterator[Mark]:
    """The marks of boxes ``xyxy`` (N, 4) px on a grid of cells, ``cell_px`` wide each.

    Boxes may reach outside; those without area or with values that are not finite leave none. A mark covers the cells
    whose centres it covers, and at least one however small it is.
    """
    xyxy = np.asarray(xyxy, np.float64).reshape(-1, 4)
    finite = np.flatnonzero(np.isfinite(xyxy).all(axis=1))
    boxes = spots(xyxy[finite], params.place) / cell_px
    sides = boxes[:, 2:] - boxes[:, :2]
    with_area = np.flatnonzero((sides > 0).all(axis=1))
    usable, boxes, half = finite[with_area], boxes[with_area], sides[with_area] * params.size / 2
    round_ = params.shape is Shape.CIRCLE
    if round_:
        half[:] = half.min(axis=1, keepdims=True)
    half = np.maximum(
        half, 0.5 if params.shape is Shape.RECT else math.sqrt(0.5)
    )  # however small, a mark covers a cell's centre
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    first = np.ceil(centres - half - 0.5).clip(0, grid_wh).astype(int).tolist()
    end = np.ceil(centres + half - 0.5 + (_ROUNDING if round_ else 0)).clip(0, grid_wh).astype(int).tolist()
    if params.shape is not Shape.RECT:  # squared distances from each centre to every column and row, all boxes at once
        dx2 = np.square(np.arange(grid_wh[0]) + 0.5 - centres[:, :1])
        dy2 = np.square(np.arange(grid_wh[1]) + 0.5 - centres[:, 1:])
        reach2 = np.square(half) + _ROUNDING
    for i, ((x0, y0), (x1, y1)) in enumerate(zip(first, end, strict=True)):
        if x0 >= x1 or y0 >= y1:
            continue
        weight: npt.NDArray[np.float32] | npt.NDArray[np.bool_]
        if round_:
            weight = dy2[i, y0:y1, None] + dx2[i, x0:x1] <= reach2[i, 0]
        elif params.shape is Shape.SMOOTH:
            far2 = dx2[i, x0:x1] / reach2[i, 0] + (dy2[i, y0:y1] / reach2[i, 1])[:, None]
            weight = np.where(far2 <= 1, np.exp(far2 * (-0.5 / SIGMA**2)), 0).astype(np.float32)
        else:
            weight = np.ones((y1 - y0, x1 - x0), np.bool_)
        yield Mark(int(usable[i]), (slice(y0, y1), slice(x0, x1)), weight)
