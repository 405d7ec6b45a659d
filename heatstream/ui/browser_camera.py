"""The visitor's own camera: chosen on the start page, and sent to its HeatStream camera while that one's page is open.

The browser keeps a random key (``localStorage``). The camera's name is made from that key: whoever knows the name sees
whose camera it is, but only the browser with the key gets the ticket with which its pictures are sent.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import streamlit as st

from heatstream.core.errors import UnknownCameraError
from heatstream.sources.pushed import SCHEME, is_browser
from heatstream.ui.scripts import script
from heatstream.web import current

_HERE = Path(__file__).parent
_CHOICE, _KEY = "own-camera-choice", "own-camera-key"
_KEY_FORM = re.compile(r"[0-9a-f]{64}")

_component = st.components.v2.component(
    "heatstream_browser_camera",
    html=(_HERE / "browser_camera.html").read_text("utf-8"),
    css=(_HERE / "browser_camera.css").read_text("utf-8"),
    js=script(
        "mounted", "browser_states", "browser_pace", "browser_device", "connection", "browser_uplink", "browser_camera"
    ),
)


def source_of(key: str) -> str:
    """The source text of the camera of the browser with this key."""
    return SCHEME + hashlib.sha256(f"heatstream-camera:{key}".encode()).hexdigest()[:32]


def choose_browser_camera() -> str | None:
    """Let the visitor turn on the camera of this device; its source text while it is on, else None."""
    found = _mounted(_CHOICE, {"mode": "choose"})
    key = _remember(found)
    return source_of(key) if key and found.get("on") is True else None


@st.fragment
def keep_sending(camera_id: str) -> None:
    """Send the pictures of this browser's camera if ``camera_id`` is the camera that shows them; else show nothing.

    It runs as a fragment: neither reruns of the page nor its own touch the line.
    """
    host = current.host()
    try:
        source = host.spec(camera_id).source
    except UnknownCameraError:
        return
    if not is_browser(source):
        return
    place = f"own-camera-{camera_id}"
    key = _remember(_found(place)) or st.session_state.get(_KEY)
    known = key is not None
    own = key is not None and source_of(key) == source
    ticket = current.issue_push_ticket(camera_id) if own else ""
    _mounted(place, {"mode": "send", "camera": camera_id, "known": known, "own": own, "ticket": ticket})


def _mounted(place: str, data: dict[str, Any]) -> dict[str, Any]:
    """Show the component, and return what the browser has found."""
    _component(data=data, key=place, on_found_change=lambda: None, on_renew_change=lambda: None)
    return _found(place)


def _found(place: str) -> dict[str, Any]:
    state = st.session_state.get(place)
    found = state.get("found") if state is not None else None
    return found if isinstance(found, dict) else {}


def _remember(found: dict[str, Any]) -> str | None:
    """The browser's key, kept for the session so that the next page need not wait for it; None if it has sent none."""
    key = found.get("key")
    if not isinstance(key, str) or not _KEY_FORM.fullmatch(key):
        return None
    st.session_state[_KEY] = key
    return key
