"""The live page through AppTest: the start page, every control's effect on the camera, other tabs, errors."""

from __future__ import annotations

import base64
import math
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from heatstream.core.controls import Anchor, Blend, Controls, CountControls, HeatControls, Measure, Place, Scale, Shape
from heatstream.core.counting import Counted, rearranged
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, InOut, SourceInfo, Zone, ZoneTally, ZoneUse
from heatstream.host.spec import CameraSpec
from heatstream.ui import control_panel, live, place, share, source_picker, undo, zone_editor, zone_shapes
from heatstream.ui.bindings import FIRST_BAND
from heatstream.vision.spec import ModelSpec
from heatstream.web import current
from heatstream.web.wire import page_mark
from tests.support.fake_ui_host import FakeUiHost

SPEC = CameraSpec("/videos/square.mp4", ModelSpec("auto"))
LINE = Zone("z1", "Gate", ((0.2, 0.5), (0.8, 0.5)), colour=0)
AREA = Zone("z2", "Shop", ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8)), colour=1)


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Folders of its own."""
    for name in ("media", "models", "data"):
        (tmp_path / name).mkdir()
    for name, folder in (("MEDIA", "media"), ("MODEL", "models"), ("DATA", "data")):
        monkeypatch.setenv(f"HEATSTREAM_{name}_DIR", str(tmp_path / folder))
    settings.cache_clear()
    yield
    current.set_host(None)
    settings.cache_clear()


@pytest.fixture
def host(folders: None) -> FakeUiHost:
    """A fake host in force."""
    fake = FakeUiHost()
    current.set_host(fake)  # type: ignore[arg-type]
    return fake


@pytest.fixture
def media_file(host: FakeUiHost) -> Path:
    path = settings().media_dir / "square.mp4"
    path.write_bytes(b"x" * 1000)
    return path


def app(camera_id: str | None = None, *, start: bool = False) -> AppTest:
    """The page at ``/?camera=...``, or at the start page's address."""
    test = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "app.py"), default_timeout=20)
    if camera_id:
        test.query_params["camera"] = camera_id
    if start:
        test.query_params["start"] = "1"
    return test


@pytest.fixture
def camera(host: FakeUiHost) -> str:
    return host.open(SPEC)


def labelled(elements, label: str) -> list:
    """Those that show this label, whatever is spoken after it."""
    return [element for element in elements if element.label.partition(" *")[0] == label]


def by_label(elements, label: str):
    (found,) = labelled(elements, label)
    return found


def texts(test: AppTest) -> str:
    groups = (test.error, test.warning, test.info, test.caption, test.markdown, test.title)
    words = [str(element.value) for group in groups for element in group]
    return "\n".join(words + [element.proto.body for element in test.get("html")])


def said(elements) -> str:
    """The first message as it is read on the page, without the marks that keep it from being Markdown."""
    return elements[0].value.replace("\\", "")


# Where the page is


def test_an_address_that_comes_late_does_not_lead_back(
    host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "LATE_S", 3600.0)
    test = app(camera).run()
    by_label(test.button, "Change source").click().run()
    test.query_params.pop("start")
    test.query_params["camera"] = camera  # sent before the browser heard of the new address
    test.run()
    assert by_label(test.button, "Open")
    assert dict(test.query_params) == {"start": "1"}
    by_label(test.button, "Open").click().run()
    test.query_params.pop("camera")
    test.query_params["start"] = "1"  # the list of cameras drew itself anew meanwhile
    test.run()
    assert by_label(test.button, "Stop")
    assert dict(test.query_params) == {"camera": camera}
    monkeypatch.setattr(place, "LATE_S", 0.0)
    test.query_params.pop("camera")
    test.query_params["start"] = "1"
    test.run()
    assert by_label(test.button, "Open")


# The first visit


def test_the_first_visit_shows_the_demo_with_zones(host: FakeUiHost) -> None:
    test = app().run()
    (spec,) = host.cameras()
    assert (spec.source, spec.model) == ("demo://plaza", ModelSpec("demo"))
    assert test.query_params["camera"] == spec.id
    assert [zone.name for zone in host.controls(spec.id).zones] == ["Crossing", "Fountain"]
    assert "Demo scene" in texts(test)
    assert not test.exception


def test_the_demo_comes_back_as_it_was_left(host: FakeUiHost) -> None:
    test = app().run()
    (spec,) = host.cameras()
    host.update(spec.id, lambda c: replace(c, zones=(LINE,)))
    by_label(test.button, "Stop").click().run()
    assert app().run().query_params["camera"] == spec.id
    assert host.running(spec.id)
    assert host.controls(spec.id).zones == (LINE,)


def test_whoever_knows_more_than_the_demo_is_asked(host: FakeUiHost, camera: str) -> None:
    test = app().run()
    assert host.cameras() == (SPEC,)
    assert by_label(test.button_group, "Video").value == source_picker.DEMO
    by_label(test.button, "Watch the demo").click().run()
    assert "Demo scene" in texts(test)
    by_label(test.button, "Change source").click().run()
    assert test.query_params["start"] == "1"
    assert by_label(test.button_group, "Video").value == source_picker.UPLOAD


def test_a_first_visit_for_which_there_is_no_room_is_told(host: FakeUiHost) -> None:
    host._most = 0
    test = app().run()
    assert "stop one of them first" in said(test.error)
    assert by_label(test.button_group, "Video")
    assert not test.exception


def start_page(kind: str = source_picker.FOLDER) -> AppTest:
    test = app(start=True).run()
    by_label(test.button_group, "Video").set_value(kind).run()
    assert not test.exception
    return test


# The start page


def test_an_empty_media_folder_says_where_to_put_files(host: FakeUiHost) -> None:
    test = start_page()
    assert str(settings().media_dir) in test.info[0].value
    assert by_label(test.button, "Start").disabled
    by_label(test.button, "Look again").click().run()
    assert by_label(test.button, "Start").disabled
    (settings().media_dir / "new.mp4").write_bytes(b"x")
    by_label(test.button, "Look again").click().run()
    assert not by_label(test.button, "Start").disabled


def test_start_opens_a_camera_and_puts_it_into_the_address(host: FakeUiHost, media_file: Path) -> None:
    test = start_page()
    assert by_label(test.selectbox, "File").options == ["square.mp4"]
    by_label(test.button, "Start").click().run()
    (spec,) = host.cameras()
    assert spec == CameraSpec(str(media_file.resolve()), ModelSpec("auto"))
    assert test.query_params["camera"] == spec.id
    assert "start" not in test.query_params
    assert "square" in texts(test)
    assert not test.exception


def test_the_model_and_how_it_runs(host: FakeUiHost, media_file: Path) -> None:
    (settings().model_dir / "mine_openvino_model").mkdir()
    (settings().model_dir / "yolov8n.pt").write_bytes(b"x")
    test = start_page()
    options = by_label(test.selectbox, "Model").options
    assert options[0] == "yolov8n (automatic)"
    assert "mine" in options[1]
    assert test.expander[0].label == "Detector: yolov8n (automatic)"
    by_label(test.selectbox, "Model").select("mine_openvino_model")
    by_label(test.selectbox, "Tracker").select("bytetrack")
    by_label(test.selectbox, "Image size").select(320)
    by_label(test.selectbox, "Runs on").select("cpu")
    test.run()
    assert test.expander[0].label == "Detector: mine (OpenVINO)"
    by_label(test.button, "Start").click().run()
    assert host.cameras()[0].model == ModelSpec("mine_openvino_model", "cpu", 320, "bytetrack")


def test_a_model_that_is_here_is_the_default(host: FakeUiHost, media_file: Path) -> None:
    for name in ("a-tracks.csv", "big.onnx", "yolov8n_int8_openvino_model"):
        (settings().model_dir / name).mkdir() if name.endswith("model") else (settings().model_dir / name).touch()
    by_label(start_page().button, "Start").click().run()
    assert host.cameras()[0].model == ModelSpec("yolov8n_int8_openvino_model")


@pytest.mark.parametrize(
    ("typed", "words"), [("/etc/passwd.pt", "must lie in the folder"), ("yolov8zzz", "no model “yolov8zzz”")]
)
def test_a_typed_model_name_is_completed_and_what_is_none_refused(
    host: FakeUiHost, media_file: Path, typed: str, words: str
) -> None:
    test = start_page()
    models = by_label(test.selectbox, "Model")
    assert models.options[-1].startswith("another one")
    models.select_index(len(models.options) - 1).run()
    assert by_label(test.button, "Start").disabled
    by_label(test.text_input, "Name of the Ultralytics model").set_value(typed).run()
    assert words in said(test.error)
    assert by_label(test.button, "Start").disabled
    by_label(test.text_input, "Name of the Ultralytics model").set_value("yolov8s").run()
    assert not test.error
    by_label(test.button, "Start").click().run()
    assert host.cameras()[0].model.model == "yolov8s.pt"


def test_an_automatic_model_that_is_nothing_is_refused_at_once(
    host: FakeUiHost, media_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEATSTREAM_MODEL", "yolov8n-no-such.onnx")
    settings.cache_clear()
    test = start_page()
    assert "yolov8n-no-such.onnx" in said(test.error)
    assert "HEATSTREAM_MODEL" in said(test.error)
    assert by_label(test.button, "Start").disabled


def test_more_cameras_than_may_are_refused_and_the_page_stays(host: FakeUiHost, media_file: Path, camera: str) -> None:
    host._most = 1
    test = start_page()
    by_label(test.button, "Start").click().run()
    assert "stop one of them first" in said(test.error)
    assert len(host.cameras()) == 1
    by_label(test.button, "Stop").click().run()
    by_label(test.button, "Start").click().run()
    assert not test.error
    assert "square" in texts(test)


# The list of cameras


def test_a_camera_is_listed_with_what_it_counts_and_can_be_opened(host: FakeUiHost, camera: str) -> None:
    host.update(camera, lambda c: replace(c, zones=(LINE, AREA)))
    host.counts = [1124, 98]
    test = start_page()
    assert "running" in texts(test)
    assert by_label(test.button, "Open").label == "Open *square\\.mp4*"
    assert "2 zones · 1,686 in · 130 out" in texts(test)
    by_label(test.button, "Open").click().run()
    assert test.query_params["camera"] == camera
    assert by_label(test.button, "Change source")


def test_a_stopped_camera_stays_on_the_list_and_wakes_when_opened(host: FakeUiHost, camera: str) -> None:
    test = start_page()
    by_label(test.button, "Stop").click().run()
    assert not host.running(camera)
    assert "stopped" in texts(test)
    assert not labelled(test.button, "Stop")
    by_label(test.button, "Open").click().run()
    assert host.running(camera)
    assert test.query_params["camera"] == camera


def test_a_removed_camera_can_be_brought_back(host: FakeUiHost, camera: str) -> None:
    host.update(camera, lambda c: replace(c, zones=(LINE,)))
    test = start_page()
    by_label(test.button, "Remove").click().run()
    assert host.cameras() == ()
    assert "“square.mp4” was removed" in texts(test)
    by_label(test.button, "Undo").click().run()
    assert host.cameras() == (SPEC,)
    assert host.controls(camera).zones == (LINE,)
    assert not labelled(test.button, "Undo")


def test_a_camera_that_may_not_be_opened_leaves_the_list_whole(host: FakeUiHost, camera: str) -> None:
    host.stop(camera)
    for name in ("a.mp4", "b.mp4"):
        host.stop(host.open(CameraSpec(name, ModelSpec("auto"))))
    host._most = 0
    test = start_page()
    test.button(key=f"join-{camera}").click().run()
    assert "stop one of them first" in said(test.error)
    assert len(labelled(test.button, "Open")) == len(labelled(test.button, "Remove")) == 3
    assert "camera" not in test.query_params


def test_a_camera_is_removed_again_and_what_was_started_anew_is_not_replaced(host: FakeUiHost, camera: str) -> None:
    test = start_page()
    by_label(test.button, "Remove").click().run()
    host.open(SPEC)  # elsewhere
    test.run()
    by_label(test.button, "Remove").click().run()
    assert not test.exception
    (button,) = undos(test)
    host.open(SPEC)
    host.update(camera, lambda c: replace(c, zones=(LINE,)))
    button.click().run()
    assert "started anew meanwhile" in said(test.error)
    assert host.controls(camera).zones == (LINE,)
    assert not undos(test)


def test_a_failed_camera_says_why_and_can_be_removed(host: FakeUiHost, camera: str) -> None:
    host.figures |= {"state": CameraState.FAILED, "reason": "the file is <b>no</b> video"}
    test = start_page()
    assert "failed" in texts(test)
    assert "the file is &lt;b&gt;no&lt;/b&gt; video" in texts(test)
    by_label(test.button, "Stop").click().run()
    by_label(test.button, "Remove").click().run()
    assert host.cameras() == ()


def test_an_upload_goes_with_its_last_camera(host: FakeUiHost, media_file: Path) -> None:
    upload = settings().upload_dir / "digest" / "film.mp4"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"film")
    one, other = (host.open(CameraSpec(str(upload), ModelSpec(model))) for model in ("auto", "other"))
    test = start_page()
    test.button(key=f"remove-{one}").click().run()
    by_label(test.button, "Start").click().run()
    assert upload.exists()
    by_label(test.button, "Change source").click().run()
    test.button(key=f"remove-{other}").click().run()
    assert upload.exists()  # it can still be brought back
    test.button(key=next(str(b.key) for b in test.button if str(b.key).startswith("join-"))).click().run()
    assert not upload.exists()
    assert not upload.parent.exists()


def test_uploads_that_nothing_uses_go_after_a_day_when_the_server_starts(host: FakeUiHost) -> None:
    old, new, used = (settings().upload_dir / name / "film.mp4" for name in ("old", "new", "used"))
    for path in (old, new, used):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"film")
    for path in (old, used):
        os.utime(path, (0, 0))
    host.open(CameraSpec(str(used), ModelSpec("auto")))
    app(start=True).run()
    assert [path.exists() for path in (old, new, used)] == [False, True, True]


def test_uploads_stay_while_cameras_that_use_them_may_be_unread(host: FakeUiHost, media_file: Path) -> None:
    old, removed = (settings().upload_dir / name / "film.mp4" for name in ("old", "removed"))
    for path in (old, removed):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"film")
        os.utime(path, (0, 0))
    one = host.open(CameraSpec(str(removed), ModelSpec("auto")))
    host.trouble = "The database is damaged."
    test = start_page()
    test.button(key=f"remove-{one}").click().run()
    by_label(test.button, "Start").click().run()
    assert test.query_params["camera"] != one
    assert (old.exists(), removed.exists()) == (True, True)


def test_an_upload_that_another_tab_can_bring_back_stays(host: FakeUiHost, media_file: Path) -> None:
    theirs, mine = (settings().upload_dir / name / "film.mp4" for name in ("theirs", "mine"))
    for path in (theirs, mine):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"film")
    cameras = [host.open(CameraSpec(str(path), ModelSpec("auto"))) for path in (theirs, mine)]
    tabs = [start_page(), start_page()]
    os.utime(theirs, (0, 0))
    for tab, camera_id in zip(tabs, cameras, strict=True):
        tab.button(key=f"remove-{camera_id}").click().run()
    by_label(tabs[1].button, "Start").click().run()
    assert (theirs.exists(), mine.exists()) == (True, False)


# A camera's address


def test_that_nothing_can_be_kept_is_said_for_as_long_as_it_is_so(host: FakeUiHost, camera: str) -> None:
    host.trouble = "The database is locked by another program."
    test = app(camera).run()
    assert said(test.warning) == host.trouble
    host.trouble = ""
    assert not test.run().warning


def test_an_unknown_camera_is_named_and_the_start_page_offered(host: FakeUiHost) -> None:
    test = app("cam-gone").run()
    assert "cam-gone" in said(test.warning)
    assert by_label(test.button_group, "Video")
    assert "camera" not in test.query_params
    assert not test.exception


def test_the_address_of_a_stopped_camera_wakes_it(host: FakeUiHost, camera: str) -> None:
    host.stop(camera)
    test = app(camera).run()
    assert host.running(camera)
    host.stop(camera)  # in another tab: this one does not fight it
    test.run()
    assert not host.running(camera)
    by_label(test.button, "Start again").click().run()
    assert host.running(camera)


def test_a_stopped_camera_that_cannot_wake_says_so(host: FakeUiHost, camera: str) -> None:
    host.stop(camera)
    host._most = 0
    test = app(camera).run()
    assert "stop one of them first" in said(test.warning)
    assert by_label(test.button, "Open")
    assert not test.exception


def test_change_source_leaves_the_camera_and_stop_ends_it(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    by_label(test.button, "Change source").click().run()
    assert by_label(test.button, "Open")
    assert test.query_params["start"] == "1"
    assert host.running(camera)
    test = app(camera).run()
    by_label(test.button, "Stop").click().run()
    assert host.cameras() == (SPEC,)
    assert not host.running(camera)
    assert by_label(test.button, "Open")


WIDGETS = [
    ("slider", "Strength", 0.8, lambda c: c.heat.alpha, 0.8),
    ("select_slider", "Fades to half in", math.inf, lambda c: c.heat.half_life_s, math.inf),
    ("slider", "Size", 2.0, lambda c: c.heat.size, 2.0),
    ("button_group", "Shape", "rect", lambda c: c.heat.shape, Shape.RECT),
    ("button_group", "Shape", "smooth", lambda c: c.heat.shape, Shape.SMOOTH),
    ("button_group", "Heat shows", "visits", lambda c: c.heat.measure, Measure.VISITS),
    ("button_group", "Place", "feet", lambda c: c.heat.place, Place.FEET),
    ("multiselect", "Heat from these kinds", ["bicycle"], lambda c: c.heat.classes, ("bicycle",)),
    ("selectbox", "Ignore what stands still", 30.0, lambda c: c.heat.still_s, 30.0),
    ("button_group", "Colour it", "uniform", lambda c: c.heat.blend, Blend.UNIFORM),
    ("selectbox", "Hottest colour stands for", "fixed", lambda c: c.heat.scale, Scale.FIXED),
    ("toggle", "Heat", False, lambda c: c.overlay.heat, False),
    ("toggle", "Boxes", False, lambda c: c.overlay.boxes, False),
    ("toggle", "Labels", False, lambda c: c.overlay.labels, False),
    ("toggle", "Trails", True, lambda c: c.overlay.trails, True),
    ("toggle", "Zones", False, lambda c: c.overlay.zones, False),
    ("toggle", "Counts", False, lambda c: c.overlay.counts, False),
    ("toggle", "Legend", False, lambda c: c.overlay.legend, False),
    ("multiselect", "Kinds of objects", ["bicycle"], lambda c: c.detect.classes, ("bicycle",)),
    ("slider", "Least confidence", 0.55, lambda c: c.detect.confidence, 0.55),
    ("slider", "Overlap (IoU)", 0.7, lambda c: c.detect.iou, 0.7),
    ("selectbox", "What crosses", "bottom", lambda c: c.anchor, Anchor.BOTTOM),
    ("toggle", "Count each person once", True, lambda c: c.counting.once, True),
    ("button_group", "Dead band", "by hand", lambda c: c.counting.band, FIRST_BAND),
]


@pytest.mark.parametrize("widget", WIDGETS, ids=[f"{widget[1]}-{widget[2]}" for widget in WIDGETS])
def test_a_widget_changes_its_own_field_only(host: FakeUiHost, camera: str, widget) -> None:
    kind, label, value, read, expected = widget
    test = app(camera).run()
    assert not test.exception
    assert read(Controls()) != expected
    by_label(getattr(test, kind), label).set_value(value).run()
    assert not test.exception
    (changed,) = host.updates
    assert read(changed) == expected
    assert differences(Controls(), changed) == 1


def differences(a: Controls, b: Controls) -> int:
    """How many fields differ, in the groups too; the revision aside."""
    fields = [(getattr(a, name), getattr(b, name)) for name in ("zones", "anchor", "paused", "loop")]
    fields += [(a.counts_epoch, b.counts_epoch), (a.heat_epoch, b.heat_epoch)]
    for group in ("heat", "overlay", "detect", "counting"):
        one, other = getattr(a, group), getattr(b, group)
        fields += [(getattr(one, name), getattr(other, name)) for name in one.__slots__]
    return sum(left != right for left, right in fields)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Reset counts", replace(Controls(), counts_epoch=1)),
        ("Clear heat", replace(Controls(), heat_epoch=1)),
        ("Viridis", replace(Controls(), heat=replace(Controls().heat, colormap="VIRIDIS"))),
    ],
)
def test_a_button_does_its_one_thing(host: FakeUiHost, camera: str, label: str, expected: Controls) -> None:
    test = with_zones(host, camera, LINE)
    by_label(test.button, label).click().run()
    assert [replace(controls, revision=0) for controls in host.updates[1:]] == [replace(expected, zones=(LINE,))]


def test_all_colormaps_are_offered(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    assert sum(str(button.key).startswith("choose-") for button in test.button) == 22


def test_the_scales_value_is_offered_where_it_means_something(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    assert "Object-seconds" not in [element.label for element in test.number_input]
    by_label(test.selectbox, "Hottest colour stands for").select("fixed").run()
    by_label(test.number_input, "Object-seconds").set_value(12.0).run()
    assert host.controls(camera).heat.scale_top_s == 12.0
    by_label(test.selectbox, "Hottest colour stands for").select("percentile").run()
    assert "Object-seconds" not in [element.label for element in test.number_input]
    by_label(test.slider, "Percentile of the warm spots").set_value(90.0).run()
    assert host.controls(camera).heat.scale_percentile == 90.0


def test_each_measure_says_which_question_it_answers_and_has_its_unit(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    assert "Where do people stay?" in texts(test)
    by_label(test.selectbox, "Hottest colour stands for").select("fixed").run()
    by_label(test.button_group, "Heat shows").set_value("visits").run()
    assert "How many different people came by?" in texts(test)
    assert "Where do people stay?" not in texts(test)
    by_label(test.number_input, "Visits").set_value(40.0).run()
    assert host.controls(camera).heat.scale_top_s == 40.0
    assert "Object-seconds" not in [element.label for element in test.number_input]


def test_a_time_of_standing_still_from_elsewhere_is_shown(host: FakeUiHost, camera: str) -> None:
    host.update(camera, lambda c: replace(c, heat=replace(c.heat, still_s=45.0)))
    box = by_label(app(camera).run().selectbox, "Ignore what stands still")
    assert box.options[:4] == ["Never", "After 10 s", "After 30 s", "After 45 s"]
    assert box.value == 45.0


def test_kinds_that_are_not_looked_for_leave_no_heat_and_it_says_so(host: FakeUiHost, camera: str) -> None:
    host.figures["class_names"] = ("person", "bicycle", "car")
    host.update(camera, lambda c: replace(c, heat=replace(c.heat, classes=("person", "car"))))
    test = app(camera).run()
    assert "leaves no heat" not in texts(test)
    by_label(test.multiselect, "Kinds of objects").set_value(["person", "bicycle"]).run()
    test.run()
    assert by_label(test.multiselect, "Heat from these kinds").options == ["person", "bicycle", "car"]
    assert "car: not among" in texts(test).replace("\\", "")
    by_label(test.multiselect, "Heat from these kinds").set_value([]).run()
    assert host.controls(camera).heat.classes is None
    assert "leaves no heat" not in texts(test)


def test_the_dead_band_is_set_in_percent_and_automatic_again(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    assert "Derived from each object" in texts(test)
    assert not labelled(test.slider, "Width on each side")
    by_label(test.button_group, "Dead band").set_value("by hand").run()
    assert "7.2 pixels of this picture" in texts(test)
    by_label(test.slider, "Width on each side").set_value(2.5).run()
    assert host.controls(camera).counting.band == 0.025
    by_label(test.slider, "Width on each side").set_value(0.0).run()
    assert host.controls(camera).counting.band == 0
    assert "the slightest step" in texts(test)
    by_label(test.button_group, "Dead band").set_value("automatic").run()
    assert host.controls(camera).counting.band is None


def test_counting_once_says_what_it_means(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    assert "counted again" in texts(test)
    by_label(test.toggle, "Count each person once").set_value(True).run()
    assert "At most once for each line or area" in texts(test)


@pytest.mark.parametrize(
    ("panel", "change"),
    [
        ("heat.alpha", lambda c: replace(c, heat=replace(c.heat, alpha=0.3))),
        ("heat.half_life_s", lambda c: replace(c, heat=replace(c.heat, half_life_s=30.0))),
        ("detect.confidence", lambda c: replace(c, detect=replace(c.detect, confidence=0.6))),
        ("detect.iou", lambda c: replace(c, detect=replace(c.detect, iou=0.7))),
        ("see", lambda c: replace(c, heat=replace(c.heat, still_s=30.0))),
        ("see", lambda c: replace(c, detect=replace(c.detect, classes=("person",)))),
        ("count", lambda c: replace(c, counting=CountControls(once=True))),
        ("count", lambda c: replace(c, counting=CountControls(band=0.02))),
    ],
)
def test_a_panel_is_drawn_anew_for_what_it_shows(panel: str, change) -> None:
    concerned = {name for name, shows in live.PANELS.items() if shows(Controls()) != shows(change(Controls()))}
    assert concerned - {"look"} == {panel}


def test_all_that_is_drawn_alone_is_looked_after(
    host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(control_panel, "_alone", lambda bound, binding, draw: drawn.append(binding.name))
    app(camera).run()
    assert sorted(drawn) == sorted(set(live.PANELS) - {"see", "count", "look"})


def test_the_decay_factor_stands_beside_the_half_life(host: FakeUiHost, camera: str) -> None:
    host.figures["source"] = SourceInfo("square.mp4", (1280, 720), 50.0)
    test = app(camera).run()
    assert "0.995 for each frame at 50 fps" in texts(test)
    by_label(test.select_slider, "Fades to half in").set_value(math.inf).run()
    assert "until it is cleared" in texts(test)


@pytest.mark.parametrize(
    "heat",
    [
        HeatControls(scale=Scale.FIXED, scale_top_s=0.01),
        HeatControls(scale=Scale.FIXED, scale_top_s=5e6),
        HeatControls(half_life_s=19.8, still_s=29.7),
        HeatControls(size=2.123, alpha=0.333, classes=("dragon",), scale=Scale.PERCENTILE, scale_percentile=51.23),
    ],
)
def test_whatever_a_link_may_bring_is_shown_and_stays(host: FakeUiHost, camera: str, heat: HeatControls) -> None:
    band = CountControls(band=0.01234)
    host.update(camera, lambda c: replace(c, heat=heat, counting=band, zones=(LINE, AREA)))
    test = app(camera).run()
    assert by_label(test.button, "Clear heat")
    shown = widget_ids(test)
    assert len(shown) > 20
    assert widget_ids(test.run()) == shown, "a widget was built anew though nothing had changed"
    assert (host.controls(camera).heat, host.controls(camera).counting) == (heat, band)
    assert not test.error


def widget_ids(test: AppTest) -> list[str]:
    kinds = (test.slider, test.select_slider, test.toggle, test.selectbox, test.multiselect, test.button_group)
    return [widget.id for kind in (*kinds, test.number_input, test.text_input) for widget in kind]


def test_another_tabs_change_reaches_the_widgets(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    host.update(camera, lambda c: replace(c, heat=replace(c.heat, alpha=0.9, half_life_s=7.5), zones=(LINE,)))
    test.run()
    assert by_label(test.slider, "Strength").value == 0.9
    assert by_label(test.select_slider, "Fades to half in").value == 7.5
    assert by_label(test.text_input, "Name of zone 1").value == "Gate"
    assert len(host.updates) == 1


def test_a_stale_widget_overwrites_nothing(host: FakeUiHost, camera: str) -> None:
    """This tab still shows the old strength while it changes something else."""
    test = app(camera).run()
    host.update(camera, lambda c: replace(c, heat=replace(c.heat, alpha=0.9)))
    by_label(test.toggle, "Trails").set_value(True).run()
    assert host.controls(camera).heat.alpha == 0.9
    assert host.controls(camera).overlay.trails
    assert by_label(test.slider, "Strength").value == 0.9


def test_two_tabs_end_with_the_same(host: FakeUiHost, camera: str) -> None:
    one, other = app(camera).run(), app(camera).run()
    by_label(one.slider, "Strength").set_value(0.2).run()
    by_label(other.toggle, "Boxes").set_value(False).run()
    one.run()
    for test in (one, other):
        assert by_label(test.slider, "Strength").value == 0.2
        assert by_label(test.toggle, "Boxes").value is False


def test_what_the_page_was_drawn_from_changes_with_the_camera(host: FakeUiHost, camera: str) -> None:
    """The page compares these, after its picture's line has told another mark; a mere next frame must not show."""
    for seen in (live.page_shows, page_mark):
        host.figures = {}
        before = seen(host, camera)  # type: ignore[operator]
        host.published += 1
        assert seen(host, camera) == before  # type: ignore[operator]
        for figures in ({"state": CameraState.FAILED}, {"class_names": ("cat",)}, {"model_label": "other"}):
            host.figures = figures
            assert seen(host, camera) != before  # type: ignore[operator]


def test_classes_from_elsewhere_stay_choosable(host: FakeUiHost, camera: str) -> None:
    host.figures["class_names"] = ()
    host.update(camera, lambda c: replace(c, detect=replace(c.detect, classes=("car",))))
    test = app(camera).run()
    assert by_label(test.multiselect, "Kinds of objects").value == ["car"]
    by_label(test.multiselect, "Kinds of objects").set_value([]).run()
    assert host.controls(camera).detect.classes is None


def test_a_failed_cameras_reason_is_left_to_the_picture(host: FakeUiHost, camera: str) -> None:
    host.figures |= {"state": CameraState.FAILED, "reason": "the file is no video"}
    assert "no video" not in texts(app(camera).run())


# Undo and sharing


def undos(test: AppTest) -> list:
    return labelled(test.button, "Undo")


def test_cleared_heat_can_be_brought_back(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    by_label(test.button, "Clear heat").click().run()
    assert host.controls(camera).heat_epoch == 1
    (button,) = undos(test)
    button.click().run()
    assert host.controls(camera).heat_epoch == 0
    assert not undos(test)


def test_heat_cleared_again_elsewhere_cannot(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    by_label(test.button, "Clear heat").click().run()
    (button,) = undos(test)
    host.update(camera, lambda c: replace(c, heat_epoch=5))
    button.click().run()
    assert host.controls(camera).heat_epoch == 5
    assert "cleared again" in said(test.error)
    assert not undos(test)


def test_reset_counts_can_be_brought_back_on_top_of_those_since(host: FakeUiHost, camera: str) -> None:
    host.counts = [12, 5]
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Reset counts").click().run()
    assert host.controls(camera).counts_epoch == 1
    host.counts = [1, 0]
    (button,) = undos(test)
    button.click().run()
    ((tally,),) = host.added
    assert (tally.zone_id, tally.total) == (LINE.id, InOut(12, 5))
    assert host.controls(camera).counts_epoch == 1
    assert not undos(test)


def test_counts_that_were_reset_again_elsewhere_cannot(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Reset counts").click().run()
    (button,) = undos(test)
    host.update(camera, lambda c: replace(c, counts_epoch=5))
    button.click().run()
    assert host.added == []
    assert "reset again" in said(test.error)


def test_an_offer_to_undo_ends_after_its_time(host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Reset counts").click().run()
    monkeypatch.setattr(undo, "OFFERED_S", -1.0)
    by_label(test.button, "Reset counts").click().run()
    assert not undos(test)


def shared_link(camera: str, controls: Controls) -> AppTest:
    test = app(camera)
    test.query_params["settings"] = share.encode(controls)
    return test.run()


def test_a_links_settings_are_asked_for_applied_once_and_taken_back(host: FakeUiHost, camera: str) -> None:
    host.update(camera, lambda c: replace(c, zones=(AREA,), counts_epoch=3))
    mine = host.controls(camera)
    shared = Controls(heat=replace(Controls().heat, colormap="VIRIDIS"), zones=(LINE,), paused=True, counts_epoch=9)
    test = shared_link(camera, shared)
    assert "1 zone instead of your 1; heat in “Viridis” that fades to half in 2" in texts(test).replace("\\", "")
    assert "what to look for" not in texts(test)
    assert "how crossings are counted" not in texts(test)
    assert host.controls(camera) == mine
    by_label(test.button, "Apply").click().run()
    assert host.controls(camera) == replace(shared, paused=False, counts_epoch=3, revision=mine.revision + 1)
    assert "settings" not in test.query_params
    host.update(camera, lambda c: replace(c, heat=replace(c.heat, alpha=0.9)))
    by_label(test.button, "Undo").click().run()
    back = host.controls(camera)
    assert back == replace(mine, heat=replace(mine.heat, alpha=0.9), revision=back.revision)
    assert not test.exception


def test_a_links_settings_can_be_left(host: FakeUiHost, camera: str) -> None:
    test = shared_link(camera, replace(Controls(), zones=(LINE,)))
    by_label(test.button, "Keep mine").click().run()
    assert host.updates == []
    assert "settings" not in test.query_params
    assert not labelled(test.button, "Apply")


def test_a_link_with_the_same_settings_asks_nothing(host: FakeUiHost, camera: str) -> None:
    test = shared_link(camera, Controls())
    assert "settings" not in test.query_params
    assert not labelled(test.button, "Apply")


def test_a_broken_link_says_so_and_changes_nothing(host: FakeUiHost, camera: str) -> None:
    test = app(camera)
    test.query_params["settings"] = share.encode(Controls())[:-9]
    test.run()
    assert "cannot be read" in said(test.error)
    assert host.updates == []
    by_label(test.button, "Close").click().run()
    assert not test.error
    assert "settings" not in test.query_params


def test_what_a_link_says_is_never_markdown(host: FakeUiHost, camera: str) -> None:
    image = "![x](https://evil)"
    shown = "\\!\\[x\\]\\(https\\://evil\\)"
    test = app(camera)
    plain = b'{"heat": {"colormap": "%s"}}' % image.encode()
    test.query_params["settings"] = base64.urlsafe_b64encode(zlib.compress(plain)).decode()
    test.run()
    assert shown in test.error[0].value
    assert image in said(test.error)
    assert shown in app(image).run().warning[0].value
    test = with_zones(host, camera, replace(LINE, name=image, points=((0.2, 0.5), (1.0, 0.5))), AREA)
    assert shown in test.warning[0].value
    by_label(test.text_input, "Name of zone 2").set_value(image).run()
    assert shown in test.error[0].value
    test.button(key=f"{camera}:delete-z1").click().run()
    assert any(f"“{shown}” was deleted" in caption.value for caption in test.caption)
    host.trouble = f"The database {image} is locked."
    assert shown in test.run().warning[0].value


def test_what_zones_had_counted_comes_back_with_them_when_a_link_is_undone(host: FakeUiHost, camera: str) -> None:
    host.counts = [12, 5]
    host.update(camera, lambda c: replace(c, zones=(AREA, LINE)))
    had = {tally.zone_id: tally for tally in host.snapshot(camera).tallies}
    test = shared_link(camera, Controls(zones=(LINE,)))
    by_label(test.button, "Apply").click().run()
    assert host.added == []
    by_label(test.button, "Undo").click().run()
    assert host.controls(camera).zones == (AREA, LINE)
    assert host.added == [(had[AREA.id],)]


def test_zones_that_do_not_come_back_get_no_counts(host: FakeUiHost, camera: str) -> None:
    host.counts = [12, 5]
    host.update(camera, lambda c: replace(c, zones=(AREA,)))
    test = shared_link(camera, Controls(zones=(LINE,)))
    by_label(test.button, "Apply").click().run()
    host.update(camera, lambda c: replace(c, zones=(AREA, LINE)))  # somebody was quicker
    by_label(test.button, "Undo").click().run()
    assert host.controls(camera).zones == (AREA, LINE)
    assert host.added == []


def test_the_offer_to_undo_a_link_ends_after_its_time(
    host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = shared_link(camera, Controls(zones=(LINE,)))
    by_label(test.button, "Apply").click().run()
    (button,) = undos(test)
    assert test.session_state[f"{camera}:page-shows"][-1] is not None  # so the watch draws the page anew when it ends
    late_s = time.monotonic() + undo.OFFERED_S
    monkeypatch.setattr(share, "time", SimpleNamespace(monotonic=lambda: late_s))
    button.click().run()
    assert "too long" in said(test.error)
    assert host.controls(camera).zones == (LINE,)
    assert not undos(test)
    assert test.session_state[f"{camera}:page-shows"][-1] is None


def test_a_links_settings_wait_for_a_camera(host: FakeUiHost, camera: str) -> None:
    test = app("cam-gone")
    test.query_params["settings"] = share.encode(replace(Controls(), zones=(LINE,)))
    test.run()
    assert "brings settings" in test.info[0].value
    by_label(test.button, "Open").click().run()
    by_label(test.button, "Apply").click().run()
    assert host.controls(camera).zones == (LINE,)


# Zones


def with_zones(host: FakeUiHost, camera: str, *zones: Zone) -> AppTest:
    host.update(camera, lambda c: replace(c, zones=zones))
    return app(camera).run()


def test_zones_are_renamed_flipped_deleted_and_brought_back(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE, AREA)
    assert "in = downward" in texts(test)
    by_label(test.text_input, "Name of zone 1").set_value("  North   door ").run()
    assert host.controls(camera).zones[0] == replace(LINE, name="North door")
    test.button(key=f"{camera}:flip-z1").click().run()
    assert host.controls(camera).zones[0].flipped
    assert "in = upward" in texts(test)
    test.button(key=f"{camera}:delete-z1").click().run()
    assert host.controls(camera).zones == (AREA,)
    assert host.added == []
    by_label(test.button, "Bring it back").click().run()
    assert [zone.name for zone in host.controls(camera).zones] == ["North door", "Shop"]
    assert [[tally.zone_id for tally in tallies] for tallies in host.added] == [["z1"]]
    assert not labelled(test.button, "Bring it back")


def test_an_area_is_given_another_use_and_counts_again_where_it_was(host: FakeUiHost, camera: str) -> None:
    host.counts = [12, 6]
    test = with_zones(host, camera, LINE, AREA)
    had = host.snapshot(camera).tallies[1]
    assert not [box for box in test.selectbox if box.label == "Use of zone 1"]  # a line only counts
    by_label(test.selectbox, "Use of zone 2").select("heat_never").run()
    assert host.controls(camera).zones == (LINE, replace(AREA, use=ZoneUse.HEAT_NEVER))
    assert "Not counted" in texts(test)
    assert "in = entering" not in texts(test)
    assert [button.key for button in labelled(test.button, "Flip")] == [f"{camera}:flip-z1"]
    by_label(test.selectbox, "Use of zone 2").select("heat_only").run()
    assert host.controls(camera).zones[1].use is ZoneUse.HEAT_ONLY
    assert host.added == []
    by_label(test.selectbox, "Use of zone 2").select("count").run()
    assert host.controls(camera).zones == (LINE, AREA)
    assert host.added == [(had,)]
    assert not test.exception


def test_counts_that_were_reset_meanwhile_do_not_come_back_with_an_areas_use(host: FakeUiHost, camera: str) -> None:
    host.counts = [12, 6]
    test = with_zones(host, camera, LINE, AREA)
    by_label(test.selectbox, "Use of zone 2").select("heat_never").run()
    by_label(test.button, "Reset counts").click().run()
    by_label(test.selectbox, "Use of zone 2").select("count").run()
    assert host.added == []


class CountingHost(FakeUiHost):
    """Its counts follow the controls, as the engine's do; nothing crosses by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, InOut] = {}

    def tallies(self) -> tuple[ZoneTally, ...]:
        zones = self._controls[self.camera_id].counted_zones
        return tuple(ZoneTally(zone.id, self.kept.get(zone.id, InOut())) for zone in zones)

    def update(self, camera_id: str, change: Callable[[Controls], Controls]) -> Controls:
        before, tallies = self.controls(camera_id), self.tallies()
        after = super().update(camera_id, change)
        followed = rearranged(tallies, before.counted_zones, after.counted_zones)
        same = after.counts_epoch == before.counts_epoch
        self.kept = {tally.zone_id: tally.total for tally in followed} if same else {}
        return after

    def give_back(self, camera_id: str, counted: Counted) -> None:
        super().give_back(camera_id, counted)
        for tally in self.added.pop() if self.added else ():
            self.kept[tally.zone_id] = self.kept.get(tally.zone_id, InOut()) + tally.total


@pytest.mark.parametrize(
    ("story", "left"),
    [
        ("reset flip undo", InOut(2, 5)),
        ("flip reset undo", InOut(2, 5)),
        ("reset delete undo back", InOut(5, 2)),
        ("delete reset back", InOut()),
        ("delete reset back undo", InOut(5, 2)),
        ("delete reset undo back", InOut(5, 2)),
        ("reset cross delete undo back", InOut(6, 2)),
        ("delete back", InOut(5, 2)),
        ("flip delete back flip", InOut(5, 2)),
    ],
)
def test_counts_come_back_as_they_belong_to_the_zone_now(story: str, left: InOut, folders: None) -> None:
    host = CountingHost()
    current.set_host(host)  # type: ignore[arg-type]
    camera = host.open(SPEC)
    test = with_zones(host, camera, LINE, AREA)
    host.kept = {LINE.id: InOut(5, 2)}
    for step in story.split():
        if step == "cross":
            host.kept[LINE.id] = host.kept.get(LINE.id, InOut()) + InOut(1, 0)
            continue
        labels = {"reset": "Reset counts", "undo": "Undo", "back": "Bring it back"}
        if step in labels:
            by_label(test.button, labels[step]).click().run()
        else:
            test.button(key=f"{camera}:{step}-{LINE.id}").click().run()
        assert not test.exception
    assert host.kept.get(LINE.id, InOut()) == left


def test_a_zone_that_comes_back_leaves_its_name_to_who_has_it_now(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE)
    test.button(key=f"{camera}:delete-z1").click().run()
    other = replace(LINE, id="z9")
    host.update(camera, lambda c: replace(c, zones=(other,)))
    by_label(test.run().button, "Bring it back").click().run()
    assert host.controls(camera).zones == (replace(LINE, name=f"{LINE.name} (2)", colour=1), other)


def test_a_zones_use_from_another_tab_is_shown_and_stays_through_other_changes(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, AREA)
    mask = replace(AREA, use=ZoneUse.HEAT_ONLY)
    host.update(camera, lambda c: replace(c, zones=(mask,)))
    test.run()
    assert by_label(test.selectbox, "Use of zone 1").value == "heat_only"
    assert by_label(test.button, "Reset counts").disabled
    by_label(test.text_input, "Name of zone 1").set_value("Plaza").run()
    test.button(key=f"{camera}:delete-{AREA.id}").click().run()
    by_label(test.button, "Bring it back").click().run()
    assert host.controls(camera).zones == (replace(mask, name="Plaza"),)


def test_only_zones_that_count_are_in_the_list_of_cameras(host: FakeUiHost, camera: str) -> None:
    host.update(camera, lambda c: replace(c, zones=(replace(AREA, use=ZoneUse.HEAT_NEVER),)))
    assert "no zones" in texts(start_page())
    host.update(camera, lambda c: replace(c, zones=(LINE, *c.zones)))
    assert "1 zone ·" in texts(start_page())


def test_an_area_that_does_not_count_is_no_trouble_at_the_edge(host: FakeUiHost, camera: str) -> None:
    edge = replace(AREA, points=((0.0, 0.2), (0.8, 0.2), (0.5, 0.8)))
    assert "touches the edge" in texts(with_zones(host, camera, edge))
    assert "touches the edge" not in texts(with_zones(host, camera, replace(edge, use=ZoneUse.HEAT_NEVER)))


def test_every_deleted_zone_can_be_brought_back(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE, AREA)
    test.button(key=f"{camera}:delete-z1").click().run()
    test.button(key=f"{camera}:delete-{AREA.id}").click().run()
    assert host.controls(camera).zones == ()
    for _ in range(2):
        next(button for button in test.button if button.label == "Bring it back").click().run()
    assert set(host.controls(camera).zones) == {LINE, AREA}
    assert not labelled(test.button, "Bring it back")


@pytest.mark.parametrize(("name", "words"), [("   ", "needs a name"), ("Shop", "already")])
def test_a_name_that_cannot_be_is_refused_and_the_old_one_shown(host: FakeUiHost, camera: str, name, words) -> None:
    test = with_zones(host, camera, LINE, AREA)
    by_label(test.text_input, "Name of zone 1").set_value(name).run()
    assert words in said(test.error)
    assert by_label(test.text_input, "Name of zone 1").value == "Gate"
    assert host.controls(camera).zones == (LINE, AREA)


def test_a_line_is_added_and_moved_by_numbers(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    by_label(test.number_input, "Start, from the left").set_value(10.0)
    by_label(test.button, "Add the line").click().run()
    (line,) = host.controls(camera).zones
    assert (line.name, line.points) == ("Line 1", ((0.1, 0.5), (0.75, 0.5)))
    by_label(test.selectbox, "Line").select(line.id).run()
    assert by_label(test.number_input, "Start, from the left").value == 10.0
    by_label(test.number_input, "End, from the top").set_value(90.0)
    by_label(test.button, "Move the line").click().run()
    assert host.controls(camera).zones == (replace(line, points=((0.1, 0.5), (0.75, 0.9))),)
    host.update(camera, lambda c: replace(c, zones=(replace(line, points=((0.3, 0.3), (0.6, 0.6))),)))
    test.run()
    assert by_label(test.number_input, "Start, from the left").value == 30.0
    assert not test.exception


def test_a_line_renamed_while_it_is_chosen_can_be_moved(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE, AREA)
    by_label(test.selectbox, "Line").select(LINE.id).run()
    by_label(test.text_input, "Name of zone 1").set_value("Door").run()
    assert by_label(test.selectbox, "Line").value == LINE.id
    by_label(test.number_input, "Start, from the left").set_value(5.0)
    by_label(test.button, "Move the line").click().run()
    assert host.controls(camera).zones[0].points[0][0] == 0.05
    assert not test.exception


def test_a_line_without_length_is_refused(host: FakeUiHost, camera: str) -> None:
    test = app(camera).run()
    by_label(test.number_input, "Start, from the left").set_value(75.0)
    by_label(test.button, "Add the line").click().run()
    assert "same point" in said(test.error)
    assert host.controls(camera).zones == ()


def test_a_zone_at_the_edge_is_warned_of(host: FakeUiHost, camera: str) -> None:
    assert "edge" not in texts(with_zones(host, camera, LINE))
    assert "touches the edge" in texts(with_zones(host, camera, replace(LINE, points=((0.2, 0.5), (1.0, 0.5)))))


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The drawing canvas as a stub: ``drawing`` is what the user drew, ``calls`` what it was given."""
    stub = SimpleNamespace(drawing=None, calls=[], room_wh=(800, 640))

    def st_canvas(**arguments):
        stub.calls.append(arguments)
        return SimpleNamespace(json_data=stub.drawing or arguments["initial_drawing"])

    monkeypatch.setattr(zone_editor, "st_canvas", st_canvas)
    monkeypatch.setattr(zone_editor, "zone_stage", lambda **_: stub.room_wh)
    return stub


def drawn(zones: list[Zone], *new: Zone) -> dict:
    """What the canvas sends when it began with ``zones`` and ``new`` were drawn by hand."""
    objects = zone_shapes.to_drawing(zones, (800, 450))["objects"]
    fresh = zone_shapes.to_drawing(new, (800, 450))["objects"]
    return {"objects": objects + [item | {"strokeDashOffset": 0} for item in fresh]}


def test_drawing_adds_moves_and_removes(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Draw on the picture").click().run()
    assert (canvas.calls[-1]["width"], canvas.calls[-1]["height"]) == (800, 450)
    assert host.controls(camera).zones == (LINE,)

    canvas.drawing = drawn([LINE], AREA)
    test.run()
    gate, area = host.controls(camera).zones
    assert gate == LINE
    assert (area.name, area.points) == ("Area 1", AREA.points)

    canvas.drawing = drawn([replace(LINE, points=((0.3, 0.6), (0.8, 0.5)))], AREA)
    test.run()
    assert host.controls(camera).zones == (replace(LINE, points=((0.3, 0.6), (0.8, 0.5))), area)

    canvas.drawing = drawn([], AREA)
    test.run()
    assert host.controls(camera).zones == (area,)
    by_label(test.button, "Bring it back").click()
    canvas.drawing = None
    test.run()
    assert [zone.id for zone in host.controls(camera).zones] == ["z1", area.id]
    assert not test.exception


def test_each_zone_that_is_drawn_has_a_colour_of_its_own(
    host: FakeUiHost, camera: str, canvas: SimpleNamespace
) -> None:
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Draw on the picture").click().run()
    second, third = AREA, ((0.1, 0.9), (0.9, 0.9))
    canvas.drawing = drawn([LINE], second, Zone("", "", third))
    test.run()
    assert [zone.colour for zone in host.controls(camera).zones] == [0, 1, 2]
    assert {call["stroke_color"] for call in canvas.calls} == {zone_shapes.stroke(1)}
    names = base64.b64decode(re.findall(r"base64,([\w+/=]+)", texts(test))[-1]).decode()
    assert names.count(f'stroke="{zone_shapes.stroke(2)}" stroke-width="4"') == 1  # over the canvas's own colour
    assert f'stroke="{zone_shapes.stroke(1)}" stroke-width="4"' not in names
    elsewhere = replace(LINE, id="z9", name="Door", colour=3)
    host.update(camera, lambda c: replace(c, zones=(*c.zones, elsewhere)))
    test.run()
    assert "A zone was added elsewhere" in texts(test)
    names = base64.b64decode(re.findall(r"base64,([\w+/=]+)", texts(test))[-1]).decode()
    assert names.count('stroke-width="4"') == 1, "what is not on the canvas has no outline there"


def test_zones_keep_their_colours_when_one_goes_and_comes_back(host: FakeUiHost, camera: str) -> None:
    test = with_zones(host, camera, LINE, AREA, replace(LINE, id="z3", name="Door", colour=2))
    shades = [zone_shapes.stroke(number) for number in range(3)]
    assert [shade in texts(test) for shade in shades] == [True] * 3
    test.button(key=f"{camera}:delete-z1").click().run()
    assert [shade in texts(test) for shade in shades] == [False, True, True]
    assert [(zone.id, zone.colour) for zone in host.controls(camera).zones] == [("z2", 1), ("z3", 2)]
    by_label(test.button, "Bring it back").click().run()
    assert [(zone.id, zone.colour) for zone in host.controls(camera).zones] == [("z1", 0), ("z2", 1), ("z3", 2)]
    test.button(key=f"{camera}:delete-z1").click().run()
    by_label(test.button, "Add the line").click().run()
    by_label(test.button, "Bring it back").click().run()
    assert [zone.colour for zone in host.controls(camera).zones] == [3, 1, 2, 0]


def test_an_area_for_heat_is_drawn_apart_and_keeps_its_use_when_moved(
    host: FakeUiHost, camera: str, canvas: SimpleNamespace
) -> None:
    mask = replace(AREA, use=ZoneUse.HEAT_NEVER)
    test = with_zones(host, camera, LINE, mask)
    by_label(test.button, "Draw on the picture").click().run()
    line, area = canvas.calls[-1]["initial_drawing"]["objects"]
    assert area["stroke"] == zone_shapes.MASK_STROKE
    assert area["strokeDashArray"]
    assert "strokeDashArray" not in line
    assert zone_editor.names_svg((mask,), (800, 450)).count("no heat here") == 1
    moved = ((0.3, 0.2), (0.8, 0.2), (0.5, 0.8))
    canvas.drawing = drawn([LINE, replace(mask, points=moved)])
    test.run()
    assert host.controls(camera).zones == (LINE, replace(mask, points=moved))
    canvas.drawing = drawn([LINE])
    test.run()
    assert host.controls(camera).zones == (LINE,)
    canvas.drawing = drawn([LINE, replace(mask, points=moved)])
    test.run()
    assert host.controls(camera).zones == (LINE, replace(mask, points=moved))


def test_a_rerun_gives_the_canvas_the_same_again(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    """A changed argument would take an unfinished outline away."""
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Draw on the picture").click().run()
    canvas.drawing = drawn([LINE], AREA)
    test.run()
    host.published += 100
    host.update(camera, lambda c: replace(c, zones=(*c.zones, replace(LINE, id="other", name="Other"))))
    test.run()
    assert all(call == canvas.calls[0] for call in canvas.calls)
    assert "added elsewhere" in texts(test)
    assert [zone.name for zone in host.controls(camera).zones] == ["Gate", "Area 1", "Other"]


def test_a_bow_tie_is_refused_until_it_is_none(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    test = with_zones(host, camera)
    by_label(test.button, "Draw on the picture").click().run()
    bow = Zone("b", "b", ((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)))
    canvas.drawing = drawn([], bow)
    test.run()
    assert said(test.error) == (
        "The area that you drew: its edges cross or touch each other; move its points apart. "
        "It is not counted like this."
    )
    assert host.controls(camera).zones == ()
    fixed = replace(bow, points=((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
    canvas.drawing = drawn([], fixed)
    test.run()
    assert not test.error
    assert host.controls(camera).zones[0].points == fixed.points


def test_the_canvas_follows_the_window(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    """A few pixels more are not worth an unfinished outline; a canvas that is cut off is."""
    test = with_zones(host, camera, LINE)
    by_label(test.button, "Draw on the picture").click().run()
    first = canvas.calls[-1]
    canvas.room_wh = (815, 640)
    test.run()
    assert canvas.calls[-1] == first
    canvas.room_wh = (400, 640)
    test.run()
    assert (canvas.calls[-1]["width"], canvas.calls[-1]["height"]) == (400, 225)
    assert canvas.calls[-1]["key"] != first["key"]
    canvas.room_wh = (2000, 450)
    test.run()
    assert (canvas.calls[-1]["width"], canvas.calls[-1]["height"]) == (800, 450)
    assert host.controls(camera).zones == (LINE,)
    assert not test.exception


def test_an_edge_is_warned_of_once_in_the_editor(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    test = with_zones(host, camera, replace(LINE, points=((0.2, 0.5), (1.0, 0.5))))
    by_label(test.button, "Draw on the picture").click().run()
    assert canvas.calls
    assert len(test.warning) == 1


def test_no_still_means_a_clear_message(host: FakeUiHost, camera: str, canvas: SimpleNamespace) -> None:
    test = app(camera).run()
    host.state = "restarting"
    by_label(test.button, "Draw on the picture").click().run()
    assert "try once more" in said(test.error)
    assert not canvas.calls


# Errors


def test_without_an_engine_the_page_says_what_to_do(host: FakeUiHost) -> None:
    current.set_host(None)
    test = app().run()
    assert "streamlit run app.py" in said(test.error)
    assert not test.exception


def test_an_unexpected_error_is_logged_and_not_shown(
    host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_camera_id: str) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(host, "snapshot", broken)
    test = app(camera).run()
    assert "Something went wrong" in said(test.error)
    assert "secret detail" not in texts(test)
    assert not test.exception
    assert "secret detail" in caplog.text
    assert caplog.records[-1].levelname == "ERROR"


def test_an_error_in_a_callback_is_shown_once(host: FakeUiHost, camera: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = with_zones(host, camera, LINE)

    def broken(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(host, "update", broken)
    by_label(test.button, "Reset counts").click().run()
    assert len(test.error) == 1
    assert said(test.error) == (
        "Something went wrong on our side. Reload the page; if it happens again, the server's log says why."
    )
    test.run()
    assert not test.error
