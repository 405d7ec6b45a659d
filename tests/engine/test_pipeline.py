"""The pipeline on made-up frames: views follow the controls, and a change of the picture's size loses nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatstream.core.controls import Controls, DetectControls, OverlayControls
from heatstream.core.types import Frame, InOut, Zone
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
