"""A component's view in a real Chromium, in each order of Streamlit's calls: it lives as long as its element."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser import ROOT

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SCRIPT = (ROOT / "heatstream/ui/mounted.js").read_text("utf-8")
#: ``run(name)`` calls the default export, whose clean-up is ``clean[name]()``; ``seen`` is what the view was told.
STAGE = """
() => {
  window.seen = [];
  window.clean = {};
  const make = () => ({ use: (data) => seen.push(data), close: () => seen.push("closed") });
  const component = mounting(make);
  window.element = document.body.appendChild(document.createElement("div"));
  window.run = (name) => { clean[name] = component({ data: name, parentElement: element }); };
}
"""


@pytest.fixture
def stage(open_page: Callable[..., Page]) -> Page:
    page = open_page("about:blank")
    page.add_script_tag(content=SCRIPT)
    page.evaluate(STAGE)
    return page


def seen(page: Page, steps: str) -> list[str]:
    return page.evaluate(f"() => {{ {steps} return seen; }}")


def test_a_view_serves_all_runs_and_ends_with_its_element(stage: Page) -> None:
    assert seen(stage, "run('a'); run('b'); run('c');") == ["a", "b", "c"]
    assert seen(stage, "element.remove(); clean.c();") == ["a", "b", "c", "closed"]
    assert seen(stage, "clean.b(); clean.a();") == ["a", "b", "c", "closed"]


def test_an_overtaken_run_changes_nothing(stage: Page) -> None:
    assert seen(stage, "run('a'); run('b'); clean.a();") == ["a", "b"]


def test_an_overtaken_run_that_calls_last_gives_way(stage: Page) -> None:
    assert seen(stage, "run('b'); run('a'); clean.a();") == ["b", "a", "b"]
    assert seen(stage, "element.remove(); clean.b();") == ["b", "a", "b", "closed"]


def test_an_overtaken_run_that_calls_first_waits_for_the_next(stage: Page) -> None:
    assert seen(stage, "run('a'); clean.a(); run('b');") == ["a", "b"]


def test_an_element_that_comes_again_has_a_view_of_its_own(stage: Page) -> None:
    steps = "run('a'); element.remove(); clean.a(); document.body.append(element); run('b');"
    assert seen(stage, steps) == ["a", "closed", "b"]
