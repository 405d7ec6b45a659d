"""RTSP sources against GStreamer's server: what is given, what is said when it is not, and that every wait ends."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from heatstream.core.errors import (
    AccessError,
    ClosedError,
    SourceError,
    SourceNotFoundError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnreachableError,
    SourceUnreadableError,
)
from heatstream.core.types import Frame
from heatstream.sources import live as live_module
from heatstream.sources import open_source
from heatstream.sources.base import Source
from tests.support.rtsp_server import Encoding, RtspServer, encoded, rtsp_server, walk

PASSWORD = "s3cr-et/"  # its slash must be written %2F in an address


@pytest.fixture(scope="module")
def streams() -> Iterator[RtspServer]:
    garbage = encoded(walk(50))
    rubbish = np.random.default_rng(5).bytes(4000)
    garbage.units = [
        unit[: len(unit) // 2] + rubbish if number % 10 in {4, 5, 6} else unit
        for number, unit in enumerate(garbage.units)
    ]
    mounts = {
        "/live": encoded(walk(50)),
        "/h265": encoded(walk(50), Encoding("libx265")),
        "/slow": encoded(walk(10), Encoding(rate_hz=2, gop=1)),
        "/reordered": encoded(walk(50), Encoding(b_frames=3)),
        "/garbage": garbage,
        "/sound": "( audiotestsrc is-live=true ! audio/x-raw,rate=8000 ! mulawenc ! rtppcmupay name=pay0 pt=0 )",
    }
    with rtsp_server(mounts) as server:
        yield server


def take(source: Source, count: int) -> list[Frame]:
    frames = []
    for frame in source.frames():
        frames.append(frame)
        if len(frames) == count:
            break
    return frames


@pytest.mark.parametrize(
    ("address", "codec"), [("/live", "h264"), ("/live#tcp", "h264"), ("/live#UDP", "h264"), ("/h265", "hevc")]
)
def test_a_stream_gives_its_pictures_in_time(streams: RtspServer, address: str, codec: str) -> None:
    before = time.time()
    with open_source(streams.url(address)) as source:
        assert source.info.live
        assert source.info.size_wh == (320, 240)
        assert source.info.codec == codec
        assert source.info.rate_hz == pytest.approx(25)
        assert source.info.duration_s is None
        frames = take(source, 30)
        assert source.damaged == 0
    assert [frame.index for frame in frames] == list(range(1, 31))
    assert frames[0].time_s == 0
    assert 0.9 < frames[-1].time_s < 1.7
    steps = np.diff([frame.time_s for frame in frames[2:]])
    assert np.median(steps) == pytest.approx(0.04, abs=0.005)
    assert all(before < frame.utc_s < time.time() for frame in frames if frame.utc_s)
    assert not frames[0].image.flags.writeable
    assert frames[5].image.shape == (240, 320, 3)
    assert frames[5].image[100:140, :, 2].max() > 180, "the walking block is red, so colours are in order"


def test_reordered_pictures_come_in_order_of_showing(streams: RtspServer) -> None:
    with open_source(streams.url("/reordered")) as source:
        frames = take(source, 45)
    places = [np.flatnonzero(frame.image[120, :, 2] > 180).mean() for frame in frames]
    steps = np.diff(places)
    assert np.sum(steps < 0) <= 1, places  # back to the left once, where the clip begins again


def test_a_slow_camera_is_waited_for(streams: RtspServer) -> None:
    with open_source(streams.url("/slow")) as source:
        assert source.info.rate_hz == pytest.approx(2)
        frames = take(source, 4)
    assert frames[-1].time_s - frames[1].time_s == pytest.approx(1.0, abs=0.3)


def test_garbage_is_counted_and_survived(streams: RtspServer) -> None:
    with open_source(streams.url("/garbage")) as source:
        frames = take(source, 40)
        assert len(frames) == 40
        assert source.damaged > 0


def said(address: str, kind: type[SourceError], **options: object) -> str:
    with pytest.raises(kind) as caught:
        open_source(address, **options)
    assert type(caught.value) is kind
    assert caught.value.__cause__ is None, "a library's error carries the address as it was given"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "s3cr" not in str(caught.value)
    return str(caught.value)


def test_a_missing_path_is_told(streams: RtspServer) -> None:
    assert "check the path" in said(streams.url("/nothing", user="anna:s3cret"), SourceNotFoundError)


def test_sound_alone_is_told(streams: RtspServer) -> None:
    said(streams.url("/sound"), SourceUnreadableError, timeout_s=4.0)


def test_an_unknown_transport_is_told(streams: RtspServer) -> None:
    assert "#tcp and #udp" in said(streams.url("/live#carrier-pigeon"), SourceError)


@pytest.mark.parametrize("digest", [False, True], ids=["basic", "digest"])
def test_passwords_are_used_and_never_shown(digest: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with rtsp_server({"/live": encoded(walk(25))}, user="anna", password=PASSWORD, digest=digest) as server:
        with open_source(server.url(user="anna:s3cr-et%2F")) as source:
            assert len(take(source, 3)) == 3
            assert source.info.label == server.url()
        assert "refused the user name or the password" in said(server.url(user="anna:s3cret"), SourceRefusedError)
        assert "wants a user name and a password" in said(server.url(), SourceRefusedError)
    assert "s3cr" not in caplog.text


@pytest.mark.parametrize("user", ["", "anna:s3cr et/"])
def test_an_encrypted_camera_signs_for_itself(user: str) -> None:
    name, _, password = user.partition(":")
    with rtsp_server({"/live": encoded(walk(50))}, encrypted=True, user=name, password=password) as server:
        assert server.url().startswith("rtsps://")
        with open_source(server.url(user=user.replace(" ", "%20").replace("/", "%2F"))) as source:
            assert source.info.size_wh == (320, 240)
            assert len(take(source, 10)) == 10
        plain = server.url().replace("rtsps://", "rtsp://")
        assert "rtsps://" in said(plain, SourceUnreadableError)


def test_a_closed_port_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    message = said(f"rtsp://anna:s3cret@127.0.0.1:{port}/live", SourceUnreachableError)
    assert "nothing answers at this port" in message
    assert f"127.0.0.1:{port}/live" in message


def test_a_name_that_nobody_has_is_told() -> None:
    assert "name" in said("rtsp://anna:s3cret@camera.invalid/live", SourceUnreachableError)


@contextmanager
def answering(answer: bytes | None, *, hang_up: bool = False) -> Iterator[str]:
    """The address of a server that gives one answer to whatever is said, or none ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            lines = []
            while not done.is_set():
                try:
                    line = server.accept()[0]
                except TimeoutError:
                    continue
                lines.append(line)
                if answer is not None:
                    line.recv(4096)
                    line.sendall(answer)
                if hang_up:
                    line.close()
            for line in lines:
                line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"rtsp://anna:s3cret@127.0.0.1:{server.getsockname()[1]}/live"
        finally:
            done.set()
            thread.join()


def test_something_else_at_the_port_is_told() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", hang_up=True) as address:
        assert "no RTSP server" in said(address, SourceUnreadableError)


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with answering(None) as address:
        began_s = time.monotonic()
        assert "within 0.6 seconds" in said(address, SourceTimeoutError, timeout_s=0.6)
        assert time.monotonic() - began_s < 1.5


def test_opening_can_be_broken_off() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with answering(None) as address:
        began_s = time.monotonic()
        with pytest.raises(SourceError):
            open_source(address, timeout_s=60, stop=stop)
        assert time.monotonic() - began_s < 1.5


def test_opening_can_be_broken_off_inside_ffmpeg(streams: RtspServer) -> None:
    """The server describes the stream and then sends nothing: the wait is FFmpeg's."""
    mount = (
        "( appsrc is-live=true do-timestamp=true format=time caps=video/x-h264,stream-format=byte-stream,alignment=au"
    )
    with rtsp_server({"/mute": f"{mount} ! rtph264pay name=pay0 pt=96 )"}) as server:
        stop = threading.Event()
        threading.Timer(0.7, stop.set).start()
        began_s = time.monotonic()
        with pytest.raises(SourceError):
            open_source(server.url("/mute"), timeout_s=60, stop=stop)
        assert time.monotonic() - began_s < 2.0


def test_closing_ends_a_waiting_read_at_once(streams: RtspServer) -> None:
    source = open_source(streams.url("/slow"))
    frames = source.frames()
    next(frames)
    next(frames)
    closed_s: list[float] = []

    def close() -> None:
        time.sleep(0.1)
        closed_s.append(time.monotonic())
        source.close()
        source.close()

    closer = threading.Thread(target=close)
    closer.start()
    assert len(list(frames)) <= 1
    assert time.monotonic() - closed_s[0] < 0.3
    closer.join()
    with pytest.raises(ClosedError):
        source.frames()


def test_a_server_that_dies_ends_the_source(streams: RtspServer) -> None:
    with rtsp_server({"/live": encoded(walk(25))}) as server, open_source(server.url()) as source:
        frames = source.frames()
        next(frames)
        server.kill()
        began_s = time.monotonic()
        list(frames)
        assert time.monotonic() - began_s < 2


def test_a_stream_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "SILENCE_S", 0.5)
    monkeypatch.setattr(live_module, "SILENCE_INTERVALS", 1.0)
    stream = encoded(walk(50))
    stream.pause_after = 40
    with (
        rtsp_server({"/live": stream}) as server,
        open_source(server.url()) as source,
        pytest.raises(SourceTimeoutError, match=r"sent no picture for 0\.5 seconds"),
    ):
        list(source.frames())


def redirecting(target: str) -> bytes:
    return f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {target}\r\n\r\n".encode()


def test_a_redirect_is_followed(streams: RtspServer) -> None:
    with answering(redirecting(streams.url("/live"))) as address, open_source(address) as source:
        assert len(take(source, 2)) == 2


@pytest.mark.usefixtures("private_networks_closed")
def test_a_redirect_is_followed_where_it_may_lead(streams: RtspServer) -> None:
    with answering(redirecting(streams.url("/live"))) as address, open_source(address, operator=True) as source:
        assert len(take(source, 2)) == 2


@pytest.mark.usefixtures("private_networks_closed")
def test_a_redirect_is_checked_before_it_is_followed() -> None:
    with answering(redirecting("rtsp://127.0.0.2:9/inside")) as address:
        with pytest.raises(AccessError, match="private network"):
            open_source(address)
        with pytest.raises(AccessError, match="private network") as caught:
            open_source(address, operator=True)
    assert "127.0.0.2" in str(caught.value)


@pytest.mark.usefixtures("private_networks_closed")
def test_redirects_in_a_circle_end() -> None:
    with answering(redirecting("/live")) as address:
        assert "one address to the next" in said(address, SourceError, operator=True)


@pytest.mark.media
def test_a_real_clip(media_dir: Path) -> None:
    with av.open(str(media_dir / "pets-walk-480x360.mp4")) as clip:
        pictures = [
            picture.to_ndarray(format="bgr24") for _, picture in zip(range(50), clip.decode(video=0), strict=False)
        ]
    with rtsp_server({"/pets": encoded(pictures)}) as server, open_source(server.url("/pets")) as source:
        assert source.info.size_wh == (480, 360)
        frame = take(source, 25)[-1]
    likeness = [np.abs(frame.image.astype(int) - picture).mean() for picture in pictures]
    assert min(likeness) < 8


def test_nothing_is_left_behind_by_openings_and_losses(streams: RtspServer) -> None:
    process = psutil.Process()

    def once() -> None:
        with open_source(streams.url("/live")) as source:
            take(source, 2)
        with pytest.raises(SourceNotFoundError):
            open_source(streams.url("/nothing"))

    once()
    files, threads = process.num_fds(), process.num_threads()
    for _ in range(3):
        once()
    assert process.num_fds() <= files
    assert process.num_threads() <= threads
