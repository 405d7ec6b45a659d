"""Settings that point into a test's own folder, and the first frames of the real clips."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from heatstream.core.settings import Settings, settings
from heatstream.core.types import ImageArray


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Empty model and data folders, and a current directory that is neither."""
    for name in [name for name in os.environ if name.startswith("HEATSTREAM_") and name != "HEATSTREAM_TEST_DATA"]:
        monkeypatch.delenv(name)
    for name in ("models", "data", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HEATSTREAM_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HEATSTREAM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@pytest.fixture(scope="session")
def clip(media_dir: Path) -> Callable[[str, int], list[ImageArray]]:
    """The first pictures of a real clip, by the beginning of its name."""

    def read(name: str, count: int) -> list[ImageArray]:
        (path,) = media_dir.glob(f"{name}*")
        capture = cv2.VideoCapture(str(path))
        pictures: list[ImageArray] = []
        try:
            while len(pictures) < count:
                found, picture = capture.read()
                if found:
                    pictures.append(picture)
        finally:
            capture.release()
        return pictures

    return read
