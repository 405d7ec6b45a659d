"""Fixtures of the browser tests: one Chromium for each module, and servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.browser import CHROMIUM_ARGS, VIEWPORT, chromium_path

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Browser, Page, expect, sync_playwright

#: How long an expectation may take (milliseconds): these tests ask whether something happens, not how fast.
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. For one module, since Playwright's event loop would be in the way of other tests'."""
    executable = chromium_path()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def blank_page(browser: Browser) -> Iterator[Page]:
    """A page that stays open from test to test of a module: to load one takes as long as most tests."""
    page = browser.new_page(viewport=VIEWPORT)
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page(url, **context_options)``: a page in a context of its own; closed after the test."""
    contexts = []

    def open_url(url: str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": VIEWPORT, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        return page

    yield open_url
    for context in contexts:
        context.close()
