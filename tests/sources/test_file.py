"""Video files as sources: timing, seeking, sizes, formats, closing."""

import threading
import time
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest

from heatstream.core.errors import ClosedError, ControlsError, SourceError
from heatstream.core.types import Frame
from heatstream.engine.worker import Worker
from heatstream.sources import FileSource, OpenOptions, open_source
from tests.support.clips import Clip, grey, make_clip, number_of


def read(path: Path, **options: float) -> list[Frame]:
    with FileSource(path, OpenOptions(**options)) as source:
        return list(source.frames())


def times(frames: list[Frame]) -> list[float]:
    return [frame.time_s for frame in frames]


# Real clips


@pytest.mark.media
@pytest.mark.parametrize(
    ("name", "frames", "rate_hz", "duration_s"),
    [
        ("plaza-crowd-1280x720.avi", 341, 25.0, 13.64),
        ("pets-walk-480x360.mp4", 795, 10.0, 79.5),
        ("cars-topdown-768x432.mp4", 377, 12.5, 30.16),
    ],
)
def test_real_clips_go_by_their_timestamps(
    media_dir: Path, name: str, frames: int, rate_hz: float, duration_s: float
) -> None:
    with open_source(str(media_dir / name)) as source:
        info = source.info
        seen = [(frame.index, frame.time_s, frame.size_wh) for frame in source.frames()]
        assert source.damaged == 0
        assert source.position_s == pytest.approx((frames - 1) / rate_hz)
    width, height = map(int, Path(name).stem.rsplit("-", 1)[1].split("x"))
    assert info.rate_hz == pytest.approx(rate_hz)
    assert info.duration_s == pytest.approx(duration_s)
    assert (info.size_wh, info.codec, info.live, info.label) == ((width, height), "h264", False, name)
    assert [index for index, _, _ in seen] == list(range(1, frames + 1))
    assert [time_s for _, time_s, _ in seen] == pytest.approx([k / rate_hz for k in range(frames)])
    assert {size for _, _, size in seen} == {(width, height)}


@pytest.mark.media
def test_pictures_are_those_of_opencv(media_dir: Path) -> None:
    path = media_dir / "pets-walk-480x360.mp4"
    capture = cv2.VideoCapture(str(path))
    with open_source(str(path)) as source:
        for frame in islice(source.frames(), 20):
            assert np.abs(frame.image.astype(int) - capture.read()[1]).max() <= 2
    capture.release()


@pytest.mark.media
def test_seeking_in_a_real_clip_finds_the_same_picture(media_dir: Path) -> None:
    path = media_dir / "plaza-crowd-1280x720.avi"
    with open_source(str(path)) as source:
        straight = next(islice(source.frames(), 200, None))
    with open_source(str(path), start_s=8.0) as source:
        jumped = next(source.frames())
        assert source.position_s == pytest.approx(8.0)
    assert (jumped.index, jumped.time_s) == (1, 0.0)
    assert np.array_equal(straight.image, jumped.image)


@pytest.mark.media
def test_the_start_of_the_recording_gives_the_scenes_time(media_dir: Path) -> None:
    with open_source(str(media_dir / "cars-topdown-768x432.mp4"), start_s=10.0) as source:
        assert source.info.start_utc_s == 1524177960.0  # 2018-04-19T22:46:00Z
        assert next(source.frames()).utc_s == pytest.approx(1524177970.0, abs=0.05)


# Generated clips


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4")


def test_frames_are_read_only_bgr_in_order(clip: Path) -> None:
    frames = read(clip)
    assert [number_of(frame.image, 20) for frame in frames] == list(range(20))
    for frame in frames:
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            frame.image[0, 0, 0] = 1
        assert frame.run == 1
        assert frame.utc_s is None
        assert frame.read_s > 0


def test_an_earlier_frame_does_not_change(clip: Path) -> None:
    with FileSource(clip) as source:
        stream = source.frames()
        first = next(stream)
        before = first.image.copy()
        list(stream)
    assert np.array_equal(first.image, before)


def test_variable_rate_is_kept(tmp_path: Path) -> None:
    ticks = [0, 40, 80, 500, 540, 2540, 2580, 2620]
    clip = make_clip(tmp_path / "vfr.mkv", Clip(frames=8, ticks=ticks))
    assert times(read(clip)) == pytest.approx([tick / 1000 for tick in ticks])
    with FileSource(clip) as source:
        assert source.info.rate_hz == pytest.approx(25.0)
        assert source.info.duration_s == pytest.approx(2.66)


def test_three_pictures_whose_steps_are_nothing_like_each_other(tmp_path: Path) -> None:
    with FileSource(make_clip(tmp_path / "slides.mkv", Clip(frames=3, ticks=[0, 40, 2040]))) as source:
        assert [round(frame.time_s, 3) for frame in source.frames()] == [0.0, 0.04, 2.04]


def test_a_rate_that_no_video_has_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "two.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=90_000)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for pts in range(2):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = pts, Fraction(1, 90_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with FileSource(path) as source:
        assert (source.info.rate_hz or 25.0) <= 1000
        assert len(list(source.frames())) == 2


def test_timestamps_that_begin_late_begin_at_zero(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "late.mkv", Clip(frames=6, ticks=[90_000 + 40 * k for k in range(6)]))
    assert times(read(clip)) == pytest.approx([0.04 * k for k in range(6)])


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
def test_reordered_pictures_come_in_order(tmp_path: Path, suffix: str) -> None:
    frames = read(make_clip(tmp_path / f"b{suffix}", Clip(b_frames=3)))
    assert [number_of(frame.image, 20) for frame in frames] == list(range(20))
    assert times(frames) == pytest.approx([0.04 * k for k in range(20)], abs=1e-4)
    with FileSource(tmp_path / f"b{suffix}") as source:
        assert source.info.rate_hz == pytest.approx(25.0, rel=1e-3)
        assert source.info.duration_s == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix"),
    [
        ("ffv1", "gray", ".mkv"),
        ("ffv1", "bgra", ".mkv"),
        ("ffv1", "yuv444p16le", ".mkv"),
        ("libx264", "yuv420p10le", ".mp4"),
        ("mpeg4", "yuv420p", ".avi"),
        ("mjpeg", "yuvj422p", ".avi"),
        ("rawvideo", "rgb24", ".avi"),
        ("ffv1", "yuva420p", ".mkv"),
    ],
)
def test_any_pixel_format_becomes_bgr(tmp_path: Path, codec: str, pix_fmt: str, suffix: str) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", Clip(frames=4, size_wh=(66, 50), codec=codec, pix_fmt=pix_fmt))
    frames = read(path)
    assert len(frames) == 4
    for number, frame in enumerate(frames):
        assert frame.image.shape == (50, 66, 3)
        assert np.quantile(np.abs(frame.image.astype(int) - grey(number)), 0.99) <= 8


def test_odd_sizes(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "odd.mkv", Clip(frames=2, size_wh=(61, 47), codec="ffv1", pix_fmt="bgr0"))
    assert [frame.size_wh for frame in read(path)] == [(61, 47)] * 2


@pytest.mark.parametrize(("rotation", "size_wh"), [(90, (64, 96)), (180, (96, 64)), (-90, (64, 96))])
def test_a_phones_rotation_is_honoured(tmp_path: Path, rotation: int, size_wh: tuple[int, int]) -> None:
    path = make_clip(tmp_path / "phone.mp4", Clip(frames=1, size_wh=(96, 64), rotation=rotation, mark=True))
    image = read(path)[0].image
    with FileSource(path) as source:
        assert source.info.size_wh == size_wh == (image.shape[1], image.shape[0])
    # The white mark was in the upper left corner; a positive rotation turns to the left.
    corner = {90: (-1, 0), 180: (-1, -1), -90: (0, -1)}[rotation]
    assert image[corner].min() > 200
    capture = cv2.VideoCapture(str(path))
    assert np.abs(image.astype(int) - capture.read()[1]).max() <= 2
    capture.release()


def concatenated(tmp_path: Path, second_ticks: list[int] | None) -> Path:
    one = make_clip(tmp_path / "one.ts", Clip(frames=20))
    two = make_clip(tmp_path / "two.ts", Clip(frames=20, size_wh=(128, 96), ticks=second_ticks))
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    return both


@pytest.mark.parametrize(
    "second_ticks", [None, [800 + 40 * k for k in range(20)]], ids=["clock set back", "clock goes on"]
)
def test_a_change_of_size_in_mid_stream(tmp_path: Path, second_ticks: list[int] | None) -> None:
    path = concatenated(tmp_path, second_ticks)
    with FileSource(path) as source:
        assert source.info.size_wh == (64, 48)
        assert source.info.duration_s == pytest.approx(1.6, abs=0.01)
        frames = list(source.frames())
    assert [frame.size_wh for frame in frames] == [(64, 48)] * 20 + [(128, 96)] * 20
    assert [number_of(frame.image, 20) for frame in frames] == list(range(20)) * 2
    steps = [after - before for before, after in pairwise(times(frames))]
    assert min(steps) > 0
    assert times(frames)[-1] == pytest.approx(1.56, abs=0.03)


def test_seeking_where_the_clock_was_set_back(tmp_path: Path) -> None:
    path = concatenated(tmp_path, None)
    with FileSource(path, OpenOptions(start_s=1.2)) as source:
        assert next(source.frames()).size_wh == (128, 96)
        assert source.position_s == pytest.approx(1.2, abs=0.03)


# Seeking


def test_the_position_is_that_of_the_last_frame_in_the_file(clip: Path) -> None:
    with FileSource(clip) as source:
        positions = [source.position_s for _ in source.frames()]
    assert positions == pytest.approx([0.04 * k for k in range(20)])


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts"])
@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 19])
def test_a_start_is_exact_anywhere(tmp_path: Path, suffix: str, b_frames: int, number: int) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", Clip(b_frames=b_frames))
    with FileSource(path, OpenOptions(start_s=0.04 * number)) as source:
        stream = source.frames()
        first = next(stream)
        assert (number_of(first.image, 20), first.index, first.time_s) == (number, 1, 0.0)
        assert source.position_s == pytest.approx(0.04 * number, abs=1e-3)
        rest = list(stream)
    assert [number_of(frame.image, 20) for frame in rest] == list(range(number + 1, 20))


def test_a_start_behind_the_end_is_refused(clip: Path) -> None:
    with pytest.raises(SourceError, match="no picture after 5 seconds; begin earlier"):
        FileSource(clip, OpenOptions(start_s=5.0))


@pytest.mark.parametrize("options", [{"start_s": -1.0}, {"start_s": float("nan")}, {"timeout_s": 0.0}])
def test_options_out_of_range(options: dict[str, float]) -> None:
    with pytest.raises(ControlsError):
        OpenOptions(**options)


def test_a_stream_without_a_container_goes_by_its_typical_rate(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "raw.h264")
    with FileSource(path) as source:
        frames = list(source.frames())
    assert len(frames) == 20
    assert all(before < after for before, after in pairwise(times(frames)))


def test_creation_time(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "dated.mp4", Clip(frames=3, created="2024-02-29T12:00:00Z"))
    frames = read(path)
    assert [frame.utc_s for frame in frames] == pytest.approx([1709208000.0, 1709208000.04, 1709208000.08])


# Closing


def test_close_is_idempotent_and_ends_use(clip: Path) -> None:
    source = FileSource(clip)
    stream = source.frames()
    next(stream)
    source.close()
    source.close()
    assert list(stream) == []
    with pytest.raises(ClosedError):
        source.frames()


def test_reading_goes_on_where_it_stopped(clip: Path) -> None:
    with FileSource(clip) as source:
        first = list(islice(source.frames(), 5))
        rest = list(source.frames())
    assert [frame.index for frame in first + rest] == list(range(1, 21))


def open_files() -> set[str]:
    return {opened.path for opened in psutil.Process().open_files()}


def test_close_from_another_thread_ends_the_iteration(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", Clip(frames=300, size_wh=(320, 240)))
    for _ in range(10):
        source = FileSource(path)
        started = threading.Event()
        last: list[int] = []

        def consume(stop: threading.Event) -> None:
            for frame in source.frames():  # noqa: B023 - joined below
                last[:] = [frame.index]  # noqa: B023
                started.set()  # noqa: B023
                time.sleep(0.001)  # else it may have come to its end before anybody closes it

        worker = Worker("test-reader", consume)
        worker.start()
        assert started.wait(10)
        source.close()
        worker.stop(10.0)
        assert worker.error is None
        assert 1 <= last[0] < 300
        assert str(path) not in open_files()
        with pytest.raises(ClosedError):
            source.frames()


def test_two_readers_at_a_time_are_refused(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = FileSource(clip)
    monkeypatch.setattr(source, "_reading", True)
    with pytest.raises(SourceError, match="another thread"):
        next(source.frames())
