"""Reads addresses over HTTP, with every host checked that is asked, for FFmpeg to take pictures from.

FFmpeg's own HTTP follows redirects, and playlists anywhere, without asking. Here it gets files that were opened by us.
"""

from __future__ import annotations

import http.client
import io
import ssl
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit

from heatstream.core.errors import AccessError, HeatStreamError, SourceError, SourceRefusedError
from heatstream.sources import addresses
from heatstream.sources.base import redacted
from heatstream.sources.interrupt import Patience
from heatstream.sources.sockets import PatientSocket, connect, encrypted

SCHEMES = ("http", "https")
#: A playlist is no longer, bytes: it is kept in memory.
_MAX_PLAYLIST = 2 * 2**20
#: So much without a picture is no video, bytes: what FFmpeg collects for one picture stays within it.
_MAX_BETWEEN = 64 * 2**20
_AGENT = "HeatStream"
FAILURES = (OSError, ValueError, http.client.HTTPException, HeatStreamError)


class Web:
    """Opens what belongs to the source ``url``: itself, where it leads, and what its playlist names.

    User and password of ``url`` are told to its host alone. ``patience`` bounds every wait.
    """

    def __init__(self, url: str, patience: Patience, *, operator: bool = False) -> None:
        parts = urlsplit(url)
        userinfo, _, host = parts.netloc.rpartition("@")
        self.url = urlunsplit(parts._replace(netloc=host, fragment=""))
        self.with_password = bool(userinfo)
        self.patience = patience
        self.length: int | None = None  # of the source itself, bytes
        self.seekable = False
        self.failure: Exception | None = None
        self._operator = operator
        self._host = parts.hostname
        self._since_picture = 0
        self._files: set[WebFile] = set()  # those that are open
        self._opener = self._make_opener(userinfo)

    def open(self, url: str, flags: int = 0, options: dict[str, Any] | None = None) -> IO[bytes] | io.RawIOBase:
        """A file for FFmpeg, as PyAV's ``io_open`` wants it; an empty one where there is none.

        PyAV cannot pass errors on through FFmpeg: the first is kept in ``failure``, and ends the patience. What a
        playlist names and the server has no more is passed over.
        """
        try:
            self.check(url)
            made = WebFile(self, url)
        except FAILURES as error:
            if isinstance(error, HTTPError):
                error.close()
            if url == self.url or not isinstance(error, HTTPError):
                self.fail(error)
            return io.BytesIO()
        self._files.add(made)
        if url == self.url:
            self.length, self.seekable = made.length, made.seekable()
        return made

    def hang_up(self) -> None:
        """Close what PyAV has left open; idempotent."""
        for file in tuple(self._files):
            file.close()

    def forget(self, file: WebFile) -> None:
        """Note that a file has been closed."""
        self._files.discard(file)

    def fail(self, error: Exception) -> None:
        """Keep ``error`` and end the wait."""
        self.failure = self.failure or error
        self.patience.broken = True

    def request(self, url: str, start: int = 0) -> http.client.HTTPResponse:
        """Ask for ``url`` from byte ``start`` on."""
        headers = {"User-Agent": _AGENT, "Range": f"bytes={start}-"} if start else {"User-Agent": _AGENT}
        answer: http.client.HTTPResponse = self._opener.open(urllib.request.Request(url, headers=headers))  # noqa: S310
        return answer

    def check(self, url: str) -> None:
        """See that ``url`` may be asked.

        Raises:
            AccessError: it may not.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise AccessError(f"a stream may not lead to {redacted(url)}; only http and https are followed")
        addresses.check_address(url, operator=self._operator and parts.hostname == self._host)

    def reach(self, host: str, port: int) -> PatientSocket:
        """A connection to ``host``, whose waits end with the patience, if the address it leads to may be asked.

        Raises:
            AccessError: it may not.
            OSError: it does not answer.
        """
        line = connect(host, port, lambda: self.patience)
        try:
            address = line.getpeername()[0]
            literal = f"[{address.partition('%')[0]}]" if ":" in address else address
            addresses.check_address(f"http://{literal}/", operator=self._operator and host == self._host)
        except BaseException:
            line.close()
            raise
        return line

    def took(self, count: int) -> None:
        """Note that so many bytes were read."""
        self._since_picture += count
        if self._since_picture > _MAX_BETWEEN:
            raise SourceError(
                f"{redacted(self.url)} sends much data, but no picture; give the address of a video stream"
            )

    def picture_came(self) -> None:
        """Note that a picture came."""
        self._since_picture = 0

    def _make_opener(self, userinfo: str) -> urllib.request.OpenerDirector:
        keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        if userinfo:
            user, _, password = userinfo.partition(":")
            root = urlunsplit(urlsplit(self.url)._replace(path="/", query=""))
            keys.add_password(None, root, unquote(user), unquote(password))
        opener = urllib.request.OpenerDirector()
        for handler in (
            _Plain(self),
            _Tls(self),
            _Redirects(self),
            _Basic(keys),
            _Digest(keys),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        return opener


class WebFile(io.RawIOBase):
    """One address as a file; it can be moved in where the server gives parts of it."""

    def __init__(self, web: Web, url: str) -> None:
        self._web, self._url = web, url
        self._place = 0
        self._answer: http.client.HTTPResponse | None = None
        self._answer = web.request(url)
        self.length = self._answer.length
        self._parts = self.length is not None and self._answer.headers.get("Accept-Ranges", "").lower() == "bytes"
        self._most: int | None = None
        self._size = self.length
        self._broke_at: int | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Whether the server gives parts."""
        return self._parts

    def read(self, size: int = -1) -> bytes:
        """What is there of the next ``size`` bytes; waits for the first of them. Nothing after a failure."""
        try:
            return self._read(size)
        except FAILURES as error:
            self._web.fail(error)
            return b""

    def _read(self, size: int) -> bytes:
        if self.closed:
            return b""  # FFmpeg may ask once more
        data = self._ask().read1(size)
        if not data and size and self._size is not None and self._place < self._size:
            data = self._read_on(size)
        if self._place == 0 and data.startswith(b"#EXTM3U"):
            self._most = _MAX_PLAYLIST
        self._place += len(data)
        if self._most is not None and self._place > self._most:
            raise SourceError(f"{redacted(self._url)} is a playlist of more than {self._most // 2**20} MB")
        self._web.took(len(data))
        return data

    def _ask(self) -> http.client.HTTPResponse:
        """The server's answer, whose next byte is that of ``_place``."""
        if self._answer is None:
            self._answer = self._web.request(self._url, self._place)
            if self._place and self._answer.status != 206:
                raise SourceError(f"{redacted(self._url)} cannot be read from the middle; download the file")
        return self._answer

    def _read_on(self, size: int) -> bytes:
        """The server hung up before the end, because it was asked for nothing for too long perhaps: ask once more.

        What cannot be had of the parts that a playlist names is passed over.
        """
        if self._parts and self._broke_at != self._place:
            self._broke_at = self._place
            self._hang_up()
            return self._ask().read1(size)
        if self._url == self._web.url:
            raise ConnectionError("the server hung up before the end")
        return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from another place."""
        place = offset + (self._place if whence == io.SEEK_CUR else (self._size or 0) if whence == io.SEEK_END else 0)
        if place != self._place:
            self._hang_up()
            self._place = place
        return place

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def close(self) -> None:
        """Hang up; idempotent."""
        self._hang_up()
        self._web.forget(self)
        super().close()

    def _hang_up(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.close()


class _Line(http.client.HTTPConnection):
    """A connection whose waits end with the web's patience."""

    def __init__(self, *arguments: Any, web: Web, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._web = web

    def connect(self) -> None:
        self.sock = self._web.reach(self.host, self.port)


class _TlsLine(http.client.HTTPSConnection):
    """An encrypted connection whose waits end with the web's patience."""

    def __init__(self, *arguments: Any, web: Web, **more: Any) -> None:
        super().__init__(*arguments, context=ssl.create_default_context(), **more)
        self._web = web

    def connect(self) -> None:
        plain = self._web.reach(self.host, self.port)
        self.sock = encrypted(plain, self._context, self.host)  # type: ignore[attr-defined]


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, web: Web) -> None:
        super().__init__()
        self._web = web

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Line, web=self._web), req)


class _Tls(urllib.request.HTTPSHandler):
    def __init__(self, web: Web) -> None:
        super().__init__()
        self._web = web

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_TlsLine, web=self._web), req)


class _Basic(urllib.request.HTTPBasicAuthHandler):
    def http_error_401(self, req: urllib.request.Request, fp: IO[bytes], *more: Any) -> Any:
        return _instead(fp, lambda: super(_Basic, self).http_error_401(req, fp, *more))


class _Digest(urllib.request.HTTPDigestAuthHandler):
    def http_error_401(self, req: urllib.request.Request, fp: IO[bytes], *more: Any) -> Any:
        return _instead(fp, lambda: super(_Digest, self).http_error_401(req, fp, *more))


def _instead(refused: Any, ask: Callable[[], Any]) -> Any:
    """What ``ask`` gets in place of the answer ``refused``, which is left open only if that is nothing."""
    try:
        answer = ask()
    except ValueError:
        refused.close()
        raise SourceRefusedError(
            f"{redacted(refused.geturl())} wants a login that is neither Basic nor Digest; choose one in the camera"
        ) from None
    except BaseException:
        refused.close()
        raise
    if answer is not None:
        refused.close()
    return answer


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, web: Web) -> None:
        self._web = web

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            self._web.check(newurl)
        except BaseException:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)
