"""Chooses the kind of source that a text names."""

from __future__ import annotations

import threading
from collections.abc import Callable

from heatstream.core.errors import SourceError
from heatstream.sources.base import OpenOptions, Source, redacted
from heatstream.sources.demo import open_demo
from heatstream.sources.file import open_file
from heatstream.sources.http import open_http
from heatstream.sources.pictures import open_pictures
from heatstream.sources.pushed import open_pushed
from heatstream.sources.rtsp import open_rtsp
from heatstream.sources.webcam import open_webcam

#: Every kind of source: a function that opens what it knows and returns None for a text that is not its kind.
_KINDS: tuple[Callable[[str, OpenOptions], Source | None], ...] = (
    open_demo,
    open_webcam,
    open_pushed,
    open_rtsp,
    open_http,
    open_pictures,
    open_file,
)


def open_source(
    text: str,
    *,
    start_s: float = 0.0,
    timeout_s: float = 10.0,
    stop: threading.Event | None = None,
    operator: bool = False,
) -> Source:
    """Open the source that ``text`` names.

    The path of a video file, a picture or a folder of pictures, or its ``file://`` URL; a webcam (``0``,
    ``webcam://0?size=1280x720``); a network address; a browser's camera; or ``demo://plaza``.

    ``start_s`` is where to begin, seconds from the start of the file; ``timeout_s`` limits the opening, and ``stop``,
    once set, ends it. ``operator``: who asks may open every address.

    Raises:
        SourceError: the text names no source that can be used; the leaves of ``SourceError`` tell why.
        ControlsError: ``start_s`` or ``timeout_s`` is out of range.
    """
    text = text.strip()
    if not text:
        raise SourceError("no source is named; give the path of a video file")
    options = OpenOptions(start_s, timeout_s, stop, operator)
    for open_kind in _KINDS:
        source = open_kind(text, options)
        if source is not None:
            return source
    raise SourceError(
        f"{redacted(text)} is no kind of address that can be opened; use rtsp, rtsps, http or https, or a path"
    )
