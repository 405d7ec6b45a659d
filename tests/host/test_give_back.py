"""Counts that are brought back to a camera that does not run, and to one that does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatstream.core.controls import Controls
from heatstream.core.counting import Counted
from heatstream.core.errors import UnknownCameraError
from heatstream.core.types import InOut, Zone, ZoneTally
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.vision import ModelSpec

GATE = Zone("gate", "Gate", ((0.5, 0.0), (0.5, 1.0)))


@pytest.mark.parametrize("stopped", [False, True])
def test_counts_come_back_for_the_zones_that_are_there(stopped: bool) -> None:
    host = EngineHost()  # never started: what is known does not hang on an engine
    camera_id = host.open(CameraSpec("clip.mp4", ModelSpec("auto")), Controls(zones=(GATE,)))
    if stopped:
        host.stop(camera_id)
    counted = Counted(
        (GATE, replace(GATE, id="gone")), (ZoneTally("gate", InOut(3, 1)), ZoneTally("gone", InOut(9, 9))), 0
    )
    for _ in range(2):
        host.give_back(camera_id, counted)
    assert host.snapshot(camera_id).tallies == (ZoneTally("gate", InOut(6, 2)),)
    assert host.counted(camera_id) == Counted((GATE,), (ZoneTally("gate", InOut(6, 2)),), 0)
    host.update(camera_id, lambda controls: replace(controls, zones=(replace(GATE, flipped=True),)))
    host.give_back(camera_id, counted)
    assert host.snapshot(camera_id).tallies == (ZoneTally("gate", InOut(3, 9)),), "counted before it was flipped"
    host.update(camera_id, lambda controls: replace(controls, counts_epoch=1))
    host.give_back(camera_id, counted)
    assert host.snapshot(camera_id).tallies == ()
    host.close()


def test_an_unknown_camera_is_named() -> None:
    with pytest.raises(UnknownCameraError):
        EngineHost().give_back("cam-none", Counted((), (), 0))
