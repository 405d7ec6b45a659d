"""A stand-in for the engine host: real JPEG packets through the real hub, 25 a second, states set by the test.

The frame's index is drawn twice: as digits, and as sixteen black or white squares in the top row (lowest bit first),
so that a test can read from the pixels which frame is shown.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from heatstream.core.caption import draw_caption
from heatstream.core.controls import Controls
from heatstream.core.errors import CameraStoppedError, EngineUnavailableError, UnknownCameraError
from heatstream.core.types import CameraState, InOut, Packet, Snapshot, SourceInfo, Zone, ZoneKind, ZoneTally
from heatstream.engine.messages import Look
from heatstream.host.hub import Hub

SIZE_WH = (1280, 720)
SQUARE = 32
BITS = 16
ZONES = (
    Zone("z1", "Main entrance", ((0.1, 0.5), (0.9, 0.5))),
    Zone("z2", "Waiting area", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))),
    Zone("z3", "Side door towards the car park", ((0.5, 0.1), (0.5, 0.9))),
    Zone("z4", "Exit", ((0.7, 0.1), (0.7, 0.9))),
    Zone("z5", "Loading bay and deliveries behind the north building", ((0.6, 0.6), (0.9, 0.6), (0.9, 0.9))),
    Zone("z6", "Crossing", ((0.2, 0.1), (0.2, 0.9))),
)


def draw_scene(step: int) -> np.ndarray:
    """A moving scene without its index, BGR uint8."""
    width, height = SIZE_WH
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    base = 60 + 40 * np.sin(x / 90 + step / 20) + 40 * np.cos(y / 70 - step / 30)
    base += np.random.default_rng(7).integers(0, 14, (height, width), dtype=np.uint8)
    image = cv2.merge([base, base * 0.9, base * 0.7]).clip(0, 255).astype(np.uint8)
    for number in range(6):
        angle = step / 10 + number
        centre = (int(width * (0.5 + 0.4 * math.cos(angle))), int(height * (0.55 + 0.3 * math.sin(angle * 1.3))))
        cv2.circle(image, centre, height // 14, (40, 160 - 20 * number, 90 + 25 * number), -1, cv2.LINE_AA)
    return image


def number_frame(scene: np.ndarray, index: int) -> np.ndarray:
    """A copy of a scene with the index drawn on it."""
    image = scene.copy()
    place = (40, image.shape[0] - 40)
    cv2.putText(image, f"frame {index}", place, cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 4)
    for bit in range(BITS):
        image[:SQUARE, bit * SQUARE : (bit + 1) * SQUARE] = 255 * (index >> bit & 1)
    return image


def read_index(image: np.ndarray) -> int:
    """The index drawn in a picture of ``number_frame``."""
    return sum(int(image[SQUARE // 2, bit * SQUARE + SQUARE // 2].mean() > 127) << bit for bit in range(BITS))


def encode(image: np.ndarray) -> bytes:
    """JPEG, quality 80."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


@dataclass(frozen=True)
class FakeSpec:
    """Only its id matters."""

    id: str


class FakeHost:
    """What the web floor uses of ``EngineHost``. ``figures`` are fields of the camera's Snapshot to show."""

    def __init__(self, camera_id: str = "cam-fake", *, rate_hz: float = 25.0, scenes: int = 16, zones: int = 2) -> None:
        self.camera_id = camera_id
        self.zones = ZONES[:zones]
        self.state: str = "running"
        self.restarts = 0
        self.hub: Hub = None  # type: ignore[assignment]
        self.figures: dict[str, Any] = {}
        self.published = 0
        self.publishing = True
        self.counting = True
        self.upright = False  # as of a phone that is held so
        self.fits: frozenset[int] = frozenset()
        self.closed = False
        self.seeks: list[float] = []
        self._cameras = {camera_id}  # those that run
        self._known = {camera_id}
        self.trouble = ""
        self._rate_hz = rate_hz
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.counts = [0, 0]
        self.playing: dict[str, Any] = {}  # fields of Controls other than the zones
        self._began_at_s = 0.0  # the place in the file of frame 0
        self._scenes = [draw_scene(step) for step in range(scenes)]

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.hub = Hub(loop, on_watch=self._on_watch)
        self._thread = threading.Thread(target=self._run, name="fake-engine", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 2.5) -> None:
        self._stop.set()
        if self.hub is not None:
            self.hub.close()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self.closed = True

    def open(self, spec: FakeSpec) -> str:
        self._known.add(spec.id)
        self._cameras.add(spec.id)
        return spec.id

    def wake(self, camera_id: str) -> None:
        self.open(self.spec(camera_id))

    def running(self, camera_id: str) -> bool:
        self.spec(camera_id)
        return camera_id in self._cameras

    def locked(self, camera_id: str) -> bool:
        self.spec(camera_id)
        return False

    def stop(self, camera_id: str) -> None:
        self._cameras.discard(camera_id)
        self.hub.publish_snapshot(self.snapshot(camera_id))

    def forget(self, camera_id: str) -> FakeSpec:
        spec = self.spec(camera_id)
        self._cameras.discard(camera_id)
        self._known.discard(camera_id)
        self.hub.end(camera_id)
        return spec

    def restore(self, forgotten: FakeSpec) -> str:
        return self.open(forgotten)

    def cameras(self) -> tuple[FakeSpec, ...]:
        return tuple(FakeSpec(camera_id) for camera_id in self._known)

    def spec(self, camera_id: str) -> FakeSpec:
        if camera_id not in self._known:
            raise UnknownCameraError(f"No camera {camera_id} is known here; choose a source to start one.")
        return FakeSpec(camera_id)

    def controls(self, camera_id: str) -> Controls:
        self.spec(camera_id)
        return Controls(zones=self.zones, **self.playing)

    def update(self, camera_id: str, change: Callable[[Controls], Controls]) -> Controls:
        changed = change(self.controls(camera_id))
        self.playing = {name: getattr(changed, name) for name in ("paused", "loop", "speed")}
        return changed

    def tallies(self) -> tuple[ZoneTally, ...]:
        into, out = self.counts
        line = {"person": InOut(into - into // 4, out), "bicycle": InOut(into // 4, 0)}
        area = {"person": InOut(into // 2, out // 3)}
        stays = {"occupancy": 3, "stays": out // 3, "stayed_s": out // 3 * 12.4}
        return tuple(
            ZoneTally(zone.id, InOut(into, out), line)
            if zone.kind is ZoneKind.LINE
            else ZoneTally(zone.id, InOut(into // 2, out // 3), area, **stays)
            for zone in self.zones
        )

    def snapshot(self, camera_id: str) -> Snapshot:
        self.spec(camera_id)
        base = Snapshot(
            camera_id,
            CameraState.PAUSED if self.playing.get("paused") else CameraState.LIVE,
            source=SourceInfo("plaza.mp4", SIZE_WH, 25.0, 60.0, "h264"),
            model_label="yolov8n",
            class_names=("person", "bicycle"),
            index=self.published,
            time_s=self.published / 25,
            position_s=(self._began_at_s + self.published / 25) % 60,
            seekable=True,
            processed_hz=25.0,
            speed=1.0,
            latency_s=0.04,
            tallies=self.tallies(),
            present={"person": 4, "bicycle": 1},
            heat_top_s=3.2,
        )
        if camera_id not in self._cameras:
            return replace(base, state=CameraState.STOPPED, processed_hz=0.0, speed=None, present={})
        return replace(base, **self.figures)

    async def still(self, camera_id: str, look: Look = Look.SHOWN, *, timeout_s: float = 5.0) -> bytes:
        if not self.running(camera_id):
            raise CameraStoppedError("The camera is stopped; start it again to see pictures.")
        if self.state != "running":
            raise EngineUnavailableError("The engine is starting; try once more in a moment.")
        image = number_frame(self._scenes[self.published % len(self._scenes)], self.published)
        if look is not Look.PLAIN:
            cv2.rectangle(image, (200, 200), (400, 400), (0, 0, 255), 8)
        if look is Look.STAMPED:
            draw_caption(image, "square", "0:00:12")
        return cv2.imencode(".png", image)[1].tobytes() if look is Look.PNG else encode(image)

    def seek(self, camera_id: str, position_s: float) -> None:
        """Note where somebody wants to go, and go there."""
        self.spec(camera_id)
        self.seeks.append(position_s)
        self._began_at_s = position_s - self.published / 25

    def _on_watch(self, camera_id: str, fits: frozenset[int]) -> None:
        self.fits = fits

    def _run(self) -> None:
        start_s = time.monotonic()
        step = 0
        while not self._stop.wait(max(0.0, start_s + step / self._rate_hz - time.monotonic())):
            step += 1
            moving = self.publishing and not self.playing.get("paused")
            if moving and self.fits and self.camera_id in self._cameras:
                self._publish()
            if step % 5 == 0 and self.camera_id in self._cameras:
                self.hub.publish_snapshot(self.snapshot(self.camera_id))

    def _publish(self) -> None:
        read_s = time.time()
        index = self.published + 1
        if self.counting and index % 20 == 0:
            self.counts[index // 20 % 3 == 0] += 1
        scene = self._scenes[index % len(self._scenes)]
        image = number_frame(scene[:, : scene.shape[0] * 9 // 16] if self.upright else scene, index)
        jpeg = encode(image)
        self.published = index
        self.hub.publish(
            Packet(
                self.camera_id,
                index,
                index / 25,
                read_s,
                time.time(),
                image.shape[1::-1],
                jpeg,
                fits=tuple(self.fits),
                tallies=self.tallies(),
                present={"person": 4, "bicycle": 1},
            )
        )
