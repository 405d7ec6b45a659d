"""Small clips whose pictures tell their number, and files that are no clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


@dataclass(frozen=True)
class Clip:
    """How a generated clip is made; ``ticks`` are timestamps in 1/1000 s, None for one each 40 ms."""

    frames: int = 20
    size_wh: tuple[int, int] = (64, 48)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    ticks: Sequence[int] | None = None
    gop: int = 10
    b_frames: int = 0
    rotation: int = 0
    created: str | None = None
    mark: bool = False  # white in the upper left corner


def grey(number: int) -> int:
    """The brightness of picture ``number``."""
    return 20 + number * 7 % 200


def number_of(image: np.ndarray, frames: int) -> int:
    """Which of ``frames`` pictures ``image`` is, by its brightness."""
    return int(np.argmin([abs(float(image.mean()) - grey(number)) for number in range(frames)]))


def make_clip(path: Path, clip: Clip = Clip()) -> Path:
    """Encode ``clip`` to ``path``; its suffix chooses the container."""
    width, height = clip.size_wh
    with av.open(str(path), "w") as container:
        if clip.created:
            container.metadata["creation_time"] = clip.created
        stream = container.add_stream(clip.codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, clip.pix_fmt
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = clip.gop
        if clip.codec == "libx264":
            options = f"bframes={clip.b_frames}:keyint={clip.gop}:scenecut=0:b-adapt=0"
            stream.options = {"preset": "ultrafast", "crf": "10", "x264-params": options}
        if clip.rotation:
            stream.set_display_rotation(clip.rotation)
        for number in range(clip.frames):
            image = np.full((height, width, 3), grey(number), np.uint8)
            if clip.mark:
                image[: height // 4, : width // 4] = 255
            frame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format=clip.pix_fmt)
            frame.pts = clip.ticks[number] if clip.ticks else number * 40
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_unknown(path: Path) -> Path:
    """An AVI whose codec nobody knows."""
    data = make_clip(path, Clip(codec="mpeg4")).read_bytes()
    assert data.count(b"FMP4") == 2
    path.write_bytes(data.replace(b"FMP4", b"????"))
    return path


def make_sound(path: Path) -> Path:
    """A file with half a second of silence and no pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
