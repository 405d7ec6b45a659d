"""Trying a source in a real process: what comes of it, and that nothing is left behind or given away."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from heatstream.core.errors import EngineUnavailableError, SourceError, SourceTimeoutError
from heatstream.host import trial as module
from heatstream.host.trial import Trial, Tried
from heatstream.sources.credentials import NO_SECRET, Secret
from tests.support.clips import Clip, make_clip


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def waited(trial: Trial, timeout_s: float = 60.0) -> Tried:
    until_s = time.monotonic() + timeout_s
    try:
        while (found := trial.result()) is None:
            assert time.monotonic() < until_s, "it did not happen in time"
            time.sleep(0.05)
        return found
    finally:
        trial.close()
        trial.close()


def test_what_works_is_described_with_a_still(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "wide.mp4", Clip(frames=5, size_wh=(1920, 480)))
    found = waited(Trial(str(path), NO_SECRET))
    assert found.info.size_wh == (1920, 480)
    assert (found.info.codec, found.info.rate_hz) == ("h264", pytest.approx(25))
    assert found.delay_s is not None
    still = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert still is not None
    assert still.shape == (240, 960, 3)


def test_what_does_not_says_why_and_shows_no_password(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("Nothing to see here.\n" * 200)
    with pytest.raises(SourceError, match="cannot be read as a video"):
        waited(Trial(str(tmp_path / "notes.mp4"), NO_SECRET))
    with pytest.raises(SourceError, match=r"nowhere\.invalid") as caught:
        waited(Trial("gopher://nowhere.invalid/***", Secret("anna", "sesame", ("t0ken",))))
    assert not [word for word in ("anna", "sesame", "t0ken") if word in str(caught.value)]


def test_a_password_is_in_no_process_title_and_no_environment() -> None:
    trial = Trial("rtsp://127.0.0.1:9/1", Secret("anna", "sesame"))
    try:
        (child,) = multiprocessing.active_children()
        for name in ("cmdline", "environ"):
            assert b"sesame" not in Path(f"/proc/{child.pid}/{name}").read_bytes()
    finally:
        trial.close()


def test_a_decoder_that_crashes_takes_nobody_along() -> None:
    trial = Trial("demo://plaza", NO_SECRET)
    trial._process.kill()
    with pytest.raises(SourceError, match=r"demo://plaza made the decoder fail"):
        waited(trial)


def test_what_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_S", 0.0)
    os.mkfifo(tmp_path / "pipe")
    trial = Trial(str(tmp_path / "pipe"), NO_SECRET, timeout_s=0.1)
    with pytest.raises(SourceTimeoutError, match="no answer in time"):
        waited(trial)


def test_not_too_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    first = Trial("demo://plaza", NO_SECRET)
    with pytest.raises(EngineUnavailableError, match="try once more"):
        Trial("demo://plaza", NO_SECRET)
    first.close()
    Trial("demo://plaza", NO_SECRET).close()
