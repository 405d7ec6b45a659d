"""What every page has for as long as it is open: a watch for another server, and a keeper of the keyboard's place."""

from __future__ import annotations

import streamlit as st

from heatstream.ui.scripts import script
from heatstream.web import current

_component = st.components.v2.component("heatstream_page_life", js=script("server_watch", "focus_keeper", "page_life"))


def page_life() -> None:
    """Begin it, on the page that is being drawn; nothing is shown."""
    with st.container(key="page-life"):
        _component(data={"server": current.server_id()}, key="page-life-of-page")
