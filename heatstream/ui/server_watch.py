"""Has every page begin anew when the server behind it was started again."""

from __future__ import annotations

import streamlit as st

from heatstream.ui.scripts import script
from heatstream.web import current

_component = st.components.v2.component("heatstream_server_watch", js=script("server_watch"))


def watch_server() -> None:
    """Watch, on the page that is being drawn; nothing is shown."""
    with st.container(key="server-watch"):
        _component(data={"server": current.server_id()}, key="server-watch-of-page")
