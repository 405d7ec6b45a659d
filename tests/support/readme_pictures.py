"""Makes the README's pictures from the running product: ``python -m tests.support.readme_pictures``.

A fresh server with empty folders shows the demo scene to a real Chromium; what that paints is photographed
(``assets/screenshot.png``) and filmed (``assets/demo.webp``).
"""

from __future__ import annotations

import base64
import io
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.support.browser import CHROMIUM_ARGS, ROOT, chromium_path, serving

ASSETS = ROOT / "assets"
VIEW = {"width": 1280, "height": 920}
#: So long heat gathers and people are counted before the pictures are taken, seconds.
GATHER_S = 30.0
FILM_S = 8.0
FILM_HZ = 10.0
FILM_WIDTH = 960


def film(page: Page, seconds: float) -> list[tuple[float, Image.Image]]:
    """What the page shows for ``seconds``: pictures with the time at which each was painted."""
    taken: list[tuple[float, Image.Image]] = []
    session: CDPSession = page.context.new_cdp_session(page)

    def keep(event: dict[str, object]) -> None:
        painted_s = float(event["metadata"]["timestamp"])  # type: ignore[index]
        picture = Image.open(io.BytesIO(base64.b64decode(str(event["data"])))).convert("RGB")
        taken.append((painted_s, picture))
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 92, "everyNthFrame": 1})
    page.wait_for_timeout(seconds * 1000)
    session.send("Page.stopScreencast")
    return taken


def save_film(taken: list[tuple[float, Image.Image]], path: Path) -> None:
    """An animated WebP of ``FILM_HZ`` pictures a second: for each moment the newest picture painted until then."""
    first_s, last_s = taken[0][0], taken[-1][0]
    pictures, position = [], 0
    for step in range(int((last_s - first_s) * FILM_HZ)):
        while position + 1 < len(taken) and taken[position + 1][0] <= first_s + step / FILM_HZ:
            position += 1
        picture = taken[position][1]
        height = round(picture.height * FILM_WIDTH / picture.width)
        pictures.append(picture.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS))
    step_ms = round(1000 / FILM_HZ)
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=step_ms, loop=0, quality=62, method=4)


def main() -> None:
    """Take the pictures and say how large they are."""
    with tempfile.TemporaryDirectory() as folder:
        env = {f"HEATSTREAM_{name}_DIR": f"{folder}/{name}" for name in ("MEDIA", "MODEL", "DATA")}
        with serving(env=env) as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
            page = chromium.new_page(viewport=VIEW, color_scheme="light")  # type: ignore[arg-type]
            page.goto(server.url)
            page.get_by_test_id("live-picture").wait_for(timeout=60_000)
            page.get_by_role("button", name="Dismiss all").click()  # the hints of a first visit
            time.sleep(GATHER_S)
            page.screenshot(path=ASSETS / "screenshot.png")
            save_film(film(page, FILM_S), ASSETS / "demo.webp")
            chromium.close()
    for path in (ASSETS / "screenshot.png", ASSETS / "demo.webp"):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
