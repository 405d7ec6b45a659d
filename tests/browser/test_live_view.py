"""The live view in a real Chromium, on the fake engine host: pictures move, reruns leave no gap, states are shown."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import VIEWPORT, Server, serving
from tests.support.fake_host import BITS, SQUARE
from tests.support.live_page import COPIED, wait_for

pytestmark = pytest.mark.browser

LIVE_APP = "tests/support/live_app.py"

#: Notes when each picture was painted, and where the pixels disagree with the index beside them.
WATCH = """
() => {
  const canvas = [...document.querySelectorAll("*")].flatMap((e) => e.shadowRoot ? [e.shadowRoot] : [])
    .map((root) => root.querySelector("[data-testid=live-picture]")).find(Boolean);
  window.seen = [];
  new MutationObserver(() => window.seen.push([performance.now(), Number(canvas.dataset.index)]))
    .observe(canvas, { attributes: true, attributeFilter: ["data-index"] });
}
"""
READ_INDEX = """
(canvas, [bits, square]) => {
  const context = (COPIED)(canvas);
  let drawn = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const [red] = context.getImageData(bit * square + square / 2, square / 2, 1, 1).data;
    drawn |= (red > 127) << bit;
  }
  return [drawn, Number(canvas.dataset.index)];
}
""".replace("COPIED", COPIED)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(LIVE_APP) as running:
        yield running


@pytest.fixture(scope="module")
def kept_page(blank_page: Page, server: Server) -> Page:
    blank_page.goto(server.url)
    return blank_page


@pytest.fixture
def page(request: pytest.FixtureRequest, server: Server, kept_page: Page) -> Iterator[Page]:
    """``kept_page`` as if it had just been loaded: nothing asked for, pictures coming."""
    kept_page.set_viewport_size(VIEWPORT)
    expect(kept_page.get_by_test_id("live-state")).to_have_text("Playing")
    expect(kept_page.get_by_test_id("live-note")).to_be_hidden()
    expect(kept_page.get_by_label("Speed", exact=True)).to_have_value("1")
    expect(kept_page.get_by_role("switch", name="Loop")).to_be_checked()
    wait_until_painted(kept_page)
    failed = request.session.testsfailed
    yield kept_page
    if request.session.testsfailed > failed:
        kept_page.goto(server.url)


@pytest.fixture(autouse=True)
def normal(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        state(
            request.getfixturevalue("server"),
            "publishing=1&engine=running&state=playing&reason=&live=0&speed=1&dropped=0&counting=1&play=1&zones=2&upright=0",
        )


def state(server: Server, query: str = "") -> dict:
    return json.loads(server.get(f"/fake/set?{query}"))


def picture(page: Page):
    return page.get_by_test_id("live-picture")


def painted(page: Page) -> int:
    return int(picture(page).get_attribute("data-painted") or 0)


def wait_until_painted(page: Page, more: int = 5) -> None:
    goal = painted(page) + more
    until_s = time.monotonic() + 20
    while painted(page) < goal:
        assert time.monotonic() < until_s, "no picture is painted"
        page.wait_for_timeout(50)


def wait_until_alone(server: Server, page: Page) -> None:
    """Wait until nobody but ``kept_page`` looks: the pages of the test before may still be leaving."""
    wait_for(page, lambda: state(server)["viewers"] == 1)


def longest_gap_ms(page: Page, since: int = 0) -> float:
    times = [at for at, _ in page.evaluate("window.seen")][since:]
    return max(after - before for before, after in pairwise(times))


def test_pictures_advance_and_their_pixels_are_those_of_their_index(server: Server, page: Page) -> None:
    page.evaluate(WATCH)
    wait_until_painted(page, 25)
    indices = [index for _, index in page.evaluate("window.seen")]
    assert len(indices) >= 20
    assert indices == sorted(set(indices))
    for _ in range(5):
        drawn, told = picture(page).evaluate(READ_INDEX, [BITS, SQUARE])
        assert drawn == told
        page.wait_for_timeout(100)
    data = picture(page).evaluate("canvas => ({...canvas.dataset})")
    assert data["state"] == "Playing"
    assert "error" not in data
    assert 0 < float(data["latencyMs"]) < 1000
    assert float(data["timeS"]) == pytest.approx(int(data["index"]) / 25, abs=0.5)


def quiet_gap_ms(page: Page) -> float:
    """The longest gap between two pictures in a second and a half without any rerun."""
    since = len(page.evaluate("window.seen"))
    page.wait_for_timeout(1500)
    return longest_gap_ms(page, since)


def busy_gap_ms(page: Page, runs: int) -> float:
    """The longest gap between two pictures while a button and a slider make the page run again and again."""
    since = len(page.evaluate("window.seen"))
    page.get_by_role("button", name="Rerun").click()
    expect(page.get_by_text(f"runs: {runs},")).to_be_visible()
    slider = page.get_by_role("slider", name="alpha")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
        page.wait_for_timeout(60)
    expect(page.get_by_text(f"alpha: {0.5 + runs / 10:.1f}")).to_be_visible()
    page.wait_for_timeout(300)
    return longest_gap_ms(page, since)


@pytest.mark.slow
def test_reruns_and_slider_moves_open_no_gap(server: Server, kept_page: Page, open_page: Callable) -> None:
    wait_until_alone(server, kept_page)
    page = open_page(server.url)
    wait_until_painted(page, 25)
    page.evaluate(WATCH)
    # A gap that reruns open shows in every round; what else this machine does shows in the quiet seconds as well.
    rounds = [(quiet_gap_ms(page), busy_gap_ms(page, runs)) for runs in range(1, 4)]
    assert any(busy_ms < max(250.0, 2 * quiet_ms) for quiet_ms, busy_ms in rounds), rounds
    assert state(server)["viewers"] == 2


@pytest.mark.slow
def test_two_tabs_see_the_same_camera(server: Server, kept_page: Page, open_page: Callable) -> None:
    wait_until_alone(server, kept_page)
    first, second = open_page(server.url), open_page(server.url)
    wait_until_painted(first)
    wait_until_painted(second)
    assert state(server)["viewers"] == 3
    assert abs(int(picture(first).get_attribute("data-index")) - int(picture(second).get_attribute("data-index"))) < 50
    second.close()
    wait_until_painted(first)


def test_a_page_that_is_left_ends_its_connection(server: Server, kept_page: Page, open_page: Callable) -> None:
    wait_until_alone(server, kept_page)
    page = open_page(server.url)
    wait_until_painted(page)
    assert state(server)["viewers"] == 2
    page.goto("about:blank")
    until_s = time.monotonic() + 5
    while state(server)["viewers"] > 1:
        assert time.monotonic() < until_s
        time.sleep(0.05)


def test_key_figures_follow_the_pictures_without_a_rerun(server: Server, page: Page) -> None:
    state(server, "counts=127,1204")
    figures = page.get_by_test_id("live-figures")
    door = figures.locator("[data-zone=z1]")
    expect(door.get_by_role("heading")).to_have_text("Main entrance")
    expect(door.locator(".out .value")).to_have_text("1,204")
    area = figures.locator("[data-zone=z2]")
    expect(area.locator(".now .label")).to_have_text("Inside now")
    expect(area.locator(".now .value")).to_have_text("3")
    expect(area.locator(".in .label")).to_have_text("Entered")
    expect(area.locator(".in .value")).to_have_text("63")
    expect(area.locator(".stay")).to_have_text("Mean stay 12 s over 401 stays")
    expect(door.locator(".now")).to_have_count(0)
    expect(door.locator(".stay")).to_be_hidden()
    expect(door.get_by_role("list", name="In, by kind").locator("li").first).to_have_text("person 96")
    expect(door.get_by_role("list", name="Out, by kind").locator("li").first).to_have_text("person 1,204")
    expect(figures.locator(".in-view")).to_contain_text("person 4")
    state(server, "flipped=z2")  # in is leaving now, and its numbers still say who entered
    expect(area.locator(".number .label")).to_have_text(["Inside now", "Entered", "Left"])
    expect(area.locator(".in .label")).to_have_text("Left")
    state(server, "flipped=")
    expect(area.locator(".in .label")).to_have_text("Entered")
    state(server, "counts=128,1204")
    expect(door.locator(".in .value")).to_have_text("128")
    state(server, "publishing=0&counts=5,9")
    expect(door.locator(".net")).to_have_text("net \u22124")
    expect(page.get_by_text("runs: 0,")).to_be_visible()


def test_each_state_is_shown_and_told(server: Server, page: Page) -> None:
    shown, note = page.get_by_test_id("live-state"), page.get_by_test_id("live-note")
    for query, title, headline, detail, button in (
        ("state=connecting&reason=opening", "Starting", "Opening the video", "", ""),
        ("state=connecting&reason=loading%20the%20model", "Starting", "Loading the model", "", ""),
        ("state=stalled&reason=no%20frame%20for%207%20s", "Stalled", "No picture is coming", "No frame for 7 s", ""),
        ("state=reconnecting&reason=refused&wait=30", "Reconnecting", "Reconnecting in 2", "Refused", "Try now"),
        ("state=ended", "Ended", "played to its end", "counts stay", "Play again"),
        (
            "state=failed&reason=clip.mp4%20holds%20no%20video",
            "Failed",
            "has failed",
            "clip.mp4 holds no video",
            "Try again",
        ),
        ("state=connecting&engine=restarting", "Engine restarting", "being started again", "Counts are kept", ""),
    ):
        expect(shown).to_have_text("Playing")
        expect(note).to_be_hidden()
        state(server, f"publishing=0&{query}")
        expect(shown).to_have_text(title)
        expect(note.locator("strong")).to_contain_text(headline)
        expect(note.locator("p")).to_contain_text(detail)
        expect(note).to_be_visible()
        expect(page.get_by_role("status").filter(has_text=title)).to_contain_text(detail)
        assert note.get_by_role("button").all_inner_texts() == ([button] if button else [])
        state(server, "publishing=1&engine=running&state=playing&reason=")
        expect(note).to_be_hidden()
        wait_until_painted(page)


def test_from_before_the_first_picture_which_shows_no_zeros_to_the_end_of_the_camera(open_page: Callable) -> None:
    with serving(LIVE_APP) as own:
        state(own, "publishing=0&state=connecting&reason=loading%20the%20model")
        page = open_page(own.url)
        expect(page.get_by_test_id("live-note")).to_contain_text("Loading the model")
        page.wait_for_timeout(1500)
        assert page.get_by_test_id("live-figures").locator(".value").all_inner_texts() == ["\u2013"] * 6
        state(own, "publishing=1&state=playing&reason=&counts=7,5")
        expect(page.get_by_test_id("live-figures").locator("[data-zone=z1] .in .value")).to_have_text("7")
        expect(page.get_by_test_id("live-note")).to_be_hidden()
        state(own, "forget=cam-fake")
        expect(page.get_by_test_id("live-note")).to_contain_text("This camera is not there")
        expect(page.get_by_test_id("live-state")).to_have_text("Not running")


def test_slow_playing_is_shown_when_it_lasts(server: Server, page: Page) -> None:
    slow = page.get_by_test_id("live-slow")
    expect(slow).to_be_hidden()
    state(server, "speed=0.7")
    page.wait_for_timeout(1000)
    expect(slow).to_be_hidden()
    expect(slow).to_have_text("Plays at 0.7\u00d7: this machine cannot go faster.")
    expect(page.get_by_test_id("live-state")).to_have_text("Playing at 0.7\u00d7")
    page.get_by_label("Speed", exact=True).select_option("4")
    expect(slow).to_be_hidden()
    expect(slow).to_have_text("Plays at 0.7\u00d7: this machine cannot do 4\u00d7.")
    state(server, "speed=3.8")
    expect(slow).to_be_hidden()


def test_dropped_frames_are_shown_if_there_are_any(server: Server, page: Page) -> None:
    wait_until_painted(page, 30)
    dropped = page.locator("[data-stat=dropped]")
    expect(dropped).to_be_hidden()
    state(server, "dropped=1234")
    expect(dropped).to_have_text("1,234 frames dropped")
    stats = page.get_by_test_id("live-stats")
    expect(stats.locator("[data-stat=shown]")).to_contain_text("fps")
    expect(stats.locator("[data-stat=processed]")).to_be_hidden()
    stats.locator("summary").click()
    expect(stats.locator("[data-stat=processed]")).to_contain_text("25 fps")
    stats.locator("summary").click()


@pytest.mark.slow
def test_a_lost_server_is_told_and_a_new_one_is_found(open_page: Callable) -> None:
    with serving(LIVE_APP) as first:
        page = open_page(first.url)
        wait_until_painted(page)
        port = int(first.url.rpartition(":")[2])
        first.process.kill()
        first.process.wait(10)
        expect(page.get_by_test_id("live-state")).to_have_text("No connection")
        expect(page.get_by_test_id("live-note")).to_contain_text("rying again")
        expect(page.get_by_role("button", name="Try now")).to_be_visible()
        # Each new process knows nothing of the old tickets: the page brings a new one by itself, twice in seconds.
        for _ in range(2):
            with serving(LIVE_APP, port=port) as later:
                expect(page.get_by_test_id("live-state")).to_have_text("Playing")
                wait_until_painted(page)
                assert state(later)["viewers"] == 1
                later.process.kill()
                later.process.wait(10)


def test_a_refused_ticket_is_explained(server: Server, kept_page: Page, open_page: Callable) -> None:
    wait_until_alone(server, kept_page)
    page = open_page(f"{server.url}/?ticket=forged")
    expect(page.get_by_test_id("live-state")).to_have_text("No access")
    expect(page.get_by_test_id("live-note")).to_contain_text("no valid ticket")
    assert state(server)["viewers"] == 1


def test_a_stopped_camera_is_told_and_comes_back(server: Server, page: Page) -> None:
    state(server, "stop=cam-fake")
    expect(page.get_by_test_id("live-state")).to_have_text("Stopped")
    expect(page.get_by_test_id("live-note")).to_contain_text("This camera is stopped")
    expect(page.get_by_test_id("live-play")).to_be_disabled()
    state(server, "wake=cam-fake")
    expect(page.get_by_test_id("live-state")).to_have_text("Playing")


def test_the_mjpeg_address_shows_in_an_image_element(server: Server, open_page: Callable) -> None:
    page = open_page(f"{server.url}/fake/set")
    ticket = json.loads(page.locator("body").inner_text())["ticket"]
    page.evaluate(
        """(source) => {
          const image = new Image();
          image.id = "stream";
          image.src = source;
          document.body.replaceChildren(image);
        }""",
        f"/heatstream/mjpeg/cam-fake?ticket={ticket}",
    )
    image = page.locator("#stream")
    read = """(image, [bits, square]) => {
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
      if (!canvas.width) return 0;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      let drawn = 0;
      for (let bit = 0; bit < bits; bit += 1)
        drawn |= (context.getImageData(bit * square + square / 2, square / 2, 1, 1).data[0] > 127) << bit;
      return drawn;
    }"""
    seen: set[int] = set()
    until_s = time.monotonic() + 15
    while len(seen - {0}) < 5:
        assert time.monotonic() < until_s, f"the image does not move: {seen}"
        seen.add(image.evaluate(read, [BITS, SQUARE]))
        page.wait_for_timeout(50)


def test_the_server_ends_quickly_with_an_open_page_and_says_so_there(open_page: Callable) -> None:
    with serving(LIVE_APP) as own:
        page = open_page(own.url)
        wait_until_painted(page)
        ticket = state(own)["ticket"]
        page.evaluate("(s) => { const i = new Image(); i.src = s; document.body.append(i); }",
                      f"/heatstream/mjpeg/cam-fake?ticket={ticket}")  # fmt: skip
        until_s = time.monotonic() + 5
        while state(own)["viewers"] < 2:
            assert time.monotonic() < until_s
            time.sleep(0.05)
        assert own.end() < 3, own.log
        expect(page.get_by_test_id("live-state")).to_have_text("No connection")


@pytest.mark.parametrize("width", [400, 700, 1000, 1900])
def test_nothing_overflows_at_any_width(server: Server, page: Page, width: int) -> None:
    state(server, "counts=1234567,987654")
    page.set_viewport_size({"width": width, "height": 800})
    wait_until_painted(page)
    expect(page.get_by_test_id("live-figures").locator("[data-zone=z1] .in .value")).to_contain_text("1,234,5")
    too_wide = page.get_by_test_id("live-figures").evaluate(
        """(figures) => [...figures.querySelectorAll(".card, .big, .value")]
          .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.className)"""
    )
    assert too_wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_full_screen_shows_picture_and_figures(server: Server, page: Page) -> None:
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement !== null")
    for node in (page.get_by_test_id("live-figures"), page.get_by_test_id("live-bar")):
        expect(node).to_be_in_viewport(ratio=1)
    page.wait_for_function(
        """() => {
          const host = document.fullscreenElement;
          const canvas = (host.shadowRoot ?? host).querySelector("[data-testid=live-picture]");
          return canvas.clientWidth === innerWidth && canvas.clientHeight === innerHeight;
        }"""
    )
    wait_until_painted(page)
    wide, upright = 1280, math.ceil(900 * 405 / 720)  # of a window of 1280x900
    for turned, fit in ((0, wide), (1, upright), (0, wide)):
        state(server, f"upright={turned}")
        wait_for(page, lambda fit=fit: state(server)["fits"] == [fit])
        assert picture(page).evaluate("c => [c.clientWidth, c.clientHeight]") == [1280, 900], "all of it is to be seen"
    page.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("document.fullscreenElement === null")
    expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()


# The playback bar


def shown_s(page: Page) -> float:
    """The time that the bar shows, in seconds."""
    minutes, seconds = page.get_by_test_id("live-time").locator("b").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def test_pause_shows_at_once_and_reaches_the_camera(server: Server, page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()
    assert page.get_by_test_id("live-play").get_attribute("aria-label") == "Resume"
    assert page.get_by_test_id("live-state").inner_text() == "Paused"
    wait_for(page, lambda: state(server)["playing"].get("paused") is True)
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("live-state")).to_have_text("Paused")
    expect(page.get_by_test_id("live-note")).to_be_hidden()
    at = shown_s(page)
    page.wait_for_timeout(1500)
    assert shown_s(page) == at
    page.get_by_role("button", name="Resume").click()
    wait_for(page, lambda: state(server)["playing"].get("paused") is False)
    wait_until_painted(page)


def test_what_another_tab_does_shows_in_the_bar(server: Server, page: Page, open_page: Callable) -> None:
    other = open_page(server.url)
    wait_until_painted(other)
    other.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    other.get_by_label("Speed", exact=True).select_option("2")
    expect(page.get_by_label("Speed", exact=True)).to_have_value("2")


def test_the_place_in_the_file_advances_between_messages(server: Server, page: Page) -> None:
    seek = page.get_by_test_id("live-seek")
    values = []
    for _ in range(30):
        values.append(float(seek.input_value()))
        page.wait_for_timeout(100)
    steps = [after - before for before, after in pairwise(values)]
    assert min(steps) >= 0 or sum(step < 0 for step in steps) == 1  # once at the end of the file
    assert len(set(values)) > 18, "five messages a second alone would give half as many places"
    expect(page.get_by_test_id("live-time")).to_contain_text("/ 1:00")


def test_dragging_shows_the_time_and_seeks_once_at_release(server: Server, page: Page) -> None:
    before = len(state(server)["seeks"])
    box = page.get_by_test_id("live-seek").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.21, y)
    expect(page.locator(".bubble")).to_have_text("0:12")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=8)
    assert shown_s(page) == pytest.approx(30, abs=1)
    expect(page.locator(".bubble")).to_have_text(re.compile("0:(29|30)"))
    page.wait_for_timeout(700)
    assert shown_s(page) == pytest.approx(30, abs=1)
    assert len(state(server)["seeks"]) == before
    page.mouse.up()
    wait_for(page, lambda: len(state(server)["seeks"]) > before)
    page.wait_for_timeout(1000)
    (sought,) = state(server)["seeks"][before:]
    assert sought == pytest.approx(30, abs=1)
    assert shown_s(page) == pytest.approx(31.5, abs=2)


def test_keys_play_and_jump(server: Server, page: Page) -> None:
    picture(page).click()
    page.keyboard.press(" ")
    wait_for(page, lambda: state(server)["playing"].get("paused") is True)
    page.keyboard.press("Home")
    wait_for(page, lambda: state(server)["seeks"][-1:] == [0.0])
    before = len(state(server)["seeks"])
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert shown_s(page) == pytest.approx(15, abs=1)
    page.wait_for_timeout(1500)
    assert state(server)["seeks"][before:] == [pytest.approx(15, abs=0.5)]
    page.keyboard.press("ArrowLeft")
    wait_for(page, lambda: len(state(server)["seeks"]) == before + 2)
    assert state(server)["seeks"][-1] == pytest.approx(10, abs=0.5)
    page.keyboard.press("End")
    wait_for(page, lambda: state(server)["seeks"][-1] == pytest.approx(59.5))
    page.keyboard.press("k")
    wait_for(page, lambda: state(server)["playing"].get("paused") is False)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_speed_and_loop_reach_the_camera(server: Server, page: Page) -> None:
    page.get_by_label("Speed", exact=True).select_option("0.25")
    wait_for(page, lambda: state(server)["playing"].get("speed") == 0.25)
    loop = page.get_by_role("switch", name="Loop")
    expect(loop).to_be_checked()
    loop.click()
    expect(loop).not_to_be_checked()
    wait_for(page, lambda: state(server)["playing"].get("loop") is False)
    page.wait_for_timeout(1000)
    expect(loop).not_to_be_checked()


def test_an_ended_file_is_played_again_from_the_picture(server: Server, page: Page) -> None:
    state(server, "publishing=0&state=ended")
    page.get_by_test_id("live-note").get_by_role("button", name="Play again").click()
    wait_for(page, lambda: state(server)["seeks"][-1:] == [0.0])
    state(server, "publishing=1")
    expect(page.get_by_test_id("live-state")).to_have_text("Playing")


def test_a_live_camera_can_be_paused_and_nothing_more(server: Server, page: Page) -> None:
    state(server, "live=1")
    expect(page.get_by_test_id("live-state")).to_have_text("Live")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    for name in ("seek", "speed", "loop"):
        expect(page.get_by_test_id(f"live-{name}")).to_be_hidden()
    expect(page.get_by_test_id("live-time")).to_have_text("")
    state(server, "live=0")
    expect(page.get_by_test_id("live-speed")).to_be_visible()
    state(server, "live=unknown")  # what is not there yet may be a camera, too
    expect(page.get_by_test_id("live-speed")).to_be_hidden()
    expect(page.get_by_test_id("live-time")).to_have_text("")


def test_without_actions_there_are_no_buttons_to_play(server: Server, open_page: Callable) -> None:
    page = open_page(f"{server.url}/?bar=0")
    wait_until_painted(page)
    for name in ("play", "seek", "speed", "loop"):
        expect(page.get_by_test_id(f"live-{name}")).to_be_hidden()
    picture(page).click()
    page.keyboard.press("k")
    page.wait_for_timeout(700)
    assert "paused" not in state(server)["playing"]
    expect(page.get_by_test_id("live-state")).to_have_text("Playing")


def test_a_snapshot_is_saved_under_a_good_name(server: Server, page: Page) -> None:
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a snapshot").click()
    name = saved.value.suggested_filename
    assert re.fullmatch(r"the-plaza-\d{4}(-\d\d){5}\.jpg", name), name
    assert saved.value.path().read_bytes()[:2] == b"\xff\xd8"
    expect(page.locator(".toast")).to_have_text(f"Saved {name}")
    state(server, "engine=starting")
    page.get_by_role("button", name="Save a snapshot").click()
    expect(page.locator(".toast")).to_contain_text("No snapshot. The engine is starting")


def test_every_control_has_a_name(server: Server, page: Page) -> None:
    nameless = page.get_by_test_id("live-bar").evaluate(
        "(bar) => [...bar.querySelectorAll('button, input, select')].filter((node) => !node.ariaLabel).length"
    )
    assert nameless == 0
    expect(page.get_by_role("slider", name="Position in the file")).to_have_attribute(
        "aria-valuetext", re.compile(r"\d:\d\d of 1:00")
    )
