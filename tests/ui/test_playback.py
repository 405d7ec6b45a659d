"""What the playback bar's actions do to a camera."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatstream.core.controls import Controls, DetectControls, HeatControls
from heatstream.core.errors import ControlsError, UnknownCameraError
from heatstream.core.types import CameraState, Zone
from heatstream.host.spec import CameraSpec
from heatstream.ui.playback import actions
from heatstream.vision import ModelSpec
from tests.support.fake_ui_host import FakeUiHost


@pytest.fixture
def host() -> FakeUiHost:
    return FakeUiHost()


@pytest.fixture
def camera(host: FakeUiHost) -> str:
    return host.open(CameraSpec("square.mp4", ModelSpec("yolov8n.onnx")))


@pytest.mark.parametrize(
    ("name", "field", "value"), [("pause", "paused", True), ("loop", "loop", False), ("speed", "speed", 4.0)]
)
def test_each_puts_its_own_control(host: FakeUiHost, camera: str, name: str, field: str, value: object) -> None:
    getattr(actions(host, camera), name)(value)  # type: ignore[arg-type]
    assert host.controls(camera) == replace(Controls(revision=1), **{field: value})


def test_seek_goes_there(host: FakeUiHost, camera: str) -> None:
    actions(host, camera).seek(12.5)  # type: ignore[arg-type]
    assert host.seeks == [12.5]


@pytest.mark.parametrize(
    ("state", "seekable", "sought", "restarts"),
    [(CameraState.ENDED, True, [0.0], 0), (CameraState.ENDED, False, [], 1), (CameraState.FAILED, True, [], 1)],
)
def test_again_jumps_back_where_that_is_enough(
    host: FakeUiHost, camera: str, state: CameraState, seekable: bool, sought: list[float], restarts: int
) -> None:
    host.figures |= {"state": state, "seekable": seekable}
    again = actions(host, camera).again  # type: ignore[arg-type]
    assert again is not None
    again()
    assert (host.seeks, host.restarted) == (sought, [camera] * restarts)


def test_motion_takes_over_source_zones_and_controls(host: FakeUiHost, camera: str) -> None:
    gate = Zone("z", "Gate", ((0.2, 0.5), (0.8, 0.5)))
    detect = DetectControls(confidence=0.4, classes=("person",))
    heat = HeatControls(alpha=0.9, classes=("person",))
    host.update(camera, lambda controls: replace(controls, zones=(gate,), detect=detect, heat=heat))
    shown: list[str] = []
    motion = actions(host, camera, show=shown.append).motion  # type: ignore[arg-type]
    assert motion is not None
    motion()
    (other,) = shown
    assert host.spec(other) == CameraSpec("square.mp4", ModelSpec("motion"))
    taken = host.controls(other)
    assert taken.zones == (gate,)
    assert (taken.detect.confidence, taken.heat.alpha) == (0.4, 0.9)
    assert taken.detect.classes is None
    assert taken.heat.classes is None
    assert host.running(camera), "one that has not failed is left alone"
    assert actions(host, camera).motion is None  # type: ignore[arg-type]


def test_what_cannot_be_is_refused(host: FakeUiHost, camera: str) -> None:
    with pytest.raises(ControlsError):
        actions(host, camera).speed(1000.0)  # type: ignore[arg-type]
    with pytest.raises(UnknownCameraError):
        actions(host, "nowhere").pause(True)  # type: ignore[arg-type]
