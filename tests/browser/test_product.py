"""The whole product as a user has it: the real app, engine, model and clip, in a real Chromium."""

from __future__ import annotations

import http.client
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from tests.support.browser import Server, serving

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page, expect

from tests.support.live_page import COPIED, figure, picture, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.timeout(240)]

PIXELS = """
(canvas) => {
  const { data } = (COPIED)(canvas).getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i] * 7 + data[i + 1] * 3 + data[i + 2]) % 2147483647;
  return sum;
}
""".replace("COPIED", COPIED)


@pytest.fixture(scope="module")
def server(media_dir: Path, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    media = tmp_path_factory.mktemp("media")
    (media / "walk.mp4").write_bytes((media_dir / "pets-walk-480x360.mp4").read_bytes())
    with serving("app.py", env=environment(media, models_dir)) as running:
        yield running


def environment(media: Path, models: Path) -> dict[str, str]:
    """What a user would set who has a clip and a model."""
    return {
        "HEATSTREAM_MEDIA_DIR": str(media),
        "HEATSTREAM_MODEL_DIR": str(models),
        "HEATSTREAM_MODEL": "yolov8n_320_int8_openvino_model",
    }


def start(page: Page) -> None:
    """From the start page to a moving picture; a camera that runs already is joined."""
    page.get_by_text("A file in the media folder", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for(page, lambda: picture(page).count() == 1 and figure(page, "painted") >= 5)


@pytest.fixture(scope="module")
def kept_page(blank_page: Page, server: Server) -> Page:
    blank_page.goto(f"{server.url}/?start=1")
    start(blank_page)
    return blank_page


@pytest.fixture
def live(request: pytest.FixtureRequest, kept_page: Page) -> Iterator[Page]:
    """``kept_page`` with its first panel open and a moving picture."""
    kept_page.get_by_role("tab", name="What to see").click()
    painted = figure(kept_page, "painted")
    wait_for(kept_page, lambda: figure(kept_page, "painted") >= painted + 2)
    failed = request.session.testsfailed
    yield kept_page
    if request.session.testsfailed > failed:
        kept_page.reload()


def engines(server: Server) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def paused(page: Page) -> None:
    page.get_by_test_id("live-play").click()
    wait_for(page, lambda: "Paused" in page.get_by_test_id("live-state").inner_text())


@pytest.mark.slow
def test_the_first_visit_shows_the_demo_live_and_a_restart_brings_it_back(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    if not (Path(__file__).resolve().parents[2] / "assets" / "demo_openvino_model").is_dir():
        pytest.skip("demo detector missing: make it with `python -m heatstream.tools.train_demo`")
    env = {"HEATSTREAM_DATA_DIR": str(tmp_path / "data"), "HEATSTREAM_MEDIA_DIR": str(tmp_path / "media")}
    with serving("app.py", env=env) as alone:
        page = open_page(alone.url)
        wait_for(page, lambda: picture(page).count() == 1 and figure(page, "painted") >= 5)
        names = [f"Name of zone {i}" for i in (1, 2)]
        page.get_by_role("tab", name="What to count").click()
        assert [page.get_by_role("textbox", name=name).input_value() for name in names] == ["Crossing", "Fountain"]
        card = page.get_by_test_id("live-figures").locator("[data-zone]").first
        wait_for(page, lambda: any(n.isdecimal() and n != "0" for n in card.locator(".value").all_inner_texts()), 90)
        page.get_by_role("textbox", name=names[0]).fill("My line")
        page.get_by_role("textbox", name=names[0]).press("Enter")
        expect(card).to_contain_text("My line")
        page.wait_for_timeout(2500)  # what was changed is durable within two seconds
        alone.end(signal.SIGKILL)
    with serving("app.py", env=env) as again:
        page = open_page(again.url)
        wait_for(page, lambda: picture(page).count() == 1 and figure(page, "painted") >= 5)
        expect(page.get_by_test_id("live-figures").locator("[data-zone]").first).to_contain_text("My line")


def test_frames_of_the_clip_advance(live: Page) -> None:
    index, painted, time_s = (figure(live, name) for name in ("index", "painted", "time-s"))
    wait_for(live, lambda: figure(live, "painted") >= painted + 10)
    assert figure(live, "index") >= index + 10
    assert figure(live, "time-s") > time_s
    assert picture(live).evaluate("canvas => [canvas.width, canvas.height]") == [480, 360]


def test_a_line_drawn_with_the_mouse_counts(live: Page) -> None:
    live.get_by_role("tab", name="What to count").click()
    live.get_by_role("button", name="Draw on the picture").click()
    canvas = live.locator("canvas.upper-canvas")
    canvas.wait_for()
    live.wait_for_timeout(1500)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    live.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.95)
    live.mouse.down()
    live.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.05, steps=10)
    live.mouse.up()
    card = live.get_by_test_id("live-figures").locator("[data-zone]")
    expect(card).to_have_count(1)
    live.get_by_role("button", name="Done").click()
    expect(card).to_have_count(1)
    wait_for(live, lambda: any(number not in ("", "0") for number in card.locator(".value").all_inner_texts()), 120)


def test_colours_and_strength_change_the_pixels(live: Page) -> None:
    paused(live)
    before = picture(live).evaluate(PIXELS)
    live.get_by_role("slider", name="Strength").focus()
    live.keyboard.press("End")
    wait_for(live, lambda: picture(live).evaluate(PIXELS) != before)
    live.wait_for_timeout(1000)
    strong = picture(live).evaluate(PIXELS)
    live.get_by_role("button", name="Jet").click()
    live.get_by_role("button", name="Viridis").click()
    wait_for(live, lambda: picture(live).evaluate(PIXELS) != strong)
    live.get_by_test_id("live-play").click()
    # The camera belongs to all: a page that closes before its click has arrived would leave it paused.
    wait_for(live, lambda: "Playing" in live.get_by_test_id("live-state").inner_text())


@pytest.mark.slow
def test_moving_a_slider_keeps_the_one_line_to_the_server_and_the_picture_moving(live: Page) -> None:
    lines: list[str] = []
    live.on("websocket", lambda line: lines.append(line.url))
    picture(live).evaluate("canvas => { canvas.marked = 'the same'; }")
    slider = live.get_by_role("slider", name="Strength")
    slider.focus()
    for key in ["ArrowRight", "ArrowLeft"] * 10:
        painted = figure(live, "painted")
        live.keyboard.press(key)
        wait_for(live, lambda painted=painted: figure(live, "painted") > painted, 10)
    assert lines == []
    assert picture(live).evaluate("canvas => canvas.marked") == "the same"


@pytest.mark.slow
def test_a_second_tab_joins_the_camera_and_follows_its_controls(
    server: Server, live: Page, open_page: Callable[..., Page]
) -> None:
    other = open_page(live.url)
    wait_for(other, lambda: picture(other).count() == 1 and figure(other, "painted") >= 5)
    assert abs(figure(other, "index") - figure(live, "index")) < 50
    assert len(engines(server)) == 1
    slider = live.get_by_role("slider", name="Strength")
    slider.focus()
    live.keyboard.press("Home")
    expect(other.get_by_role("slider", name="Strength")).to_have_value("0")
    live.keyboard.press("End")
    expect(other.get_by_role("slider", name="Strength")).to_have_value("1")


@pytest.mark.slow
def test_a_killed_engine_is_shown_and_comes_back(server: Server, live: Page) -> None:
    index = figure(live, "index")
    seen: list[str] = []
    (engine,) = engines(server)
    engine.send_signal(signal.SIGKILL)
    state = live.get_by_test_id("live-state")

    def back() -> bool:
        seen.append(state.inner_text())
        return figure(live, "index") > index + 10 and state.inner_text().startswith("Playing")

    wait_for(live, back)
    assert any("Engine" in text or "Starting" in text or "Connecting" in text for text in seen), set(seen)
    assert [one.pid for one in engines(server)] != [engine.pid]


def ask(server: Server, path: str, **headers: str) -> int:
    parts = urlsplit(server.url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def test_strangers_get_no_picture(server: Server, live: Page) -> None:
    camera_id = parse_qs(urlsplit(live.url).query)["camera"][0]
    with live.expect_websocket() as opened:
        live.reload()
    ticket = parse_qs(urlsplit(opened.value.url).query).get("ticket")
    if ticket is None:  # the first line was Streamlit's own
        with live.expect_event("websocket", lambda line: "/heatstream/ws/" in line.url) as opened:
            live.reload()
        ticket = parse_qs(urlsplit(opened.value.url).query)["ticket"]
    good = f"/heatstream/snapshot/{camera_id}.jpg?ticket={ticket[0]}"
    assert ask(server, good) == 200
    assert ask(server, good, Host="evil.example") == 403
    assert ask(server, good, Origin="http://evil.example") == 403
    assert ask(server, f"/heatstream/snapshot/{camera_id}.jpg") == 403
    assert ask(server, f"/heatstream/mjpeg/{camera_id}?ticket=forged") == 403


@pytest.mark.slow
def test_a_model_that_cannot_be_had_says_what_to_do(
    media_dir: Path, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    (tmp_path / "walk.mp4").write_bytes((media_dir / "pets-walk-480x360.mp4").read_bytes())
    env = environment(tmp_path, tmp_path / "none") | {"HEATSTREAM_MODEL": "yolov8n-no-such.onnx"}
    with serving("app.py", env=env) as alone:
        page = open_page(f"{alone.url}/?start=1")
        page.get_by_text("A file in the media folder", exact=True).click()
        alert = page.get_by_role("alert").filter(has_text="yolov8n-no-such.onnx")
        expect(alert.first).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
        expect(alert.first).to_contain_text("HEATSTREAM_MODEL")
        assert "Traceback" not in page.content()


@pytest.mark.slow
def test_a_signal_ends_everything_with_pages_and_streams_open(
    media_dir: Path, models_dir: Path, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    (tmp_path / "walk.mp4").write_bytes((media_dir / "pets-walk-480x360.mp4").read_bytes())
    with serving("app.py", env=environment(tmp_path, models_dir)) as alone:
        page = open_page(f"{alone.url}/?start=1")
        tickets: list[str] = []
        page.on("websocket", lambda line: tickets.extend(parse_qs(urlsplit(line.url).query).get("ticket", [])))
        start(page)
        camera_id = parse_qs(urlsplit(page.url).query)["camera"][0]
        reading = threading.Event()

        def read() -> None:
            parts = urlsplit(alone.url)
            assert parts.hostname is not None
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            connection.request("GET", f"/heatstream/mjpeg/{camera_id}?ticket={tickets[0]}")
            answer = connection.getresponse()
            with closing(connection), closing(answer), suppress(OSError, http.client.HTTPException):
                while answer.read(1000):
                    reading.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        assert reading.wait(20)
        family = psutil.Process(alone.process.pid).children(recursive=True)
        assert family
        took_s = alone.end(signal.SIGINT, timeout_s=20)
        assert took_s < 3
        gone, alive = psutil.wait_procs(family, timeout=2)
        assert alive == []
        assert gone
        reader.join(5)
        assert not reader.is_alive()
