"""H.264 files: what a browser plays, with true times, and never half a file under the final name."""

import os
import resource
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from heatstream.core.errors import ClosedError, ControlsError, OutputError
from heatstream.output import VideoQuality, VideoWriter
from heatstream.sources import open_source


def solid(bgr: tuple[int, int, int], size_wh: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), bgr, np.uint8)


def write(path: Path, times: list[float], size_wh: tuple[int, int] = (64, 48)) -> None:
    with VideoWriter(path, size_wh=size_wh) as writer:
        for number, time_s in enumerate(times):
            writer.write(solid((40, 10 * number % 256, 200), size_wh), time_s)


def decoded(path: Path) -> tuple[list[float], list[np.ndarray]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.time for frame in frames], [frame.to_ndarray(format="bgr24") for frame in frames]


def boxes(path: Path) -> list[bytes]:
    """The kinds of the file's top-level MP4 boxes."""
    data, place, kinds = path.read_bytes(), 0, []
    while place < len(data):
        kinds.append(data[place + 4 : place + 8])
        place += int.from_bytes(data[place : place + 4], "big")
    return kinds


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".MP4"])
def test_what_a_browser_wants(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    write(path, [k / 25 for k in range(30)])
    with av.open(str(path)) as container:
        (stream,) = container.streams
        assert stream.codec_context.codec.canonical_name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.frames == 30
        assert float(stream.duration * stream.time_base) == pytest.approx(30 / 25, abs=1e-3)
        assert float(stream.average_rate) == pytest.approx(25, rel=1e-3)
    kinds = boxes(path)
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    assert sorted(tmp_path.iterdir()) == [path]


def test_colours_survive(tmp_path: Path) -> None:
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (255, 255, 255), (0, 0, 0), (90, 160, 210)]
    path = tmp_path / "out.mp4"
    with VideoWriter(path, size_wh=(1280, 720)) as writer:
        for number, colour in enumerate(colours):
            writer.write(solid(colour, (1280, 720)), number / 25)
    for colour, image in zip(colours, decoded(path)[1], strict=True):
        assert np.abs(image.reshape(-1, 3).mean(0) - colour).max() <= 4


def test_times_are_kept_and_begin_at_zero(tmp_path: Path) -> None:
    times = [100.0, 100.04, 100.5, 103.0, 103.02]
    write(tmp_path / "out.mp4", times)
    assert decoded(tmp_path / "out.mp4")[0] == pytest.approx([time_s - 100 for time_s in times], abs=1e-4)


def test_the_last_picture_is_shown_as_long_as_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4", [0.0, 0.1, 0.2])
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(0.3, abs=1e-3)


def test_times_that_do_not_increase_still_give_a_frame_each(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4", [0.0, 0.04, 0.04, 0.02, 0.08])
    seen = decoded(tmp_path / "out.mp4")[0]
    assert len(seen) == 5
    assert all(before < after for before, after in pairwise(seen))
    assert seen[-1] == pytest.approx(0.08)


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_each_picture_is_one_frame_in_order(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, size_wh=(64, 48), quality=VideoQuality(preset=preset, crf=10)) as writer:
        for number in range(60):
            writer.write(solid((4 * number, 4 * number, 4 * number)), number / 10)
    times, images = decoded(path)
    assert times == pytest.approx([number / 10 for number in range(60)], abs=1e-4)
    assert [round(float(image.mean()) / 4) for image in images] == list(range(60))


def test_odd_sides_gain_a_repeated_row_or_column(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    image = np.zeros((47, 61, 3), np.uint8)
    image[:, 40:] = 255
    with VideoWriter(path, size_wh=(61, 47), quality=VideoQuality(crf=1)) as writer:
        writer.write(image, 0.0)
    out = decoded(path)[1][0]
    assert out.shape == (48, 62, 3)
    assert np.abs(out[:47, :61].astype(int) - image).mean() < 6
    assert out[47, 61].min() > 240


def test_a_change_of_size_is_stretched_to_the_first(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    half = np.zeros((96, 128, 3), np.uint8)
    half[:, 64:] = 255
    with VideoWriter(path, size_wh=(64, 48)) as writer:
        writer.write(solid((0, 0, 0)), 0.0)
        writer.write(half, 0.04)
        writer.write(solid((255, 255, 255), (10, 300)), 0.08)
    images = decoded(path)[1]
    assert [image.shape for image in images] == [(48, 64, 3)] * 3
    assert images[1][:, :28].max() < 40
    assert images[1][:, 36:].min() > 215
    assert images[2].min() > 215


def test_the_picture_is_neither_changed_nor_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    canvas = np.zeros((48, 64, 3), np.uint8)
    with VideoWriter(path, size_wh=(64, 48), quality=VideoQuality(crf=5)) as writer:
        for number in range(20):
            canvas[:] = number * 10
            writer.write(canvas, number / 25)
            assert (canvas == number * 10).all()
    assert [round(float(image.mean()) / 10) for image in decoded(path)[1]] == list(range(20))


# Names and files


def test_until_close_the_old_file_is_there(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"from before")
    writer = VideoWriter(path, size_wh=(64, 48))
    writer.write(solid((1, 2, 3)), 0.0)
    assert path.read_bytes() == b"from before"
    writer.close()
    assert len(decoded(path)[0]) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_without_pictures_there_is_no_file(tmp_path: Path) -> None:
    VideoWriter(tmp_path / "out.mp4", size_wh=(64, 48)).close()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"

    def run() -> None:
        with VideoWriter(path, size_wh=(64, 48)) as writer:
            for number in range(7):
                writer.write(solid((1, 2, 3)), number / 25)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert len(decoded(path)[0]) == 7


def test_a_killed_run_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    script = (
        "import numpy as np, os, signal, sys\n"
        "from heatstream.output import VideoWriter\n"
        "writer = VideoWriter(sys.argv[1], size_wh=(64, 48))\n"
        "for k in range(50): writer.write(np.zeros((48, 64, 3), np.uint8), k / 25)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", script, path], check=False, cwd=root)
    assert result.returncode == -9
    assert not path.exists()


def test_the_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4", [0.0])
    (tmp_path / "plain").touch()
    assert stat.S_IMODE((tmp_path / "out.mp4").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_closing_twice_and_use_after(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "out.mp4", size_wh=(64, 48))
    writer.write(solid((1, 2, 3)), 0.0)
    writer.close()
    writer.close()
    with pytest.raises(ClosedError):
        writer.write(solid((1, 2, 3)), 0.1)


# Errors


def test_names_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").touch()
    for name, reason in {
        "out.avi": r"out\.avi does not name a video that can be written; end the name in \.mp4, \.m4v, \.mov",
        "out": "does not name a video",
        "missing/out.mp4": "there is no folder .*missing",
        "file/out.mp4": "there is no folder .*file",
        "folder.mp4": "is a folder",
        "x" * 300 + ".mp4": "cannot be written: File name too long",
    }.items():
        with pytest.raises(OutputError, match=reason):
            VideoWriter(tmp_path / name, size_wh=(64, 48))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")  # the administrator, who may run this, is never refused

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match=r"out\.mp4 cannot be written: Permission denied"):
        VideoWriter(tmp_path / "out.mp4", size_wh=(64, 48))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.mp4"]


def test_values_that_cannot_be_encoded(tmp_path: Path) -> None:
    for size_wh in ((0, 48), (64, -1), (20_000, 48)):
        with pytest.raises(ControlsError, match="sides"):
            VideoWriter(tmp_path / "out.mp4", size_wh=size_wh)
    with pytest.raises(ControlsError, match="rate"):
        VideoWriter(tmp_path / "out.mp4", size_wh=(64, 48), rate_hz=0.0)
    with pytest.raises(ControlsError, match="no preset of libx264; choose one of ultrafast"):
        VideoQuality(preset="quick")
    with pytest.raises(ControlsError, match="crf"):
        VideoQuality(crf=52)
    with pytest.raises(ControlsError, match="thread"):
        VideoQuality(threads=0)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_output_error_and_leaves_no_half_file(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"from before")
    noise = rng.integers(0, 256, (8, 240, 320, 3), np.uint8)

    def run() -> None:
        with VideoWriter(path, size_wh=(320, 240), quality=VideoQuality(crf=1)) as writer:
            for number in range(100):
                writer.write(noise[number % 8], number / 25)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"out\.mp4 cannot be written: File too large"):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"from before"
    assert list(tmp_path.iterdir()) == [path]


# A real clip


@pytest.mark.media
def test_a_real_clip_there_and_back(tmp_path: Path, media_dir: Path) -> None:
    path = tmp_path / "out.mp4"
    first = None
    with (
        open_source(str(media_dir / "plaza-crowd-1280x720.avi")) as source,
        VideoWriter(path, size_wh=source.info.size_wh) as writer,
    ):
        for frame in source.frames():
            first = frame.image if first is None else first
            writer.write(frame.image, frame.time_s)
    with open_source(str(path)) as again:
        frames = [(frame.time_s, frame.image) for frame in again.frames()]
        assert again.info.rate_hz == pytest.approx(25.0, rel=1e-3)
        assert again.info.duration_s == pytest.approx(13.64, abs=1e-3)
    assert [time_s for time_s, _ in frames] == pytest.approx([number / 25 for number in range(341)], abs=1e-4)
    assert first is not None
    error = np.mean((frames[0][1].astype(float) - first) ** 2)
    assert 10 * np.log10(255**2 / error) > 35
    assert path.stat().st_size < 20_000_000
