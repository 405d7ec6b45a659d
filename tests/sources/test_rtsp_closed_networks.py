"""RTSP where private networks are closed: whatever a camera answers, nothing reaches an address that was not checked.

The camera is at 127.0.0.1, which is listed; 127.0.0.2 is inside.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import av
import psutil
import pytest

from heatstream.core.errors import AccessError, HeatStreamError, SourceError, SourceRefusedError
from heatstream.core.settings import settings
from heatstream.sources import open_source
from tests.support.rtsp_server import encoded, own_certificate, rtsp_server, walk

SDP = (
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track\r\n"
)
DESCRIPTION = b"RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(SDP), SDP)
CHALLENGE = b'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n'
FINE = b"RTSP/1.0 200 OK\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n"

#: What the camera answers to the question so many, as often as FFmpeg and we ask.
Script = Callable[[bytes, int], bytes]


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HEATSTREAM_ALLOW_PRIVATE_URLS", "off")
    monkeypatch.setenv("HEATSTREAM_CAMERA_HOSTS", "127.0.0.1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


class Inside:
    """A machine of the private network that notes who comes, over TCP and over UDP at the same port."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.2", 0))
        self.port: int = self._server.getsockname()[1]
        self._mailbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mailbox.bind(("127.0.0.2", self.port))
        for door in (self._server, self._mailbox):
            door.settimeout(0.1)

    def visited(self) -> bool:
        """Whether anybody came, a moment ago at the latest."""
        try:
            self._server.accept()[0].close()
        except TimeoutError:
            pass
        else:
            return True
        try:
            self._mailbox.recv(2000)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self._server.close()
        self._mailbox.close()


@pytest.fixture
def inside() -> Iterator[Inside]:
    with closing(Inside()) as made:
        yield made


@pytest.fixture
def certified(tmp_path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(tmp_path))
    return context


@contextmanager
def camera(script: Script, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """``host:port`` of a server that answers as ``script`` says, on as many lines as it is asked."""
    done = threading.Event()
    asked = 0

    def converse(plain: socket.socket) -> None:
        nonlocal asked
        plain.settimeout(5)
        with plain if context is None else context.wrap_socket(plain, server_side=True) as line:
            while question := line.recv(8192):
                asked += 1
                sequence = next(field for field in question.split(b"\r\n") if field.startswith(b"CSeq"))
                status, _, rest = script(question, asked).partition(b"\r\n")
                line.sendall(b"\r\n".join([status, sequence, rest]))

    def serve() -> None:
        while not done.is_set():
            try:
                line = server.accept()[0]
            except TimeoutError:
                continue
            try:
                converse(line)
            except OSError:
                line.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


def asked_by_ffmpeg(question: bytes) -> bool:
    return b"User-Agent: HeatStream" in question


def redirect(target: str, line: bytes = b"RTSP/1.0 302 Moved") -> bytes:
    return b"%s\r\nLocation: %s\r\n\r\n" % (line, target.encode())


def after_an_answer(target: bytes) -> Script:
    """Gives us its description, and leads FFmpeg elsewhere when that asks for it."""

    def script(question: bytes, _: int) -> bytes:
        if not asked_by_ffmpeg(question):
            return DESCRIPTION
        return target if question.startswith(b"DESCRIBE") else FINE

    return script


def at_once(target: bytes) -> Script:
    """Leads FFmpeg elsewhere with its first word."""
    return lambda question, _: target if asked_by_ffmpeg(question) else DESCRIPTION


def after_a_password(target: bytes) -> Script:
    """Leads those elsewhere who have given a password."""

    def script(question: bytes, _: int) -> bytes:
        if question.startswith(b"OPTIONS"):
            return FINE
        return target if b"Authorization" in question else CHALLENGE

    return script


@pytest.mark.parametrize("script", [after_an_answer, at_once, after_a_password])
@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_ffmpeg_follows_no_redirect(
    script: Callable[[bytes], Script], scheme: str, inside: Inside, certified: ssl.SSLContext
) -> None:
    answers = script(redirect(f"rtsp://127.0.0.2:{inside.port}/x"))
    with (
        camera(answers, certified if scheme == "rtsps" else None) as host,
        pytest.raises(SourceError, match="leads to another address") as caught,
    ):
        open_source(f"{scheme}://anna:s3cret@{host}/live", timeout_s=5)
    assert not inside.visited()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["rtsps", "tcp", "tls", "udp", "rtp", "RTSP", "satip", ""])
def test_no_other_spelling_of_the_address_helps(scheme: str, inside: Inside) -> None:
    answer = redirect(f"{scheme}://127.0.0.2:{inside.port}/x")
    with camera(after_an_answer(answer)) as host, pytest.raises(HeatStreamError):
        open_source(f"rtsp://{host}/live", timeout_s=5)
    assert not inside.visited()


@pytest.mark.parametrize(
    "line", [b"RTSP/1.0 0302 Moved", b"RTSP/7 +302", b"  RTSP/ 399", b"$\x00\x00\x03abcRTSP/1.0 302"]
)
def test_no_other_spelling_of_the_answer_helps(line: bytes, inside: Inside) -> None:
    answer = redirect(f"rtsp://127.0.0.2:{inside.port}/x", line)
    with camera(after_an_answer(answer)) as host, pytest.raises(HeatStreamError):
        open_source(f"rtsp://{host}/live", timeout_s=5)
    assert not inside.visited()


def test_ffmpeg_sends_nothing_where_a_transport_points(inside: Inside) -> None:
    def script(question: bytes, _: int) -> bytes:
        if question.startswith(b"SETUP"):
            ports = f"client_port=5000-5001;server_port={inside.port}-{inside.port + 1};source=127.0.0.2"
            return f"RTSP/1.0 200 OK\r\nSession: 1\r\nTransport: RTP/AVP/UDP;unicast;{ports}\r\n\r\n".encode()
        return DESCRIPTION if question.startswith(b"DESCRIBE") else FINE

    with camera(script) as host, pytest.raises(HeatStreamError):
        open_source(f"rtsp://{host}/live", timeout_s=2)
    assert not inside.visited()


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_udp_is_for_cameras_that_the_operator_trusts(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AccessError, match="leave #udp out"):
        open_source(f"{scheme}://8.8.8.8/live#udp", timeout_s=2)
    with rtsp_server({"/live": encoded(walk(25))}) as server:
        with open_source(server.url("/live#udp")) as source:
            assert next(source.frames()).size_wh == (320, 240)
        monkeypatch.setenv("HEATSTREAM_CAMERA_HOSTS", "")
        settings.cache_clear()
        with pytest.raises(AccessError):
            open_source(server.url("/live#udp"))
        with open_source(server.url("/live#udp"), operator=True) as source:
            assert next(source.frames()).size_wh == (320, 240)


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_a_password_is_not_taken_for_the_host(scheme: str, inside: Inside, certified: ssl.SSLContext) -> None:
    context = certified if scheme == "rtsps" else None
    with camera(lambda *_: CHALLENGE, context) as host, pytest.raises(SourceRefusedError):
        open_source(f"{scheme}://127.0.0.2:{inside.port}x/y@{host}/live", timeout_s=2)
    assert not inside.visited()


@pytest.mark.parametrize("operator", [False, True])
@pytest.mark.parametrize("target", ["rtsp://127.0.0.2:{}/x", "rtsp://127.0.0.1:1x/y@127.0.0.2:{}/x", "file:///{}"])
def test_where_we_are_led_is_checked(target: str, operator: bool, inside: Inside) -> None:
    """Also where the camera is on this machine, which is listed."""
    with camera(lambda *_: redirect(target.format(inside.port))) as host, pytest.raises(AccessError):
        open_source(f"rtsp://{host}/live", operator=operator)
    assert not inside.visited()


def test_an_ffmpeg_that_follows_redirects_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(av.library_versions, "libavformat", (62, 3, 100))
    with camera(lambda *_: FINE) as host, pytest.raises(AccessError, match=r"requirements\.txt"):
        open_source(f"rtsp://{host}/live")


GUARDS = {
    "open": {},
    "basic": {"user": "anna", "password": "s3c/ret"},
    "digest": {"user": "anna", "password": "s3c/ret", "digest": True},
    "rtsps": {"user": "anna", "password": "s3c/ret", "encrypted": True},
}


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS.keys())
@pytest.mark.parametrize("led", [False, True], ids=["straight", "led"])
def test_cameras_that_may_be_opened_are(guard: dict[str, object], led: bool) -> None:
    process = psutil.Process()
    with ExitStack() as stack:
        server = stack.enter_context(rtsp_server({"/live": encoded(walk(25))}, **guard))
        url = server.url(user="anna:s3c/ret" if guard.get("user") else "")
        address = f"rtsp://{stack.enter_context(camera(lambda *_: redirect(url)))}/" if led else url
        left = []
        for _ in range(2):
            with open_source(address) as source:
                assert next(source.frames()).size_wh == (320, 240)
            left.append((process.num_fds(), process.num_threads()))
    assert left[1] <= left[0]
