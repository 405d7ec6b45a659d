"""Which webcams there are: what udev and sysfs tell, on a folder made like theirs; the devices' own answers are in
``test_webcam_v4l2.py``."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import pytest

from heatstream.core.errors import SourceRefusedError, SourceUnreachableError
from heatstream.sources import webcam_trouble, webcams
from heatstream.sources.webcams import Mode, Webcam

HD = Mode((1280, 720), (30.0,))


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four devices: a USB camera with its metadata device, another camera of the same make, and a decoder."""
    dev, sysfs = tmp_path / "dev", tmp_path / "sys"
    names = {"video0": "C920: C920", "video1": "C920: C920", "video10": "Laptop  Camera: Laptop IR", "video2": "codec"}
    for name, called in names.items():
        (dev / name).parent.mkdir(parents=True, exist_ok=True)
        (dev / name).touch()
        (sysfs / name).mkdir(parents=True)
        (sysfs / name / "name").write_text(f"{called}\n")
        (sysfs / name / "index").write_text("1\n" if name == "video1" else "0\n")
    (dev / "videoish").touch()
    for link, device in (
        ("by-id/usb-C920-index0", "video0"),
        ("by-path/pci-1", "video0"),
        ("by-path/pci-2", "video10"),
    ):
        (dev / "v4l" / link).parent.mkdir(parents=True, exist_ok=True)
        (dev / "v4l" / link).symlink_to(dev / device)
    monkeypatch.setattr(webcams, "DEV", dev)
    monkeypatch.setattr(webcams, "SYSFS", sysfs)
    monkeypatch.setattr(sys, "platform", "linux")
    return dev


def test_cameras_have_names_and_their_most_lasting_paths(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"video0": ("Card", (HD,)), "video1": None, "video10": ("Card", ()), "video2": None}
    monkeypatch.setattr(webcams, "_ask", lambda device: answers[device.name])
    assert webcams.webcams() == (
        Webcam(0, str(dev / "v4l/by-id/usb-C920-index0"), "C920", (HD,)),
        Webcam(10, str(dev / "v4l/by-path/pci-2"), "Laptop Camera: Laptop IR"),
    )


def test_without_sysfs_the_driver_names_the_camera(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcams, "SYSFS", dev / "nothing")
    monkeypatch.setattr(webcams, "_ask", lambda device: ("Card", ()) if device.name == "video2" else ("", ()))
    assert [(one.index, one.name) for one in webcams.webcams()] == [
        (0, "Webcam 0"),
        (1, "Webcam 1"),
        (2, "Card"),
        (10, "Webcam 10"),
    ]


@pytest.mark.parametrize(
    ("number", "listed"), [(errno.EACCES, [0, 2, 10]), (errno.EBUSY, [0, 2, 10]), (errno.ENODEV, []), (errno.EIO, [])]
)
def test_what_may_not_be_asked_is_listed_and_what_has_gone_is_not(
    dev: Path, monkeypatch: pytest.MonkeyPatch, number: int, listed: list[int]
) -> None:
    def refuse(_device: Path) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(webcams, "_ask", refuse)
    assert [webcam.index for webcam in webcams.webcams()] == listed


@pytest.mark.usefixtures("dev")
def test_files_that_are_no_devices_are_left_out() -> None:
    assert webcams.webcams() == (), "they open, but answer no ioctl"


def test_no_device_folder_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcams, "DEV", tmp_path / "nothing")
    monkeypatch.setattr(sys, "platform", "linux")
    assert webcams.webcams() == ()


def test_a_camera_of_any_size_and_rate_has_the_usual_ones() -> None:
    limits = SimpleNamespace(min_width=320, max_width=1920, min_height=240, max_height=1080)
    sizes = list(webcams._sizes([SimpleNamespace(info=limits)]))
    assert sizes == [(640, 480), (800, 600), (1280, 720), (1920, 1080)]
    rates = webcams._rates([SimpleNamespace(min_fps=60, max_fps=14.5), SimpleNamespace(min_fps=0, max_fps=0)])
    assert list(rates) == [15.0, 20.0, 25.0, 30.0, 50.0, 60.0]


@pytest.mark.parametrize(("platform", "backend"), [("win32", cv2.CAP_DSHOW), ("darwin", cv2.CAP_AVFOUNDATION)])
def test_elsewhere_a_library_lists_them_for_the_backend_that_opens_them(
    monkeypatch: pytest.MonkeyPatch, platform: str, backend: int
) -> None:
    library = ModuleType("cv2_enumerate_cameras")
    asked: list[int] = []

    def enumerate_cameras(wanted: int) -> list[SimpleNamespace]:
        asked.append(wanted)
        return [SimpleNamespace(index=1, name="", path=None), SimpleNamespace(index=0, name="Cam", path="id-1")]

    library.enumerate_cameras = enumerate_cameras  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", library)
    monkeypatch.setattr(sys, "platform", platform)
    assert webcams.webcams() == (Webcam(0, "id-1", "Cam"), Webcam(1, "", "Webcam 1"))
    assert asked == [backend]
    webcam_trouble.check(Webcam(0, "", "Cam"))  # the system does not tell
    assert "close other programs" in str(webcam_trouble.unusable(Webcam(0, "", "Cam")))


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (errno.EACCES, SourceRefusedError, "group “video”"),
        (errno.EPERM, SourceRefusedError, "may not be opened"),
        (errno.EBUSY, SourceUnreachableError, "another program"),
        (errno.ENODEV, SourceUnreachableError, "was unplugged"),
        (errno.ENXIO, SourceUnreachableError, "was unplugged"),
    ],
)
def test_the_systems_refusals_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], words: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(webcam_trouble, "_refusal", lambda _device: number)
    with pytest.raises(error, match=words):
        webcam_trouble.check(Webcam(3, "", "Cam"))


def test_a_device_that_is_not_there_and_one_that_is_no_camera(dev: Path) -> None:
    assert webcam_trouble._refusal(str(dev / "video77")) == errno.ENOENT
    assert webcam_trouble._refusal(str(dev / "video0")) == errno.ENOTTY
    webcam_trouble.check(Webcam(0, "", "Cam"))  # nothing that it could say
    assert "plug it in again" in str(webcam_trouble.unusable(Webcam(0, "", "Cam")))
