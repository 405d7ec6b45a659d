"""Heat: how many object-seconds (or visits) each cell of the picture has gathered, fading with time, and its scale.

The grid is float32 and coarse: a cell is a square of whole pixels, 4 where the frame is at least 640 wide, fewer in
smaller frames so that the grid is at least 160 wide (or has a cell for each pixel). A cell that an object covers
gains ``dt`` seconds; heat halves every ``half_life_s``. The last column and row may reach beyond the frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.controls import HeatControls, Measure, Scale
from heatstream.core.errors import ControlsError
from heatstream.core.marks import marks
from heatstream.core.types import FloatArray

#: A cell's side in pixels in a frame at least 640 wide, and how many cells a narrower frame should keep.
CELL_PX = 4
MIN_GRID_WIDTH = 160
#: Object-seconds: what is less is set to 0 before float32 turns denormal, where arithmetic is a hundred times slower.
FORGOTTEN_S = 1e-9
#: Object-seconds: a cell with less is not warm to the percentile scale; one frame at 50 a second stamps twice this.
WARM_S = 0.01
#: Object-seconds: the lowest top of a following scale, unless one object standing for ever would not reach it.
FLOOR_S = 1.0
#: Seconds: the following scale covers half of the way up in this time, and down in the longer of these two; it moves
#: only while something gathers, so that heat fades against it once all have left.
RISE_S = 0.25
FALL_S = 10.0
FALL_HALF_LIVES = 8.0
#: Visits: the lowest top of a following scale; fewer look lukewarm.
FLOOR_VISITS = 3.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class HeatState:
    """The heat of one picture.

    ``grid`` is float32 (gh, gw) in the unit of ``measure``, never negative; ``size_wh`` the frame's pixels; ``top_s``
    what the hottest colour stood for in the last step (0 before the first) and ``rule`` the scale and percentile that
    it followed.
    """

    grid: FloatArray
    size_wh: tuple[int, int]
    top_s: float = 0.0
    rule: tuple[Scale, float] | None = None
    measure: Measure = Measure.DWELL

    @property
    def cell_px(self) -> int:
        """The side of a cell in pixels."""
        return cell_px(self.size_wh)


def cell_px(size_wh: tuple[int, int]) -> int:
    """The side of a cell in pixels for a frame of ``size_wh``."""
    return min(CELL_PX, max(1, size_wh[0] // MIN_GRID_WIDTH))


def initial(size_wh: tuple[int, int]) -> HeatState:
    """No heat, for frames of ``size_wh`` pixels.

    Raises:
        ControlsError: the size is not at least 1 x 1.
    """
    width, height = size_wh
    if width < 1 or height < 1:
        raise ControlsError(f"a picture must be at least 1 x 1 pixels, not {width} x {height}")
    cell = cell_px(size_wh)
    return HeatState(np.zeros((-(-height // cell), -(-width // cell)), np.float32), (width, height))


def resize(state: HeatState, size_wh: tuple[int, int]) -> HeatState:
    """The same heat under frames of another size: resampled, and stretched if the aspect differs."""
    if size_wh == state.size_wh:
        return state
    empty = initial(size_wh)
    grid_height, grid_width = empty.grid.shape
    shrinks = grid_width < state.grid.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    grid = cv2.resize(state.grid, (grid_width, grid_height), interpolation=method)
    return replace(state, grid=grid.astype(np.float32, copy=False), size_wh=empty.size_wh)


def step(state: HeatState, xyxy: npt.NDArray[np.floating], dt_s: float, params: HeatControls) -> HeatState:
    """Let heat fade by ``dt_s`` seconds, then gather ``dt_s`` under each box, then let the scale follow.

    ``xyxy`` (N, 4) is in pixels of ``state.size_wh``; boxes may reach outside; those without area or with values that
    are not finite leave nothing. The grid's memory is used again: ``state`` must not be used afterwards.

    Raises:
        ControlsError: ``dt_s`` is negative or not finite.
    """
    fade(state, dt_s, params)
    grid, stamped = state.grid, False
    if dt_s > 0:
        for mark in marks(xyxy, (grid.shape[1], grid.shape[0]), state.cell_px, params):
            grid[mark.cells] += mark.weight * np.float32(dt_s)
            stamped = True
    return follow(state, dt_s, params, stamped=stamped)


def fade(state: HeatState, dt_s: float, params: HeatControls) -> None:
    """Let heat fade by ``dt_s`` seconds, in the grid itself.

    Raises:
        ControlsError: ``dt_s`` is negative or not finite.
    """
    if not 0 <= dt_s < math.inf:
        raise ControlsError(f"a step of heat takes 0 seconds or more, not {dt_s}")
    if dt_s > 0 and params.half_life_s < math.inf:
        grid = state.grid
        grid *= np.float32(0.5 ** (dt_s / params.half_life_s))
        cv2.threshold(grid, FORGOTTEN_S, 0, cv2.THRESH_TOZERO, dst=grid)


def follow(
    state: HeatState,
    dt_s: float,
    params: HeatControls,
    *,
    stamped: bool,
    gate: npt.NDArray[np.bool_] | None = None,
) -> HeatState:
    """Let the scale follow the heat for ``dt_s`` seconds; it comes down only while something is ``stamped``.

    ``gate`` (gh, gw) are the cells that count for it (None: all).
    """
    seen = state if gate is None else replace(state, grid=state.grid * gate)
    rule = (params.scale, params.scale_percentile)
    if params.scale in (Scale.FIXED, Scale.MINMAX) or rule != state.rule:
        top_s = span(replace(seen, rule=None), params)[1]
    else:
        top_s = _follow(state.top_s, _target_s(seen.grid, params), dt_s, params) if stamped else state.top_s
        top_s = max(top_s, _floor_s(params))
    return replace(state, top_s=top_s, rule=rule)


def span(state: HeatState, params: HeatControls) -> Span:
    """The object-seconds of the coldest and the hottest colour.

    If ``params`` ask for another scale than the last step followed, this is where that scale would start.
    """
    if params.scale is Scale.FIXED:
        return 0.0, params.scale_top_s
    if params.scale is Scale.MINMAX:
        return float(state.grid.min()), float(state.grid.max())
    if state.rule == (params.scale, params.scale_percentile):
        return 0.0, state.top_s
    return 0.0, max(_target_s(state.grid, params), _floor_s(params))


def half_life_from_decay(decay_factor: float, rate_hz: float) -> float:
    """The half-life in seconds of heat that is multiplied by ``decay_factor`` ``rate_hz`` times a second.

    A factor of 1 never fades: ``math.inf``.

    Raises:
        ControlsError: the factor is not in (0, 1] or the rate is not more than 0.
    """
    if not 0 < decay_factor <= 1:
        raise ControlsError(f"the decay factor must be more than 0 and at most 1, not {decay_factor}")
    if not 0 < rate_hz < math.inf:
        raise ControlsError(f"the rate must be more than 0 frames a second, not {rate_hz}")
    return math.inf if decay_factor == 1 else math.log(0.5) / (math.log(decay_factor) * rate_hz)


def decay_from_half_life(half_life_s: float, rate_hz: float) -> float:
    """The factor for each of ``rate_hz`` frames a second that halves heat in ``half_life_s`` seconds.

    Raises:
        ControlsError: the half-life or the rate is not more than 0.
    """
    if not half_life_s > 0:
        raise ControlsError(f"the half-life must be more than 0 seconds, not {half_life_s}")
    if not 0 < rate_hz < math.inf:
        raise ControlsError(f"the rate must be more than 0 frames a second, not {rate_hz}")
    return float(0.5 ** (1 / (half_life_s * rate_hz)))


def _floor_s(params: HeatControls) -> float:
    """Of dwell, low enough that a single object can reach it: standing for ever it gathers ``half_life / ln 2``."""
    if params.measure is Measure.VISITS:
        return FLOOR_VISITS
    return min(FLOOR_S, params.half_life_s / math.log(2))


def _target_s(grid: FloatArray, params: HeatControls) -> float:
    """What the top of the scale moves to: the hottest cell, or the percentile of the warm cells."""
    if params.scale is not Scale.PERCENTILE:
        return float(grid.max())
    stride = max(1, math.isqrt(grid.size // 40_000))  # some 40,000 cells tell the percentile well enough
    sample = grid[::stride, ::stride]
    warm = sample[sample > WARM_S]
    return float(np.percentile(warm, params.scale_percentile)) if warm.size else 0.0


def _follow(top_s: float, target_s: float, dt_s: float, params: HeatControls) -> float:
    """Up fast, and down so slowly that heat itself fades much faster."""
    half_s = RISE_S if target_s > top_s else max(FALL_S, FALL_HALF_LIVES * params.half_life_s)
    return float(target_s + (top_s - target_s) * 0.5 ** (dt_s / half_s))
