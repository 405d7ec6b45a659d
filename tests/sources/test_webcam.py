"""Webcams with a stand-in for ``cv2.VideoCapture``: the machines that run the tests have no camera, nor their kernels a
virtual one. ``test_webcam_v4l2.py`` runs the real one, on a camera below it; this one needs no compiler.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

import cv2
import numpy as np
import pytest

from heatstream.core.errors import (
    ClosedError,
    SourceError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnreachableError,
)
from heatstream.sources import OpenOptions, open_source, webcam
from heatstream.sources.webcam_address import WebcamAddress, is_webcam, parse_address, webcam_name
from heatstream.sources.webcams import Webcam

CAMERA = Webcam(0, "/dev/v4l/by-id/usb-Cam-index0", "Cam")


class FakeCapture:
    """What ``WebcamSource`` uses of ``cv2.VideoCapture``; the class attributes say how the camera behaves."""

    opens: ClassVar[bool] = True
    #: What comes next: a brightness, "damaged", "nothing" (a wait ends), "gone"; at the end it goes on with 100.
    plan: ClassVar[list[int | str]] = []
    largest_wh: ClassVar[tuple[int, int]] = (1920, 1080)
    made: ClassVar[list[FakeCapture]] = []

    def __init__(self) -> None:
        self.asked: dict[int, float] = {}
        self.order: list[int] = []
        self.opened: tuple[int, int] | None = None
        self.released = 0
        self._size_wh = (640, 480)
        self._next: int | str = 100
        FakeCapture.made.append(self)

    def open(self, index: int, backend: int) -> bool:
        self.opened = (index, backend)
        return self.opens

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        self.order.append(prop)
        if prop == cv2.CAP_PROP_FRAME_HEIGHT:
            wanted = (int(self.asked[cv2.CAP_PROP_FRAME_WIDTH]), int(value))
            self._size_wh = min(wanted, self.largest_wh)
        return True

    def get(self, prop: int) -> float:
        if prop == cv2.CAP_PROP_FOURCC:
            return self.asked.get(prop, float(int.from_bytes(b"YUYV", "little")))
        return self.asked.get(prop, -1.0)

    @staticmethod
    def waitAny(captures: list[FakeCapture], timeout_ns: int) -> tuple[bool, np.ndarray]:  # noqa: N802 - OpenCV's name
        (capture,) = captures
        coming = FakeCapture.plan.pop(0) if FakeCapture.plan else 100
        if coming == "gone":
            raise cv2.error("the device is no more")
        if coming == "nothing":
            FakeCapture.plan.insert(0, coming)
            time.sleep(timeout_ns / 1e9)
            return False, np.empty(0, np.int32)
        time.sleep(0.002)
        capture._next = coming
        return True, np.zeros(1, np.int32)

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        assert not self.released, "used after it was let go"
        packed = self.asked.get(cv2.CAP_PROP_CONVERT_RGB) == 0
        if self._next == "damaged":
            return (True, np.zeros((1, 500), np.uint8)) if packed else (False, None)
        image = np.full((self._size_wh[1], self._size_wh[0], 3), self._next, np.uint8)
        return True, (cv2.imencode(".jpg", image)[1].reshape(1, -1) if packed else image)

    def release(self) -> None:
        self.released += 1


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Webcam]]:
    """The cameras that are plugged in; a test may change the list. The system has nothing against any of them."""
    there = [CAMERA]
    monkeypatch.setattr(webcam, "VideoCapture", FakeCapture)
    monkeypatch.setattr(webcam, "webcams", lambda: tuple(there))
    monkeypatch.setattr(webcam, "check", lambda _webcam: None)
    monkeypatch.setattr(webcam.sys, "platform", "linux")
    monkeypatch.setattr(FakeCapture, "opens", True)
    monkeypatch.setattr(FakeCapture, "plan", [])
    monkeypatch.setattr(FakeCapture, "made", [])
    monkeypatch.setattr(webcam, "_names", {})
    yield there
    assert all(capture.released for capture in FakeCapture.made), "a camera was not let go"


def test_pictures_come_with_the_time_of_their_arrival() -> None:
    FakeCapture.plan[:] = [10, 20, 30]
    with open_source("0") as source:
        assert (source.info.label, source.info.live, source.info.size_wh) == ("Cam", True, (640, 480))
        assert (source.info.codec, source.info.rate_hz, source.info.duration_s) == ("yuyv", None, None)
        frames = list(islice(source.frames(), 3))
    assert [round(float(frame.image.mean())) for frame in frames] == [10, 20, 30]
    assert [frame.index for frame in frames] == [1, 2, 3]
    assert frames[0].time_s == 0
    assert 0.002 <= frames[2].time_s < 1
    assert source.position_s == frames[2].time_s
    assert all(frame.utc_s == frame.read_s and abs(time.time() - frame.read_s) < 5 for frame in frames)
    assert not frames[0].image.flags.writeable


def test_size_and_rate_are_asked_for_in_the_order_that_cameras_need() -> None:
    with open_source("webcam://0?size=1280x720&rate=15") as source:
        (capture,) = FakeCapture.made
        assert capture.opened == (0, cv2.CAP_V4L2)
        assert capture.order == [
            cv2.CAP_PROP_FOURCC,
            cv2.CAP_PROP_FRAME_WIDTH,
            cv2.CAP_PROP_FRAME_HEIGHT,
            cv2.CAP_PROP_FPS,
            cv2.CAP_PROP_BUFFERSIZE,
            cv2.CAP_PROP_CONVERT_RGB,
        ]
        assert capture.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
        assert (source.info.size_wh, source.info.rate_hz, source.info.codec) == ((1280, 720), 15.0, "mjpeg")
        assert round(float(next(source.frames()).image.mean())) == 100
    with open_source("webcam://0?size=640x480"):
        assert cv2.CAP_PROP_FOURCC not in FakeCapture.made[-1].asked, "raw pictures fit the line"


def test_a_camera_that_cannot_do_it_gives_what_it_can(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), open_source("webcam://0?size=3840x2160") as source:
        assert source.info.size_wh == (1920, 1080)
    assert "gives 1920x1080 pixels instead of 3840x2160" in caplog.text


@pytest.mark.parametrize("text", ["0", "webcam://0?size=1280x720"])
def test_damaged_pictures_are_counted_and_left_out(text: str) -> None:
    FakeCapture.plan[:] = ["damaged", 40, "damaged", "damaged", 50]
    with open_source(text) as source:
        assert [round(float(frame.image.mean())) for frame in islice(source.frames(), 2)] == [40, 50]
        assert source.damaged == 3
        FakeCapture.plan[:] = ["damaged"] * webcam.MOST_DAMAGED
        with pytest.raises(SourceUnreachableError, match="damaged pictures only"):
            next(source.frames())


def test_unplugging_is_an_error_that_says_so() -> None:
    FakeCapture.plan[:] = [10, 20, "gone"]
    with open_source("0") as source:
        frames = source.frames()
        assert len(list(islice(frames, 2))) == 2
        with pytest.raises(SourceUnreachableError, match="Cam gives no more pictures: it was unplugged"):
            next(frames)


def test_a_camera_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam, "PATIENCE_S", 0.3)
    FakeCapture.plan[:] = [10, "nothing"]
    with open_source("0") as source:
        frames = source.frames()
        next(frames)
        with pytest.raises(SourceTimeoutError, match=r"no picture for 0\.3 seconds"):
            next(frames)
    FakeCapture.plan[:] = ["nothing"]
    with pytest.raises(SourceTimeoutError, match=r"no picture for 0\.2 seconds"):
        open_source("0", timeout_s=0.2)


def test_closing_from_another_thread_ends_a_wait() -> None:
    FakeCapture.plan[:] = [10, "nothing"]
    source = open_source("0")
    frames = source.frames()
    next(frames)
    closer = threading.Timer(0.2, source.close)
    closer.start()
    begun_s = time.monotonic()
    assert list(frames) == []
    assert time.monotonic() - begun_s < 1
    closer.join()
    source.close()
    assert FakeCapture.made[0].released == 2, "by the reader, then by the second close"
    with pytest.raises(ClosedError):
        source.frames()


def test_it_is_found_again_under_another_number(plugged: list[Webcam]) -> None:
    with open_source("0"):
        pass
    other = Webcam(0, "/dev/video0", "Another")
    plugged[:] = [Webcam(2, "/dev/video2", "Cam")]
    with open_source("0"):
        assert FakeCapture.made[-1].opened == (2, cv2.CAP_V4L2)
    plugged[:] = [other, Webcam(1, "/dev/video1", "Cam")]
    with open_source("0") as source:
        assert source.info.label == "Cam", "not the one that has its number now"
    plugged[:] = []
    with pytest.raises(SourceUnreachableError, match="webcam Cam is not there: no webcam is plugged"):
        open_source("0")
    plugged[:] = [other]
    with open_source("0") as source:
        assert source.info.label == "Another", "who has only this one means it"
    assert list(webcam._names.items()) == [("0", "Another")]


def test_a_lasting_path_means_the_camera(plugged: list[Webcam]) -> None:
    plugged.insert(0, Webcam(1, "/dev/v4l/by-id/other", "Other"))
    for text in (f"webcam://{CAMERA.path}?rate=5", CAMERA.path):
        with open_source(text) as source:
            assert source.info.label == "Cam"


def test_names_are_not_remembered_for_ever(plugged: list[Webcam]) -> None:
    for number in range(70):
        plugged[:] = [Webcam(number, "", f"Cam {number}")]
        with open_source(str(number)):
            pass
    assert len(webcam._names) == 64
    assert "0" not in webcam._names


def test_what_cannot_be_opened_says_why(plugged: list[Webcam], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceUnreachableError, match=r"webcam 3 is not there; .* one of these: 0 \(Cam\)"):
        open_source("3")
    monkeypatch.setattr(FakeCapture, "opens", False)
    with pytest.raises(SourceUnreachableError, match="Cam cannot be opened; plug it in again"):
        open_source("0")
    assert len(FakeCapture.made) == 1
    FakeCapture.made.clear()

    def refuse(_webcam: Webcam) -> None:
        raise SourceRefusedError("not you")

    monkeypatch.setattr(webcam, "check", refuse)
    with pytest.raises(SourceRefusedError):
        open_source("0")
    assert not FakeCapture.made, "OpenCV is not asked, which would only print warnings"


def test_on_other_systems_each_backend_is_tried_and_reads_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Elsewhere(FakeCapture):
        def open(self, index: int, backend: int) -> bool:
            tried.append(backend)
            return backend == cv2.CAP_MSMF

        def grab(self) -> bool:
            return not FakeCapture.plan or FakeCapture.plan.pop(0) != "gone"

        @staticmethod
        def waitAny(captures: list[FakeCapture], timeout_ns: int) -> tuple[bool, np.ndarray]:  # noqa: N802
            raise AssertionError("only V4L2 can wait")

    monkeypatch.setattr(webcam, "VideoCapture", Elsewhere)
    monkeypatch.setattr(webcam.sys, "platform", "win32")
    FakeCapture.plan[:] = [1, 2, "gone"]
    with open_source("webcam://0?size=1280x720") as source:
        assert tried == [cv2.CAP_DSHOW, cv2.CAP_MSMF]
        frames = source.frames()
        assert len(list(islice(frames, 2))) == 2
        with pytest.raises(SourceUnreachableError):
            next(frames)
    monkeypatch.setattr(webcam, "webcams", lambda: ())
    with open_source("5") as source:
        assert source.info.label == "Webcam 5", "not every system tells which cameras it has"


def test_two_threads_cannot_read_one_camera() -> None:
    FakeCapture.plan[:] = [10, "nothing"]
    source = open_source("0")
    frames = source.frames()
    next(frames)
    reader = threading.Thread(target=lambda: list(frames))
    reader.start()
    time.sleep(0.1)
    with pytest.raises(SourceError, match="another thread"):
        next(source.frames())
    source.close()
    reader.join(2)
    assert not reader.is_alive()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0", WebcamAddress("0")),
        (" 07 ", WebcamAddress("7")),
        ("/dev/video2", WebcamAddress("2")),
        ("webcam://0", WebcamAddress("0")),
        ("WEBCAM:///dev/video4?rate=29.97", WebcamAddress("4", None, 29.97)),
        ("webcam://1?size=1280x720&rate=30", WebcamAddress("1", (1280, 720), 30.0)),
        ("webcam:///dev/v4l/by-id/usb-A_%231?size=640X480", WebcamAddress("/dev/v4l/by-id/usb-A_#1", (640, 480))),
    ],
)
def test_addresses(text: str, address: WebcamAddress) -> None:
    assert is_webcam(text)
    assert parse_address(text) == address
    assert parse_address(address.text) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("webcam://", "names no webcam"),
        ("webcam://front", "names no webcam"),
        ("webcam:///etc/passwd", "names no webcam"),
        ("/dev/v4l/../../etc/passwd", "names no webcam"),
        ("webcam://0?size=big", "size must be like 1280x720"),
        ("webcam://0?size=0x720", "size must be like 1280x720"),
        ("webcam://0?rate=fast", "rate must be a number"),
        ("webcam://0?rate=0", "rate must be a number"),
        ("webcam://0?rate=nan", "rate must be a number"),
        ("webcam://0?zoom=2", "no option 'zoom'"),
        ("99999", "names no webcam"),
    ],
)
def test_what_is_wrong_with_an_address_is_named(text: str, complaint: str) -> None:
    assert is_webcam(text)
    with pytest.raises(SourceError, match=complaint):
        open_source(text)


@pytest.mark.parametrize("text", ["video.mp4", "/dev/null", "rtsp://cam/0", "demo://plaza", "-1", ""])
def test_other_texts_are_no_webcams(text: str) -> None:
    assert not is_webcam(text)
    assert webcam.open_webcam(text, OpenOptions()) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0", "Webcam 0"),
        ("webcam://3?size=640x480", "Webcam 3"),
        ("webcam:///dev/v4l/by-id/usb-046d_HD_Pro_C920_5A-video-index0?rate=30", "Webcam 046d HD Pro C920 5A"),
        ("webcam://?", "Webcam"),
    ],
)
def test_a_webcam_has_a_name_before_it_is_asked(text: str, name: str) -> None:
    assert webcam_name(text) == name
