"""From a camera's picture to the packet for the page: a clock is drawn into a stream that comes over RTSP on loopback.

``python -m tests.benchmarks.latency [--seconds 20]`` prints median and 95th percentile of the delay between the moment
in which a 1280x720 picture at 25 Hz was made and that in which its packet was published, encoding and RTSP server
included: with a quick detector, and with one that takes 200 ms, where the newest picture must win; at their beginning
and at their end, since a delay that grows would show. Then the same up to the picture on the page, in a real Chromium
that reads the clock from its canvas whenever it has painted, with the demo scene's detector at work.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from heatstream.core.controls import Controls
from heatstream.core.types import Frame, Packet, Tracks
from heatstream.engine import camera as camera_module
from heatstream.engine.camera import Camera
from heatstream.engine.messages import Crossed, Open
from heatstream.vision import ModelSpec
from tests.support.browser import CHROMIUM_ARGS, chromium_path, serving
from tests.support.live_page import COPIED, painted
from tests.support.rtsp_server import Clock, clock_s, rtsp_server

#: Reads the clock from the canvas after each painting: the delays in milliseconds are in ``window.delays``.
WATCH_CLOCK = """
canvas => {
  window.delays = [];
  let last = "";
  const look = () => {
    if (canvas.dataset.painted !== last) {
      last = canvas.dataset.painted;
      const row = (COPIED)(canvas).getImageData(0, Math.round(24 * canvas.height / 720), canvas.width, 1).data;
      let time = 0;
      for (let cell = 0; cell < 44; cell++) {
        const x = Math.floor((cell + 0.5) * canvas.width * 29 / 1280);
        time = time * 2 + (row[4 * x] + row[4 * x + 1] + row[4 * x + 2] > 384 ? 1 : 0);
      }
      window.delays.push(Date.now() - time);
    }
    requestAnimationFrame(look);
  };
  look();
}
""".replace("COPIED", COPIED)


class NoTracks:
    """A detector that takes ``pause_s`` for each frame and finds nothing."""

    label = "none"

    def __init__(self, pause_s: float) -> None:
        self.names = {0: "person"}
        self._pause_s = pause_s

    def step(self, frame: Frame, detect: object) -> Tracks:
        """Nothing, after a while."""
        time.sleep(self._pause_s)
        return Tracks()

    def reset(self) -> None:
        """Nothing to forget."""

    def close(self) -> None:
        """Nothing to let go of."""


def delays(address: str, pause_s: float, seconds: float) -> list[float]:
    """The delay of each packet in seconds, the first second's left out."""
    packets: list[Packet] = []

    def take(report: Packet | Crossed) -> None:
        if isinstance(report, Packet):
            packets.append(report)

    camera_module.open_tracks = lambda spec, **_: NoTracks(pause_s)
    camera = Camera(Open("latency", address, ModelSpec("auto"), Controls()), take)
    camera.watch(frozenset({0}))
    camera.start()
    time.sleep(seconds + 2)
    dropped = camera.snapshot().dropped
    camera.close()
    print(f"  {len(packets)} packets, {dropped} pictures left out")
    pictures = ((p.published_s, cv2.imdecode(np.frombuffer(p.jpeg, np.uint8), cv2.IMREAD_COLOR)) for p in packets)
    found = [published_s - clock_s(picture) for published_s, picture in pictures if picture is not None]
    return found[len(found) // 10 :]


def page_delays(address: str, seconds: float) -> list[float]:
    """The delay of each picture that the page has painted, in seconds."""
    with serving("app.py", env={"HEATSTREAM_MODEL": "demo"}) as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{server.url}/?start=1")
        page.get_by_text("Network camera", exact=True).click()
        page.get_by_label("Address", exact=True).fill(address)
        page.get_by_label("Address", exact=True).press("Enter")
        page.get_by_role("button", name="Start", exact=True).click()
        painted(page, 50)
        page.get_by_test_id("live-picture").evaluate(WATCH_CLOCK)
        page.wait_for_timeout(seconds * 1000)
        found = page.evaluate("window.delays")
        chromium.close()
    return [ms / 1000 for ms in found]


def report(found: list[float]) -> None:
    """Print median and 95th percentile, of all and of the first and the last third."""
    third = len(found) // 3
    for part, some in (("all", found), ("first third", found[:third]), ("last third", found[-third:])):
        ms = sorted(1000 * delay for delay in some)
        print(f"  {part}: median {statistics.median(ms):.0f} ms, 95 % {ms[int(0.95 * len(ms))]:.0f} ms", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    print(f"{os.cpu_count()} cores, {seconds:.0f} s each")
    with rtsp_server({"/clock": Clock()}) as server:
        for label, address, pause_s in (
            ("TCP, quick detector", server.url("/clock"), 0.005),
            ("TCP, detector of 200 ms", server.url("/clock"), 0.2),
            ("UDP, quick detector", server.url("/clock#udp"), 0.005),
        ):
            print(label)
            report(delays(address, pause_s, seconds))
        print("TCP, to the picture on the page")
        report(page_delays(server.url("/clock"), seconds))


if __name__ == "__main__":
    main()
