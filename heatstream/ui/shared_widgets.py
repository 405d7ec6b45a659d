"""Widgets of which every tab shows the value in force, and which only a hand on them changes.

With each request a browser tells the values of all its widgets, and Streamlit (1.67) takes one that differs from what
the server has for a person's doing, though the browser may only not have heard yet of a change from elsewhere; and what
a run of the page sends is lost if the next run begins before it went out. On a busy machine the echoes of several tabs
so moved controls that nobody touched, again and again. Therefore no value is ever sent to a widget that is there: one
that was changed elsewhere is shown by a new widget, under a new key, whose default it is. What a browser says of a
widget is its echo, unless it differs from what that one showed last.

The value in force is its default in every run: the browser may have to build it anew, having forgotten it in a run that
was broken off.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from heatstream.ui.problems import kept

_WIDGETS = "shared-widgets"
_NOTHING = object()
#: After so many, the first key comes again: Streamlit keeps a little of each key for as long as the tab is open.
_KEYS = 100


@dataclass(slots=True)
class _Widgets:
    """The widgets that stood for a name, one after the other: which does now, and what each showed last.

    ``mount`` keeps them apart from those of another session: after a restart the browser still tells their values.
    """

    mount: str = field(default_factory=lambda: secrets.token_hex(3))
    number: int = 0
    shown: dict[str, Any] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return f"{name}:{self.mount}-{self.number}"


def showing(name: str, value: Any, act: Callable[[Any], None]) -> dict[str, Any]:
    """The keyword arguments with which the widget of this name shows ``value``, given as its default, too; called just
    before it is drawn. ``act`` gets what a person changes it to, and may raise a ``HeatStreamError``."""
    key = _key_showing(name, value)
    return {"key": key, "on_change": kept(_if_moved), "args": (name, key, act)}


def _key_showing(name: str, value: Any) -> str:
    widgets = _widgets(name)
    key = widgets.key(name)
    told = st.session_state.get(key, _NOTHING)
    if told is _NOTHING or told != value:
        if told is not _NOTHING:
            widgets.shown[key] = told
        widgets.number = (widgets.number + 1) % _KEYS
        key = widgets.key(name)
    widgets.shown[key] = value
    return key


def _if_moved(name: str, key: str, act: Callable[[Any], None]) -> None:
    """Call ``act`` if a person has changed the widget of this key, which may no longer be the newest."""
    widgets, value = _widgets(name), st.session_state[key]  # Streamlit may end the callback here, but not below
    if widgets.shown.get(key, _NOTHING) != value:
        widgets.shown[key] = value
        act(value)


def _widgets(name: str) -> _Widgets:
    by_name: dict[str, _Widgets] = st.session_state.setdefault(_WIDGETS, defaultdict(_Widgets))
    return by_name[name]
