"""Heat from tracks: dwell and visits, kinds, what stands still, masks, and the same picture at every frame rate."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.core import gathering, heat
from heatstream.core.controls import HeatControls, Measure, Place, Shape
from heatstream.core.gathering import Gatherer, visible
from heatstream.core.heat import HeatState
from heatstream.core.types import MEMORY_S, Tracks, Zone, ZoneUse

SIZE_WH = (640, 480)
NAMES = {0: "person", 2: "car"}
FOREVER = HeatControls(half_life_s=math.inf, shape=Shape.RECT)
VISITS = replace(FOREVER, measure=Measure.VISITS)
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def tracks(*rows: tuple[int, float, float], size: float = 40, class_id: int = 0) -> Tracks:
    """Boxes of ``size`` px around (x, y), each with its id."""
    half = size / 2
    return Tracks(
        np.array([(x - half, y - half, x + half, y + half) for _, x, y in rows], np.float32).reshape(-1, 4),
        np.array([key for key, _, _ in rows], np.int64),
        np.ones(len(rows), np.float32),
        np.full(len(rows), class_id, np.int64),
    )


class Scene:
    """A gatherer with its state and its clock."""

    def __init__(self, params: HeatControls, *, rate_hz: float = 25, zones: tuple[Zone, ...] = ()) -> None:
        self.gatherer, self.params, self.zones = Gatherer(NAMES), params, zones
        self.state: HeatState = heat.initial(SIZE_WH)
        self.time_s, self.dt_s = 0.0, 1 / rate_hz

    def step(self, now: Tracks, *, times: int = 1, run: int = 1) -> Scene:
        for _ in range(times):
            span_s = (self.time_s, self.time_s + self.dt_s)
            self.state = self.gatherer.step(self.state, now, span_s, params=self.params, zones=self.zones, run=run)
            self.time_s += self.dt_s
        return self

    def walk(self, path: Iterable[tuple[float, float]], key: int = 1) -> Scene:
        for x, y in path:
            self.step(tracks((key, x, y)))
        return self


def at(state: HeatState, x: float, y: float) -> float:
    return float(state.grid[int(y // state.cell_px), int(x // state.cell_px)])


def test_dwell_is_the_time_that_objects_spend() -> None:
    scene = Scene(FOREVER).step(tracks((1, 100, 100), (2, 110, 100)), times=50)
    assert at(scene.state, 105, 100) == pytest.approx(2 * 2.0, rel=1e-4)
    assert at(scene.state, 300, 300) == 0


def test_a_visit_counts_once_for_each_track_however_long_it_stays() -> None:
    scene = Scene(VISITS).step(tracks((1, 100, 100), (2, 110, 100)), times=50)
    assert at(scene.state, 105, 100) == 2
    scene.walk([(100 + 10 * i, 100) for i in range(20)])
    scene.walk([(290 - 10 * i, 100) for i in range(20)])
    assert at(scene.state, 105, 100) == 2
    assert at(scene.state, 200, 100) == 1


def test_a_track_that_was_gone_visits_anew() -> None:
    scene = Scene(VISITS).step(tracks((1, 100, 100)), times=5)
    scene.step(tracks(), times=round(25 * (MEMORY_S + 1)))
    assert len(scene.gatherer) == 0
    scene.step(tracks((1, 100, 100)), times=5)
    assert at(scene.state, 100, 100) == 2


@pytest.mark.parametrize("rate_hz", [0.35, 0.11])
def test_pictures_that_come_slowly_are_no_reason_to_forget(rate_hz: float) -> None:
    visits = Scene(VISITS, rate_hz=rate_hz).step(tracks((1, 100, 100)), times=6)
    assert at(visits.state, 100, 100) == 1
    visits.step(tracks()).step(tracks((1, 100, 100)))  # not there in one that could have shown it
    assert at(visits.state, 100, 100) == 2
    still = Scene(replace(FOREVER, still_s=20.0), rate_hz=rate_hz).step(tracks((1, 100, 100)), times=20)
    assert 20 <= at(still.state, 100, 100) <= 20 + 1 / rate_hz


def test_another_run_is_other_tracks() -> None:
    scene = Scene(VISITS).step(tracks((1, 100, 100))).step(tracks((1, 100, 100)), run=2)
    assert at(scene.state, 100, 100) == 2


def test_another_measure_begins_anew_because_its_unit_is_another_one() -> None:
    scene = Scene(FOREVER).step(tracks((1, 100, 100)), times=100)
    assert visible(scene.state, (), Measure.VISITS).grid.max() == 0
    scene.params = VISITS
    scene.step(tracks((1, 100, 100)), times=2)
    assert scene.state.grid.max() == 1
    assert scene.state.top_s == heat.FLOOR_VISITS
    scene.params = FOREVER
    assert scene.step(tracks((1, 100, 100))).state.grid.max() == pytest.approx(0.04)


def test_only_the_wanted_kinds_leave_marks() -> None:
    scene = Scene(replace(FOREVER, classes=("person",)))
    scene.step(tracks((1, 100, 100), class_id=2)).step(tracks((2, 300, 300)))
    assert at(scene.state, 100, 100) == 0
    assert at(scene.state, 300, 300) > 0


def test_what_stands_still_leaves_no_more_marks_until_it_goes(rng: np.random.Generator) -> None:
    scene = Scene(replace(FOREVER, still_s=2.0))
    for _ in range(250):
        x, y = rng.normal(100, 2, 2)
        scene.step(tracks((1, x, y)))
    assert at(scene.state, 100, 100) == pytest.approx(2.0, abs=0.1)
    before = scene.state.grid.sum()
    scene.step(tracks((1, 160, 100)))
    assert scene.state.grid.sum() > before


def test_a_new_id_at_the_same_place_goes_on_standing() -> None:
    scene = Scene(replace(FOREVER, still_s=2.0))
    for key in (1, 2, 3):
        scene.step(tracks((key, 100, 100)), times=75)
        scene.step(tracks(), times=5)
    assert at(scene.state, 100, 100) == pytest.approx(2.0, abs=0.1)


def test_two_who_stand_together_do_not_take_each_others_time() -> None:
    scene = Scene(replace(FOREVER, still_s=2.0)).step(tracks((1, 100, 100)), times=100)
    scene.step(tracks((1, 100, 100), (2, 104, 100)), times=25)
    assert at(scene.state, 104, 100) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(("use", "inside"), [(ZoneUse.HEAT_ONLY, True), (ZoneUse.HEAT_NEVER, False)])
def test_masks_say_where_heat_gathers(use: ZoneUse, inside: bool) -> None:
    scene = Scene(FOREVER, zones=(Zone("m", "mask", LEFT_HALF, use=use),))
    scene.step(tracks((1, 320, 240)))
    left, right = scene.state.grid[:, :80], scene.state.grid[:, 80:]
    assert bool(left.max() > 0) is inside
    assert bool(right.max() > 0) is not inside
    assert scene.state.grid[60, 79] == pytest.approx(0.04 if inside else 0)
    assert scene.state.grid[60, 80] == pytest.approx(0 if inside else 0.04)


def test_never_wins_over_only_and_several_onlys_add_up() -> None:
    quarter = ((0.0, 0.0), (0.25, 0.0), (0.25, 1.0), (0.0, 1.0))
    right = ((0.75, 0.0), (1.0, 0.0), (1.0, 1.0), (0.75, 1.0))
    zones = (
        Zone("a", "a", LEFT_HALF, use=ZoneUse.HEAT_ONLY),
        Zone("b", "b", right, use=ZoneUse.HEAT_ONLY),
        Zone("c", "c", quarter, use=ZoneUse.HEAT_NEVER),
        Zone("d", "d", LEFT_HALF),
    )
    allowed = gathering.mask_of(heat.initial(SIZE_WH), zones)
    assert allowed is not None
    assert [bool(allowed[60, column]) for column in (10, 60, 100, 140)] == [False, True, False, True]
    assert gathering.mask_of(heat.initial(SIZE_WH), zones[3:]) is None


def test_what_had_gathered_under_a_new_mask_is_hidden_and_comes_back_with_it() -> None:
    scene = Scene(FOREVER).step(tracks((1, 100, 100)), times=50)
    scene.zones = (Zone("m", "mask", LEFT_HALF, use=ZoneUse.HEAT_NEVER),)
    scene.step(tracks((1, 100, 100)), times=50)
    assert visible(scene.state, scene.zones, Measure.DWELL).grid.max() == 0
    assert at(visible(scene.state, (), Measure.DWELL), 100, 100) == pytest.approx(2.0, rel=1e-4)


@pytest.mark.parametrize("shape", list(Shape))
@pytest.mark.parametrize("place", list(Place))
def test_a_walk_leaves_the_same_heat_at_every_frame_rate(shape: Shape, place: Place) -> None:
    """Within an eighth of the hottest spot, seen over 3 x 3 cells, and a tenth of all heat: marks are small."""

    def walked(rate_hz: float, measure: Measure) -> np.ndarray:
        params = replace(FOREVER, shape=shape, place=place, measure=measure, half_life_s=20.0)
        scene = Scene(params, rate_hz=rate_hz)
        steps = round(8 * rate_hz)
        return scene.walk((60 + 60 * (i + 1) / rate_hz, 200 + 12 * (i + 1) / rate_hz) for i in range(steps)).state.grid

    for measure in Measure:
        fine = walked(25, measure)
        away = np.s_[:, 30:125]  # where the way begins there is nothing before, where it ends nothing after
        for rate_hz in (5, 12.5):
            coarse = walked(rate_hz, measure)
            differs = np.abs(cv2.blur(coarse, (3, 3)) - cv2.blur(fine, (3, 3)))[away]
            if measure is Measure.DWELL:
                assert differs.max() <= fine.max() / 8
            else:  # a cell at a mark's very edge may be visited at one rate only
                assert np.mean(differs > 0.1) <= 0.01
            assert coarse[away].sum() == pytest.approx(fine[away].sum(), rel=0.1)


@pytest.mark.parametrize("measure", list(Measure))
def test_memory_ends_with_the_tracks(measure: Measure) -> None:
    scene = Scene(replace(FOREVER, measure=measure, still_s=5.0))
    for key in range(1500):
        scene.step(tracks((key, 50 + key % 500, 100), (key + 10_000, 300, 50 + key % 300)))
    assert len(scene.gatherer) <= 2 * (25 * MEMORY_S + 2)


def test_boxes_that_are_no_boxes_leave_nothing() -> None:
    bad = Tracks(
        np.array([(np.nan, 0, 9, 9), (9, 9, 1, 1), (0, 0, np.inf, 5)], np.float32),
        np.arange(3),
        np.ones(3, np.float32),
        np.zeros(3, np.int64),
    )
    scene = Scene(FOREVER).step(bad, times=2)
    assert scene.state.grid.max() == 0


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.floats(-50, 700), st.floats(-50, 500)), max_size=6, unique_by=lambda r: r[0]
    ),
    st.integers(1, 4),
)
def test_visits_are_never_more_than_tracks(rows: list[tuple[int, float, float]], times: int) -> None:
    scene = Scene(VISITS).step(tracks(*rows), times=times)
    assert scene.state.grid.max(initial=0) <= len(rows)
    assert set(np.unique(scene.state.grid).tolist()) <= set(range(len(rows) + 1))


@given(st.permutations([(1, 100.0, 100.0), (2, 130.0, 110.0), (3, 300.0, 40.0)]), st.sampled_from(list(Measure)))
def test_the_order_of_tracks_is_nothing(rows: list[tuple[int, float, float]], measure: Measure) -> None:
    params = replace(FOREVER, measure=measure)
    one = Scene(params).step(tracks(*rows), times=3).state.grid
    other = Scene(params).step(tracks(*sorted(rows)), times=3).state.grid
    assert np.allclose(one, other)
