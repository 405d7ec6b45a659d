"""RTSP streams: FFmpeg's client with options for low delay, after a look at where the server sends us."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urldefrag, urljoin, urlsplit

import av
from av.container import InputContainer

from heatstream.core.errors import AccessError, SourceError, SourceUnreadableError
from heatstream.sources import addresses
from heatstream.sources.base import OpenOptions, redacted
from heatstream.sources.interrupt import LIMITS, Patience
from heatstream.sources.live import SILENCE_S, Line, LiveSource
from heatstream.sources.sockets import PatientSocket, connect

_SCHEMES = ("rtsp", "rtsps")
_TRANSPORTS = ("tcp", "udp")
_MAX_REDIRECTS = 5
#: An answer's head is no longer, bytes; a server that has not answered after so long gets no second question, seconds.
_MAX_HEAD = 65_536
_ANSWER_S = 3.0
_OPTIONS = {
    "protocol_whitelist": "tcp,udp,rtp,tls",
    "format_whitelist": "rtsp",
    "allowed_media_types": "video",
    "user_agent": "HeatStream",
    # Nothing is read to guess the rate: it and most else is in the stream's description. Not "nobuffer", which loses
    # the key frame that is read for the rest.
    "fpsprobesize": "0",
    "probesize": "500000",
    "analyzeduration": "1000000",
    # UDP: packets out of order are waited for this long (microseconds), in a buffer for some key frames (bytes).
    "max_delay": "100000",
    "buffer_size": "2000000",
    # How long sending may take, and a goodbye to a server that is gone (microseconds).
    "timeout": str(int(SILENCE_S * 1e6)),
}


def open_rtsp(text: str, options: OpenOptions) -> LiveSource | None:
    """The live source of an ``rtsp://`` or ``rtsps://`` address; None if ``text`` is none.

    The transport is TCP, or UDP with the fragment ``#udp``. A server's certificate (rtsps) is not checked: cameras sign
    their own.

    Raises:
        AccessError: the address, or one to which the server leads, may not be opened.
        SourceError: it gives no picture; its leaves tell why.
    """
    if text.partition("://")[0].lower() not in _SCHEMES:
        return None
    url, transport = urldefrag(text)
    transport = transport.lower() or "tcp"
    if transport not in _TRANSPORTS:
        raise SourceError(f"{redacted(text)} ends in #..., which is none of #tcp and #udp; leave it out")
    line = Line(
        name=redacted(text),
        open=lambda patience: _open(url, transport, options.operator, patience),
        with_password="@" in urlsplit(url).netloc,
    )
    return LiveSource(line, limit_s=options.timeout_s, stop=options.stop)


def _open(url: str, transport: str, operator: bool, patience: Patience) -> InputContainer:
    url = addresses.pinned(url, operator=operator)
    socket.getaddrinfo(urlsplit(url).hostname, None)  # a name that nobody has is told apart from a broken line
    for _ in range(_MAX_REDIRECTS):
        target = _redirect(url, patience) if _some_are_closed() else None
        if target is None:
            return _connect(url, {**_OPTIONS, "rtsp_transport": transport}, patience)
        same_host = urlsplit(target).hostname == urlsplit(url).hostname
        url = addresses.pinned(target, operator=operator and same_host)
    raise SourceError(f"{redacted(url)}: the server leads from one address to the next; give the last one")


def _some_are_closed() -> bool:
    """Whether there are addresses that may not be opened, so that one must know where a server leads."""
    try:
        addresses.check_address("rtsp://127.0.0.1/")
    except AccessError:
        return True
    return False


def _connect(url: str, options: dict[str, str], patience: Patience) -> InputContainer:
    try:
        return av.open(url, options=options, timeout=LIMITS)
    except av.error.HTTPOtherClientError:
        # Of a stream without video nothing was set up, so there was no session to play (454). With its sound there is.
        del options["allowed_media_types"]
        return av.open(url, options=options, timeout=LIMITS)
    except av.error.InvalidDataError:
        if patience.over:
            raise TimeoutError from None
        other = "rtsps:// if it is encrypted" if url.lower().startswith("rtsp:") else "rtsp:// if it is not encrypted"
        raise SourceUnreadableError(
            f"{redacted(url)}: what answers there is no RTSP server; check the port, or write {other}"
        ) from None


def _redirect(url: str, patience: Patience) -> str | None:
    """Where the server sends those who ask for ``url``; None if it does not.

    FFmpeg would follow without asking whether that address may be opened. A server that wants a password first, or an
    encrypted line, is not asked: it is trusted not to lead inside.

    Raises:
        OSError: it cannot be reached.
    """
    parts = urlsplit(url)
    if parts.scheme.lower() != "rtsp":
        return None
    limited = Patience(min(_ANSWER_S, patience.left_s), *patience.stops)
    with connect(parts.hostname or "", parts.port or 554, lambda: limited) as line:
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        line.sendall(f"DESCRIBE {bare} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
        head = _head(line)
    status, *fields = head.split("\r\n")
    if not status.startswith("RTSP/1.0 3"):
        return None
    places = [field.partition(":")[2].strip() for field in fields if field.lower().startswith("location:")]
    return urljoin(url, places[0]) if places else None


def _head(line: PatientSocket) -> str:
    """The head of the server's answer; what there is of it after ``_ANSWER_S``.

    Raises:
        ConnectionError: the server hung up.
    """
    head, part = b"", bytearray(4096)
    with suppress(TimeoutError):
        while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD:
            count = line.recv_into(part)
            if not count:
                raise ConnectionResetError
            head += part[:count]
    return head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
