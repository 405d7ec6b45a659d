"""The demo as the first thing that people see, and as a choice ever after."""

from __future__ import annotations

from functools import cache

from heatstream.core.controls import Controls
from heatstream.demo import PlazaScene, is_demo, suggested_zones
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.output import encode_jpeg
from heatstream.vision.spec import ModelSpec

DEMO = CameraSpec("demo://plaza", ModelSpec("demo"))
#: A moment of the scene with people all over the square, for the start page.
_STILL = 240


def wanted(host: EngineHost) -> bool:
    """Whether a page without a camera in its address shows the demo: as long as nothing but the demo is known."""
    return all(is_demo(spec.source) for spec in host.cameras())


def open_demo(host: EngineHost) -> str:
    """Run the demo and return its id; at its very first start it has zones already.

    Raises:
        TooManyCamerasError: as many cameras run as may.
    """
    return host.open(DEMO, Controls(zones=suggested_zones()))


def opened_before(host: EngineHost) -> bool:
    """Whether the demo is among the known cameras."""
    return any(spec == DEMO for spec in host.cameras())


@cache
def still() -> bytes:
    """A picture of the scene as JPEG."""
    return encode_jpeg(PlazaScene().render(_STILL))
