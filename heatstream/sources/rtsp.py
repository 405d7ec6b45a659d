"""RTSP streams: FFmpeg's client with options for low delay, after a look at where the server sends us.

Where private networks are closed, FFmpeg's client goes nowhere but to the address it is given, for three reasons. It
follows a redirect only to protocols on its list, and ``rtsp`` is not on ours (since 8.1.2;
``tests/sources/test_rtsp_closed_networks.py`` notices a version that does otherwise). The address is one that was
checked, or a name that the operator has listed. And it uses TCP, but for cameras for which the operator answers: over
UDP it sends to whatever address the server names.
"""

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
#: The first libavformat that keeps to ``protocol_whitelist`` when it is redirected (8.1.2; 8.0.1 does not).
_KEEPS_TO_LIST = (62, 12, 102)
_WHEREVER_IT_LEADS = "tcp,udp,rtp,tls,rtsp,rtsps"
_OPTIONS = {
    "protocol_whitelist": "tcp,udp,rtp,tls",  # without rtsp and rtsps no redirect is followed: see above
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
    options = {**_OPTIONS, "rtsp_transport": transport}
    if not addresses.some_are_closed():
        return _connect(url, {**options, "protocol_whitelist": _WHEREVER_IT_LEADS}, patience)
    for _ in range(_MAX_REDIRECTS):
        _see_that_it_stays(url, transport, operator)
        target = _redirect(url, patience)
        if target is None:
            return _connect(url, options, patience)
        if target.partition("://")[0].lower() not in _SCHEMES:
            raise AccessError(f"a stream may not lead to {redacted(target)}; only rtsp and rtsps are followed")
        operator = operator and addresses.parse_address(target).host == addresses.parse_address(url).host
        url = addresses.pinned(target, operator=operator)
    raise SourceError(f"{redacted(url)}: the server leads from one address to the next; give the last one")


def _see_that_it_stays(url: str, transport: str, operator: bool) -> None:
    """See that FFmpeg will not go where the server of ``url``, which is pinned, leads it without our knowing.

    Raises:
        AccessError: it would.
    """
    if transport == "udp":
        addresses.check_udp(url, operator=operator)
    if av.library_versions["libavformat"] < _KEEPS_TO_LIST:
        raise AccessError(
            f"{redacted(url)}: this server opens no private networks for its visitors, and its FFmpeg could be led "
            "into them; install the version of av that requirements.txt names"
        )


def _connect(url: str, options: dict[str, str], patience: Patience) -> InputContainer:
    try:
        return av.open(url, options=options, timeout=LIMITS)
    except av.error.HTTPOtherClientError:
        # Of a stream without video nothing was set up, so there was no session to play (454). With its sound there is.
        del options["allowed_media_types"]
        return av.open(url, options=options, timeout=LIMITS)
    except av.error.ArgumentError:
        raise SourceError(
            f"{redacted(url)}: the server leads to another address, which is not followed; give that one"
        ) from None
    except av.error.InvalidDataError:
        if patience.over:
            raise TimeoutError from None
        other = "rtsps:// if it is encrypted" if url.lower().startswith("rtsp:") else "rtsp:// if it is not encrypted"
        raise SourceUnreadableError(
            f"{redacted(url)}: what answers there is no RTSP server; check the port, or write {other}"
        ) from None


def _redirect(url: str, patience: Patience) -> str | None:
    """Where the server sends those who ask for ``url``; None if it does not.

    FFmpeg follows none. A server that leads elsewhere only after it was given a password, or over an encrypted line, is
    not followed either.

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
