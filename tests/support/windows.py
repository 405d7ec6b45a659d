"""Chromium windows that nobody drives while they are measured.

A driver sees every message of a page's WebSocket: with Playwright attached, each picture goes through DevTools once
more, which took 9 to 15 % of a core for one viewer. So here it is attached only to click; otherwise pages are asked
short questions.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright
from websockets.sync.client import connect

from tests.support.browser import CHROMIUM_ARGS, chromium_path

SIZE = (1400, 900)


class Windows:
    """The windows of one Chromium, each with cookies of its own; ``chromium_windows`` makes it."""

    def __init__(self, playwright: Playwright, port: int) -> None:
        self._playwright = playwright
        self._at = f"http://127.0.0.1:{port}"

    @contextmanager
    def driven(self) -> Iterator[Page]:
        """The first window, to click in; afterwards nobody is attached to it."""
        browser = self._playwright.chromium.connect_over_cdp(self._at)
        try:
            yield browser.contexts[0].pages[0]
        finally:
            browser.close()  # of a browser that runs by itself this ends the connection only

    def open(self, url: str, count: int = 1) -> None:
        """Open further windows."""
        width, height = SIZE
        browser = self._playwright.chromium.connect_over_cdp(self._at)
        session = browser.new_browser_cdp_session()
        for _ in range(count):
            context = session.send("Target.createBrowserContext", {"disposeOnDetach": False})["browserContextId"]
            target = {"url": url, "newWindow": True, "browserContextId": context, "width": width, "height": height}
            session.send("Target.createTarget", target)
        browser.close()

    def ask(self, script: str, timeout_s: float = 90.0) -> list[Any]:
        """What ``script`` returns in each window that shows a page."""
        with urllib.request.urlopen(f"{self._at}/json/list", timeout=timeout_s) as answer:
            targets = json.load(answer)
        pages = [target for target in targets if target["type"] == "page" and target["url"].startswith("http")]
        return [self._ask(page["webSocketDebuggerUrl"], script, timeout_s) for page in pages]

    def _ask(self, url: str, script: str, timeout_s: float) -> Any:
        with connect(url, max_size=None, open_timeout=timeout_s) as socket:
            params = {"expression": script, "returnByValue": True}
            socket.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": params}))
            while (answer := json.loads(socket.recv(timeout=timeout_s))).get("id") != 1:
                pass
        result = answer["result"]
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextmanager
def chromium_windows(playwright: Playwright) -> Iterator[Windows]:
    """A Chromium with one empty window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        width, height = SIZE
        own = [
            "--headless",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
        ]
        command = [chromium_path(), *CHROMIUM_ARGS, *own, "about:blank"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield Windows(playwright, _port(Path(profile) / "DevToolsActivePort"))
            finally:
                process.terminate()


def _port(file: Path, timeout_s: float = 30.0) -> int:
    """Where Chromium listens, as it writes it into its profile."""
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        if file.exists() and (lines := file.read_text("ascii").split()):
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError("Chromium does not say where it listens")
