"""What every test shares: where the real clips and models are, and a seeded generator."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest


def pytest_configure() -> None:
    """Let what the tests start hear Ctrl-C: a shell's background job passes its deafness on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _shared(folder: str) -> Path:
    root = Path(__file__).resolve().parents[1]
    base = Path(os.environ.get("HEATSTREAM_TEST_DATA", root.parent / "shared"))
    if not (base / folder).is_dir():
        pytest.skip(f"shared data missing: no folder {folder!r} in ../shared (or set HEATSTREAM_TEST_DATA)")
    return base / folder


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """The folder with the real clips."""
    return _shared("media")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder with the real YOLOv8n weights."""
    return _shared("models")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20240229)
