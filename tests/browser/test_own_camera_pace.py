"""How the size of the pictures that go up follows the line: the script alone, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.support.browser import ROOT

pytest.importorskip("playwright", reason="browser missing: playwright is not installed")

from playwright.sync_api import Page

pytestmark = pytest.mark.browser

#: Runs a ``Pace`` for so many seconds of given costs, ten pictures a second; returns [second, width] at each change.
RUN = """
phases => {
  const pace = new Pace();
  const changes = [[0, pace.width, pace.quality]];
  let ms = 0;
  for (const [seconds, costs] of phases) {
    for (let i = 0; i < seconds * 10; i += 1, ms += 100) {
      const cost = costs[String(pace.width)] ?? costs.any;
      if (pace.note(Array.isArray(cost) ? cost[i % cost.length] : cost, ms)) {
        changes.push([ms / 1000, pace.width, pace.quality]);
      }
    }
  }
  return changes;
}
"""


@pytest.fixture
def run(open_page: Callable[..., Page]) -> Callable[[list], list]:
    page = open_page("about:blank")
    page.add_script_tag(content=(ROOT / "heatstream/ui/browser_pace.js").read_text("utf-8"))
    return lambda phases: page.evaluate(RUN, phases)


def widths(changes: list) -> list[int]:
    return [width for _, width, _ in changes]


def test_an_easy_line_gets_the_best_step_by_step_and_no_more(run: Callable) -> None:
    changes = run([[120, {"any": 20}]])
    assert widths(changes) == [960, 1280, 1280]
    assert changes[-1][2] == 0.85
    times = [second for second, _, _ in changes]
    assert all(later - earlier >= 4 for earlier, later in pairwise(times))


def test_a_slow_line_gets_the_smallest_soon_and_no_less(run: Callable) -> None:
    changes = run([[60, {"any": 900}]])
    assert widths(changes) == [960, 640, 480, 320]
    assert changes[-1][0] < 5


def test_single_slow_pictures_change_nothing(run: Callable) -> None:
    assert run([[60, {"any": [100, 100, 100, 100, 3000]}]]) == [[0, 960, 0.7]]


def test_a_step_too_far_is_tried_again_ever_more_seldom(run: Callable) -> None:
    changes = run([[300, {"960": 40, "1280": 400}]])
    tries = [second for second, width, _ in changes if width == 1280]
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 60
    assert len(tries) <= 9


def test_a_line_that_recovers_gets_better_pictures_again(run: Callable) -> None:
    changes = run([[10, {"any": 900}], [60, {"any": 20}]])
    assert min(widths(changes)) == 320
    assert widths(changes)[-1] == 1280
