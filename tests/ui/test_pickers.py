"""The start page's choices of a webcam, of a picture and of a folder of pictures, and motion as a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from heatstream.core.errors import ModelNotFoundError
from heatstream.core.settings import settings
from heatstream.host.spec import CameraSpec
from heatstream.sources.credentials import NO_SECRET, split_secret
from heatstream.sources.webcams import Mode, Webcam
from heatstream.ui import model_picker, source_picker, webcam_picker
from heatstream.ui.media import Listing
from heatstream.ui.names import source_name
from heatstream.vision.spec import ModelSpec
from heatstream.web import current
from tests.support.fake_ui_host import FakeUiHost

BY_ID = "/dev/v4l/by-id/usb-Desk_Cam_1-video-index0"
DESK = Webcam(0, BY_ID, "Desk Cam", (Mode((1920, 1080), (30.0, 15.0)), Mode((1280, 720), (60.0, 30.0))))
DOOR = Webcam(2, "/dev/video2", "Door Cam", ())


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeUiHost]:
    """A fake host in force, with folders of its own."""
    for name in ("media", "models", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"HEATSTREAM_{name.removesuffix('s').upper()}_DIR", str(tmp_path / name))
    settings.cache_clear()
    fake = FakeUiHost()
    current.set_host(fake)  # type: ignore[arg-type]
    yield fake
    current.set_host(None)
    settings.cache_clear()


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Webcam]:
    """The webcams that are plugged in; a test may change the list."""
    there = [DESK, DOOR]
    monkeypatch.setattr(webcam_picker, "webcams", lambda: tuple(there))
    return there


def start_page(kind: str) -> AppTest:
    test = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "app.py"), default_timeout=20)
    test.query_params["start"] = "1"
    test.run()
    labelled(test.button_group, "Video").set_value(kind).run()
    assert not test.exception
    return test


def labelled(elements, label: str):
    (found,) = [element for element in elements if element.label == label]
    return found


def start(test: AppTest, host: FakeUiHost) -> CameraSpec:
    labelled(test.button, "Start").click().run()
    assert not test.exception
    return host.cameras()[0]


def write_picture(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), np.zeros((48, 64, 3), np.uint8))
    return path


def test_a_webcam_is_chosen_with_size_and_rate(host: FakeUiHost, plugged: list[Webcam]) -> None:
    test = start_page(source_picker.WEBCAM)
    assert labelled(test.selectbox, "Webcam").options == ["Desk Cam", "Door Cam"]
    assert labelled(test.selectbox, "Size").options == ["1920 x 1080", "1280 x 720", "The camera's own"]
    assert labelled(test.selectbox, "Size").value == (1280, 720)
    assert labelled(test.selectbox, "Pictures a second").options == ["The camera's own", "60", "30"]
    labelled(test.selectbox, "Size").select((1920, 1080)).run()
    labelled(test.selectbox, "Pictures a second").select(15.0).run()
    spec = start(test, host)
    assert spec.source == f"webcam://{BY_ID}?size=1920x1080&rate=15"
    assert split_secret(spec.source) == (spec.source, NO_SECRET), "its options are no secrets"
    assert source_name(spec.source) == "Webcam Desk Cam 1"


def test_webcams_of_one_name_can_be_told_apart(host: FakeUiHost, plugged: list[Webcam]) -> None:
    twins = [Webcam(n, f"/dev/v4l/by-id/usb-Twin_{n}-video-index0", "Twin", DESK.modes) for n in (4, 6)]
    plugged[:] = [DESK, *twins]
    test = start_page("Webcam")
    assert labelled(test.selectbox, "Webcam").options == ["Desk Cam", "Twin (number 4)", "Twin (number 6)"]
    labelled(test.selectbox, "Webcam").select(twins[0].path).run()
    assert "usb-Twin_4" in start(test, host).source


def test_a_webcam_that_tells_nothing_is_taken_as_it_is(host: FakeUiHost, plugged: list[Webcam]) -> None:
    test = start_page(source_picker.WEBCAM)
    labelled(test.selectbox, "Webcam").select("2").run()
    assert labelled(test.selectbox, "Size").options == ["The camera's own"]
    assert "does not tell" in test.caption[0].value
    assert start(test, host).source == "webcam://2"


def test_without_a_webcam_it_says_what_to_do_and_finds_one_later(host: FakeUiHost, plugged: list[Webcam]) -> None:
    plugged.clear()
    test = start_page(source_picker.WEBCAM)
    assert "Plug one in" in test.info[0].value
    assert labelled(test.button, "Start").disabled
    plugged.append(DOOR)
    labelled(test.button, "Look again").click().run()
    assert not labelled(test.button, "Start").disabled
    plugged[:] = [DESK]
    test.run()
    assert not test.exception, "the chosen one was unplugged meanwhile"
    assert start(test, host).source == f"webcam://{BY_ID}?size=1280x720"


def test_a_picture_of_the_media_folder_is_opened(host: FakeUiHost) -> None:
    path = write_picture(settings().media_dir / "yard.png")
    test = start_page(source_picker.FOLDER)
    assert labelled(test.selectbox, "File").options == ["yard.png"]
    assert start(test, host).source == str(path.resolve())


def test_a_folder_of_pictures_is_played_at_the_rate_asked_for(host: FakeUiHost) -> None:
    for number in (1, 2, 10):
        path = write_picture(settings().media_dir / "shots" / f"{number}.png")
    test = start_page(source_picker.FOLDER)
    assert labelled(test.selectbox, "File").options == ["shots/"]
    assert "3 pictures, from 1\\.png to 10\\.png" in test.caption[0].value
    labelled(test.number_input, "Pictures a second").set_value(0.5).run()
    spec = start(test, host)
    assert spec.source == f"{path.parent.resolve()}?rate=0.5"
    assert source_name(spec.source) == "shots"


def test_a_folder_that_has_emptied_is_told(host: FakeUiHost, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        write_picture(settings().media_dir / "shots" / f"{number}.png")
    monkeypatch.setattr(source_picker.media, "sources_in", lambda _folder: Listing(["shots/"], 0))
    for path in (settings().media_dir / "shots").iterdir():
        path.unlink()
    test = start_page(source_picker.FOLDER)
    assert "without pictures" in test.error[0].value
    assert labelled(test.button, "Start").disabled


def test_motion_is_offered_and_needs_no_file(host: FakeUiHost) -> None:
    write_picture(settings().media_dir / "yard.png")
    test = start_page(source_picker.FOLDER)
    models = labelled(test.selectbox, "Model")
    assert models.value == "auto", "it is no default"
    assert "Motion (no model needed)" in models.options
    models.select("motion").run()
    assert not test.error
    assert start(test, host).model == ModelSpec("motion")


def test_motion_can_be_the_automatic_model(host: FakeUiHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEATSTREAM_MODEL", "motion")
    settings.cache_clear()
    assert model_picker.usable_model("auto") == "auto"
    assert model_picker.usable_model(" motion ") == "motion"
    with pytest.raises(ModelNotFoundError, match="so long a name"):
        model_picker.usable_model("y" * 300)
