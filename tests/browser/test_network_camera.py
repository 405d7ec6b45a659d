"""A network camera chosen in a real browser: a test of its connection holds up no page, and no password leaks."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.browser import Server, serving
from tests.support.clips import Clip, make_clip
from tests.support.rtsp_server import Clock, rtsp_server

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page, expect

from tests.support.live_page import painted

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SECRETS = ("sesame-street", "t0ken-of-mine", "anna-b")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Iterator[Server]:
    media = tmp_path_factory.mktemp("media")
    make_clip(media / "gate.mp4", Clip(frames=50, size_wh=(320, 240)))
    (media / "notes.mp4").write_text("Nothing to see here.\n" * 200)
    env = {
        "HEATSTREAM_MEDIA_DIR": str(media),
        "HEATSTREAM_DATA_DIR": str(data),
        "HEATSTREAM_MODEL": "demo",
        "HEATSTREAM_LOG_LEVEL": "DEBUG",
    }
    with serving("app.py", env=env) as running:
        yield running


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server on this machine that takes a connection and never answers."""

    class Silence(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ended.wait(60)

    ended = threading.Event()
    silence = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silence)
    silence.daemon_threads = True
    thread = threading.Thread(target=silence.serve_forever)
    thread.start()
    yield silence.server_address[1]
    ended.set()
    silence.shutdown()
    silence.server_close()
    thread.join()


def form(page: Page, text: str) -> None:
    page.get_by_text("Network camera", exact=True).click()
    page.get_by_label("Address", exact=True).fill(text)
    page.get_by_label("Address", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Test connection")).to_be_visible()


def test_a_test_shows_a_still_and_what_the_source_is(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server.url}/?start=1")
    page.get_by_text("Network camera", exact=True).click()
    page.get_by_text("Addresses of common cameras").click()
    expect(page.get_by_text("Hikvision")).to_be_visible()
    form(page, "gate.mp4")
    expect(page.get_by_text("Hikvision")).to_be_visible()  # still open, to be compared with
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("It works")).to_be_visible()
    expect(page.get_by_text("320 x 240")).to_be_visible()
    still = page.locator(".st-key-test-result img")
    expect(still).to_be_visible()
    assert still.evaluate("image => image.naturalWidth") == 320
    form(page, "notes.mp4")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("cannot be read as a video")).to_be_visible()


@pytest.mark.slow
def test_a_test_that_waits_holds_up_no_page_and_ends(
    server: Server, open_page: Callable[..., Page], silent_port: int
) -> None:
    page, other = open_page(f"{server.url}/?start=1"), open_page(f"{server.url}/?start=1")
    before = set(psutil.Process(server.process.pid).children())
    form(page, f"http://127.0.0.1:{silent_port}/video")
    page.get_by_role("button", name="Test connection").click()
    other.get_by_text("Upload a file", exact=True).click()  # while the test runs
    expect(other.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.get_by_role("button", name="Test connection")).to_be_visible()
    until_s = time.monotonic() + 20
    while set(psutil.Process(server.process.pid).children()) - before:
        assert time.monotonic() < until_s, "the process of the test is still there"
        time.sleep(0.1)


def test_a_password_is_nowhere_but_in_its_field(server: Server, open_page: Callable[..., Page], data: Path) -> None:
    page = open_page(f"{server.url}/?start=1")
    form(page, "http://anna-b:sesame-street@127.0.0.1:9/video?token=t0ken-of-mine&channel=2")
    expect(page.get_by_label("Address", exact=True)).to_have_value("http://127.0.0.1:9/video?token=***&channel=2")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Change source")).to_be_visible()
    expect(page.get_by_text("127.0.0.1:9/video").first).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Link with your settings")).to_be_visible()
    page.wait_for_timeout(2500)  # until what is kept has been written
    processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    places = {
        "the page": page.content() + page.url,
        "the log": server.log,
        "the process titles": " ".join(" ".join(process.cmdline()) for process in processes),
        **{path.name: path.read_bytes().decode("latin-1") for path in data.rglob("*") if path.is_file()},
    }
    assert {"heatstream.db", "secret.key"} <= set(places)
    assert "127.0.0.1:9/video?token=***" in "".join(text for name, text in places.items() if "heatstream.db" in name)
    assert [(secret, name) for name, text in places.items() for secret in SECRETS if secret in text] == []


def test_a_real_camera_is_tested_with_its_password_and_watched(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server.url}/?start=1")
    with rtsp_server({"/gate": Clock((640, 360), 15)}, user="anna-b", password="sesame-street") as camera:
        form(page, camera.url("/gate"))
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_test_id("stAlert")).to_contain_text("password")
        page.get_by_label("User", exact=True).fill("anna-b")
        page.get_by_label("Password", exact=True).fill("sesame-street")
        page.get_by_label("Password", exact=True).press("Enter")
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("640 x 360")).to_be_visible()
        page.get_by_role("button", name="Start", exact=True).click()
        painted(page, 20)
        camera.kill()
        expect(page.get_by_test_id("live-state")).to_contain_text("Reconnecting", timeout=30_000)
        camera.start_again()
        painted(page, 20)
