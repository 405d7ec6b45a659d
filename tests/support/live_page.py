"""What tests of the whole product do on its page again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page

#: JavaScript: the picture of a canvas, copied, as a 2D context to read pixels from.
COPIED = """canvas => {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0);
  return context;
}"""


def picture(page: Page) -> Locator:
    """The canvas with the live picture."""
    return page.get_by_test_id("live-picture")


def figure(page: Page, name: str) -> float:
    """A number that the picture says of itself: ``index``, ``painted``, ``time-s``."""
    return float(picture(page).get_attribute(f"data-{name}") or 0)


def wait_for(page: Page, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until ``condition`` holds; an AssertionError after ``timeout_s``."""
    until_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until_s, f"it did not happen in time; the page says: {page.inner_text('body')}"
        page.wait_for_timeout(100)


def quiet(page: Page, seconds: float = 1.2) -> None:
    """Wait until the page has run nothing for so long: what is typed while a panel is drawn anew may be lost.

    Not while it offers to undo something: it then runs each second.
    """
    page.evaluate("window.quietSince = performance.now()")
    page.wait_for_function(
        """seconds => {
          const { testScriptState } = document.querySelector("[data-testid=stApp]").dataset;
          if (testScriptState !== "notRunning") window.quietSince = performance.now();
          return performance.now() - window.quietSince > 1000 * seconds;
        }""",
        arg=seconds,
    )


def painted(page: Page, more: int = 5) -> None:
    """Wait until so many more pictures have been painted."""
    wait_for(page, lambda: picture(page).count() == 1)
    before = figure(page, "painted")
    wait_for(page, lambda: figure(page, "painted") >= before + more)


def start_file(page: Page, name: str) -> None:
    """From the start page to the moving picture of a file of the media folder; a running camera is joined."""
    page.get_by_text("A file in the media folder", exact=True).click()
    page.get_by_role("combobox", name="File").click()
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name="Start", exact=True).click()
    painted(page)


def camera_of(page: Page) -> str:
    """The id of the camera in the page's address."""
    return parse_qs(urlsplit(page.url).query)["camera"][0]


def draw_upright_line(page: Page) -> None:
    """Draw a line through the middle of the picture, upward: walking to the right is in."""
    page.get_by_role("tab", name="What to count").click()
    page.get_by_role("button", name="Draw on the picture").click()
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    page.wait_for_timeout(1500)  # the drawing library takes its size over
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] * 0.5
    page.mouse.move(middle, box["y"] + box["height"] * 0.95)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] * 0.05, steps=10)
    page.mouse.up()
    wait_for(page, lambda: zone_cards(page).count() == 1, 20)
    page.get_by_role("button", name="Done").click()


def zone_cards(page: Page) -> Locator:
    """The key figures of the zones."""
    return page.get_by_test_id("live-figures").locator("[data-zone]")


def counted(page: Page) -> int:
    """What the zones have counted in both directions, by their key figures."""
    texts = zone_cards(page).locator(".value").all_inner_texts()
    return sum(int(text.replace(",", "")) for text in texts if text.strip())
