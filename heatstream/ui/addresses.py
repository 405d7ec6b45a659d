"""Sharing: links to the page, and the picture's addresses for other programs, each with a button that copies it."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from heatstream.core.errors import UnknownCameraError
from heatstream.core.settings import settings
from heatstream.host.engine_host import EngineHost
from heatstream.ui import place, share
from heatstream.ui.bindings import Bound, duration_words
from heatstream.ui.copy_line import copy_line
from heatstream.web import current


def addresses(page_url: str, camera_id: str, ticket: str) -> tuple[str, str]:
    """The addresses of a camera's MJPEG stream and of its snapshot, on the server that gave the page ``page_url``."""
    parts = urlsplit(page_url)
    base = f"{parts.scheme}://{parts.netloc}/heatstream"
    return f"{base}/mjpeg/{camera_id}?ticket={ticket}", f"{base}/snapshot/{camera_id}.jpg?ticket={ticket}"


@st.fragment
def popover(host: EngineHost, camera_id: str) -> None:
    """A button that shows the links; opening it makes them anew, with the settings of that moment."""
    try:
        bound = Bound.of(host, camera_id)
    except UnknownCameraError:
        st.rerun()
    page_url = str(st.context.url or "")
    with st.popover("Share", key="share", on_change="rerun"):
        st.html('<div class="hs-group">Link to this camera</div>')
        copy_line(share.link(page_url, {place.CAMERA: camera_id}), label="Link to this camera", key="share-camera")
        st.caption("Whoever can open this page sees the same picture, and the same zones and counts.")
        st.html('<div class="hs-group">Link with your settings</div>')
        with_settings = {place.CAMERA: camera_id, share.PARAMETER: share.encode(bound.controls)}
        copy_line(share.link(page_url, with_settings), label="Link with your settings", key="share-settings")
        st.caption("Carries zones and all settings as they are now. Opening it asks before anything changes.")
        with st.expander("For other programs", key="share-programs"):
            stream, still = addresses(page_url, camera_id, current.issue_ticket(camera_id))
            copy_line(stream, label="Video (MJPEG)", key="share-stream")
            st.caption("Video (MJPEG), for a recorder, a player, another page")
            copy_line(still, label="Newest picture (JPEG)", key="share-still")
            st.caption(
                "The newest picture (JPEG); add `&plain=1` for the camera's own, `&stamped=1` for legend, name and time"
            )
            st.caption(
                f"Each can be opened for {duration_words(float(settings().ticket_s))} from now. "
                "A video that plays by then goes on."
            )
