"""The soak run in short: what a long one checks, for a few seconds."""

import asyncio
from pathlib import Path

import pytest

from tests.soak.camera import soak


@pytest.mark.media
def test_a_few_seconds_of_cameras_that_come_and_go(models_dir: Path, media_dir: Path) -> None:
    grown = asyncio.run(soak(0.1, models_dir / "yolov8n_320_int8_openvino_model", settle_s=4.0))
    assert grown == []


@pytest.mark.media
@pytest.mark.slow
def test_a_network_camera_whose_power_fails(models_dir: Path) -> None:
    grown = asyncio.run(soak(0.8, models_dir / "yolov8n_320_int8_openvino_model", network=True, settle_s=4.0))
    assert grown == []
