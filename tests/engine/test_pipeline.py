"""The pipeline on made-up frames: views follow the controls, and a change of the picture's size loses nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from heatstream.core.controls import Controls, CountControls, DetectControls, HeatControls, OverlayControls, Scale
from heatstream.core.types import Frame, InOut, Zone, ZoneUse
from heatstream.engine.pipeline import Pipeline
from tests.support.stubs import WalkerTracks

#: The walker crosses the middle of a 160 px wide picture in its tenth step, to the right.
GATE = Zone("g", "Gate", ((0.5, 0.0), (0.5, 1.0)), flipped=True)
CONTROLS = Controls(zones=(GATE,))


def frame(number: int, size_wh: tuple[int, int] = (160, 120)) -> Frame:
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    image.flags.writeable = False
    return Frame(image, number, (number - 1) / 25)


def walk(pipeline: Pipeline, numbers: range, controls: Controls, size_wh: tuple[int, int] = (160, 120)) -> int:
    """Show frames; how many crossings there were."""
    crossings = 0
    for number in numbers:
        shown = frame(number, size_wh)
        crossings += len(pipeline.view(shown, pipeline.track(shown, controls), controls))
    return crossings


def test_without_a_frame_there_is_no_picture() -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    assert (pipeline.frame, pipeline.tallies, pipeline.present(CONTROLS), pipeline.heat_top_s) == (None, (), {}, 0.0)
    with pytest.raises(LookupError):
        pipeline.picture(CONTROLS)


@pytest.mark.parametrize(("size_wh", "warned"), [((320, 240), False), ((160, 160), True)])
def test_heat_and_counts_survive_a_change_of_size(
    size_wh: tuple[int, int], warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    assert walk(pipeline, range(1, 13), CONTROLS) == 1
    top_s = pipeline.heat_top_s
    walk(pipeline, range(13, 15), CONTROLS, size_wh)
    assert pipeline.tallies[0].total.into == 1
    assert pipeline.heat_top_s == pytest.approx(top_s, rel=0.5)
    assert pipeline.picture(CONTROLS).shape == (size_wh[1], size_wh[0], 3)
    assert pipeline.heat_picture(CONTROLS).any()
    assert [("stretched" in record.message) for record in caplog.records] == [True] * warned


def test_classes_choose_what_is_counted_and_shown_but_not_what_is_followed() -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    cars = replace(CONTROLS, detect=DetectControls(classes=("car",)))
    assert walk(pipeline, range(1, 13), cars) == 0
    assert pipeline.present(cars) == {}
    assert pipeline.present(CONTROLS) == {"person": 1}


def test_clearing_and_resetting_act_once_and_at_the_next_picture_even_without_a_frame() -> None:
    controls = replace(
        CONTROLS, overlay=OverlayControls(boxes=False, labels=False, zones=False, counts=False, legend=False)
    )
    pipeline = Pipeline(WalkerTracks(), controls=controls)
    walk(pipeline, range(1, 13), controls)
    assert pipeline.picture(controls).any()
    cleared = replace(controls, counts_epoch=1, heat_epoch=1)
    assert not pipeline.picture(cleared).any()
    assert pipeline.tallies[0].total == InOut()
    walk(pipeline, range(13, 16), cleared)
    assert pipeline.picture(cleared).any()


def test_a_clearing_can_be_taken_back_once() -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    walk(pipeline, range(1, 13), CONTROLS)
    warm = pipeline.heat_picture(CONTROLS)
    cleared = replace(CONTROLS, heat_epoch=1)
    cold = pipeline.heat_picture(cleared)
    assert (pipeline.heat_picture(CONTROLS) == warm).all()
    assert (warm != cold).any()
    assert (pipeline.heat_picture(replace(CONTROLS, heat_epoch=-1)) == warm).all(), "there was nothing to take back"


def test_counts_are_added_after_a_reset_that_no_frame_has_seen_yet() -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    walk(pipeline, range(1, 13), CONTROLS)
    before = pipeline.tallies
    pipeline.add_counts(before, replace(CONTROLS, counts_epoch=1))
    assert pipeline.tallies == before
    pipeline.add_counts(before, replace(CONTROLS, counts_epoch=1, zones=()))
    assert pipeline.tallies == ()


def test_a_smaller_picture_shows_the_same_in_the_same_places_and_changes_nothing() -> None:
    pipeline = Pipeline(WalkerTracks(), controls=CONTROLS)
    plain = OverlayControls(boxes=False, labels=False, zones=False, counts=False, legend=False)
    strong = HeatControls(alpha=1.0, half_life_s=math.inf, size=3.0, scale=Scale.FIXED, scale_top_s=0.05)
    for overlay in (plain, replace(plain, heat=False, boxes=True)):
        controls = replace(CONTROLS, overlay=overlay, heat=strong)
        walk(pipeline, range(1, 13), controls, (1280, 960))
        whole = pipeline.picture(controls)
        small = pipeline.picture(controls, size_wh=(640, 480))
        assert small.shape == (480, 640, 3)
        assert whole.any()
        assert small.any()
        for axis in (0, 1):  # where the drawn pixels lie, in the middle and around it
            large_at, small_at = (np.argwhere(image.max(axis=2) > 20)[:, axis] for image in (whole, small))
            assert small_at.mean() == pytest.approx(large_at.mean() / 2, abs=2)
            assert np.ptp(small_at) == pytest.approx(np.ptp(large_at) / 2, abs=8)
        np.testing.assert_array_equal(pipeline.picture(controls), whole)


def test_a_mask_is_not_counted_and_hides_heat_at_once_even_while_paused() -> None:
    yard = Zone("m", "Mask", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), use=ZoneUse.HEAT_NEVER)
    plain = Controls(overlay=OverlayControls(boxes=False, labels=False, zones=False, counts=False, legend=False))
    masked = replace(plain, zones=(GATE, yard))
    pipeline = Pipeline(WalkerTracks(), controls=plain)
    walk(pipeline, range(1, 5), plain)
    assert pipeline.picture(plain).any()
    assert not pipeline.picture(masked).any()
    assert pipeline.picture(plain).any()
    walk(pipeline, range(5, 13), masked)
    assert [tally.zone_id for tally in pipeline.tallies] == ["g"]
    assert not pipeline.picture(masked).any()


def test_counting_follows_its_controls() -> None:
    wide = replace(CONTROLS, counting=CountControls(band=0.1))
    pipeline = Pipeline(WalkerTracks(), controls=wide)
    assert walk(pipeline, range(1, 12), wide) == 0
    assert walk(pipeline, range(12, 20), wide) == 1
