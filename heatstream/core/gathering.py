"""Heat from tracks: who leaves marks (kinds, not what stands still), where (masks), and what of (dwell or visits).

``heat`` knows boxes and seconds only; here is the memory of tracks that the rest needs. It ends with the tracks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from heatstream.core import heat
from heatstream.core.controls import HeatControls, Measure
from heatstream.core.heat import HeatState
from heatstream.core.marks import marks
from heatstream.core.masks import Gate, gate
from heatstream.core.moment import remembered
from heatstream.core.stillness import Stillness
from heatstream.core.types import FloatArray, Tracks, Zone

#: Between two steps a mark moves on by at most a cell's width at a time, so that heat does not depend on the rate of
#: frames; but the way is divided into at most so many parts.
MOST_PARTS = 32
#: A track's path is followed over gaps in time up to this long, seconds.
LONGEST_STEP_S = 1.0


@dataclass(slots=True)
class _Visitor:
    """A track: its last box (4,) px, when it was seen, and the cells (gh, gw) in which its visit was counted."""

    box: FloatArray
    seen_s: float
    been: npt.NDArray[np.bool_] | None = None


class Gatherer:
    """Gathers the heat of one camera. Its memory is a grid of bits for each track of the last seconds.

    ``class_names`` names the classes by id.
    """

    def __init__(self, class_names: Mapping[int, str]) -> None:
        self._names = class_names
        self._visitors: dict[int, _Visitor] = {}
        self._stillness = Stillness()
        self._run = 0
        self._time_s = 0.0  # of the step before
        self._gate: Gate | None = None

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._visitors)

    def step(
        self,
        state: HeatState,
        tracks: Tracks,
        span_s: tuple[float, float],
        *,
        params: HeatControls,
        zones: tuple[Zone, ...] = (),
        run: int = 1,
    ) -> HeatState:
        """Let heat fade, gather what ``tracks`` leave, and let the scale follow.

        ``span_s`` are the media times (s) between which the tracks came to where they are; the time of an object is
        spread evenly over its way. With another measure than before, heat begins anew: its unit is another one. A new
        ``run`` forgets all tracks. The grid's memory is used again: ``state`` must not be used afterwards.

        Raises:
            ControlsError: time runs backwards.
        """
        if run != self._run:
            self._run = run
            self._visitors.clear()
            self._stillness.forget()
        if state.measure is not params.measure:
            state = replace(heat.initial(state.size_wh), measure=params.measure)
            for visitor in self._visitors.values():
                visitor.been = None
        self._gate = mask_of(state, zones)
        begin_s, end_s = span_s
        dt_s = end_s - begin_s
        last_s, self._time_s = self._time_s, end_s  # not begin_s, which is later after a gap
        heat.fade(state, dt_s, params)
        tracks = tracks.select(np.asarray(np.isfinite(tracks.xyxy).all(axis=1)))
        leaves = np.ones(len(tracks), np.bool_)
        if params.still_s < math.inf:
            leaves = self._stillness.step(tracks, end_s, last_s) < params.still_s
        else:
            self._stillness.forget()
        if params.classes is not None:
            wanted = [class_id for class_id, name in self._names.items() if name in params.classes]
            leaves &= np.isin(tracks.class_id, wanted)
        boxes, whose, shares = self._ways(tracks, (last_s, end_s), state.cell_px)
        kept = leaves[whose]
        stamped = self._stamp(state, (boxes[kept], whose[kept], shares[kept] * dt_s), tracks, params)
        return heat.follow(state, dt_s, params, stamped=stamped, gate=self._gate)

    def _ways(
        self, tracks: Tracks, span_s: tuple[float, float], cell_px: int
    ) -> tuple[FloatArray, npt.NDArray[np.intp], FloatArray]:
        """Boxes (M, 4) px along the ways of the tracks since the step before, whose (M,) they are, and the share (M,)
        of the step's time that belongs to each. ``span_s`` are the times of the two steps."""
        visitors, (last_s, now_s) = self._visitors, span_s
        for track_id in [key for key, one in visitors.items() if not remembered(one.seen_s, now_s, last_s)]:
            del visitors[track_id]
        before = tracks.xyxy.copy()
        for i, track_id in enumerate(tracks.track_id.tolist()):
            visitor = visitors.get(track_id)
            if visitor is None:
                visitors[track_id] = _Visitor(tracks.xyxy[i], now_s)
                continue
            if now_s - visitor.seen_s <= LONGEST_STEP_S:
                before[i] = visitor.box
            visitor.box, visitor.seen_s = tracks.xyxy[i], now_s
        moved = np.abs(tracks.xyxy - before).max(axis=1, initial=0)
        parts = np.ceil(moved / cell_px).clip(1, MOST_PARTS).astype(np.intp)
        whose = np.repeat(np.arange(len(tracks)), parts)
        first = np.repeat(np.cumsum(parts) - parts, parts)
        at = ((np.arange(len(whose)) - first + 1) / parts[whose]).astype(np.float32)[:, None]
        boxes = before[whose] + at * (tracks.xyxy - before)[whose]
        return boxes, whose, (1 / parts[whose]).astype(np.float32)

    def _stamp(
        self,
        state: HeatState,
        ways: tuple[FloatArray, npt.NDArray[np.intp], FloatArray],
        tracks: Tracks,
        params: HeatControls,
    ) -> bool:
        boxes, whose, gains = ways
        grid, allowed, stamped = state.grid, self._gate, False
        visits = params.measure is Measure.VISITS
        for mark in marks(boxes, (grid.shape[1], grid.shape[0]), state.cell_px, params):
            weight = mark.weight if allowed is None else mark.weight * allowed[mark.cells]
            if visits:
                visitor = self._visitors[int(tracks.track_id[whose[mark.index]])]
                if visitor.been is None or visitor.been.shape != grid.shape:
                    visitor.been = np.zeros(grid.shape, np.bool_)
                been = visitor.been[mark.cells]
                new = (weight > 0) & ~been
                been |= new
                grid[mark.cells] += new
            elif gains[mark.index] > 0:
                grid[mark.cells] += weight * gains[mark.index]
            else:
                continue
            stamped = True
        return stamped


def mask_of(state: HeatState, zones: tuple[Zone, ...]) -> Gate | None:
    """The cells of ``state`` in which heat gathers and shows; None: all."""
    height, width = state.grid.shape
    return gate(zones, (width, height), (state.size_wh[0] / state.cell_px, state.size_wh[1] / state.cell_px))


def visible(state: HeatState, zones: tuple[Zone, ...], measure: Measure) -> HeatState:
    """``state`` as it is shown: without what had gathered under a mask before the mask was there, and nothing of
    another measure than is asked for."""
    if state.measure is not measure:
        return replace(heat.initial(state.size_wh), measure=measure)
    allowed = mask_of(state, zones)
    return state if allowed is None else replace(state, grid=state.grid * allowed)
