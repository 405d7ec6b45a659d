"""The pages as people go through them in a real Chromium: undo, sharing, hints, the keyboard, widths and themes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from heatstream.ui import share
from tests.browser.test_zones import open_camera, start_url
from tests.support.browser import VIEWPORT, Server, serving
from tests.support.live_page import quiet, wait_for

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

#: How far the page can be scrolled sideways, in pixels.
OVERFLOW = """
() => {
  const main = document.querySelector('[data-testid="stMain"]');
  return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}
"""

#: Each panel, and what it hides at first.
MORE = {
    "What to see": "More about heat",
    "What to count": "More about counting",
    "What to look for": "More about detection",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    media = tmp_path_factory.mktemp("media")
    for name in ("keyboard", "removed", "shared", "zones", "hints", "wide", "asked"):
        (media / f"{name}.mp4").write_bytes(b"never opened: the engine is a stand-in")
    with serving("tests/support/pages_app.py", env={"HEATSTREAM_MEDIA_DIR": str(media)}) as running:
        yield running


def controls(server: Server, camera_id: str) -> dict:
    return json.loads(server.get("/fake/controls"))[camera_id]


def zones(server: Server, camera_id: str) -> list[dict]:
    return controls(server, camera_id)["zones"]


def add_line(page: Page) -> None:
    page.get_by_role("tab", name="What to count", exact=True).click()
    page.get_by_text("Place a line by numbers").click()
    page.get_by_role("button", name="Add the line").click()


def test_the_first_visit_shows_the_demo(server: Server, open_page: Callable[..., Page]) -> None:
    with serving("tests/support/pages_app.py") as alone:
        page = open_page(alone.url)
        page.wait_for_url("**camera=*")
        expect(page.get_by_role("heading", name="Demo scene")).to_be_visible()
        wait_for(page, lambda: int(page.get_by_test_id("live-picture").get_attribute("data-painted") or 0) >= 5)
        page.get_by_role("button", name="Change source").click()
        expect(page.get_by_role("button", name="Open")).to_be_visible()
        assert "start=1" in page.url
        page.reload()
        expect(page.get_by_role("button", name="Open")).to_be_visible()


def test_back_and_forward_lead_where_they_say_at_once(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(start_url(server))
    open_camera(page, "zones.mp4")
    page.get_by_role("button", name="Change source").click()
    source = page.get_by_text("A file in the media folder", exact=True)
    source.wait_for()
    page.go_back()
    page.get_by_role("button", name="Change source").wait_for()
    expect(source).to_be_hidden()
    page.go_forward()
    source.wait_for()
    expect(page.get_by_role("button", name="Change source")).to_be_hidden()


def test_a_removed_camera_and_a_deleted_zone_come_back(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(start_url(server))
    camera_id = open_camera(page, "removed.mp4")
    add_line(page)
    wait_for(page, lambda: len(zones(server, camera_id)) == 1)
    line = zones(server, camera_id)
    page.get_by_role("button", name="Delete Line 1", exact=True).click()
    wait_for(page, lambda: zones(server, camera_id) == [])
    page.get_by_role("button", name="Bring it back").click()
    wait_for(page, lambda: zones(server, camera_id) == line)

    page.set_viewport_size({"width": 800, "height": 600})  # the list is far below the picture
    name = page.get_by_role("textbox", name="Name of zone 1")
    name.fill(" ")
    name.press("Enter")
    expect(page.get_by_text("A zone needs a name")).to_be_in_viewport()
    expect(name).to_be_in_viewport()
    page.set_viewport_size(VIEWPORT)
    page.get_by_role("button", name="Change source").click()
    row = page.locator(f".st-key-camera-{camera_id}")
    remove = row.get_by_role("button", name="Remove removed.mp4", exact=True)
    assert (remove.bounding_box() or {})["width"] < 110  # the name is spoken only
    remove.click()
    expect(page.get_by_text("“removed.mp4” was removed.")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert zones(server, camera_id) == line


def test_a_link_carries_settings_to_another_browser(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(start_url(server))
    camera_id = open_camera(page, "shared.mp4")
    add_line(page)
    wait_for(page, lambda: len(zones(server, camera_id)) == 1)
    wait_for(page, lambda: "Line 1" in page.get_by_test_id("live-figures").inner_text())
    page.get_by_role("tab", name="What to see", exact=True).click()
    page.get_by_role("slider", name="Strength").press("ArrowRight")
    wait_for(page, lambda: controls(server, camera_id)["heat"]["alpha"] == 0.55)
    page.get_by_role("tab", name="What to count", exact=True).click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share").click()
    quiet(page)
    page.get_by_role("button", name="Copy: Link with your settings").click()
    expect(page.get_by_role("button", name="Copy: Link with your settings")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    (settings,) = parse_qs(urlsplit(link).query)[share.PARAMETER]
    assert share.decode(settings).heat.alpha == 0.55, "the strength as it is now, not as when the page last ran"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete Line 1", exact=True).click()
    wait_for(page, lambda: zones(server, camera_id) == [])

    other = open_page(link)
    expect(other.get_by_text("This link brings settings:")).to_be_visible()
    assert zones(server, camera_id) == []
    other.get_by_role("button", name="Apply").click()
    wait_for(other, lambda: len(zones(server, camera_id)) == 1)
    wait_for(other, lambda: "settings=" not in other.url)
    expect(page.get_by_role("textbox", name="Name of zone 1")).to_have_value("Line 1")
    other.get_by_role("button", name="Undo").click()
    wait_for(other, lambda: zones(server, camera_id) == [])


@pytest.mark.slow
def test_hints_stay_dismissed_in_this_browser_until_asked_for(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(start_url(server))
    camera_id = open_camera(page, "hints.mp4")
    hints = page.get_by_role("region", name="First steps")
    expect(hints).to_contain_text("Draw your line")
    picture = page.get_by_test_id("live-picture").bounding_box()
    bar = hints.bounding_box()
    assert picture is not None
    assert bar is not None
    assert bar["y"] + bar["height"] <= picture["y"]
    hints.get_by_role("button", name="Next").click()
    expect(hints).to_contain_text("Tune the picture")
    page.reload()
    expect(hints).to_contain_text("Tune the picture")
    hints.get_by_role("button", name="Dismiss all").focus()
    page.keyboard.press("Enter")
    expect(hints).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("live-picture")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(hints).to_be_hidden()
    page.get_by_role("button", name="Show hints").click()
    expect(hints).to_contain_text("Draw your line")
    add_line(page)  # what was done needs no hint, until it is asked for
    wait_for(page, lambda: len(zones(server, camera_id)) == 1)
    expect(hints).to_contain_text("Tune the picture")
    page.get_by_role("button", name="Show hints").click()
    expect(hints).to_contain_text("Draw your line")
    hints.get_by_role("button", name="Draw now").click()
    expect(page.locator("canvas.upper-canvas")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(hints).to_contain_text("Tune the picture")


def test_a_file_is_started_and_a_line_added_with_the_keyboard_alone(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(start_url(server))
    expect(page.get_by_role("button", name="Watch the demo")).to_be_visible()

    def to(role: str, name: str, most: int = 60) -> None:
        """Press Tab until the named element has the focus."""
        wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
        wanted.wait_for(state="attached")
        for _ in range(most):
            page.keyboard.press("Tab")
            if wanted.count() and wanted.evaluate("node => node.getRootNode().activeElement === node"):
                return
        raise AssertionError(f"Tab does not lead to {name}")

    to("radio", "Network camera")  # the first of the kinds
    for _ in range(8):
        if page.evaluate("document.activeElement.textContent") == "A file in the media folder":
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="File")).to_be_visible()
    to("combobox", "File")
    page.keyboard.type("keyboard")
    page.keyboard.press("Enter")
    to("button", "Start")
    page.keyboard.press("Enter")
    page.wait_for_url("**camera=*")
    camera_id = page.url.split("camera=")[1].split("&")[0]
    to("tab", "What to see")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="What to count")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Place a line by numbers")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if "Place a line" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    to("button", "Add the line")
    page.keyboard.press("Enter")
    wait_for(page, lambda: len(zones(server, camera_id)) == 1)
    page.get_by_role("button", name="Delete Line 1", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Delete Line 1", exact=True)).to_have_count(0)
    to("button", "Bring it back", most=1)  # Tab goes on where the button was
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)
    assert len(zones(server, camera_id)) == 1
    to("button", "Draw on the picture", most=4)
    page.keyboard.press("Enter")
    page.locator("canvas.upper-canvas").wait_for()
    to("textbox", "Name of zone 1", most=1)


@pytest.mark.slow
def test_what_heat_shows_and_how_is_counted_is_chosen_with_the_keyboard(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(start_url(server))
    camera_id = open_camera(page, "asked.mp4")
    expect(page.get_by_text("Where do people stay?")).to_be_visible()
    page.get_by_role("radio", name="Time spent").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("How many different people came by?")).to_be_visible()
    wait_for(page, lambda: controls(server, camera_id)["heat"]["measure"] == "visits")

    page.get_by_text("More about heat", exact=True).click()

    def pick(field: str, option: str) -> None:
        quiet(page)
        page.get_by_role("combobox", name=field).focus()
        page.keyboard.type(option)
        page.get_by_role("option", name=option, exact=True).wait_for()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")

    pick("Heat from these kinds", "bicycle")
    wait_for(page, lambda: controls(server, camera_id)["heat"]["classes"] == ["bicycle"])
    pick("Ignore what stands still", "After 30 s")
    wait_for(page, lambda: controls(server, camera_id)["heat"]["still_s"] == 30.0)

    page.get_by_role("tab", name="What to count", exact=True).click()
    page.get_by_label("Count each person once").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("At most once for each line or area")).to_be_visible()
    wait_for(page, lambda: controls(server, camera_id)["counting"] == {"once": True, "band": None})


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 800),
        *(
            pytest.param(theme, width, marks=pytest.mark.slow)
            for theme, width in [
                ("dark", 800),
                ("dark", 900),
                ("light", 1280),
                ("dark", 1280),
                ("light", 2560),
                ("dark", 2560),
            ]
        ),
    ],
)
def test_nothing_stands_out_of_the_window(
    server: Server, open_page: Callable[..., Page], theme: str, width: int
) -> None:
    page = open_page(
        start_url(server), viewport={"width": width, "height": 1440 if width > 2000 else 900}, color_scheme=theme
    )
    expect(page.get_by_role("button", name="Watch the demo")).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
    open_camera(page, "wide.mp4")
    expect(page.get_by_role("slider", name="Strength")).to_be_visible()
    for tab, more in MORE.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text(more, exact=True).click()
        assert page.evaluate(OVERFLOW) <= 0
    picture, column = page.get_by_test_id("live-picture").bounding_box(), page.get_by_role("tablist").bounding_box()
    assert picture is not None
    assert column is not None
    if width > 880:
        assert column["x"] > picture["x"] + picture["width"]
        assert column["width"] < 400
        assert picture["width"] > 0.5 * width
    else:
        assert column["y"] > picture["y"] + picture["height"]


def test_every_control_has_a_name(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(start_url(server))
    open_camera(page, "zones.mp4")
    add_line(page)
    page.get_by_role("button", name="Delete Line 1", exact=True).wait_for()
    nameless = """
    () => {
      const found = [];
      const look = (root) => {
        for (const node of root.querySelectorAll('*')) {
          if (node.shadowRoot) look(node.shadowRoot);
          if (!node.matches('button, input, select, textarea, [role=slider], [role=tab]')) continue;
          if (!node.checkVisibility()) continue;
          const label = node.getAttribute('aria-label') || node.textContent.trim() || node.title
            || node.getAttribute('aria-labelledby') || node.closest('label')?.textContent.trim()
            || (node.id && document.querySelector(`label[for="${node.id}"]`)?.textContent);
          if (!label) found.push(node.outerHTML.slice(0, 160));
        }
      };
      look(document);
      return found;
    }
    """
    for tab, more in MORE.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text(more, exact=True).click()
        page.wait_for_timeout(500)  # until it has unfolded
        assert page.evaluate(nameless) == []
