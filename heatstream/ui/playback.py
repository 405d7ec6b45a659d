"""What the playback bar's buttons do to a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from heatstream.core.types import CameraState
from heatstream.host.engine_host import EngineHost
from heatstream.ui.live_view import Actions
from heatstream.vision.models import MOTION


def use_motion(host: EngineHost, camera_id: str) -> str:
    """Watch a camera's source for whatever moves, without a model: another camera, with the same zones and controls.

    Only the choice of classes is left behind: what moves is of another one.

    Returns:
        the other camera's id.

    Raises:
        UnknownCameraError: the camera has been removed.
        TooManyCamerasError: as many run as may.
    """
    controls = host.controls(camera_id)
    controls = replace(
        controls, detect=replace(controls.detect, classes=None), heat=replace(controls.heat, classes=None)
    )
    model = replace(host.spec(camera_id).model, model=MOTION)
    return host.open_instead(camera_id, model, controls)


def actions(host: EngineHost, camera_id: str, *, show: Callable[[str], None] | None = None) -> Actions:
    """The bar's actions for a camera of ``host``; each raises ``UnknownCameraError`` if it has been removed.

    ``show`` goes to another camera, by its id.
    """

    def put(field: str) -> Callable[[Any], None]:
        def change(value: Any) -> None:
            host.update(camera_id, lambda controls: replace(controls, **{field: value}))

        return change

    def again() -> None:
        snapshot = host.snapshot(camera_id)
        if snapshot.state is CameraState.ENDED and snapshot.seekable:
            host.seek(camera_id, 0.0)  # at once, where a restart would load the model anew
        elif snapshot.state is CameraState.RECONNECTING:
            host.try_now(camera_id)
        else:
            host.restart(camera_id)

    return Actions(
        pause=put("paused"),
        seek=lambda position_s: host.seek(camera_id, position_s),
        speed=put("speed"),
        loop=put("loop"),
        again=again,
        motion=(lambda: show(use_motion(host, camera_id))) if show is not None else None,
    )
