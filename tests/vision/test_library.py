"""Importing the floor is cheap, and Ultralytics is quiet, private and installs nothing. In fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("YOLO_", "HEATSTREAM_", "PYTEST_"))}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env={**clean, "PYTHONPATH": str(ROOT), **env}, capture_output=True, text=True, timeout=90, check=False
    )


def test_importing_vision_loads_no_slow_library() -> None:
    done = _python(
        "import sys, heatstream.vision; print(*sorted({'torch', 'ultralytics', 'openvino'} & set(sys.modules)))"
    )
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


def test_ultralytics_is_quiet_and_private(tmp_path: Path) -> None:
    code = """
import json
from heatstream.vision import library
library.prepare()
library.prepare()
import logging
from ultralytics.utils import AUTOINSTALL, LOGGER, ONLINE, SETTINGS, checks, events
LOGGER.info("chatter")
LOGGER.warning("trouble")
print(json.dumps({
    "install": AUTOINSTALL or checks.AUTOINSTALL, "events": events.Events().enabled, "online": ONLINE,
    "settings": {k: SETTINGS[k] for k in ("sync", "weights_dir", "runs_dir")}, "file": str(SETTINGS.file),
    "threads": library.torch_threads(),
}))
"""
    done = _python(
        code,
        HOME=str(tmp_path / "home"),
        HEATSTREAM_DATA_DIR=str(tmp_path / "data"),
        HEATSTREAM_MODEL_DIR=str(tmp_path / "models"),
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)  # so nothing else was printed
    assert (said["install"], said["events"], said["online"]) == (False, False, False)
    assert said["settings"] == {
        "sync": False,
        "weights_dir": str(tmp_path / "models"),
        "runs_dir": str(tmp_path / "data" / "runs"),
    }
    assert Path(said["file"]).is_relative_to(tmp_path / "data")
    assert json.loads(Path(said["file"]).read_text())["sync"] is False
    assert said["threads"] >= 1
    assert "trouble" in done.stderr
    assert "chatter" not in done.stderr
    assert not (tmp_path / "home").exists(), "it wrote into the user's home"


@pytest.mark.slow
def test_a_signal_after_two_networks_came_and_went_is_harmless(models_dir: Path, tmp_path: Path) -> None:
    code = f"""
import gc, signal
from heatstream.vision import ModelSpec, load_detector
spec = {str(models_dir)!r} + "/yolov8n_320_int8_openvino_model"
first = load_detector(ModelSpec(spec, device="cpu"))
second = load_detector(ModelSpec(spec, device="cpu", imgsz=320))
first.close(), second.close()
del first
gc.collect()
del second
gc.collect()
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
signal.raise_signal(signal.SIGTERM)
"""
    done = _python(code, HEATSTREAM_DATA_DIR=str(tmp_path / "data"), PYTHONFAULTHANDLER="1")
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
