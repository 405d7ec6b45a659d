"""The demo as the first thing that people see, and as a choice ever after."""

from __future__ import annotations

from pathlib import Path

from heatstream.core.controls import Controls, HeatControls, OverlayControls, Scale
from heatstream.core.zone_marks import coloured
from heatstream.demo import is_demo, suggested_zones
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.vision import models
from heatstream.vision.spec import ModelSpec

DEMO = CameraSpec("demo://plaza", ModelSpec(models.DEMO))
#: What the demo begins with: zones, heat that one sees grow and fade, and no names over the heads of a crowd. The
#: hottest hundredth has the hottest colour, so that the ways of those who pass show beside the few who stand.
FIRST = Controls(
    zones=coloured(suggested_zones()),
    heat=HeatControls(alpha=0.6, half_life_s=10.0, scale=Scale.PERCENTILE, scale_percentile=99.0),
    overlay=OverlayControls(labels=False),
)
#: ``PlazaScene().render(STILL_INDEX)`` as JPEG, for the start page: to set the scene up takes a second or more.
STILL = Path(__file__).resolve().parents[2] / "assets" / "demo_scene.jpg"
STILL_INDEX = 800


def wanted(host: EngineHost) -> bool:
    """Whether a page without a camera in its address shows the demo: as long as nothing but the demo is known."""
    return all(is_demo(spec.source) for spec in host.cameras())


def open_demo(host: EngineHost) -> str:
    """Run the demo and return its id; at its very first start it has zones already.

    Raises:
        TooManyCamerasError: as many cameras run as may.
    """
    return host.open(DEMO, FIRST)


def opened_before(host: EngineHost) -> bool:
    """Whether the demo is among the known cameras."""
    return any(spec == DEMO for spec in host.cameras())
