"""The picture for other programs: addresses of the MJPEG stream and of a snapshot, to copy."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from heatstream.core.settings import settings
from heatstream.ui.bindings import Bound, duration_words
from heatstream.web import current


def addresses(page_url: str, camera_id: str, ticket: str) -> tuple[str, str]:
    """The addresses of a camera's MJPEG stream and of its snapshot, on the server that gave the page ``page_url``."""
    parts = urlsplit(page_url)
    base = f"{parts.scheme}://{parts.netloc}/heatstream"
    return f"{base}/mjpeg/{camera_id}?ticket={ticket}", f"{base}/snapshot/{camera_id}.jpg?ticket={ticket}"


def popover(bound: Bound) -> None:
    """A button that shows the addresses."""
    with st.popover("Addresses"):
        stream, still = addresses(str(st.context.url or ""), bound.camera_id, current.issue_ticket(bound.camera_id))
        st.write("For other programs: a recorder, a video player, another page.")
        st.caption("Video (MJPEG)")
        st.code(stream, language=None)
        st.caption("The newest picture (JPEG; add `&plain=1` for the camera's own, with nothing drawn on it)")
        st.code(still, language=None)
        st.caption(
            f"Each address can be opened for {duration_words(float(settings().ticket_s))} from now. "
            "A video that plays by then goes on."
        )
