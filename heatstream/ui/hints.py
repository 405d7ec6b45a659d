"""Three hints for whoever is here for the first time: one slim line above the picture, dismissed for good in a browser.

The browser remembers (``localStorage``) what was dismissed, so the server need not know who somebody is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import streamlit as st

from heatstream.ui.scripts import script

_HERE = Path(__file__).parent
_AGAIN = "hints-asked-for-ms"
#: Id, what it is about, what to do, and the words of its button (empty: no button, the hint says where to look).
HINTS = (
    ("draw", "Draw your line.", "Press at one end, drag to the other: whoever crosses it is counted.", "Draw now"),
    (
        "tune",
        "Tune the picture.",
        "Under “What to see”, choose colours and how long heat stays. Everything acts at once.",
        "Show me",
    ),
    ("own", "Bring your own video.", "Take a file from a folder or upload one. This camera stays.", "Choose a video"),
)

_component = st.components.v2.component(
    "heatstream_hints",
    html='<section class="hs-hints" aria-label="First steps" hidden></section>',
    css=(_HERE / "hints.css").read_text("utf-8"),
    js=script("hints"),
    isolate_styles=False,
)


def hints(actions: Mapping[str, Callable[[], None]], *, done: Collection[str], key: str) -> None:
    """Show the next hint that this browser has not dismissed.

    ``actions`` are what the hints' buttons do, by id; ``done`` are the ids of what need not be hinted at any more.
    """

    def go() -> None:
        wanted = st.session_state[key].get("go")
        if wanted in actions:
            actions[wanted]()

    shown = [{"id": name, "title": title, "text": text, "act": act} for name, title, text, act in HINTS]
    with st.container(key="hints"):
        _component(
            data={"hints": shown, "done": list(done), "again": st.session_state.get(_AGAIN, 0)},
            key=key,
            on_go_change=go,
        )


def show_again() -> None:
    """Have this browser show all hints anew."""
    st.session_state[_AGAIN] = time.time_ns() // 1_000_000
