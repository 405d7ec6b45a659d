"""The visitor's own camera in a real Chromium with a fake one: from the permission to the live picture."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM_ARGS, ROOT, Server, chromium_path, serving
from tests.support.live_page import COPIED, camera_of, figure, painted, picture, wait_for

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

OpenPage = Callable[..., Page]

#: A name that leads here, but is no secure page as 127.0.0.1 is.
ELSEWHERE = "cams.example.org"
FAKE_CAMERAS = [
    "--use-fake-device-for-media-stream=device-count=2,fps=30",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]
#: What the page that does not send says, and what the one that does.
OVERTAKEN = "Another page sends this camera"
FIGURES = re.compile(r"\d+ . \d+, [\d.]+ pictures a second, \d+ ms to the server and back")
#: What Chromium's fake camera shows at the left edge, halfway down: green.
LEFT_EDGE = """
canvas => {
  return [...(COPIED)(canvas).getImageData(4, canvas.height / 2, 1, 1).data];
}
""".replace("COPIED", COPIED)
FAILS = "navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}'); }};"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium with two fake cameras; who may use them is each page's affair."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_ARGS, *FAKE_CAMERAS])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stored tracks in place of a detector, which would find nobody in what the fake camera shows."""
    models = tmp_path_factory.mktemp("models")
    rows = (f"{number},1,{number % 500},150,60,120,0.9,0" for number in range(1, 20_000))
    (models / "walk.csv").write_text("\n".join(rows) + "\n")
    return {
        "HEATSTREAM_MODEL_DIR": str(models),
        "HEATSTREAM_MODEL": "walk.csv",
        "HEATSTREAM_ALLOWED_HOSTS": ELSEWHERE,
    }


@pytest.fixture(scope="module")
def server(env: dict[str, str]) -> Iterator[Server]:
    with serving("app.py", env=env) as running:
        yield running


def own(page: Page) -> Locator:
    """What the page says of this browser's camera."""
    return page.get_by_test_id("own-camera")


def choose(page: Page) -> None:
    """From the start page to the question for the camera."""
    page.get_by_text("My camera", exact=True).click()
    expect(own(page)).to_be_visible()


def start(page: Page) -> None:
    """From the start page to the moving picture of the visitor's camera."""
    choose(page)
    page.get_by_role("button", name="Turn on the camera").click()
    expect(own(page)).to_contain_text("The camera is on")
    page.get_by_role("button", name="Start", exact=True).click()
    painted(page, 3)


def sending(page: Page) -> None:
    expect(own(page)).to_contain_text("Your camera is sending")


def is_green(page: Page) -> bool:
    red, green, blue, _ = picture(page).evaluate(LEFT_EDGE)
    return green > 90 and red < 60 and blue < 60


def visitor(server: Server, open_page: OpenPage, path: str = "/?start=1", **options: object) -> Page:
    return open_page(server.url + path, permissions=["camera"], **options)


def test_the_picture_of_the_visitors_camera_is_shown_and_others_watch_it(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    sending(page)
    assert is_green(page)
    expect(page.get_by_test_id("live-state")).to_have_text("Live")
    expect(page.get_by_role("heading", name=re.compile("^Browser camera [0-9a-f]{4}"))).to_be_visible()
    expect(own(page)).to_contain_text(FIGURES)

    other = visitor(server, open_page, f"/?camera={camera_of(page)}")
    painted(other)
    assert is_green(other)
    expect(own(other)).to_be_hidden()
    painted(page)  # whoever watches takes nothing over

    page.close()
    expect(other.get_by_test_id("live-state")).to_have_text("Stalled")
    expect(other.get_by_test_id("live-note")).to_contain_text("browser")


@pytest.mark.slow
def test_another_device_can_be_chosen_while_it_sends(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    select = own(page).get_by_role("combobox", name="Camera")
    assert select.evaluate("node => [...node.options].map((one) => one.text)") == ["fake_device_0", "fake_device_1"]
    select.select_option("fake_device_1")
    sending(page)
    painted(page)
    expect(select.locator("option:checked")).to_have_text("fake_device_1")
    page.reload()
    painted(page, 3)
    expect(select.locator("option:checked")).to_have_text("fake_device_1")


@pytest.mark.slow
def test_a_reload_and_a_later_visit_go_on_with_the_same_camera(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    camera, index = camera_of(page), figure(page, "index")
    page.reload()
    sending(page)
    painted(page, 3)
    assert camera_of(page) == camera
    assert figure(page, "index") > index

    index, context = figure(page, "index"), page.context
    page.close()
    again = context.new_page()
    again.goto(f"{server.url}/?start=1")
    choose(again)
    expect(own(again)).to_contain_text("The camera is on")  # it was on when the page was closed
    again.get_by_role("button", name="Start", exact=True).click()
    painted(again, 3)
    assert camera_of(again) == camera
    assert figure(again, "index") > index


@pytest.mark.slow
def test_two_visitors_are_two_cameras(server: Server, open_page: OpenPage) -> None:
    first, second = (visitor(server, open_page) for _ in range(2))
    for page in (first, second):
        start(page)
    assert camera_of(first) != camera_of(second)
    for page in (first, second):
        sending(page)
        painted(page)


@pytest.mark.slow
def test_of_two_tabs_the_newer_one_sends_until_the_other_is_told_to(server: Server, open_page: OpenPage) -> None:
    first = visitor(server, open_page)
    start(first)
    second = first.context.new_page()
    second.goto(first.url)
    sending(second)
    expect(own(first)).to_contain_text(OVERTAKEN)
    painted(first)  # it watches on
    own(first).get_by_role("button", name="Send from here").click()
    sending(first)
    expect(own(second)).to_contain_text(OVERTAKEN)


@pytest.mark.slow
def test_turned_off_it_stays_off_until_it_is_turned_on(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    own(page).get_by_role("button", name="Turn off").click()
    expect(own(page)).to_contain_text("Use the camera of this device")
    page.reload()
    expect(own(page)).to_contain_text("Use the camera of this device")
    own(page).get_by_role("button", name="Turn on the camera").click()
    sending(page)
    painted(page, 3)


@pytest.mark.slow
def test_a_camera_stopped_on_the_server_sends_again_when_it_is_started(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    other = visitor(server, open_page, f"/?camera={camera_of(page)}")
    other.get_by_role("button", name="Stop", exact=True).click()
    expect(own(page)).to_contain_text("The camera is stopped on the server")
    page.get_by_role("button", name="Start again").click()
    sending(page)
    painted(page, 3)


@pytest.mark.slow
def test_on_a_slow_line_pictures_become_smaller_and_later_larger_again(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    start(page)
    sending(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")

    def line(bytes_per_s: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
        devtools.send("Network.emulateNetworkConditions", conditions)

    def width() -> int:
        return int((own(page).get_attribute("data-size") or "0x0").partition("x")[0])

    wait_for(page, lambda: width() >= 640)
    line(12_000)
    wait_for(page, lambda: 0 < width() <= 480, 90)
    painted(page, 2)
    line(-1)
    wait_for(page, lambda: width() >= 640, 90)


def test_a_camera_that_fails_says_what_to_do(server: Server, open_page: OpenPage) -> None:
    page = visitor(server, open_page)
    choose(page)
    ask = "Turn on the camera"
    for name, words, button in (
        ("NotReadableError", "The camera is in use", "Try again"),
        ("NotFoundError", "No camera was found", "Look again"),
        ("TypeError", "The camera cannot be used", "Try again"),
    ):
        page.evaluate(f"() => {{ {FAILS.format(name=name)} }}")
        own(page).get_by_role("button", name=ask).click()
        expect(own(page)).to_contain_text(words)
        expect(own(page).get_by_role("button", name=button)).to_be_visible()
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
        ask = button


def test_a_denied_camera_is_explained_and_goes_on_when_it_is_allowed(server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/?start=1")
    choose(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send(
        "Browser.setPermission", {"permission": {"name": "camera"}, "setting": "denied", "origin": server.url}
    )
    page.get_by_role("button", name="Turn on the camera").click()
    expect(own(page)).to_contain_text("The browser does not allow the camera here")
    expect(own(page).get_by_role("listitem")).to_have_text(
        ["Click the icon at the left end of the address bar.", "Set “Camera” to “Allow”."]
    )
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    page.context.grant_permissions(["camera"], origin=server.url)
    expect(own(page)).to_contain_text("The camera is on")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


@pytest.mark.slow
def test_an_insecure_page_gives_a_recipe_which_works(
    server: Server, env: dict[str, str], open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{server.url.replace('127.0.0.1', ELSEWHERE)}/?start=1")
    choose(page)
    expect(own(page)).to_contain_text("Browsers give a camera to secure pages only")
    command, lines = own(page).locator("pre code").all_inner_texts()
    if not shutil.which("openssl"):
        pytest.skip("no openssl on the path")
    (tmp_path / "data").mkdir()
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / ".streamlit").mkdir()
    config = (ROOT / ".streamlit/config.toml").read_text("utf-8").replace("[server]", f"[server]\n{lines}")
    (tmp_path / ".streamlit/config.toml").write_text(config)
    with serving("app.py", env=env, cwd=tmp_path) as secure:
        safe = open_page(
            f"{secure.url.replace('127.0.0.1', ELSEWHERE)}/?start=1", ignore_https_errors=True, permissions=["camera"]
        )
        start(safe)
        sending(safe)
        assert safe.url.startswith(f"https://{ELSEWHERE}")
