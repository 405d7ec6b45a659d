"""Files that are cut off, damaged, of another kind, or not there: a clear error or what can be played; no hang."""

import os
import random
import time
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatstream.core.errors import SourceError, SourceNotFoundError, SourceTimeoutError, SourceUnreadableError
from heatstream.sources import FileSource, OpenOptions, container, open_source
from tests.support.clips import Clip, make_clip, make_sound, make_unknown


def play(path: Path) -> tuple[int, int]:
    """How many frames and damages there are, having checked what holds for every file."""
    with FileSource(path) as source:
        frames = [(frame.index, frame.time_s) for frame in source.frames()]
        damaged = source.damaged
    assert [index for index, _ in frames] == list(range(1, len(frames) + 1))
    assert all(before < after for (_, before), (_, after) in pairwise(frames))
    return len(frames), damaged


@pytest.mark.media
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("pets-walk-480x360.mp4", 395, 402),
        ("plaza-crowd-1280x720.avi", 150, 170),
        ("cars-topdown-768x432.mp4", 165, 190),
    ],
)
def test_half_a_real_clip_plays_to_where_it_ends(
    tmp_path: Path, media_dir: Path, name: str, least: int, most: int
) -> None:
    whole = (media_dir / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) // 2])
    frames, _ = play(path)
    assert least <= frames <= most
    with FileSource(path) as source:
        assert source.info.duration_s == pytest.approx(frames / (source.info.rate_hz or 0), abs=0.4)


@pytest.mark.media
def test_a_damaged_real_clip_goes_on_and_counts(tmp_path: Path, media_dir: Path) -> None:
    data = bytearray((media_dir / "pets-walk-480x360.mp4").read_bytes())
    dice = random.Random(3)
    for _ in range(40):
        place = dice.randrange(60_000, len(data) - 2_000)
        data[place : place + 300] = dice.randbytes(300)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    frames, damaged = play(path)
    assert 700 < frames < 795
    assert damaged >= 1


def test_half_an_mp4_with_its_index_at_the_end_is_refused(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    data = path.read_bytes()
    assert data.index(b"mdat") < data.index(b"moov")
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceUnreadableError, match=r"clip\.mp4 cannot be read as a video.*damaged or cut off"):
        open_source(str(path))


@pytest.fixture(scope="module")
def whole_clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {suffix: make_clip(folder / f"clip{suffix}", Clip(b_frames=2)) for suffix in (".mp4", ".mkv", ".avi", ".ts")}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".mp4", ".mkv", ".avi", ".ts"]),
    cut=st.floats(0, 1),
    holes=st.lists(st.floats(0, 1), max_size=4),
)
def test_any_cut_and_any_holes_end_in_frames_or_a_clear_error(
    tmp_path: Path, whole_clips: dict[str, Path], suffix: str, cut: float, holes: list[float]
) -> None:
    data = bytearray(whole_clips[suffix].read_bytes())
    del data[round(cut * len(data)) :]
    for hole in holes:
        place = round(hole * len(data))
        data[place : place + 40] = b"\xa5" * len(data[place : place + 40])
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(data)
    try:
        frames, _ = play(path)
    except SourceError as error:
        assert str(path) in str(error)  # noqa: PT017 - both ends are right
    else:
        assert 1 <= frames <= 40


#: Containers and codecs that people have; the time in which a damaged file of 20 pictures ends, whatever is in it.
KINDS = {
    "a.mp4": Clip(b_frames=2),
    "b.mp4": Clip(codec="mpeg4"),
    "a.mkv": Clip(b_frames=2),
    "a.avi": Clip(codec="mpeg4"),
    "b.avi": Clip(codec="mjpeg", pix_fmt="yuvj420p"),
    "a.ts": Clip(),
    "a.mov": Clip(rotation=90),
    "a.flv": Clip(),
    "a.webm": Clip(codec="libvpx"),
    "a.gif": Clip(codec="gif", pix_fmt="rgb8"),
}
LIMIT_S = 10.0

DAMAGE = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
        st.tuples(st.just("write"), st.floats(0, 1), st.binary(min_size=1, max_size=64)),
        st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=300)),
        st.tuples(st.just("drop"), st.floats(0, 1), st.binary(min_size=1, max_size=300)),
        st.tuples(st.just("flip"), st.floats(0, 0.1), st.binary(min_size=1, max_size=4)),  # in the header
    ),
    min_size=1,
    max_size=6,
)


def damaged(whole: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    data = bytearray(whole)
    for kind, share, piece in damage:
        place = round(share * len(data))
        if kind == "cut":
            del data[place:]
        elif kind == "write":
            data[place : place + len(piece)] = piece[: max(0, len(data) - place)]
        elif kind == "insert":
            data[place:place] = piece
        elif kind == "drop":
            del data[place : place + len(piece)]
        else:
            data[place : place + len(piece)] = bytes(byte ^ 0xFF for byte in data[place : place + len(piece)])
    return bytes(data)


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return {name: make_clip(folder / name, clip) for name, clip in KINDS.items()}


def ends_well(path: Path) -> None:
    began_s = time.monotonic()
    try:
        with open_source(str(path), timeout_s=5.0) as source:
            for number, frame in enumerate(source.frames()):
                assert frame.image.ndim == 3
                assert number < 2000
    except SourceError as error:
        assert str(path) in str(error)  # noqa: PT017 - both ends are right
    assert time.monotonic() - began_s < LIMIT_S


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(KINDS)), damage=DAMAGE)
def test_no_damage_crashes_or_hangs(
    tmp_path: Path, all_kinds: dict[str, Path], name: str, damage: list[tuple[str, float, bytes]]
) -> None:
    path = tmp_path / name
    path.write_bytes(damaged(all_kinds[name].read_bytes(), damage))
    ends_well(path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(
    deadline=None,
    max_examples=int(os.environ.get("HEATSTREAM_FUZZ", "5000")),
    suppress_health_check=list(HealthCheck),
)
@given(name=st.sampled_from(sorted(KINDS)), damage=DAMAGE)
def test_no_damage_at_all_crashes_or_hangs(
    tmp_path: Path, all_kinds: dict[str, Path], name: str, damage: list[tuple[str, float, bytes]]
) -> None:
    path = tmp_path / name
    path.write_bytes(damaged(all_kinds[name].read_bytes(), damage))
    ends_well(path)


def test_files_that_are_no_video(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("Nothing to see here.\n" * 200)
    disguised = tmp_path / "notes.mp4"
    disguised.write_text("Nothing to see here.\n" * 200)
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(cv2.imencode(".png", np.zeros((40, 60, 3), np.uint8))[1].tobytes())
    for path in (text, disguised, picture):
        with pytest.raises(SourceUnreadableError, match="cannot be read as a video"):
            open_source(str(path))


def test_scripts_of_other_files_are_not_followed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.ts")
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip.name}\n#EXT-X-ENDLIST\n")
    script = tmp_path / "script.mp4"
    script.write_text(f"ffconcat version 1.0\nfile {clip.name}\n")
    for path in (playlist, script):
        with pytest.raises(SourceUnreadableError):
            open_source(str(path))


def test_sound_only(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadableError, match="sound but no pictures"):
        open_source(str(make_sound(tmp_path / "sound.m4a")))


def test_pictures_for_which_there_is_no_decoder(tmp_path: Path) -> None:
    with pytest.raises(
        SourceUnreadableError, match=r"clip\.avi is in a format that cannot be decoded here; convert it"
    ):
        open_source(str(make_unknown(tmp_path / "clip.avi")))


def test_an_empty_file_a_folder_a_pipe_and_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(SourceUnreadableError, match="is empty"):
        open_source(str(empty))
    with pytest.raises(SourceUnreadableError, match="is a folder without pictures"):
        open_source(str(tmp_path))
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        open_source(str(tmp_path / "pipe.mp4"))
    with pytest.raises(SourceNotFoundError, match="does not exist"):
        open_source(str(tmp_path / "nothing.mp4"))
    with pytest.raises(SourceError, match="cannot be read"):
        open_source(str(tmp_path / ("x" * 300)))
    with pytest.raises(SourceError):
        open_source("a\0b.mp4")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(tmp_path / "clip.mp4")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")  # the administrator, who may run this, is never refused

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"clip\.mp4 cannot be read: Permission denied"):
        open_source(str(path))


def test_pictures_that_cannot_be_decoded_are_refused_at_opening(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    data = path.read_bytes()
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    with pytest.raises(SourceUnreadableError, match="no picture can be decoded"):
        open_source(str(path))


def test_opening_gives_up_in_time(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    with pytest.raises(SourceTimeoutError, match="did not open within"):
        FileSource(path, OpenOptions(timeout_s=1e-9))


def test_a_long_file_is_measured_at_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_MAX_PACKETS", 12)
    for suffix in (".mp4", ".mkv", ".avi", ".ts"):
        path = make_clip(tmp_path / f"long{suffix}", Clip(frames=100))
        with FileSource(path) as source:
            assert source.info.rate_hz == pytest.approx(25.0, rel=1e-3)
            assert source.info.duration_s in (None, pytest.approx(4.0, abs=0.01))
            if suffix != ".ts":
                assert source.info.duration_s is not None
            assert sum(1 for _ in source.frames()) == 100


def test_nothing_is_written_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = make_clip(tmp_path / "clip.mkv")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60] = b"\xa5" * 60
    path.write_bytes(data)
    play(path)
    assert capfd.readouterr() == ("", "")
