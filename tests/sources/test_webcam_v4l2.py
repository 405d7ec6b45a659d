"""Webcams through the real code of OpenCV (V4L2) and linuxpy, on a camera that a preloaded library plays.

The machines that run these tests have no camera, and their kernels no ``vivid`` or ``v4l2loopback``: below the system
calls there is a stand-in, ``tests/support/fake_v4l2.c``. It needs a C compiler; ``test_webcam.py`` does without.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPILER = shutil.which("cc") or shutil.which("gcc")
pytestmark = pytest.mark.skipif(sys.platform != "linux" or COMPILER is None, reason="no C compiler for a fake camera")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What ``tests/support/webcam_life.py`` told, by part."""
    folder = tmp_path_factory.mktemp("webcam")
    (folder / "dev").mkdir()
    library, picture = folder / "fake_v4l2.so", folder / "picture.jpg"
    assert COMPILER is not None
    compiled = [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, ROOT / "tests/support/fake_v4l2.c", "-ldl"]
    subprocess.run([str(part) for part in compiled], check=True, timeout=60)
    image = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    cv2.imwrite(str(picture), cv2.GaussianBlur(image, (31, 31), 0))
    state = folder / "state"
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.webcam_life", str(state), str(folder / "dev")],
        env={**os.environ, "LD_PRELOAD": str(library), "FAKE_V4L2_STATE": str(state), "FAKE_V4L2_JPEG": str(picture)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {told["part"]: told for told in map(json.loads, done.stdout.splitlines())}


def test_the_camera_is_listed_with_its_modes(life: dict[str, dict[str, Any]]) -> None:
    modes = [[[1280, 720], [30.0, 15.0, 10.0]], [[640, 480], [30.0, 15.0]]]
    assert life["list"]["webcams"] == [[9, "Fake Cam", modes]]


@pytest.mark.parametrize(
    ("text", "size", "rate", "codec", "intervals"),
    [
        ("9", [640, 480], 30.0, "yuyv", 10),
        ("webcam://9?size=1280x720&rate=15", [1280, 720], 15.0, "mjpeg", 6),
        ("/dev/video9", [640, 480], 30.0, "yuyv", 1),
    ],
)
def test_it_plays_as_asked(
    life: dict[str, dict[str, Any]], text: str, size: list[int], rate: float, codec: str, intervals: int
) -> None:
    told = life[text]
    assert (told["size"], told["rate"], told["codec"], told["label"]) == (size, rate, codec, "Fake Cam")
    assert told["live"]
    assert told["rising"]
    assert told["now"]
    assert told["took_s"] > 0.5 * intervals / rate


@pytest.mark.parametrize(
    ("part", "error", "words"),
    [
        ("b", "SourceUnreachableError", "in use by another program"),
        ("twice", "SourceUnreachableError", "in use by another program"),
        ("p", "SourceRefusedError", "group “video”"),
        ("gone", "SourceUnreachableError", "webcam Fake Cam is not there"),
        ("other", "SourceUnreachableError", "webcam 3 is not there; plug it in, or choose one of these: 9 (Fake Cam)"),
    ],
)
def test_what_keeps_it_from_opening_is_told_apart(
    life: dict[str, dict[str, Any]], part: str, error: str, words: str
) -> None:
    assert life[part]["error"] == error
    assert words in life[part]["words"]


def test_unplugging_ends_the_pictures_and_it_is_found_under_another_number(life: dict[str, dict[str, Any]]) -> None:
    told = life["unplugged"]
    assert told["error"] == "SourceUnreachableError"
    assert "was unplugged" in told["words"]
    assert told["frames"] > 0
    assert told["after_s"] < 3
    assert life["replugged"] == {"part": "replugged", "label": "Fake Cam", "size": [1280, 720]}


def test_damaged_pictures_are_left_out_and_counted(life: dict[str, dict[str, Any]]) -> None:
    assert life["damaged"]["number"] > 0
    assert life["damaged"]["goes_on"] == 3


def test_closing_ends_a_wait_and_lets_go_of_the_camera(life: dict[str, dict[str, Any]]) -> None:
    assert life["closed"]["frames"] <= 2
    assert 0.4 < life["closed"]["after_s"] < 2
    assert life["free again"]["label"] == "Fake Cam"
    assert life["end"]["files"] < 30
