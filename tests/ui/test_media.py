"""Which files the page opens, and what becomes of an upload."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from heatstream.core.errors import AccessError, SourceNotFoundError
from heatstream.ui.media import inside, keep_upload, remove_upload, remove_uploads, sources_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A media folder with good files, strange ones, and a neighbour that must stay out of reach."""
    root = tmp_path / "media"
    (root / "day 1" / "north").mkdir(parents=True)
    (root / ".cache").mkdir()
    for name in ("b.mp4", "A.AVI", "day 1/north/gate.mkv", "notes.txt", ".hidden.mp4", ".cache/x.mp4", "day 1/ü.webm"):
        (root / name).write_bytes(b"x")
    (tmp_path / "outside.mp4").write_bytes(b"secret")
    (root / "link.mp4").symlink_to(tmp_path / "outside.mp4")
    (root / "near.mp4").symlink_to(root / "b.mp4")
    (root / "gone.mp4").symlink_to(root / "nothing.mp4")
    return root


def test_videos_are_listed_with_their_folders(folder: Path) -> None:
    assert sources_in(folder).names == ["A.AVI", "b.mp4", "day 1/north/gate.mkv", "day 1/ü.webm", "near.mp4"]


def test_pictures_are_listed_and_a_folder_of_several_stands_for_them(folder: Path, tmp_path: Path) -> None:
    (folder / "frames").mkdir()
    for name in ("one.png", "two.JPG", "frames/1.png", "frames/2.png", "frames/clip.mp4", "day 1/single.webp"):
        (folder / name).write_bytes(b"x")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "day 1" / "linked.png").symlink_to(tmp_path / "secret.png")
    pictures = ["day 1/single.webp", "frames/", "frames/clip.mp4", "one.png", "two.JPG"]
    videos = ["A.AVI", "b.mp4", "day 1/north/gate.mkv", "day 1/ü.webm", "near.mp4"]
    assert sources_in(folder).names == sorted([*videos, *pictures], key=str.casefold)
    assert inside(folder, "frames/") == (folder / "frames").resolve()
    for name in ("frames", "../", "gone/"):
        with pytest.raises((AccessError, SourceNotFoundError)):
            inside(folder, name)


def test_an_uploaded_picture_is_kept(tmp_path: Path) -> None:
    assert keep_upload(io.BytesIO(b"x"), "Yard.PNG", folder=tmp_path, max_mb=1).name == "Yard.png"


def test_names_that_are_no_text_are_left_out_and_counted(folder: Path) -> None:
    before = sources_in(folder).names
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp4")).write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(folder) + b"/day \xe9")).mkdir()
    assert sources_in(folder).names == before
    assert sources_in(folder).ill_named == 2
    assert sources_in(folder / "nothing").ill_named == 0


def test_no_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert sources_in(tmp_path / "missing").names == []


def test_a_media_folder_that_is_a_link_works(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    assert "b.mp4" in sources_in(tmp_path / "alias").names
    assert inside(tmp_path / "alias", "b.mp4") == (folder / "b.mp4").resolve()


@pytest.mark.parametrize("name", ["../outside.mp4", "link.mp4", "/etc/passwd", "day 1/../../outside.mp4"])
def test_nothing_outside_is_opened(folder: Path, name: str) -> None:
    with pytest.raises(AccessError, match="outside"):
        inside(folder, name)


@pytest.mark.parametrize("name", ["missing.mp4", "day 1"])
def test_a_file_that_is_gone_is_named(folder: Path, name: str) -> None:
    with pytest.raises(SourceNotFoundError, match=name):
        inside(folder, name)


def test_an_upload_keeps_its_name_in_a_folder_named_after_its_content(tmp_path: Path) -> None:
    one = keep_upload(io.BytesIO(b"film"), "../../My Film.MP4", folder=tmp_path / "up", max_mb=1)
    same = keep_upload(io.BytesIO(b"film"), "My Film.mp4", folder=tmp_path / "up", max_mb=1)
    other = keep_upload(io.BytesIO(b"other film"), "My Film.mp4", folder=tmp_path / "up", max_mb=1)
    assert one == same != other
    assert one.name == other.name == "My Film.mp4"
    assert one.parent.parent == (tmp_path / "up").resolve()
    assert one.read_bytes() == b"film"
    assert sorted((tmp_path / "up").glob("**/*.mp4")) == sorted([one, other])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Plätze am Abend.mp4", "Plätze am Abend.mp4"),
        ("..\\..\\boot.mp4", "boot.mp4"),
        ("a\x00b\nc.mp4", "abc.mp4"),
        ("...mp4.mp4", "mp4.mp4"),
        ("x" * 300 + ".avi", "x" * 60 + ".avi"),
        ("\n.mp4", "video.mp4"),
    ],
)
def test_an_uploads_name_is_made_harmless(tmp_path: Path, name: str, kept: str) -> None:
    assert keep_upload(io.BytesIO(b"film"), name, folder=tmp_path, max_mb=1).name == kept


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"x", "script.py", "no video or picture"),
        (b"x", "film", "no video or picture"),
        (b"", "film.mp4", "empty"),
        (b"x" * (1 + (1 << 20)), "film.mp4", "larger than 1 MB"),
    ],
)
def test_an_upload_that_is_refused_leaves_nothing(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    with pytest.raises(AccessError, match=words):
        keep_upload(io.BytesIO(content), name, folder=tmp_path / "up", max_mb=1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_uploads_are_deleted_unless_they_are_used_or_new(tmp_path: Path) -> None:
    used, left, new = (keep_upload(io.BytesIO(name), "a.mp4", folder=tmp_path, max_mb=1) for name in (b"1", b"2", b"3"))
    part = tmp_path / ".77-x.part"
    part.write_bytes(b"cut off")
    for path in (used, left, part):
        os.utime(path, (0, 0))
    assert remove_uploads(tmp_path, [str(used)], older_than_s=60) == 2
    assert [path.exists() for path in (used, left, left.parent, new, part)] == [True, False, False, True, False]


def test_one_upload_is_deleted_unless_it_is_used_or_none(tmp_path: Path) -> None:
    folder, other = tmp_path / "up", tmp_path / "media" / "a.mp4"
    other.parent.mkdir()
    other.write_bytes(b"x")
    path = keep_upload(io.BytesIO(b"1"), "a.mp4", folder=folder, max_mb=1)
    assert not remove_upload(folder, str(path), [str(path)])
    assert not remove_upload(folder, str(other), [])
    assert not remove_upload(folder, "demo://plaza", [])
    assert path.exists()
    assert other.exists()
    twin = keep_upload(io.BytesIO(b"1"), "b.mp4", folder=folder, max_mb=1)
    assert twin.parent == path.parent
    assert remove_upload(folder, str(path), [])
    assert remove_upload(folder, str(twin), [])
    assert not path.parent.exists()
    assert not remove_upload(folder, str(path), [])
