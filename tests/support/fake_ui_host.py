"""A stand-in for the engine host with real Controls for several cameras, which records every update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from heatstream.core.controls import Controls
from heatstream.core.counting import Counted
from heatstream.core.errors import EngineUnavailableError, TooManyCamerasError, UnknownCameraError
from heatstream.core.types import CameraState, Snapshot, ZoneTally
from heatstream.engine.messages import Look
from heatstream.host.spec import CameraSpec
from heatstream.sources.credentials import NO_SECRET, Secret
from heatstream.vision import ModelSpec
from tests.support.fake_host import FakeHost, draw_scene, encode, number_frame


class FakeUiHost(FakeHost):
    """As ``EngineHost`` seen from the pages. ``updates`` are all controls that were put in force, oldest first."""

    def __init__(self, *, scenes: int = 1, rate_hz: float = 25.0, most: int = 8) -> None:
        super().__init__(scenes=scenes, rate_hz=rate_hz)
        self._cameras = set()  # those that run
        self._most = most
        self._specs: dict[str, CameraSpec] = {}  # all that are known, newest used last
        self._controls: dict[str, Controls] = {}
        self.updates: list[Controls] = []
        self.restarted: list[str] = []
        self.secrets: dict[str, Secret] = {}
        self.lost: set[str] = set()  # cameras whose password is lost
        self.added: list[tuple[ZoneTally, ...]] = []

    def open(self, spec: CameraSpec, controls: Controls | None = None, *, secret: Secret = NO_SECRET) -> str:
        if spec.id not in self._cameras and len(self._cameras) >= self._most:
            raise TooManyCamerasError(f"{self._most} cameras run already, the most that may; stop one of them first.")
        self._specs[spec.id] = self._specs.pop(spec.id, spec)
        self._controls.setdefault(spec.id, controls or Controls())
        self.secrets[spec.id] = secret or self.secrets.get(spec.id, NO_SECRET)
        self._cameras.add(spec.id)
        self.camera_id = spec.id
        return spec.id

    def open_instead(self, camera_id: str, model: ModelSpec, controls: Controls) -> str:
        if self.snapshot(camera_id).state is CameraState.FAILED:
            self._cameras.discard(camera_id)
        spec = replace(self.spec(camera_id), model=model)
        return self.open(spec, controls, secret=self.secrets[camera_id])

    def let_in(self, camera_id: str, secret: Secret) -> None:
        self.open(self.spec(camera_id), secret=secret.completed(self.secrets[camera_id]))
        self.restart(camera_id)

    def locked(self, camera_id: str) -> bool:
        self.spec(camera_id)
        return camera_id in self.lost

    def wake(self, camera_id: str) -> None:
        self.open(self.spec(camera_id))

    def running(self, camera_id: str) -> bool:
        self.spec(camera_id)
        return camera_id in self._cameras

    def stop(self, camera_id: str) -> None:
        self._cameras.discard(camera_id)
        if self.hub is not None and camera_id in self._specs:
            self.hub.publish_snapshot(self.snapshot(camera_id))

    def forget(self, camera_id: str) -> tuple[CameraSpec, Controls, bool]:
        forgotten = self.spec(camera_id), self.controls(camera_id), self.running(camera_id)
        self._cameras.discard(camera_id)
        del self._specs[camera_id], self._controls[camera_id]
        if self.hub is not None:
            self.hub.end(camera_id)
        return forgotten

    def restore(self, forgotten: tuple[CameraSpec, Controls, bool]) -> str:
        spec, controls, running = forgotten
        if spec.id in self._specs:
            return spec.id
        self._specs[spec.id], self._controls[spec.id] = spec, controls
        if running:
            self.open(spec)
        return spec.id

    def restart(self, camera_id: str) -> None:
        self.spec(camera_id)
        self.restarted.append(camera_id)

    def cameras(self) -> tuple[CameraSpec, ...]:
        return tuple(reversed(self._specs.values()))

    def spec(self, camera_id: str) -> CameraSpec:
        if camera_id not in self._specs:
            raise UnknownCameraError(f"No camera {camera_id} runs here; choose a source to start one.")
        return self._specs[camera_id]

    def controls(self, camera_id: str) -> Controls:
        self.spec(camera_id)
        return self._controls[camera_id]

    def update(self, camera_id: str, change: Callable[[Controls], Controls]) -> Controls:
        old = self.controls(camera_id)
        changed = change(old)
        if changed != old:
            self._controls[camera_id] = replace(changed, revision=old.revision + 1)
            self.updates.append(self._controls[camera_id])
        return self._controls[camera_id]

    def counted(self, camera_id: str) -> Counted:
        controls = self.controls(camera_id)
        return Counted(controls.counted_zones, self.snapshot(camera_id).tallies, controls.counts_epoch)

    def give_back(self, camera_id: str, counted: Counted) -> None:
        controls = self.controls(camera_id)
        more = counted.for_zones(controls.counted_zones)
        if more and counted.epoch == controls.counts_epoch:
            self.added.append(more)

    def tallies(self) -> tuple[ZoneTally, ...]:
        zones = self._controls[self.camera_id].zones if self.camera_id in self._controls else ()
        return tuple(replace(tally, zone_id=zone.id) for tally, zone in zip(super().tallies(), zones, strict=False))

    def snapshot(self, camera_id: str) -> Snapshot:
        controls = self.controls(camera_id)
        shown: dict[str, Any] = {"revision": controls.revision, "camera_id": camera_id, **self.figures}
        if camera_id not in self._cameras:
            shown["state"] = CameraState.STOPPED
        return replace(super().snapshot(camera_id), **shown)

    def still_sync(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        self.spec(camera_id)
        if self.state != "running":
            raise EngineUnavailableError("The engine is starting; try once more in a moment.")
        return encode(number_frame(draw_scene(self.published), self.published))
