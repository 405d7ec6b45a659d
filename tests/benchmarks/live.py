"""The live page in a real Chromium: start-up, painted share, latency, reaction to controls, cost of a dragged slider.

``python -m tests.benchmarks.live`` starts ``streamlit run app.py`` on the plaza clip (1280x720, 25 frames a second)
and prints what it measured: with a detector (the 320 model) for one viewer, and with stored tracks for one and four.
While pictures are counted nobody drives the browser (see ``tests.support.windows``); the pages keep the figures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import serving
from tests.support.windows import Windows, chromium_windows

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CLIP = SHARED / "media/plaza-crowd-1280x720.avi"
MODEL = SHARED / "models/yolov8n_320_int8_openvino_model"
PICTURE = "[data-testid=live-picture]"
RECORD_TRACKS = """
import sys
from pathlib import Path
from heatstream.core.controls import DetectControls
from heatstream.sources import open_source
from heatstream.vision import ModelSpec, TracksFile, open_tracks
clip, model, target = sys.argv[1:]
with open_source(clip) as source, TracksFile(Path(target)) as file:
    tracks = open_tracks(ModelSpec(model), rate_hz=source.info.rate_hz)
    for number, frame in enumerate(source.frames(), 1):
        file.write(number, tracks.step(frame, DetectControls()))
"""
CANVAS = """(() => {
  const painted = "[data-testid=live-picture][data-painted]";
  const shadows = [...document.querySelectorAll("*")].map((node) => node.shadowRoot?.querySelector(painted));
  return document.querySelector(painted) ?? shadows.find(Boolean);
})()"""
#: Have a page keep the time, what it has painted, the newest index and the latency, four times a second.
KEEP = f"""(() => {{
  const canvas = {CANVAS};
  window.kept = [];
  clearInterval(window.keeping);
  window.keeping = setInterval(() => {{
    const {{ painted, index, latencyMs }} = canvas.dataset;
    window.kept.push([performance.now() / 1000, Number(painted), Number(index), Number(latencyMs ?? 0)]);
  }}, 250);
}})()"""
SETTLE_S = 2.0
#: Have a page drag its slider with events of its own, forty a second.
DRAG = """(() => {
  const thumb = () => document.querySelector("input[type=range][aria-label=Strength]");
  const track = thumb().closest("[data-testid=stSlider]").getBoundingClientRect();
  const { top, height } = thumb().getBoundingClientRect();
  const fire = (type, target, share) => {
    const pointer = { pointerId: 1, pointerType: "mouse", isPrimary: true, buttons: Number(type !== "pointerup") };
    const place = { clientX: track.left + share * track.width, clientY: top + height / 2 };
    const whole = { bubbles: true, cancelable: true, composed: true, ...pointer, ...place };
    target.dispatchEvent(new PointerEvent(type, whole));
  };
  window.dragged = new Set();
  let step = 0;
  fire("pointerdown", thumb(), Number(thumb().value));
  const moving = setInterval(() => {
    step += 1;
    fire("pointermove", document, 0.1 + 0.8 * Math.abs(((step / 40) % 2) - 1));
    window.dragged.add(thumb().value);
  }, 25);
  setTimeout(() => {
    clearInterval(moving);
    fire("pointerup", document, 0.5);
  }, 1000 * SECONDS);
})()"""
WATCH_KEYS = f"""() => {{
  const canvas = {CANVAS};
  window.reactions = [];
  let pressed = 0, before = 0;
  addEventListener("keydown", () => {{ pressed = performance.now(); before = canvas.dataset.painted; }}, true);
  const look = () => {{
    if (pressed && canvas.dataset.painted !== before) {{
      window.reactions.push(performance.now() - pressed);
      pressed = 0;
    }}
    requestAnimationFrame(look);
  }};
  look();
}}
"""


@contextmanager
def app(model: str, folder: Path) -> Iterator[str]:
    """The real app with the plaza clip as the only file and ``model`` as the automatic model."""
    media, models = folder / "media", folder / "models"
    media.mkdir(exist_ok=True)
    models.mkdir(exist_ok=True)
    if not (media / CLIP.name).exists():
        shutil.copy(CLIP, media)
    env = {"HEATSTREAM_MEDIA_DIR": str(media), "HEATSTREAM_MODEL_DIR": str(models), "HEATSTREAM_MODEL": model}
    with serving("app.py", env=env) as server:
        yield server.url


def start_camera(page: Page, url: str) -> None:
    """From the start page to the first painted frame."""
    page.set_default_timeout(60_000)
    page.goto(f"{url}/?start=1")
    page.get_by_text("A file in the media folder", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    wait_for_picture(page)


def wait_for_picture(page: Page) -> None:
    """Until something is painted."""
    page.locator(f"{PICTURE}[data-painted]").wait_for(timeout=60_000)


def data(page: Page, name: str) -> float:
    """One figure that the picture shows of itself."""
    return float(page.locator(PICTURE).get_attribute(f"data-{name}") or 0)


def wait_until_all_paint(windows: Windows, count: int) -> None:
    """Until ``count`` windows have painted something, asking seldom."""
    end_s = time.monotonic() + 120
    while time.monotonic() < end_s:
        time.sleep(5)
        if sum(windows.ask(f"Boolean({CANVAS})")) == count:
            return
    raise TimeoutError(f"Not all of {count} windows show a picture")


def painted_share(windows: Windows, seconds: float) -> tuple[list[float], list[float], float]:
    """Over ``seconds``: each window's painted share of the published frames and median latency; frames a second."""
    windows.ask(KEEP)
    time.sleep(seconds + 2 * SETTLE_S)
    shares, latencies, rates = [], [], []
    for everything in windows.ask("window.kept"):
        began_s = everything[0][0] + SETTLE_S  # the asking itself disturbs
        kept = [one for one in everything if began_s <= one[0] <= began_s + seconds]
        (first_s, painted, index, _), (last_s, painted_now, index_now, _) = kept[0], kept[-1]
        shares.append((painted_now - painted) / (index_now - index))
        rates.append((index_now - index) / (last_s - first_s))
        latencies.append(statistics.median(one[3] for one in kept))
    return shares, latencies, statistics.median(rates)


def drag_cost(windows: Windows, seconds: float) -> tuple[float, float]:
    """Published frames a second before, and while the slider is dragged to and fro, by the page itself."""
    _, _, quiet = painted_share(windows, seconds)
    windows.ask(DRAG.replace("SECONDS", str(seconds + 3 * SETTLE_S)))
    _, _, busy = painted_share(windows, seconds)
    time.sleep(2 * SETTLE_S)
    (values,) = windows.ask("window.dragged.size")
    assert values > 10, "the slider did not follow"
    return quiet, busy


def reaction_ms(page: Page) -> list[float]:
    """From a key on a slider to the changed picture, while the camera is paused so that nothing else changes it."""
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    page.wait_for_timeout(1500)
    page.evaluate(WATCH_KEYS)
    slider = page.get_by_role("slider", name="Strength")
    slider.focus()
    for key in ["ArrowLeft", "ArrowRight"] * 8:
        page.keyboard.press(key)
        page.wait_for_timeout(700)
    page.get_by_role("button", name="Resume").click()
    return [float(value) for value in page.evaluate("window.reactions")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    print(f"{os.cpu_count()} cores, {seconds:.0f} s each")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        for attempt in ("first", "second"):
            with chromium_windows(playwright) as windows:
                began_s = time.monotonic()
                with serving("app.py", env={"HEATSTREAM_MEDIA_DIR": name}) as server:
                    with windows.driven() as page:
                        page.goto(server.url)
                        wait_for_picture(page)
                    took_s = time.monotonic() - began_s
                    print(f"{attempt} visit, command to first painted frame of the demo: {took_s:.1f} s")
                    if attempt == "second":
                        time.sleep(5)
                        report("demo, 1 viewer", windows, seconds)
        for attempt in ("first", "second"):  # the second finds everything in the disk's cache
            with chromium_windows(playwright) as windows:
                began_s = time.monotonic()
                with app(str(MODEL), folder) as url:
                    with windows.driven() as page:
                        start_camera(page, url)
                    print(f"{attempt} start, command to first painted frame: {time.monotonic() - began_s:.1f} s")
                    if attempt == "second":
                        time.sleep(5)
                        report("320 model, 1 viewer", windows, seconds)
                        report_controls(windows, seconds)
        tracks = folder / "models/plaza.csv"
        subprocess.run([sys.executable, "-c", RECORD_TRACKS, str(CLIP), str(MODEL), str(tracks)], check=True, cwd=ROOT)
        with chromium_windows(playwright) as windows, app("plaza.csv", folder) as url:
            with windows.driven() as page:
                start_camera(page, url)
                link = page.url
            time.sleep(5)
            report("stored tracks, 1 viewer", windows, seconds)
            windows.open(link, 3)
            wait_until_all_paint(windows, 4)
            report("stored tracks, 4 viewers", windows, seconds)


def report(label: str, windows: Windows, seconds: float) -> None:
    """Print shares and latencies."""
    shares, latencies, rate = painted_share(windows, seconds)
    print(
        f"{label}: {rate:.1f} frames/s published, painted {', '.join(f'{share:.1%}' for share in shares)}, "
        f"published to painted median {', '.join(f'{ms:.0f}' for ms in latencies)} ms"
    )


def report_controls(windows: Windows, seconds: float) -> None:
    """Print what a dragged slider costs, and how soon a key on it shows."""
    quiet, busy = drag_cost(windows, seconds)
    print(f"slider dragged: {quiet:.1f} frames/s before, {busy:.1f} during ({busy / quiet:.0%})")
    with windows.driven() as page:
        waits = reaction_ms(page)
    print(
        f"key on a slider to changed picture: median {statistics.median(waits):.0f} ms, "
        f"worst {max(waits):.0f} ms of {len(waits)}"
    )


if __name__ == "__main__":
    main()
