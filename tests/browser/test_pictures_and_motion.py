"""A picture on the real page, and motion where a model cannot be downloaded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.browser import serving

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page, expect

from tests.support.live_page import camera_of, figure, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.timeout(240)]


def environment(media: Path, models: Path) -> dict[str, str]:
    """No model can be downloaded here: what is asked for the network is refused at once."""
    refused = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9")
    return {"HEATSTREAM_MEDIA_DIR": str(media), "HEATSTREAM_MODEL_DIR": str(models)} | refused


def test_a_picture_shows_heat_and_boxes_and_is_saved_as_png(
    media_dir: Path, models_dir: Path, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    capture = cv2.VideoCapture(str(media_dir / "plaza-crowd-1280x720.avi"))
    _, image = capture.read()
    capture.release()
    cv2.imwrite(str(tmp_path / "plaza.png"), image)
    env = environment(tmp_path, models_dir) | {"HEATSTREAM_MODEL": "yolov8n_320_int8_openvino_model"}
    with serving("app.py", env=env) as server:
        page = open_page(f"{server.url}/?start=1")
        page.get_by_text("A file in the media folder", exact=True).click()
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_test_id("live-state")).to_have_text("Picture", timeout=90_000)
        expect(page.get_by_test_id("live-note")).to_be_hidden()
        wait_for(page, lambda: figure(page, "painted") >= 2)
        for gone in ("live-seek", "live-speed", "live-loop"):
            expect(page.get_by_test_id(gone)).to_be_hidden()
        expect(page.get_by_test_id("live-play")).to_have_attribute("aria-label", "Analyse again")
        with page.expect_download() as waiting:
            page.get_by_test_id("live-snapshot").click()
        saved = waiting.value
        assert re.fullmatch(r"plaza-[\d-]+\.png", saved.suggested_filename)
        data = Path(saved.path()).read_bytes()
        assert data.startswith(b"\x89PNG")
        drawn = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert drawn.shape == image.shape
        changed = np.abs(drawn.astype(int) - image).max(axis=2) > 30
        assert 0.01 < changed.mean() < 0.6, "heat and boxes on the picture, which is as it was elsewhere"


def test_where_a_model_cannot_be_downloaded_motion_takes_over(
    media_dir: Path, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    media, models = tmp_path / "media", tmp_path / "models"
    media.mkdir()
    models.mkdir()
    (media / "walk.mp4").write_bytes((media_dir / "pets-walk-480x360.mp4").read_bytes())
    with serving("app.py", env=environment(media, models)) as server:
        page = open_page(f"{server.url}/?start=1")
        page.get_by_text("A file in the media folder", exact=True).click()
        page.get_by_role("button", name="Start", exact=True).click()
        note = page.get_by_test_id("live-note")
        expect(note).to_contain_text("could not be downloaded", timeout=90_000)
        expect(note).to_contain_text("motion")
        failed = page.url
        page.get_by_role("button", name="Use motion instead").click()
        wait_for(page, lambda: page.url != failed)
        other = page.locator(f'canvas[data-camera="{camera_of(page)}"]')  # for a moment both are there
        wait_for(page, lambda: other.count() == 1 and page.get_by_test_id("live-picture").count() == 1)
        wait_for(page, lambda: figure(page, "painted") >= 5)
        expect(page.get_by_test_id("live-state")).to_have_text("Playing", timeout=30_000)
        expect(page.locator(".in-view")).to_contain_text("motion", timeout=30_000)
        expect(page.get_by_role("button", name="Use motion instead")).to_be_hidden()
