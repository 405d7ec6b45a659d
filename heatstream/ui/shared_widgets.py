"""Widgets of which every tab shows the value in force, and which only a hand on them changes.

With each request a browser tells the values of all its widgets, and Streamlit (1.67) takes one that differs from what
the server has for a person's doing, though the browser may only not have heard yet of a change from elsewhere; and what
a run of the page sends is lost if the next run begins before it went out. On a busy machine the echoes of several tabs
so moved controls that nobody touched, again and again. Therefore no value is ever sent to a widget that is there: one
that was changed elsewhere is shown by a new widget, under a new key, whose default it is. What a browser says of the
old one is an echo, unless it differs from what that one showed to the end.

Whoever draws such a widget gives it the value in force as its default in every run: the browser may have to build it
anew, having forgotten it in a run that was broken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

_WIDGETS = "shared-widgets"
_NOTHING = object()
#: After so many, the first key comes again: Streamlit keeps a little of each key for as long as the tab is open.
_KEYS = 1000


@dataclass(slots=True)
class _Widget:
    """The widget that stands for a name now, and what the one before it showed at last."""

    number: int = 0
    before: Any = _NOTHING

    def key(self, name: str) -> str:
        return f"{name}:{self.number}"


def key_showing(name: str, value: Any) -> str:
    """The key under which the widget of this name shows ``value``; called just before it is drawn."""
    widget = _widget(name)
    shown = st.session_state.get(widget.key(name), _NOTHING)
    if shown is _NOTHING or shown != value:
        widget.before = shown
        widget.number = (widget.number + 1) % _KEYS
    return widget.key(name)


def moved(name: str, key: str) -> bool:
    """Whether a person changed the widget of this key; called in its callback. Otherwise it is only the echo of what
    the widget showed before another took its place."""
    widget = _widget(name)
    return key == widget.key(name) or st.session_state.get(key, widget.before) != widget.before


def _widget(name: str) -> _Widget:
    widgets: dict[str, _Widget] = st.session_state.setdefault(_WIDGETS, {})
    return widgets.setdefault(name, _Widget())
