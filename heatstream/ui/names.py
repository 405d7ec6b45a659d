"""Sources and cameras as people know them."""

from __future__ import annotations

from pathlib import Path

from heatstream.core.settings import settings
from heatstream.core.types import CameraState
from heatstream.demo import is_demo
from heatstream.sources.addresses import is_network
from heatstream.sources.base import split_url
from heatstream.sources.pushed import LABEL, SCHEME, is_browser
from heatstream.sources.webcam_address import is_webcam, webcam_name

STATE_WORDS = {
    CameraState.CONNECTING: "starting",
    CameraState.LIVE: "running",
    CameraState.STALLED: "stalled",
    CameraState.RECONNECTING: "reconnecting",
    CameraState.PAUSED: "paused",
    CameraState.ENDED: "ended",
    CameraState.FAILED: "failed",
    CameraState.STOPPED: "stopped",
}


def source_name(source: str) -> str:
    """A source as people know it: a file of the media folder by its place in there, another by its name, a
    camera by its address, in which secrets are hidden already."""
    if is_demo(source):
        options = source.strip().partition("?")[2].replace("=", " ").replace("&", ", ")
        return f"Demo scene ({options})" if options else "Demo scene"
    if is_webcam(source):
        return webcam_name(source)
    if is_browser(source):
        return f"{LABEL} {source.strip()[len(SCHEME) :][:4]}"
    if is_network(source):
        parts = split_url(source)
        return f"{parts.host}{parts.path.rstrip('/')}{parts.query}"
    path = Path(source.rpartition("?rate=")[0] or source)  # of a folder of pictures
    root = settings().media_dir.resolve()
    if path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def escaped(text: str) -> str:
    """Text that markdown shows as it stands."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()<>#+-.!|~$:&" else char for char in text)


def button_label(word: str, whose: str) -> str:
    """A button's label that shows ``word`` and is spoken with what it is for; shell.css hides the emphasised part."""
    return f"{word} *{escaped(' '.join(whose.split()))}*"
