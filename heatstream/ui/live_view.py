"""The live picture of a camera with its key figures: a component fed by our WebSocket, past Streamlit's reruns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from heatstream.core.types import Zone
from heatstream.web.wire import zones_json

_HERE = Path(__file__).parent
#: Joined in this order, for Streamlit takes one script: what stands later uses what stands before.
_SCRIPTS = ("live_line.js", "live_picture.js", "live_figures.js", "live_view.js")

_component = st.components.v2.component(
    "heatstream_live_view",
    html=(_HERE / "live_view.html").read_text("utf-8"),
    css=(_HERE / "live_view.css").read_text("utf-8"),
    js="\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS),
)


def live_view(camera_id: str, *, ticket: str, zones: Sequence[Zone], key: str, label: str = "") -> None:
    """Show a camera: picture, state, rates and the counts of ``zones``.

    It asks for a rerun of the page only when its ``ticket`` has expired (after the computer slept), and takes the new
    one from there. ``label`` names the camera for those who hear the page instead of seeing it.
    """
    _component(
        data={
            "camera": camera_id,
            "ticket": ticket,
            "zones": zones_json(zones),
            "label": label,
        },
        key=key,
        on_renew_change=lambda: None,
    )
