"""A window where there is a display; elsewhere one warning, and the frames go on."""

from __future__ import annotations

import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest

from heatstream import solutions
from heatstream.solutions import window

FRAME = np.zeros((40, 60, 3), np.uint8)


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("linux")
def test_without_a_display_it_warns_once_and_goes_on() -> None:
    heatmap = solutions.Heatmap(view_img=True)
    with pytest.warns(RuntimeWarning, match="no window can be shown") as caught:
        first = heatmap.generate_heatmap(FRAME, [])
    assert caught[0].filename == __file__, "it names the line of the user"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(first, heatmap.generate_heatmap(FRAME, []))


@pytest.mark.usefixtures("linux")
def test_a_display_that_cannot_be_reached_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    assert window.has_display() is False


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("fault", [OSError("no such program"), subprocess.TimeoutExpired("trial", 1)])
def test_a_trial_that_fails_is_no_display(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_args: object, **_options: object) -> None:
        raise fault

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(subprocess, "run", run)
    assert window.has_display() is False


def test_elsewhere_the_display_is_taken_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert window.has_display() is True


def test_each_frame_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(window, "has_display", lambda: True)
    monkeypatch.setattr(cv2, "imshow", lambda _title, image: shown.append(image))
    monkeypatch.setattr(cv2, "waitKey", lambda _ms: -1)
    heatmap = solutions.Heatmap(view_img=True)
    returned = [heatmap.generate_heatmap(FRAME, []) for _ in range(3)]
    assert all(np.array_equal(*pair) for pair in zip(shown, returned, strict=True))
    solutions.Heatmap().generate_heatmap(FRAME, [])
    assert len(shown) == 3


def test_an_opencv_without_windows_warns_once_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def imshow(*_args: object) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setattr(window, "has_display", lambda: True)
    monkeypatch.setattr(cv2, "imshow", imshow)
    heatmap = solutions.Heatmap(view_img=True)
    with pytest.warns(RuntimeWarning, match="no window can be shown"):
        heatmap.generate_heatmap(FRAME, [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        heatmap.generate_heatmap(FRAME, [])
