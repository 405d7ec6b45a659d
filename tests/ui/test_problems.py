"""Errors that callbacks leave: shown once, or for a while where the page is drawn anew all the time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from heatstream.ui import problems


def script(for_s: float) -> None:
    import streamlit as st

    from heatstream.core.errors import ControlsError
    from heatstream.ui import problems

    def fail() -> None:
        raise ControlsError("No such *zone*.")

    problems.show_kept(for_s)
    st.button("Fail", on_click=problems.kept(fail))


@pytest.mark.parametrize(
    ("for_s", "shown_at_s", "gone_at_s"), [(0.0, [0.0], 0.1), (10.0, [0.0, 4.0, 9.0], 11.0)], ids=["once", "a while"]
)
def test_an_error_is_shown_for_as_long_as_it_should_be(
    for_s: float, shown_at_s: list[float], gone_at_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=0.0)
    monkeypatch.setattr(problems, "time", SimpleNamespace(monotonic=lambda: 1000.0 + clock.now_s))
    test = AppTest.from_function(script, args=(for_s,)).run()
    assert not test.error
    test.button[0].click()
    for clock.now_s in shown_at_s:
        test.run()
        assert [error.value for error in test.error] == [r"No such \*zone\*\."]
    clock.now_s = gone_at_s
    test.run()
    assert not test.error
