"""Starts and ends the real RTSP server of ``rtsp_service``, and makes the streams that it serves."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding as KeyFormat
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

PYTHON = "/usr/bin/python3"
SERVICE = Path(__file__).with_name("rtsp_service.py")
_CHECK = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; "
    "Gst.init(None); assert all(map(Gst.ElementFactory.find, ['rtph264pay', 'rtph265pay', 'h264parse', 'h265parse']))"
)


@cache
def _missing() -> str:
    """Why there is no RTSP server here; empty if there is one."""
    if not shutil.which(PYTHON):
        return f"no {PYTHON}"
    done = subprocess.run([PYTHON, "-c", _CHECK], capture_output=True, text=True, check=False, timeout=60)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["GStreamer is not complete"])[-1]


@dataclass
class Stream:
    """An encoded stream: its ``caps`` for GStreamer, access units, and how it is played."""

    units: list[bytes]
    caps: str = "video/x-h264,stream-format=byte-stream,alignment=au"
    rate_hz: float = 25.0
    loop_from: int = 0
    pause_after: int | None = None  # nothing more is sent after so many access units, while the line stays open


@dataclass
class Clock:
    """Pictures with the time of their making drawn into their upper rows, for measuring delays."""

    size_wh: tuple[int, int] = (1280, 720)
    rate_hz: int = 25


def clock_s(picture: np.ndarray) -> float:
    """The time (epoch seconds) that is drawn into a BGR or grey picture of a ``Clock``, also a smaller one."""
    width = picture.shape[1]
    cells = (np.arange(44) + 0.5) * (width * (1280 // 44) / 1280)
    bits = picture[round(24 * picture.shape[0] / 720), cells.astype(int)].reshape(44, -1).mean(axis=1) > 128
    return sum(1 << place for place, bit in enumerate(reversed(bits)) if bit) / 1000


@dataclass
class Encoding:
    """How pictures become a stream."""

    codec: str = "libx264"
    rate_hz: float = 25.0
    gop: int = 25
    b_frames: int = 0
    loop_from: int = 0


def encoded(pictures: Iterable[np.ndarray], how: Encoding | None = None) -> Stream:
    """BGR pictures as a stream of H.264 or H.265 without containers."""
    how = how or Encoding()
    context = None
    units: list[bytes] = []
    for number, picture in enumerate(pictures):
        if context is None:
            context = av.CodecContext.create(how.codec, "w")
            context.width, context.height, context.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
            context.framerate = round(how.rate_hz) or 1
            context.time_base = Fraction(1, 90_000)
            context.gop_size = how.gop
            parameters = f"bframes={how.b_frames}:keyint={how.gop}:min-keyint={how.gop}:scenecut=0:repeat-headers=1"
            key = "x265-params" if how.codec == "libx265" else "x264-params"
            context.options = {
                "preset": "ultrafast",
                key: parameters + (":log-level=none" if "265" in how.codec else ""),
            }
            if not how.b_frames:
                context.options = {**context.options, "tune": "zerolatency"}
        frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = round(number * 90_000 / how.rate_hz), context.time_base
        units += [bytes(packet) for packet in context.encode(frame)]
    assert context is not None
    units += [bytes(packet) for packet in context.encode(None)]
    caps = f"video/x-{'h265' if '265' in how.codec else 'h264'},stream-format=byte-stream,alignment=au"
    return Stream(units, caps, how.rate_hz, how.loop_from)


def walk(frames: int, size_wh: tuple[int, int] = (320, 240)) -> Iterator[np.ndarray]:
    """A bright block that walks to the right over a grey ramp, so that no two pictures are alike."""
    width, height = size_wh
    ground = np.repeat(np.tile(np.linspace(40, 120, width, dtype=np.uint8), (height, 1))[:, :, None], 3, axis=2)
    for number in range(frames):
        picture = ground.copy()
        x = int(number / frames * (width - 40))
        cv2.rectangle(picture, (x, height // 3), (x + 40, 2 * height // 3), (0, 0, 255), -1)
        yield picture


@dataclass
class RtspServer:
    """A running server."""

    port: int
    process: subprocess.Popen[str]
    spec: dict[str, Any]
    folder: Path = field(repr=False)

    def url(self, mount: str = "/live", *, user: str = "", port: int | None = None) -> str:
        """The address of a mount; ``user`` is ``name:password``."""
        scheme = "rtsps" if self.spec.get("certificate") else "rtsp"
        return f"{scheme}://{user + '@' if user else ''}127.0.0.1:{port or self.port}{mount}"

    def kill(self) -> None:
        """End it at once, as a loss of power does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def start_again(self, mounts: Mapping[str, Stream | Clock | str] | None = None) -> None:
        """Serve on the same port again, other streams if ``mounts`` are given."""
        if mounts is not None:
            self.spec["mounts"] = _mounts(mounts, self.folder)
        self.process = _start({**self.spec, "port": self.port}, self.folder)


def _mounts(mounts: Mapping[str, Stream | Clock | str], folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for number, (path, stream) in enumerate(mounts.items()):
        if isinstance(stream, str):
            made[path] = {"launch": stream}
            continue
        if isinstance(stream, Clock):
            made[path] = {"clock": {"size": stream.size_wh, "rate": stream.rate_hz}}
            continue
        units = folder / f"{number}.units"
        units.write_bytes(b"".join(stream.units))
        made[path] = {
            "caps": stream.caps,
            "units": str(units),
            "sizes": [len(unit) for unit in stream.units],
            "rate": stream.rate_hz,
            "loop_from": stream.loop_from,
            "pause_after": stream.pause_after,
        }
    return made


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key, as cameras have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "camera.pem"
    path.write_bytes(
        made.public_bytes(KeyFormat.PEM) + key.private_bytes(KeyFormat.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


def _start(spec: dict[str, Any], folder: Path) -> subprocess.Popen[str]:
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    process = subprocess.Popen([PYTHON, str(SERVICE), str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.strip():
        process.kill()
        process.wait(10)
        process.stdout.close()
        raise RuntimeError("the RTSP server did not start")
    spec["bound"] = int(line)
    return process


@contextmanager
def rtsp_server(
    mounts: Mapping[str, Stream | Clock | str], *, encrypted: bool = False, **options: Any
) -> Iterator[RtspServer]:
    """Serve ``mounts`` (a stream, or GStreamer's launch line) until the block ends; skips the test without GStreamer.

    ``user``, ``password`` and ``digest`` guard them; ``port`` 0 is any free one. ``encrypted`` is rtsps, with a
    certificate that nobody knows.
    """
    if why := _missing():
        pytest.skip(
            f"rtsp server missing: {why} (Debian: python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-*)"
        )
    with tempfile.TemporaryDirectory(prefix="heatstream-rtsp-") as name:
        folder = Path(name)
        if encrypted:
            options["certificate"] = str(own_certificate(folder))
        spec = {"port": 0, **options, "mounts": _mounts(mounts, folder)}
        process = _start(spec, folder)
        server = RtspServer(spec["bound"], process, spec, folder)
        try:
            yield server
        finally:
            server.kill()
