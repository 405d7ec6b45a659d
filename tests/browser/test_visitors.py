"""Several visitors, several cameras, and everything found again after the server was killed."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.browser import Server, free_port, serving
from tests.support.live_page import (
    camera_of,
    counted,
    draw_upright_line,
    figure,
    painted,
    quiet,
    start_file,
    wait_for,
    zone_cards,
)

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Browser, Page, WebSocketRoute, expect

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.timeout(240)]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def env(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stored tracks in place of a detector: it is visitors that count here."""
    models = tmp_path_factory.mktemp("models")
    rows = (f"{number},{1 + number // 100},{4 * (number % 100)},150,60,120,0.9,0" for number in range(1, 20_000))
    (models / "walk.csv").write_text("\n".join(rows) + "\n")
    media = tmp_path_factory.mktemp("media")
    for name, clip in (("walk.mp4", "pets-walk-480x360.mp4"), ("cars.mp4", "cars-topdown-768x432.mp4")):
        (media / name).write_bytes((media_dir / clip).read_bytes())
    return {
        "HEATSTREAM_MEDIA_DIR": str(media),
        "HEATSTREAM_MODEL_DIR": str(models),
        "HEATSTREAM_MODEL": "walk.csv",
        "HEATSTREAM_MAX_CAMERAS": "2",
    }


@pytest.fixture(scope="module")
def server(env: dict[str, str]) -> Iterator[Server]:
    with serving("app.py", env=env) as running:
        yield running


class Deafness:
    """A line from the server to a page on which, while it is ``on``, nothing comes through."""

    def __init__(self) -> None:
        self.on = False
        self.kept: list[str | bytes] = []

    def stand_between(self, line: WebSocketRoute) -> None:
        """Handle the page's WebSocket."""
        self.line = line
        line.connect_to_server().on_message(lambda said: self.kept.append(said) if self.on else line.send(said))

    def end(self) -> None:
        """Let through what was kept, and all that comes."""
        self.on = False
        for said in self.kept:
            self.line.send(said)


def stop(page: Page) -> None:
    """Stop the camera, which leads to the start page."""
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name="What should HeatStream watch?")).to_be_visible()


@pytest.mark.slow
def test_two_visitors_watch_two_sources_and_do_not_disturb_each_other(server: Server, open_page: OpenPage) -> None:
    first, second = (open_page(f"{server.url}/?start=1") for _ in range(2))
    start_file(first, "walk.mp4")
    start_file(second, "cars.mp4")
    assert camera_of(first) != camera_of(second)
    time_s = figure(first, "time-s")
    slider = second.get_by_role("slider", name="Strength")
    slider.focus()
    second.keyboard.press("End")
    expect(slider).to_have_value("1")
    stop(second)
    painted(first, 20)
    assert figure(first, "time-s") > time_s, "the first camera began anew"
    expect(first.get_by_role("slider", name="Strength")).to_have_value("0.5")


@pytest.mark.slow
def test_a_stopped_camera_goes_on_where_its_address_is_opened(server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/?start=1")
    start_file(page, "cars.mp4")
    index, address = figure(page, "index"), page.url
    stop(page)
    again = open_page(address)
    painted(again, 10)
    assert figure(again, "index") > index


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("tabs", [3, 10])
def test_tabs_share_one_camera(server: Server, open_page: OpenPage, tabs: int) -> None:
    first = open_page(f"{server.url}/?start=1")
    start_file(first, "walk.mp4")
    others = [open_page(first.url, viewport={"width": 800, "height": 600}) for _ in range(tabs - 1)]
    for page in [first, *others]:
        painted(page, 3)
    for page in others:  # each shows what the first showed just before or will show just after, within two seconds
        before, shown, after = (figure(tab, "index") for tab in (first, page, first))
        assert before - 50 <= shown <= after + 50
    slider = first.get_by_role("slider", name="Strength")
    slider.focus()
    first.keyboard.press("Home")
    for page in others:
        expect(page.get_by_role("slider", name="Strength")).to_have_value("0")


def test_a_tab_that_has_not_heard_of_a_change_does_not_undo_it(
    server: Server, open_page: OpenPage, browser: Browser
) -> None:
    first = open_page(f"{server.url}/?start=1")
    start_file(first, "walk.mp4")
    deaf = Deafness()
    second = browser.new_page(viewport={"width": 800, "height": 900})
    second.route_web_socket(re.compile("_stcore/stream"), deaf.stand_between)
    second.goto(first.url)
    painted(second, 3)
    quiet(second)
    deaf.on = True
    slider = first.get_by_role("slider", name="Strength")
    slider.focus()
    first.keyboard.press("End")
    wait_for(second, lambda: len(deaf.kept) > 0)  # it asked for the page anew, but does not hear the answer
    second.wait_for_timeout(1000)
    second.get_by_text("Labels", exact=True).click()
    expect(first.get_by_role("switch", name="Labels")).not_to_be_checked()
    expect(slider).to_have_value("1")
    deaf.end()
    expect(second.get_by_role("slider", name="Strength")).to_have_value("1")
    expect(second.get_by_role("switch", name="Labels")).not_to_be_checked()
    second.close()


@pytest.mark.slow
def test_after_a_kill_and_a_restart_everything_is_there_again(
    env: dict[str, str], tmp_path: Path, open_page: OpenPage
) -> None:
    port, lasting = free_port(), {**env, "HEATSTREAM_DATA_DIR": str(tmp_path / "data")}
    with serving("app.py", env=lasting, port=port) as before:
        page = open_page(f"{before.url}/?start=1")
        start_file(page, "walk.mp4")
        draw_upright_line(page)
        page.get_by_role("tab", name="What to see").click()
        slider = page.get_by_role("slider", name="Strength")
        slider.focus()
        page.keyboard.press("End")
        expect(slider).to_have_value("1")
        wait_for(page, lambda: counted(page) >= 1, 120)
        seen = counted(page)
        page.wait_for_timeout(2500)  # what was counted is durable within two seconds
        before.process.send_signal(signal.SIGKILL)
        before.process.wait(10)
    with serving("app.py", env=lasting, port=port):
        painted(page, 5)  # the open page finds the server again by itself
        expect(page.get_by_role("slider", name="Strength")).to_have_value("1")
        expect(zone_cards(page)).to_have_count(1)
        wait_for(page, lambda: counted(page) >= seen)


@pytest.mark.slow
def test_pages_that_stay_open_are_those_of_a_server_that_is_started_again(
    env: dict[str, str], tmp_path: Path, open_page: OpenPage
) -> None:
    port, lasting = free_port(), {**env, "HEATSTREAM_DATA_DIR": str(tmp_path / "data")}
    with serving("app.py", env=lasting, port=port) as before:
        camera, start = (open_page(f"{before.url}/?start=1") for _ in range(2))
        start_file(camera, "walk.mp4")
        before.end(signal.SIGINT)
    with serving("app.py", env=lasting, port=port):
        painted(camera, 5)
        camera.get_by_role("tab", name="What to see").click()
        trails = camera.get_by_role("switch", name="Trails")
        expect(trails).not_to_be_checked()
        camera.locator("label").filter(has=trails).click()
        expect(trails).to_be_checked()
        camera.reload()
        expect(trails).to_be_checked(timeout=20_000)
        start.get_by_role("button", name="Stop").first.click(timeout=20_000)
        expect(start.get_by_text("stopped").first).to_be_visible(timeout=20_000)
