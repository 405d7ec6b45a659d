"""A network camera on the page: what is typed is taken apart, checked, tried and opened, and no password is shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from heatstream.core.errors import SourceError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, SourceInfo
from heatstream.host.spec import CameraSpec
from heatstream.host.trial import Tried
from heatstream.sources.credentials import Secret
from heatstream.ui import connection_test, source_picker
from heatstream.ui.network_camera import EXAMPLES
from heatstream.ui.problems import sentence
from heatstream.vision.spec import ModelSpec
from heatstream.web import current
from tests.support.fake_ui_host import FakeUiHost

ROOT = Path(__file__).resolve().parents[2]
INFO = SourceInfo("cam", (1920, 1080), 25.0, codec="h264", live=True)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeUiHost]:
    for name in ("media", "models", "data"):
        (tmp_path / name).mkdir()
    for name, folder in (("MEDIA", "media"), ("MODEL", "models"), ("DATA", "data")):
        monkeypatch.setenv(f"HEATSTREAM_{name}_DIR", str(tmp_path / folder))
    settings.cache_clear()
    fake = FakeUiHost()
    current.set_host(fake)  # type: ignore[arg-type]
    yield fake
    current.set_host(None)
    settings.cache_clear()


def page(query: dict[str, str] | None = None) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for name, value in (query or {"start": "1"}).items():
        test.query_params[name] = value
    return test.run()


@pytest.fixture
def form(host: FakeUiHost) -> AppTest:
    test = page()
    test.button_group(key="source-kind").set_value(source_picker.NETWORK).run()
    assert not test.exception
    return test


def type_address(test: AppTest, text: str) -> AppTest:
    test.text_input(key="network-address").set_value(text).run()
    assert not test.exception
    return test


def field(test: AppTest, name: str) -> str:
    return str(test.text_input(key=f"network-{name}").value)


def shown(test: AppTest) -> str:
    """All the words on the page, but for what stands in fields."""
    groups = (test.error, test.warning, test.info, test.caption, test.markdown, test.title)
    words = [str(element.value) for group in groups for element in group]
    return "\n".join(words + [element.proto.body for element in test.get("html")]).replace("\\", "")


def said(test: AppTest) -> str:
    return "\n".join(str(element.value).replace("\\", "") for element in test.error)


def start(test: AppTest):
    return test.button(key="start-now")


def test_a_password_moves_from_the_address_to_its_field_and_with_the_camera(host: FakeUiHost, form: AppTest) -> None:
    assert start(form).disabled
    type_address(form, "rtsp://anna:se%20same@cam.example:554/1?channel=2&token=t0ken#udp")
    assert field(form, "address") == "rtsp://cam.example:554/1?channel=2&token=***"
    assert (field(form, "user"), field(form, "password")) == ("anna", "se same")
    assert form.text_input(key="network-password").proto.type == form.text_input(key="network-password").proto.PASSWORD
    assert form.button_group(key="network-transport").value == "UDP"
    assert not [word for word in ("se same", "se%20same", "t0ken", "anna") if word in shown(form)]
    start(form).click().run()
    assert not form.exception
    (spec,) = host.cameras()
    assert spec.source == "rtsp://cam.example:554/1?channel=2&token=***#udp"
    assert host.secrets[spec.id] == Secret("anna", "se same", ("t0ken",))
    assert form.query_params["camera"] == spec.id
    assert "cam.example:554/1?channel=2&token=***" in shown(form)
    assert not [word for word in ("se same", "t0ken", "anna") if word in shown(form)]
    assert not [key for key in ("network-address", "network-password", "network-hidden") if key in form.session_state]


def test_fields_of_their_own_will_do(host: FakeUiHost, form: AppTest) -> None:
    type_address(form, "rtsp://cam.example/1")
    form.text_input(key="network-user").set_value("anna")
    form.text_input(key="network-password").set_value("p@ss/w:rd").run()
    start(form).click().run()
    (spec,) = host.cameras()
    assert (spec.source, host.secrets[spec.id]) == ("rtsp://cam.example/1", Secret("anna", "p@ss/w:rd"))


def test_another_address_forgets_the_token_of_the_last_one(host: FakeUiHost, form: AppTest) -> None:
    type_address(form, "http://one.example/v?token=t0ken")
    type_address(form, "http://two.example/v?token=***")
    start(form).click().run()  # the stars were kept: it is the same camera moved to another host
    (spec,) = host.cameras()
    assert host.secrets[spec.id] == Secret(hidden=("t0ken",))
    test = page()
    test.button_group(key="source-kind").set_value(source_picker.NETWORK).run()
    type_address(test, "http://three.example/v?token=***")
    assert "again" in said(test)
    assert start(test).disabled


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rtsp:/cam/1", "begins with rtsp://"),
        ("rstp://cam/1", "did you mean rtsp://"),
        ("rtsp://cam:99999/1", "1 to 65535"),
        ("/etc/passwd", "outside the media folder"),
        ("/no/such/file", "outside the media folder"),
        ("../outside.mp4", "outside the media folder"),
        ("link.mp4", "outside the media folder"),
        ("missing.mp4", "does not exist"),
        ("~/x.mp4", "outside the media folder"),
        ("file:///etc/passwd", "outside the media folder"),
        ("978", "no webcam 978"),
    ],
)
def test_what_is_wrong_is_said_at_once(host: FakeUiHost, form: AppTest, text: str, words: str) -> None:
    (settings().media_dir.parent / "outside.mp4").write_bytes(b"x")
    (settings().media_dir / "link.mp4").symlink_to(settings().media_dir.parent / "outside.mp4")
    type_address(form, text)
    assert words in said(form)
    assert start(form).disabled


def test_a_file_of_the_media_folder_and_the_demo_are_understood(host: FakeUiHost, form: AppTest) -> None:
    path = settings().media_dir / "day 1" / "gate.mp4"
    path.parent.mkdir()
    path.write_bytes(b"x")
    for text in ("day 1/gate.mp4", str(path), path.as_uri()):
        type_address(form, text)
        assert not form.error
        assert "network-user" not in [element.key for element in form.text_input]
    start(form).click().run()
    assert host.cameras()[0].source == str(path.resolve())


@pytest.mark.parametrize(
    ("hosts", "address", "allowed"),
    [
        ("", "192.0.2.7", False),
        ("", "cam.example", False),
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.2.0/24", "198.51.100.7", False),
        ("cam.example", "cam.example", True),
        ("192.0.2.0/24", "cam.example", True),  # it may lead there, which opening it will tell
    ],
)
def test_udp_that_would_be_refused_is_said_before_anything_starts(
    host: FakeUiHost, form: AppTest, monkeypatch: pytest.MonkeyPatch, hosts: str, address: str, allowed: bool
) -> None:
    monkeypatch.setenv("HEATSTREAM_ALLOW_PRIVATE_URLS", "off")
    monkeypatch.setenv("HEATSTREAM_CAMERA_HOSTS", hosts)
    settings.cache_clear()
    type_address(form, f"rtsp://{address}/1#udp")
    assert start(form).disabled is not allowed
    assert ("choose TCP" in said(form)) is not allowed
    form.button_group(key="network-transport").set_value("TCP").run()
    assert not start(form).disabled


def test_a_private_host_is_refused_where_that_is_switched_off(
    host: FakeUiHost, form: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEATSTREAM_ALLOW_PRIVATE_URLS", "off")
    settings.cache_clear()
    type_address(form, "rtsp://anna:sesame@127.1/1")
    start(form).click().run()
    assert "private network" in said(form)
    assert host.cameras() == ()
    monkeypatch.setenv("HEATSTREAM_CAMERA_HOSTS", "127.0.0.0/8")
    settings.cache_clear()
    start(form).click().run()
    assert len(host.cameras()) == 1


# The test of the connection


class FakeTrial:
    """A trial with a result of the test's choice. The real one is tried in tests/host and in the browser."""

    made: list[FakeTrial]

    def __init__(self, source: str, secret: Secret, *, timeout_s: float) -> None:
        self.asked = (source, secret)
        self.began_s = 0.0
        self.closed = False
        FakeTrial.made.append(self)

    outcome: Tried | Exception | None = None

    def result(self) -> Tried | None:
        if isinstance(FakeTrial.outcome, Exception):
            raise FakeTrial.outcome
        return FakeTrial.outcome

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> type[FakeTrial]:
    FakeTrial.made, FakeTrial.outcome = [], None
    monkeypatch.setattr(connection_test, "Trial", FakeTrial)
    return FakeTrial


def test_a_connection_that_works_shows_what_it_gives(host: FakeUiHost, form: AppTest, trials: type[FakeTrial]) -> None:
    type_address(form, "rtsp://anna:sesame@cam.example/1")
    form.button(key="test-connection").click().run()
    (trial,) = trials.made
    assert trial.asked == ("rtsp://cam.example/1", Secret("anna", "sesame"))
    assert "Testing the connection" in shown(form)
    assert not trial.closed
    trials.outcome = Tried(INFO, (ROOT / "assets" / "demo_scene.jpg").read_bytes(), 0.84)
    form.run()
    assert trial.closed
    for words in ("It works", "1920 x 1080", "H264", "25 per second", "after 0.8 s"):
        assert words in shown(form)
    type_address(form, "rtsp://cam.example/2")
    assert "It works" not in shown(form)


def test_the_address_typed_just_before_the_click_is_tested(
    host: FakeUiHost, form: AppTest, trials: type[FakeTrial]
) -> None:
    type_address(form, "rtsp://cam.example/1")
    form.text_input(key="network-address").set_value("rtsp://anna:sesame@cam.example/2")
    form.button(key="test-connection").click().run()
    assert [trial.asked for trial in trials.made] == [("rtsp://cam.example/2", Secret("anna", "sesame"))]
    assert "Testing the connection" in shown(form)
    form.button(key="test-cancel").click().run()
    form.text_input(key="network-address").set_value("rtsp://")
    form.button(key="test-connection").click().run()
    type_address(form, "rtsp://cam.example/3")
    assert len(trials.made) == 1, "what was asked for was the test of an address that is none"


def test_one_that_does_not_says_why_and_one_that_waits_is_cancelled(
    host: FakeUiHost, form: AppTest, trials: type[FakeTrial]
) -> None:
    type_address(form, "rtsp://cam.example/1")
    form.button(key="test-connection").click().run()
    trials.outcome = SourceError("rtsp://cam.example/1 wants another password")
    form.run()
    assert said(form) == "rtsp://cam.example/1 wants another password."
    trials.outcome = None
    form.button(key="test-connection").click().run()
    form.button(key="test-cancel").click().run()
    assert [trial.closed for trial in trials.made] == [True, True]
    assert form.button(key="test-connection")
    form.button(key="test-connection").click().run()
    start(form).click().run()
    assert trials.made[-1].closed


# A camera whose password is lost or refused


def test_a_lost_password_is_asked_for_on_the_cameras_page(host: FakeUiHost) -> None:
    camera_id = host.open(CameraSpec("rtsp://cam.example/1", ModelSpec("auto")))
    test = page({"camera": camera_id})
    assert "Enter it again" not in shown(test)
    host.lost.add(camera_id)
    host.figures["state"] = CameraState.FAILED
    test = page({"camera": camera_id})
    assert "Enter it again" in shown(test)
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert "Enter the user or the password" in said(test)
    test.text_input(key=f"{camera_id}:user-again").set_value("anna")
    test.text_input(key=f"{camera_id}:password-again").set_value("sesame")
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert not test.exception
    assert host.secrets[camera_id] == Secret("anna", "sesame")


def test_secret_parts_of_an_address_are_asked_for_with_all_of_it(host: FakeUiHost) -> None:
    camera_id = host.open(CameraSpec("http://cam.example/v?token=***", ModelSpec("auto")))
    host.lost.add(camera_id)
    test = page({"camera": camera_id})
    test.text_input(key=f"{camera_id}:address-again").set_value("http://other.example/v?token=t0ken")
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert "another camera" in said(test)
    test.text_input(key=f"{camera_id}:address-again").set_value("http://cam.example/v?token=t0ken")
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert host.secrets[camera_id] == Secret(hidden=("t0ken",))


def test_a_refused_password_is_replaced_and_what_is_left_empty_stays(host: FakeUiHost) -> None:
    spec = CameraSpec("rtsp://cam.example/v?token=***#udp", ModelSpec("auto"))
    camera_id = host.open(spec, secret=Secret("anna", "old", ("t0ken",)))
    host.figures |= {"state": CameraState.FAILED, "model_failed": True}
    assert "refused user or password" not in shown(page({"camera": camera_id})), "the model is to blame"
    host.figures["model_failed"] = False
    test = page({"camera": camera_id})
    test.text_input(key=f"{camera_id}:password-again").set_value("new")
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert host.secrets[camera_id] == Secret("anna", "new", ("t0ken",))
    assert host.restarted == [camera_id]
    test.text_input(key=f"{camera_id}:address-again").set_value("rtsp://cam.example/v?token=other")
    test.button(key=f"{camera_id}:connect-again").click().run()
    assert host.secrets[camera_id] == Secret("anna", "new", ("other",))
    assert not test.exception


@pytest.mark.parametrize("state", [CameraState.FAILED, CameraState.RECONNECTING, CameraState.LIVE])
def test_the_address_of_a_camera_that_was_not_reached_is_there_to_be_put_right(
    host: FakeUiHost, state: CameraState
) -> None:
    camera_id = host.open(
        CameraSpec("rtsp://cam.exampel:554/1#udp", ModelSpec("auto")), secret=Secret("anna", "se same")
    )
    host.figures["state"] = state
    test = page({"camera": camera_id})
    test.button(key=f"{camera_id}:change").click().run()
    assert not test.exception
    if state is CameraState.LIVE:
        assert test.button_group(key="source-kind").value != source_picker.NETWORK
        return
    assert (field(test, "address"), field(test, "user"), field(test, "password")) == (
        "rtsp://cam.exampel:554/1",
        "",
        "",
    )
    assert test.button_group(key="network-transport").value == "UDP"
    type_address(test, "rtsp://cam.example:554/1")
    start(test).click().run()
    assert [spec.source for spec in host.cameras() if spec.id != camera_id] == ["rtsp://cam.example:554/1#udp"]


# Whatever is typed


def test_the_examples_are_addresses() -> None:
    assert len(EXAMPLES) >= 8
    assert sentence(SourceError("no such host")) == "No such host."
    assert sentence(SourceError("rtsp://x is none")) == "rtsp://x is none."


ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["rtsp://", "http://", "https://", "demo://", "file://", "rtsp:/", "webcam://", "xx://", "~", "/"]
        ),
        st.text("ab@:/?#[]%*.0189\\ é\u202e", max_size=30),
        st.sampled_from(["", "@cam/1", ":554/1", "?token=a", "#udp"]),
    ),
)


def no_traceback(form: AppTest, text: str) -> None:
    form.text_input(key="network-address").set_value(text).run()
    assert not form.exception
    assert "Something went wrong on our side" not in shown(form)


@fuzz(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("rtsp://[")
@example("http://a:b:c@[::1]:x/?#")
@example("\x00")
@example("rtsp://a%90:b%ff@cam.example/1")
@given(text=ANY_TEXT)
def test_no_text_gives_a_traceback(form: AppTest, text: str) -> None:
    no_traceback(form, text)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@fuzz(
    deadline=None, max_examples=int(os.environ.get("HEATSTREAM_FUZZ", "300")), suppress_health_check=list(HealthCheck)
)
@given(text=ANY_TEXT)
def test_no_text_at_all_gives_a_traceback(form: AppTest, text: str) -> None:
    no_traceback(form, text)
