"""Whose camera it is: only the browser with the key sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from heatstream.core.errors import AccessError
from heatstream.host.spec import CameraSpec
from heatstream.sources.pushed import browser_name, is_browser
from heatstream.ui.browser_camera import source_of
from heatstream.ui.names import source_name
from heatstream.vision import ModelSpec
from heatstream.web import current
from tests.support.fake_ui_host import FakeUiHost

MINE, THEIRS = "ab" * 32, "cd" * 32


@pytest.fixture
def host() -> Iterator[FakeUiHost]:
    host = FakeUiHost()
    current.set_host(host)
    yield host
    current.set_host(None)


def test_a_camera_is_named_after_its_browsers_key_without_telling_it() -> None:
    source = source_of(MINE)
    assert source == source_of(MINE) != source_of(THEIRS)
    assert is_browser(source)
    assert len(browser_name(source)) == 32
    assert MINE[:8] not in source
    assert source_name(source) == f"Browser camera {browser_name(source)[:4]}"


def _page(camera_id: str, found: object) -> None:
    import streamlit as st

    from heatstream.ui import browser_camera

    def mounted(*, data: dict, key: str, **_callbacks: object) -> None:
        st.session_state["data"] = data

    browser_camera._component = mounted
    if found is not None:
        st.session_state[f"own-camera-{camera_id}"] = {"found": found}
    browser_camera.keep_sending(camera_id)


def data_for(camera_id: str, found: object) -> dict | None:
    test = AppTest.from_function(_page, args=(camera_id, found)).run()
    assert not test.exception
    return test.session_state.get("data", None)


@pytest.fixture(autouse=True)
def component(monkeypatch: pytest.MonkeyPatch) -> None:
    from heatstream.ui import browser_camera

    monkeypatch.setattr(browser_camera, "_component", None)


@pytest.mark.parametrize("found", [None, {}, "x", {"key": None}, {"key": "x"}, {"key": MINE.upper()}, {"key": THEIRS}])
def test_without_the_key_there_is_no_ticket_to_send_with(host: FakeUiHost, found: object) -> None:
    camera_id = host.open(CameraSpec(source_of(MINE), ModelSpec("auto")))
    known = found == {"key": THEIRS}
    shown = {"mode": "send", "camera": camera_id, "known": known, "own": False, "ticket": ""}
    assert data_for(camera_id, found) == shown


def test_with_the_key_there_is_one_for_sending_only(host: FakeUiHost) -> None:
    camera_id = host.open(CameraSpec(source_of(MINE), ModelSpec("auto")))
    data = data_for(camera_id, {"key": MINE})
    assert data is not None
    assert data["own"] is True
    current.push_tickets().check(data["ticket"], camera_id)
    with pytest.raises(AccessError):
        current.tickets().check(data["ticket"], camera_id)


def test_other_cameras_have_nothing_to_send(host: FakeUiHost) -> None:
    camera_id = host.open(CameraSpec("/clip.mp4", ModelSpec("auto")))
    assert data_for(camera_id, {"key": MINE}) is None
    assert data_for("cam-unknown", {"key": MINE}) is None
