"""Video over HTTP from real servers on this machine: MJPEG, HLS, files; and where a stream may not lead."""

from __future__ import annotations

import base64
import gc
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import av
import cv2
import numpy as np
import pytest

from heatstream.core.errors import (
    AccessError,
    HeatStreamError,
    SourceError,
    SourceNotFoundError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnreachableError,
    SourceUnreadableError,
)
from heatstream.core.types import Frame
from heatstream.sources import open_source
from heatstream.sources import web as web_module
from heatstream.sources.base import Source
from tests.support.browser import free_port
from tests.support.clips import Clip, grey, make_clip, make_sound, make_unknown, number_of
from tests.support.rtsp_server import walk

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """An HTTP server whose answers tests put into ``answers`` by path; files of ``folder`` are given in parts."""

    def __init__(self, folder: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                path = unquote(self.path.partition("?")[0])
                try:
                    if path in server.answers:
                        server.answers[path](self)
                    elif (folder / path[1:]).is_file():
                        give_file(self, (folder / path[1:]).read_bytes())
                    else:
                        self.send_error(404)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str, user: str = "") -> str:
        return f"http://{user + '@' if user else ''}127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def give_file(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    wanted = handler.headers.get("Range")
    start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
    handler.send_response(206 if wanted else 200)
    handler.send_header("Accept-Ranges", "bytes")
    handler.send_header("Content-Length", str(len(data) - start))
    handler.end_headers()
    handler.wfile.write(data[start:])


def mjpeg(rate_hz: float, pictures: list[np.ndarray], *, with_length: bool = True) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        handler.end_headers()
        number = 0
        while True:
            jpeg = cv2.imencode(".jpg", pictures[number % len(pictures)])[1].tobytes()
            length = f"Content-Length: {len(jpeg)}\r\n" if with_length else ""
            handler.wfile.write(f"--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + jpeg + b"\r\n")
            number += 1
            time.sleep(1 / rate_hz)

    return answer


def of_unknown_length(data: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def redirect(target: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def text(body: str, kind: str = "application/vnd.apple.mpegurl") -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


def guarded(inner: Answer, user: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Authorization") != f"Basic {base64.b64encode(user.encode()).decode()}":
            challenge('Basic realm="camera"')(handler)
        else:
            inner(handler)

    return answer


def challenge(wanted: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", wanted)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.close()
    gc.collect()  # a connection that was left open warns here, which fails the test


def take(source: Source, count: int) -> list[Frame]:
    frames = []
    for frame in source.frames():
        frames.append(frame)
        if len(frames) == count:
            break
    return frames


@pytest.mark.parametrize("with_length", [True, False])
def test_mjpeg_goes_by_the_time_of_arrival(server: Server, with_length: bool) -> None:
    server.answers["/video"] = mjpeg(10, list(walk(20)), with_length=with_length)
    with open_source(server.url("/video")) as source:
        assert source.info.live
        assert source.info.codec == "mjpeg"
        assert source.info.size_wh == (320, 240)
        assert source.info.rate_hz is None
        frames = take(source, 15)
    assert frames[-1].time_s - frames[4].time_s == pytest.approx(1.0, abs=0.4)
    assert server.asked == ["/video"], "one connection is enough"


def test_passwords_go_to_their_host_only(server: Server, tmp_path: Path) -> None:
    seen: list[str | None] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Authorization"))
        mjpeg(10, list(walk(5)))(handler)

    other = Server(tmp_path)
    try:
        other.answers["/there"] = note
        server.answers["/video"] = guarded(mjpeg(10, list(walk(5))), "anna:s3cr et/")
        server.answers["/leads"] = guarded(redirect(other.url("/there")), "anna:s3cr et/")
        with open_source(server.url("/video", "anna:s3cr%20et%2F")) as source:
            assert source.info.label == server.url("/video")
        with open_source(server.url("/leads", "anna:s3cr%20et%2F")) as source:
            assert take(source, 1)
        assert seen == [None]
        with pytest.raises(SourceRefusedError, match="refused the user name or the password") as caught:
            open_source(server.url("/video", "anna:s3cret"))
        assert "s3cr" not in str(caught.value)
        with pytest.raises(SourceRefusedError, match="wants a user name"):
            open_source(server.url("/video"))
    finally:
        other.close()


def test_a_file_is_a_recording_that_can_be_begun_anywhere(server: Server, tmp_path: Path) -> None:
    make_clip(tmp_path / "my clip.mp4", Clip(frames=50, gop=10))
    with open_source(server.url("/my%20clip.mp4?token=s3cret")) as source:
        assert not source.info.live
        assert source.info.duration_s == pytest.approx(2.0, abs=0.05)
        assert source.info.rate_hz == pytest.approx(25)
        assert "s3cret" not in source.info.label
        frames = list(source.frames())
    assert [number_of(frame.image, 25) for frame in frames[:25]] == list(range(25))
    assert len(frames) == 50
    assert frames[-1].time_s == pytest.approx(49 / 25)
    with open_source(server.url("/my%20clip.mp4"), start_s=1.0) as source:
        first = next(iter(source.frames()))
        assert first.time_s == 0
        assert float(first.image.mean()) == pytest.approx(grey(25), abs=3)


def test_a_recorded_playlist_is_a_recording(server: Server, tmp_path: Path) -> None:
    hls(tmp_path, pieces=3, ended=True)
    with open_source(server.url("/list.m3u8")) as source:
        assert not source.info.live
        assert source.info.duration_s == pytest.approx(3.0, abs=0.2)
        assert len(list(source.frames())) == 75


def hls(folder: Path, *, pieces: int, ended: bool) -> None:
    """Pieces of one second each, and a playlist that names them."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    for number in range(pieces):
        ticks = [round(1000 * number + 40 * place) for place in range(25)]
        make_clip(folder / f"piece{number}.ts", Clip(frames=25, gop=25, ticks=ticks))
        lines += ["#EXTINF:1.0,", f"piece{number}.ts"]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    (folder / "list.m3u8").write_text("\n".join(lines) + "\n")


def test_a_live_playlist_plays_evenly(server: Server, tmp_path: Path) -> None:
    hls(tmp_path, pieces=6, ended=True)
    began_s = time.monotonic()

    def grow(handler: BaseHTTPRequestHandler) -> None:
        last = min(6, 3 + int(time.monotonic() - began_s))
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{last - 3}"]
        for number in range(last - 3, last):
            lines += ["#EXTINF:1.0,", f"piece{number}.ts"]
        text("\n".join(lines) + "\n")(handler)

    server.answers["/live.m3u8"] = grow
    with open_source(server.url("/live.m3u8")) as source:
        assert source.info.live
        stamps = []
        for frame in source.frames():
            stamps.append((time.monotonic(), frame.time_s))
            if len(stamps) == 60:
                break
    walls, times = np.array(stamps).T
    assert times[-1] == pytest.approx(59 / 25, abs=0.1)
    assert walls[-1] - walls[0] == pytest.approx(59 / 25, abs=0.5)
    assert np.percentile(np.diff(walls), 90) < 0.1, "pictures do not come in bursts"


@pytest.mark.parametrize(
    ("playlist", "part"),
    [
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", ""),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd.ts\n#EXT-X-ENDLIST\n", ""),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nconcat:/etc/passwd|x.ts\n#EXT-X-ENDLIST\n", ""),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsubfile,,start,0,end,9,,:/etc/passwd.ts\n#EXT-X-ENDLIST\n", ""),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile:///etc/list.m3u8\n", ""),
        ('#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI="file:///etc/passwd.mp4"\n#EXTINF:1,\nx.mp4\n', ""),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.2:9/x.ts\n#EXT-X-ENDLIST\n", "private"),
        ("ffconcat version 1.0\nfile /etc/passwd\n", ""),
    ],
)
@pytest.mark.usefixtures("private_networks_closed")
def test_a_playlist_leads_to_no_file_and_to_no_closed_host(
    server: Server, monkeypatch: pytest.MonkeyPatch, playlist: str, part: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("builtins.open", lambda *a, **k: opened.append(str(a[0])) or pytest.fail("a file was opened"))
    server.answers["/list.m3u8"] = text(playlist)
    with pytest.raises(HeatStreamError) as caught:
        open_source(server.url("/list.m3u8"), operator=True, timeout_s=3)
    assert part in str(caught.value)
    assert opened == []


@pytest.mark.usefixtures("private_networks_closed")
def test_a_redirect_is_checked_before_it_is_followed(server: Server) -> None:
    with pytest.raises(AccessError, match="private network"):
        open_source(server.url("/video"))
    assert server.asked == []
    for target in ("http://127.0.0.2:9/x", "file:///etc/passwd", "rtsp://127.0.0.2/x"):
        server.answers["/video"] = redirect(target)
        with pytest.raises(HeatStreamError):
            open_source(server.url("/video"), operator=True)
    server.answers["/video"] = mjpeg(20, list(walk(5)))
    server.answers["/same"] = redirect("/video")
    with open_source(server.url("/same"), operator=True) as source:
        assert take(source, 1)


def test_what_is_wrong_is_told(server: Server, tmp_path: Path) -> None:
    make_sound(tmp_path / "sound.mp4")
    unknown = make_unknown(tmp_path / "unknown.avi").read_bytes()
    server.answers["/unknown"] = of_unknown_length(unknown)
    server.answers["/page"] = text("<html>No camera here</html>" * 50, "text/html")
    server.answers["/busy"] = lambda handler: handler.send_error(503)
    server.answers["/closed"] = lambda handler: handler.send_error(403)
    server.answers["/digest"] = challenge('Digest realm="camera", nonce="1", qop="auth"')
    server.answers["/odd"] = challenge("Bearer")
    for path, kind, part in (
        ("/nothing", SourceNotFoundError, "check the path"),
        ("/page", SourceUnreadableError, "video stream"),
        ("/sound.mp4", SourceUnreadableError, "sound"),
        ("/unknown.avi", SourceUnreadableError, "no pictures that can be decoded"),
        ("/unknown", SourceUnreadableError, "no pictures that can be decoded"),
        ("/busy", SourceUnreachableError, "503"),
        ("/closed", SourceRefusedError, "forbidden"),
        ("/digest", SourceRefusedError, "refused the user name or the password"),
        ("/odd", SourceRefusedError, "neither Basic nor Digest"),
    ):
        with pytest.raises(kind, match=part) as caught:
            open_source(server.url(path, "anna:s3cret"))
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None
    with pytest.raises(SourceUnreachableError, match="nothing answers"):
        open_source(f"http://anna:s3cret@127.0.0.1:{free_port()}/x")


def test_waits_end(server: Server) -> None:
    done = threading.Event()
    server.answers["/mute"] = lambda handler: done.wait(20) and None
    began_s = time.monotonic()
    with pytest.raises(SourceTimeoutError, match=r"within 0\.5 seconds"):
        open_source(server.url("/mute"), timeout_s=0.5)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(SourceError):
        open_source(server.url("/mute"), timeout_s=60, stop=stop)
    assert time.monotonic() - began_s < 2.5
    done.set()


def test_closing_ends_a_waiting_read(server: Server) -> None:
    server.answers["/slow"] = mjpeg(0.4, list(walk(5)))
    source = open_source(server.url("/slow"))
    frames = source.frames()
    next(frames)
    threading.Timer(0.2, source.close).start()
    began_s = time.monotonic()
    assert list(frames) == []
    assert time.monotonic() - began_s < 1.0


def test_memory_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "_MAX_BETWEEN", 3_000_000)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n\xff\xd8")
        while True:
            handler.wfile.write(bytes(100_000))

    server.answers["/endless"] = endless
    with pytest.raises(SourceError, match="no picture") as caught:
        open_source(server.url("/endless?token=s3cret"))
    assert "s3cret" not in str(caught.value)
    monkeypatch.setattr(web_module, "_MAX_PLAYLIST", 100_000)
    server.answers["/list.m3u8"] = text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + "#EXTINF:1,\nx.ts\n" * 20_000)
    with pytest.raises(SourceError, match="playlist"):
        open_source(server.url("/list.m3u8"))


def breaks_off(data: bytes, after: int, *, parts: bool) -> Answer:
    """A server that hangs up when it has given so many bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range") if parts else None
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        handler.send_response(206 if wanted else 200)
        if parts:
            handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start : start + after])
        handler.close_connection = True

    return answer


def test_a_recording_that_breaks_off_is_asked_for_again_or_has_failed_but_not_ended(
    server: Server, tmp_path: Path
) -> None:
    data = make_clip(tmp_path / "clip.ts", Clip(frames=100, size_wh=(320, 240))).read_bytes()
    server.answers["/parts"] = breaks_off(data, len(data) // 3, parts=True)
    with open_source(server.url("/parts")) as source:
        assert len(list(source.frames())) == 100
    server.answers["/whole"] = breaks_off(data, len(data) // 3, parts=False)
    with open_source(server.url("/whole")) as source, pytest.raises(SourceUnreachableError, match="connection failed"):
        list(source.frames())


def test_a_recording_is_not_called_by_what_is_secret_in_its_path(server: Server, tmp_path: Path) -> None:
    make_clip(tmp_path / "user=anna_password=s3cret_channel=1.mp4")
    with open_source(server.url("/user=anna_password=s3cret_channel=1.mp4")) as source:
        assert source.info.label == "user=***_password=***_channel=1.mp4"


def test_a_picture_that_says_it_is_huge_takes_no_memory(server: Server, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "wide.mp4"), "w") as clip:
        stream = clip.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 48
        for packet in [*stream.encode(av.VideoFrame(64, 48, "yuv420p")), *stream.encode(None)]:
            clip.mux(packet)
    jpeg = bytearray(cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1].tobytes())
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = b"\xff\xff\xff\xff"

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(30):
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            handler.wfile.write(head.encode() + bytes(jpeg) + b"\r\n")

    server.answers["/huge"] = answer
    with pytest.raises(SourceError):
        open_source(server.url("/huge"), timeout_s=5)
