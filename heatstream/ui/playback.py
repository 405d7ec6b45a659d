"""What the playback bar's buttons do to a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from heatstream.core.types import CameraState
from heatstream.host.engine_host import EngineHost
from heatstream.ui.live_view import Actions


def actions(host: EngineHost, camera_id: str) -> Actions:
    """The bar's actions for a camera of ``host``; each raises ``UnknownCameraError`` if it has been removed."""

    def put(field: str) -> Callable[[Any], None]:
        def change(value: Any) -> None:
            host.update(camera_id, lambda controls: replace(controls, **{field: value}))

        return change

    def again() -> None:
        snapshot = host.snapshot(camera_id)
        if snapshot.state is CameraState.ENDED and snapshot.seekable:
            host.seek(camera_id, 0.0)  # at once, where a restart would load the model anew
        else:
            host.restart(camera_id)

    return Actions(
        pause=put("paused"),
        seek=lambda position_s: host.seek(camera_id, position_s),
        speed=put("speed"),
        loop=put("loop"),
        again=again,
    )
