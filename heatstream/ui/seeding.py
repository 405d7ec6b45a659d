"""Give a keyed widget the value that it must show, so that the browser really shows it.

Setting ``st.session_state[key]`` only when it differs is not enough: Streamlit keeps the state of a widget that an
interrupted run did not reach, while the browser forgets it; when the widget comes back with the same value, nothing is
sent and the browser shows the widget's default. A run that is at once followed by another may lose what it sent, too.
So a widget that was not drawn in both of the two page runs before is given its value in any case. One that was is left
alone as long as its value is right, or a value that is on its way would jump under the hand that drags it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_RUNS = "widgets-drawn"
_MISSING = object()


def begin_run() -> None:
    """Note that the page, not only a fragment of it, is drawn anew; called before any widget."""
    _, *last_two = _runs()
    st.session_state[_RUNS] = (*last_two, set())


def seed(key: str, value: Any) -> None:
    """Have the widget of this key show ``value``; called just before it is drawn."""
    before_last, last, now = _runs()
    settled = key in now or (key in last and key in before_last)
    if not settled or st.session_state.get(key, _MISSING) != value:
        st.session_state[key] = value
    now.add(key)


def _runs() -> tuple[set[str], set[str], set[str]]:
    """The keys of the widgets drawn in the last three page runs, the present one last."""
    runs: tuple[set[str], set[str], set[str]] = st.session_state.setdefault(_RUNS, (set(), set(), set()))
    return runs
