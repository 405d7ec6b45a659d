"""Where heat may gather: the cells that no mask takes away."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from heatstream.core.geometry import inside_polygon
from heatstream.core.types import Zone, ZoneUse

Gate = npt.NDArray[np.bool_]


def gate(zones: tuple[Zone, ...], grid_wh: tuple[int, int], cells_wh: tuple[float, float]) -> Gate | None:
    """The cells (gh, gw) in which heat gathers, read-only; None if there is no mask, and it gathers everywhere.

    ``cells_wh`` is the picture's size in cells, which the grid of ``grid_wh`` cells may exceed by a part of one. With
    ``heat_only`` zones it is their union, less all ``heat_never`` zones.
    """
    masks = tuple((zone.use, zone.points) for zone in zones if zone.use is not ZoneUse.COUNT)
    return _gate(masks, grid_wh, cells_wh) if masks else None


@lru_cache(maxsize=64)
def _gate(
    masks: tuple[tuple[ZoneUse, tuple[tuple[float, float], ...]], ...],
    grid_wh: tuple[int, int],
    cells_wh: tuple[float, float],
) -> Gate:
    rows, columns = np.mgrid[: grid_wh[1], : grid_wh[0]]
    centres = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1)

    def inside(wanted: ZoneUse) -> list[Gate]:
        polygons = [np.asarray(points) * cells_wh for use, points in masks if use is wanted]
        return [inside_polygon(centres, polygon).reshape(rows.shape) for polygon in polygons]

    only, never = inside(ZoneUse.HEAT_ONLY), inside(ZoneUse.HEAT_NEVER)
    found = np.logical_or.reduce(only) if only else np.ones(rows.shape, np.bool_)
    for mask in never:
        found &= ~mask
    found.flags.writeable = False
    return found
