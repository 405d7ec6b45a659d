"""The little the drawing canvas needs from the browser: the room there is, and its pencil pressed or not."""

from __future__ import annotations

import streamlit as st

from heatstream.ui.scripts import script

_component = st.components.v2.component(
    "heatstream_zone_stage",
    js=script("mounted", "zone_stage"),
    html="<div></div>",
    isolate_styles=False,
)


def zone_stage(*, mount: str, edit: bool, key: str) -> tuple[int, int] | None:
    """Press the canvas's pencil if ``edit``, release it if not (again for each ``mount`` of the canvas).

    Returns:
        the width and height in pixels that the canvas may have; None until the browser has said so. A window that
        changes its size runs the page again.
    """
    result = _component(
        data={"mount": mount, "edit": edit}, key=key, default={"room": None}, on_room_change=lambda: None
    )
    room = result.get("room")
    return (int(room[0]), int(room[1])) if room else None
