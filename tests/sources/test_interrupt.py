"""That PyAV asks our clock, and that a wait which begins too late ends as well."""

from __future__ import annotations

import socket
import threading
import time

import av
import pytest

from heatstream.sources.interrupt import LIMITS, Patience, waiting


@pytest.fixture
def deaf():
    """The address of a server that accepts, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/"


def test_the_limit_ends_a_wait_inside_ffmpeg(deaf: str) -> None:
    began_s = time.monotonic()
    with waiting(Patience(0.4)), pytest.raises(av.FFmpegError):
        av.open(deaf, timeout=LIMITS)
    assert 0.3 < time.monotonic() - began_s < 1.0


def test_another_thread_ends_it(deaf: str) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began_s = time.monotonic()
    with waiting(Patience(60, stop)), pytest.raises(av.FFmpegError):
        av.open(deaf, timeout=LIMITS)
    assert time.monotonic() - began_s < 1.0


def test_a_wait_that_begins_too_late_ends_at_once(deaf: str) -> None:
    stop = threading.Event()
    stop.set()
    began_s = time.monotonic()
    for _ in range(3):
        with waiting(Patience(60, stop)), pytest.raises(av.FFmpegError):
            av.open(deaf, timeout=LIMITS)
    assert time.monotonic() - began_s < 1.0


def test_other_threads_go_on(deaf: str) -> None:
    stop = threading.Event()
    ended: list[float] = []

    def wait() -> None:
        with waiting(Patience(1.0)), pytest.raises(av.FFmpegError):
            av.open(deaf, timeout=LIMITS)
        ended.append(time.monotonic())

    began_s = time.monotonic()
    other = threading.Thread(target=wait)
    other.start()
    stop.set()
    with waiting(Patience(60, stop)), pytest.raises(av.FFmpegError):
        av.open(deaf, timeout=LIMITS)
    other.join(5)
    assert ended[0] - began_s > 0.9
