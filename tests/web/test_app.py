"""How Streamlit finds our app and what the server does when it starts and ends."""

from __future__ import annotations

import asyncio
import runpy
import signal
import subprocess
import sys
import threading
import time
import tomllib

import pytest
import streamlit
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from streamlit.web.server.app_discovery import discover_asgi_app
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from heatstream.core.errors import ClosedError, EngineUnavailableError
from heatstream.core.settings import settings
from heatstream.web import app, current
from heatstream.web.access import Doors
from heatstream.web.app import lifespan_with
from tests.support.browser import ROOT, serving
from tests.support.fake_host import FakeHost


def test_streamlit_finds_the_app_in_the_source_of_app_py() -> None:
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app
    assert found.import_string == "app:app"


def test_a_spawned_child_that_imports_app_py_does_nothing() -> None:
    names = runpy.run_path(str(ROOT / "app.py"), run_name="__mp_main__")
    assert "app" not in names


def test_every_configured_option_is_one_that_streamlit_knows() -> None:
    def options(table: dict[str, object], prefix: str = "") -> list[str]:
        found = []
        for name, value in table.items():
            found += options(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
        return found

    configured = options(tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8")))
    assert "runner.postScriptGC" in configured
    assert set(configured) <= set(config.get_config_options())


def test_the_server_takes_uploads_as_large_as_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    before = config.get_option("server.maxUploadSize")
    monkeypatch.setenv("HEATSTREAM_MAX_UPLOAD_MB", "1234")
    settings.cache_clear()

    async def serve() -> int:
        async with lifespan_with(lambda: FakeHost(scenes=1))(None):  # type: ignore[arg-type,return-value]
            return config.get_option("server.maxUploadSize")

    try:
        assert asyncio.run(serve()) == 1234
    finally:
        config.set_option("server.maxUploadSize", before)
        settings.cache_clear()


@pytest.mark.parametrize(
    ("bound", "word", "allowed"),
    [
        ("127.0.0.1", None, "True"),
        ("localhost", None, "True"),
        ("0.0.0.0", None, "False"),
        ("", None, "False"),
        ("192.168.1.2", None, "False"),
        ("0.0.0.0", "on", "True"),
        ("127.0.0.1", "off", "False"),
    ],
)
def test_private_addresses_are_for_a_server_on_loopback(
    monkeypatch: pytest.MonkeyPatch, bound: str, word: str | None, allowed: str
) -> None:
    monkeypatch.setattr(app, "doors", lambda: Doors.of(bound=bound))
    monkeypatch.delenv("HEATSTREAM_ALLOW_PRIVATE_URLS", raising=False)
    if word:
        monkeypatch.setenv("HEATSTREAM_ALLOW_PRIVATE_URLS", word)
    settings.cache_clear()
    program = "from heatstream.core.settings import settings; print(settings().allow_private_urls)"

    async def serve() -> str:
        async with lifespan_with(lambda: FakeHost(scenes=1))(None):  # type: ignore[arg-type,return-value]
            assert str(settings().allow_private_urls) == allowed
            return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    try:
        assert asyncio.run(serve()).strip() == allowed
        assert settings().allow_private_urls == ("auto" if word is None else allowed == "True")
    finally:
        settings.cache_clear()


def test_the_lifespan_starts_the_engine_and_closes_it_viewers_first() -> None:
    host = FakeHost(scenes=1)

    async def serve() -> None:
        async with lifespan_with(lambda: host)(None) as state:  # type: ignore[arg-type,return-value]
            assert state["host"] is host
            assert current.host() is host
            viewer = host.hub.join(host.camera_id)
        with pytest.raises(ClosedError):
            await viewer.next()

    asyncio.run(serve())
    assert host.closed
    with pytest.raises(EngineUnavailableError):
        current.host()


def test_clear_cache_in_streamlits_menu_leaves_the_engine_alone() -> None:
    made: list[FakeHost] = []

    def make() -> FakeHost:
        made.append(FakeHost(scenes=1))
        return made[-1]

    async def serve() -> None:
        async with lifespan_with(make)(None):  # type: ignore[arg-type]
            before = current.host(), current.issue_ticket("cam-fake")
            streamlit.cache_resource.clear()
            streamlit.cache_data.clear()
            assert current.host() is before[0] is made[0]
            current.tickets().check(before[1], "cam-fake")
            assert not made[0].closed

    asyncio.run(serve())
    assert len(made) == 1


class Server:
    """What uvicorn's server has that matters here; it notes what viewers had come to when it heard of a signal."""

    class Config:
        timeout_graceful_shutdown: int | None = None

    def __init__(self, story: list[str]) -> None:
        self.config = Server.Config()
        self.story = story

    def handle_exit(self, number: int, frame: object) -> None:
        self.story.append(signal.Signals(number).name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("late_s", [0, 0.3])
def test_a_signal_ends_the_viewers_before_the_server_hears_of_it(number: signal.Signals, late_s: float) -> None:
    assert threading.current_thread() is threading.main_thread()
    story: list[str] = []
    server = Server(story)
    host = FakeHost(scenes=1)
    before = signal.signal(number, server.handle_exit)

    async def look() -> None:
        with host.hub.join(host.camera_id) as viewer:
            while True:
                try:
                    await viewer.next()
                except ClosedError:
                    break
        story.append("viewer left")

    async def serve() -> None:
        async with lifespan_with(lambda: host)(None):  # type: ignore[arg-type,return-value]
            viewer = asyncio.create_task(look())
            await asyncio.sleep(0.05)
            signal.raise_signal(number)
            time.sleep(late_s)  # a loop that is late with everything
            assert server.config.timeout_graceful_shutdown == 1
            await viewer
            while number.name not in story:
                await asyncio.sleep(0.01)

    try:
        asyncio.run(asyncio.wait_for(serve(), 10))
        assert story == ["viewer left", number.name]
        assert signal.getsignal(number) == server.handle_exit
    finally:
        signal.signal(number, before)


def test_the_first_page_of_a_new_server_is_ours_also_for_a_tab_of_the_last_one() -> None:
    """Streamlit's way with a folder ``pages`` would lead it to /live, where nothing is once our navigation has run."""
    ask = BackMsg(rerun_script={"query_string": "start=1", "page_script_hash": calc_hash("live")})
    led: list[list[str]] = []
    with serving("app.py") as server:
        address = server.url.replace("http", "ws") + "/_stcore/stream"
        with connect(address, origin=server.url, subprotocols=[Subprotocol("streamlit")], max_size=None) as tab:
            tab.send(ask.SerializeToString())
            done = False
            while not done:
                told = ForwardMsg.FromString(bytes(tab.recv(timeout=60, decode=False)))
                assert not told.HasField("page_not_found")
                if told.HasField("navigation"):
                    led.append([page.url_pathname for page in told.navigation.app_pages])
                done = told.WhichOneof("type") == "script_finished"
    assert led == [[""]]
