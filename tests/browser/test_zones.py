"""Zones drawn with a real mouse in a real Chromium, on the real canvas; only the engine is a stand-in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from tests.support.browser import Server, serving
from tests.support.live_page import zone_cards

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    media = tmp_path_factory.mktemp("media")
    for name in (
        "first.mp4",
        "second.mp4",
        "third.mp4",
        "fourth.mp4",
        "fifth.mp4",
        "sixth.mp4",
        "seventh.mp4",
        "eighth.mp4",
    ):
        (media / name).write_bytes(b"never opened: the engine is a stand-in")
    with serving("tests/support/pages_app.py", env={"HEATSTREAM_MEDIA_DIR": str(media)}) as running:
        yield running


@dataclass
class Board:
    """The editor's canvas of one page, in normalised coordinates."""

    page: Page
    server: Server
    camera_id: str

    def zones(self) -> list[dict]:
        return json.loads(self.server.get("/fake/controls"))[self.camera_id]["zones"]

    def wait_for(self, check: Callable[[list[dict]], bool], timeout_s: float = 30.0) -> list[dict]:
        until_s = time.monotonic() + timeout_s
        while not check(zones := self.zones()):
            assert time.monotonic() < until_s, zones
            self.page.wait_for_timeout(100)
        return zones

    def open(self) -> None:
        self.page.get_by_role("button", name="Draw on the picture").click()
        self.page.locator("canvas.upper-canvas").wait_for()
        self.page.wait_for_timeout(800)

    def place(self, x: float, y: float) -> tuple[float, float]:
        canvas = self.page.locator("canvas.upper-canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.place(*start))
        mouse.down()
        mouse.move(*self.place(*end), steps=8)
        mouse.up()

    def click(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.place(x, y))
        self.page.wait_for_timeout(60)
        self.page.mouse.down()
        self.page.mouse.up()
        self.page.wait_for_timeout(60)

    def tool(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).or_(self.page.get_by_role("button", name=name)).first.click()
        self.page.wait_for_timeout(1000)


@pytest.fixture(scope="module")
def kept_page(blank_page: Page, server: Server) -> Page:
    blank_page.goto(start_url(server))
    return blank_page


@pytest.fixture
def board(server: Server, kept_page: Page, request: pytest.FixtureRequest) -> Iterator[Board]:
    """A camera of its own for each test, with the editor open."""
    file = {
        "line": "first",
        "area": "second",
        "reshape": "third",
        "tab": "fourth",
        "bow": "fifth",
        "turning": "seventh",
        "mask": "eighth",
        "level": "sixth",
    }[request.node.name.split("_")[1]]
    failed = request.session.testsfailed
    yield open_board(server, kept_page, f"{file}.mp4")
    if request.session.testsfailed > failed:
        kept_page.goto(start_url(server))
    else:
        kept_page.get_by_role("button", name="Change source").click()


def start_url(server: Server) -> str:
    """The start page, where `/` would open the demo."""
    return f"{server.url}/?start=1"


def open_camera(page: Page, file: str) -> str:
    """From the start page to a file's camera; its id."""
    page.get_by_text("A file in the media folder", exact=True).click()
    page.get_by_role("combobox", name="File").click()
    page.get_by_role("option", name=file).click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**camera=*")
    return page.url.split("camera=")[1].split("&")[0]


def open_board(server: Server, page: Page, file: str) -> Board:
    camera_id = open_camera(page, file)
    page.get_by_role("tab", name="What to count", exact=True).click()
    board = Board(page, server, camera_id)
    board.open()
    return board


def near(zone: dict, points: list[tuple[float, float]], tolerance: float = 0.006) -> bool:
    return len(zone["points"]) == len(points) and np.allclose(zone["points"], points, atol=tolerance)


def test_line_drawn_with_the_mouse_counts_at_once(board: Board) -> None:
    board.drag((0.2, 0.6), (0.8, 0.5))
    (zone,) = board.wait_for(lambda zones: len(zones) == 1)
    assert near(zone, [(0.2, 0.6), (0.8, 0.5)])
    assert zone["name"] == "Line 1"
    assert not zone["flipped"]

    board.page.get_by_role("button", name="Flip").click()
    assert board.wait_for(lambda zones: zones[0]["flipped"])[0]["id"] == zone["id"]
    board.page.get_by_role("textbox", name="Name of zone 1").fill("Door")
    board.page.get_by_role("textbox", name="Name of zone 1").press("Enter")
    assert board.wait_for(lambda zones: zones[0]["name"] == "Door")[0]["id"] == zone["id"]

    board.drag((0.3, 0.005), (0.7, 0.2))
    board.wait_for(lambda zones: [zone["name"] for zone in zones] == ["Door", "Line 1"])
    board.page.get_by_text("touches the edge of the picture").first.wait_for()


def test_area_closes_at_its_first_corner_and_moves_with_the_pencil(board: Board) -> None:
    corners = [(0.3, 0.3), (0.6, 0.35), (0.55, 0.7), (0.25, 0.6)]
    board.tool("Draw an area")
    for corner in corners:
        board.click(*corner)
    assert board.zones() == []
    board.click(*corners[0])
    (zone,) = board.wait_for(lambda zones: len(zones) == 1)
    assert near(zone, corners)
    assert zone["name"] == "Area 1"

    board.tool("Move and reshape")
    board.drag((0.45, 0.5), (0.55, 0.6))
    (moved,) = board.wait_for(lambda zones: not near(zones[0], corners))
    assert near(moved, [(x + 0.1, y + 0.1) for x, y in corners])
    assert moved["id"] == zone["id"]
    assert moved["name"] == "Area 1"

    board.page.get_by_role("button", name="Undo", exact=True).click()
    assert board.wait_for(lambda zones: near(zones[0], corners))[0]["id"] == zone["id"]
    board.page.get_by_role("button", name="Redo", exact=True).click()
    board.wait_for(lambda zones: zones == [moved])

    board.click(0.55, 0.6)
    board.page.get_by_role("button", name="Delete selected").click()
    board.wait_for(lambda zones: zones == [])
    board.page.get_by_role("button", name="Bring it back").click()
    assert board.wait_for(lambda zones: len(zones) == 1) == [moved]


def test_reshape_of_seeded_zones_survives_closing_and_opening_the_editor(board: Board) -> None:
    board.drag((0.2, 0.5), (0.5, 0.5))
    board.wait_for(lambda zones: len(zones) == 1)
    board.drag((0.2, 0.8), (0.5, 0.8))
    first, second = board.wait_for(lambda zones: len(zones) == 2)
    board.page.get_by_role("button", name="Done").click()
    board.open()
    board.tool("Move and reshape")
    board.click(0.35, 0.5)
    board.page.wait_for_timeout(300)
    board.click(0.35, 0.5)  # a second click on the selected line shows its ends
    board.page.wait_for_timeout(300)
    board.drag((0.5, 0.5), (0.7, 0.3))
    zones = board.wait_for(lambda zones: not near(zones[0], first["points"]))
    assert near(zones[0], [(0.2, 0.5), (0.7, 0.3)], tolerance=0.02)
    assert [zone["id"] for zone in zones] == [first["id"], second["id"]]
    assert zones[1] == second


@pytest.mark.slow
def test_level_line_that_is_selected_moves_by_its_middle(board: Board) -> None:
    board.drag((0.2, 0.5), (0.6, 0.5))
    (first,) = board.wait_for(lambda zones: len(zones) == 1)
    board.page.get_by_role("button", name="Done").click()
    board.open()
    board.tool("Move and reshape")
    board.click(0.4, 0.5)
    board.page.wait_for_timeout(300)
    board.drag((0.4, 0.5), (0.5, 0.7))
    (zone,) = board.wait_for(lambda zones: not near(zones[0], first["points"]))
    assert near(zone, [(0.3, 0.7), (0.7, 0.7)])


@pytest.mark.slow
def test_turning_and_stretching_come_over_as_drawn(board: Board) -> None:
    """By the canvas's own handles: a quarter turn about the centre, then a corner drawn outwards."""
    box = board.page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    size = np.array([box["width"], box["height"]])
    corners = np.array([(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.45, 0.6)])
    board.tool("Draw an area")
    for corner in [*corners, corners[0]]:
        board.click(*corner)
    board.wait_for(lambda zones: len(zones) == 1)
    board.tool("Move and reshape")
    board.click(0.5, 0.5)
    board.page.wait_for_timeout(300)
    centre = np.array([0.5, 0.5])
    handle = centre - np.array([0, 0.1 + 40 / size[1]])  # 40 px above the top edge, Fabric's default
    board.drag(tuple(handle), tuple(centre + np.array([200 / size[0], 0])))
    offsets = (corners - centre) * size
    turned = centre + np.stack([-offsets[:, 1], offsets[:, 0]], axis=1) / size
    board.wait_for(lambda zones: near(zones[0], turned.tolist(), tolerance=0.012))

    # A corner's handle stretches both ways alike and leaves the opposite corner where it is.
    low, high = turned.min(axis=0), turned.max(axis=0)
    board.drag(tuple(high), tuple(high + np.array([60 / size[0], 0])))
    (zone,) = board.wait_for(lambda zones: not near(zones[0], turned.tolist(), tolerance=0.03))
    factor = np.ptp(np.array(zone["points"]), axis=0)[0] / np.ptp(turned, axis=0)[0]
    assert 1.1 < factor < 1.6
    assert near(zone, (low + (turned - low) * factor).tolist(), tolerance=0.012)


@pytest.mark.slow
def test_mask_counts_nothing_and_is_moved_like_any_area(board: Board) -> None:
    corners = [(0.3, 0.3), (0.6, 0.35), (0.55, 0.7), (0.25, 0.6)]
    board.tool("Draw an area")
    for corner in [*corners, corners[0]]:
        board.click(*corner)
    board.wait_for(lambda zones: len(zones) == 1)
    expect(zone_cards(board.page)).to_have_count(1)
    board.page.get_by_role("combobox", name="Use of zone 1").click()
    board.page.get_by_role("option", name="No heat here").click()
    (mask,) = board.wait_for(lambda zones: zones[0]["use"] == "heat_never")
    expect(zone_cards(board.page)).to_have_count(0)
    expect(board.page.get_by_role("button", name="Flip")).to_have_count(0)

    board.page.wait_for_timeout(1000)  # the canvas is mounted anew
    board.tool("Move and reshape")
    board.drag((0.45, 0.5), (0.55, 0.6))
    (moved,) = board.wait_for(lambda zones: not near(zones[0], corners))
    assert near(moved, [(x + 0.1, y + 0.1) for x, y in corners])
    assert (moved["id"], moved["use"]) == (mask["id"], "heat_never")


@pytest.mark.slow
def test_tab_beside_changes_zones_and_the_unfinished_area_stays(board: Board, server: Server) -> None:
    board.tool("Draw an area")
    corners = [(0.6, 0.2), (0.9, 0.2), (0.9, 0.6)]
    for corner in corners[:2]:
        board.click(*corner)
    server.get("/fake/zone?name=Elsewhere")
    board.page.get_by_text("A zone was added elsewhere").wait_for()
    board.click(*corners[2])
    board.click(*corners[0])
    zones = board.wait_for(lambda zones: len(zones) == 2)
    assert zones[0]["name"] == "Elsewhere"
    assert near(zones[1], corners)


def test_bow_tie_is_refused_with_words(board: Board) -> None:
    board.tool("Draw an area")
    for corner in [(0.3, 0.3), (0.7, 0.7), (0.7, 0.3), (0.3, 0.7), (0.3, 0.3)]:
        board.click(*corner)
    board.page.get_by_text("cross or touch each other").wait_for()
    assert board.zones() == []


def test_everything_the_page_loads_is_from_here(server: Server, open_page: Callable[..., Page]) -> None:
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(start_url(server))
    open_board(server, page, "sixth.mp4")
    assert asked
    assert [
        url for url in asked if not url.startswith((server.url, "data:", "blob:", server.url.replace("http", "ws")))
    ] == []
