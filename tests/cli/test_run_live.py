"""``run`` on a network stream: it must open in its time, comes back after a loss, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import av
import psutil
import pytest

from tests.support.browser import ROOT, free_port
from tests.support.command import HEATSTREAM, in_a_process
from tests.support.rtsp_server import encoded, rtsp_server, walk


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_text("1,1,10,10,20,40,0.9\n")
    return path


def test_a_source_that_never_opens_ends_in_time_with_code_2(tracks: Path) -> None:
    began_s = time.monotonic()
    address = f"rtsp://anna:s3cret@127.0.0.1:{free_port()}/live"
    done = in_a_process("run", address, "--model", tracks, "--open-timeout", "2")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nothing answers at this port" in done.stderr
    assert "s3cret" not in done.stderr
    assert time.monotonic() - began_s > 2


def test_a_wrong_password_ends_at_once_with_code_2(tracks: Path) -> None:
    with rtsp_server({"/live": encoded(walk(25))}, user="anna", password="s3cret") as server:
        done = in_a_process(
            "run", server.url(user="anna:s3cert"), "--model", tracks, "--open-timeout", "50", timeout_s=40
        )
    assert done.returncode == 2
    assert "check both" in done.stderr
    assert "s3c" not in done.stderr


def test_a_lost_stream_is_opened_again_and_ctrl_c_ends_it(tracks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with rtsp_server({"/live": encoded(walk(25))}) as server:
        command = [*HEATSTREAM, "run", server.url(user="anna:s3cret"), "--model", str(tracks)]
        process = subprocess.Popen(
            [*command, "--output", str(out), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            grown(tmp_path, process)
            server.kill()
            server.start_again()
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "the next try comes in" in line
            time.sleep(4)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130, stderr
    assert "s3cret" not in line + stderr
    frames = json.loads(stdout)["frames"]
    with av.open(str(out)) as video:
        times = [float(frame.pts * frame.time_base) for frame in video.decode(video=0)]
    assert len(times) == frames
    gaps = [after - before for before, after in pairwise(times)]
    assert 0.5 < max(gaps) < 6, "media time goes on by the real gap"
    assert times.index(times[gaps.index(max(gaps))]) < frames - 10, "it went on after the loss"


def grown(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until pictures are written."""
    deadline = time.monotonic() + 40
    while not any(folder.glob(".*.part")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1.5)


def test_max_frames_ends_a_stream(tracks: Path) -> None:
    with rtsp_server({"/live": encoded(walk(25))}) as server:
        done = in_a_process("run", server.url(), "--model", tracks, "--max-frames", "12", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == 12


def test_lists_of_processes_show_no_password(tracks: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"rtsp://anna:s3cret@127.0.0.1:{deaf.getsockname()[1]}/live"
        command = [*HEATSTREAM, "run", address, "--model", str(tracks), "--open-timeout", "30"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
            deadline = time.monotonic() + 25
            # Just after its start a process may have no command line yet.
            while not (shown := " ".join(psutil.Process(process.pid).cmdline())).startswith("heatstream run"):
                assert time.monotonic() < deadline, shown
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert "interrupted" in process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "127.0.0.1" in shown
    assert "s3cret" not in shown
