"""Video over HTTP: MJPEG and other endless streams, HLS, and files that are read while they come."""

from __future__ import annotations

import threading
from functools import partial
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from heatstream.core.errors import HeatStreamError, SourceError
from heatstream.core.types import ImageArray
from heatstream.sources.base import OpenOptions, redacted
from heatstream.sources.container import FORMATS, declared, moving_pictures, only_sound, recorded_utc_s
from heatstream.sources.file import RecordedSource, Recording
from heatstream.sources.interrupt import LIMITS, Patience, waiting
from heatstream.sources.live import FAILURES, SILENCE_S, Line, LiveSource
from heatstream.sources.network_errors import explained, late, no_video, silent
from heatstream.sources.web import SCHEMES, Web

_OPTIONS = {
    "format_whitelist": f"{FORMATS},hls,aac",
    "protocol_whitelist": "http,https",  # FFmpeg opens nothing itself; playlists are held against this list, too
    "fpsprobesize": "0",
    "probesize": "1000000",
    "analyzeduration": "2000000",
    # HLS: begin with the last piece but one; every piece is opened by us.
    "live_start_index": "-2",
    "http_persistent": "0",
    "http_multiple": "0",
}


def open_http(text: str, options: OpenOptions) -> LiveSource | WebRecording | None:
    """The source of an ``http://`` or ``https://`` address; None if ``text`` is none.

    Raises:
        AccessError: the address, or one to which it leads, may not be opened.
        SourceError: it gives no picture; its leaves tell why.
    """
    if text.partition("://")[0].lower() not in SCHEMES:
        return None
    closing = threading.Event()
    patience = Patience(options.timeout_s, closing, *([options.stop] if options.stop else []))
    web = Web(text, patience, operator=options.operator)
    name = redacted(text)
    try:
        with waiting(patience):
            container = _open(web)
            if _ends(container, web):
                return _recording(container, name, options, (web, closing))
    except FAILURES as error:
        web.hang_up()
        raise _error(web, error, late(name, options.timeout_s)) from None

    def go_on(patience: Patience) -> InputContainer:
        web.patience = patience
        return container

    line = Line(name, go_on, web.with_password, web.hang_up, on_picture=web.picture_came, failure=lambda: web.failure)
    return LiveSource(line, limit_s=options.timeout_s, stop=options.stop)


def _open(web: Web) -> InputContainer:
    return av.open(web.url, options=_OPTIONS, timeout=LIMITS, io_open=web.open)


def _ends(container: InputContainer, web: Web) -> bool:
    """Whether there is a last picture; a live playlist and an answer of unknown length have none."""
    return bool(container.duration if container.format.name == "hls" else web.length)


def _recording(
    container: InputContainer, name: str, options: OpenOptions, source: tuple[Web, threading.Event]
) -> WebRecording:
    web, closing = source
    with container:
        stream = moving_pictures(container)
        if stream is None:
            raise no_video(name, sound=only_sound(container))
        timing, start_utc_s = declared(container, stream), recorded_utc_s(container, stream)
    web.hang_up()
    label = urlsplit(redacted(web.url)).path.rpartition("/")[2] or name
    return WebRecording(Recording(name, label, partial(_opened, web, name), timing, start_utc_s), options, web, closing)


def _opened(web: Web, name: str) -> tuple[InputContainer, VideoStream]:
    container = _open(web)
    stream = moving_pictures(container)
    if stream is None:
        container.close()
        raise no_video(name)
    return container, stream


class WebRecording(RecordedSource):
    """A recording that is read over the network; ``close`` ends a read in another thread at once."""

    def __init__(self, recording: Recording, options: OpenOptions, web: Web, closing: threading.Event) -> None:
        self._web, self._closing_now = web, closing
        self._opening = True
        super().__init__(recording, options)
        self._opening = False

    def close(self) -> None:
        """Hang up."""
        self._closing_now.set()
        super().close()

    def _let_go(self) -> None:
        super()._let_go()
        self._web.hang_up()

    def _decode(self) -> tuple[float | None, ImageArray] | None:
        patience = self._web.patience
        if not self._opening:
            patience.renew(SILENCE_S)
        overdue = silent(self._name, SILENCE_S)
        decoded = None
        try:
            with waiting(patience):
                decoded = super()._decode()
        except FAILURES as error:
            if self._opening:
                raise
            if not patience.stopped:
                raise _error(self._web, error, overdue) from None
        if decoded is None and self._web.failure is not None and not patience.stopped:
            raise _error(self._web, EOFError(), overdue)
        self._web.picture_came()
        return decoded


def _error(web: Web, error: Exception, overdue: SourceError) -> HeatStreamError:
    """What to say of ``error``, or of what came before it."""
    if web.failure is None and web.patience.over and not isinstance(error, HeatStreamError):
        error = TimeoutError()
    return explained(redacted(web.url), web.failure or error, with_password=web.with_password, overdue=overdue)
