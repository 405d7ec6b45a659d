"""A real server in a subprocess and a real Chromium, for tests that look at pages as a user does."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The window that tests have if they ask for none (CSS pixels).
VIEWPORT = {"width": 1280, "height": 900}


def chromium_path() -> str:
    """Chromium's executable (``HEATSTREAM_TEST_CHROMIUM``, else the first on the path); skips the test without one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("HEATSTREAM_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip("browser missing: no chromium on the path (or set HEATSTREAM_TEST_CHROMIUM)")
    return found


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running ``streamlit run``."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return self.log_path.read_text("utf-8", "replace")

    def get(self, path: str, timeout_s: float = 10.0) -> bytes:
        """The body of a page of this server."""
        trusting = ssl._create_unverified_context()  # certificates of tests are known to nobody
        with urllib.request.urlopen(self.url + path, timeout=timeout_s, context=trusting) as answer:
            return answer.read()

    def end(self, number: int = signal.SIGTERM, timeout_s: float = 10.0) -> float:
        """Send a signal, wait for the end, and return how many seconds it took."""
        began_s = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout_s)
        return time.monotonic() - began_s


@contextmanager
def serving(
    app: str | Path = "app.py",
    *,
    env: Mapping[str, str] | None = None,
    port: int = 0,
    ready_s: float = 60.0,
    cwd: Path = ROOT,
) -> Iterator[Server]:
    """Run an app (relative to the repository) until the block ends, on ``port`` or a free one.

    Its data folder is a new one unless ``env`` names another. Streamlit's settings are those in ``cwd``; where they
    name a certificate the server speaks https.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="heatstream-test-", ignore_cleanup_errors=True) as folder:
        log_path = Path(folder) / "server.log"
        settings = {"HEATSTREAM_DATA_DIR": str(Path(folder) / "data"), "PYTHONPATH": str(ROOT), **(env or {})}
        settings["PYTHONDONTWRITEBYTECODE"] = ""  # as people run it: without, every start compiles everything anew
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / app), "--server.port", str(port)]
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [*command, "--server.headless", "true"],
                cwd=cwd,
                env={**os.environ, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        secure = "\nsslCertFile" in (cwd / ".streamlit/config.toml").read_text("utf-8")
        server = Server(f"{'https' if secure else 'http'}://127.0.0.1:{port}", process, log_path)
        try:
            _wait_until_ready(server, ready_s)
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)


def _wait_until_ready(server: Server, ready_s: float) -> None:
    until_s = time.monotonic() + ready_s
    while time.monotonic() < until_s:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}:\n{server.log}")
        try:
            if server.get("/_stcore/health", timeout_s=2.0) == b"ok":
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {ready_s:.0f} s:\n{server.log}")
