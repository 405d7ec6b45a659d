"""Where the page is: at a camera, which its address names, or at the start.

Streamlit (1.67) runs the page with the address that the browser had when it asked for the run. What it sent before it
heard of a new address, such as the tick of a list that draws itself anew, would lead back to the place just left. So a
place that was left a moment ago counts only when the browser's Back or Forward asks for it. (A click within
milliseconds of Back may undo it: of two requests that it makes one, Streamlit remembers why the later one was made.)
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

#: For how long the browser may not have heard of a new address, or its word may wait for its turn (seconds).
LATE_S = 10.0
CAMERA = "camera"
START = "start"
_MOVES = "moves"


@dataclass(slots=True)
class _Moves:
    """Where this tab went, and when it left each place for the last time (None: the start)."""

    to: str | None = None
    left_s: dict[str | None, float] = field(default_factory=dict)


def camera() -> str | None:
    """The id of the camera that the page is at; None at the start. An address that came late is put right."""
    named = st.query_params.get(CAMERA)
    moves: _Moves = st.session_state.setdefault(_MOVES, _Moves())
    if _by_history():
        moves.left_s.clear()
    if time.monotonic() < moves.left_s.get(named, -LATE_S) + LATE_S:
        _name(moves.to)
        return moves.to
    return named


def go(camera_id: str | None) -> None:
    """Have the page be at another camera, or at the start, from its next run on."""
    moves: _Moves = st.session_state.setdefault(_MOVES, _Moves())
    moves.left_s[camera()] = time.monotonic()
    moves.left_s.pop(camera_id, None)
    moves.to = camera_id
    _name(camera_id)


def _name(camera_id: str | None) -> None:
    """Put a place into the address, in one step: the browser keeps each as one to go back to."""
    now = st.query_params.to_dict()
    others = {name: text for name, text in now.items() if name not in {START, CAMERA}}
    wanted = ({START: "1"} if camera_id is None else {CAMERA: camera_id}) | others
    if wanted != now:
        st.query_params.from_dict(wanted)


def _by_history() -> bool:
    """Did the browser's Back or Forward ask for this run?"""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
