"""A picture, or a folder of them, as a source."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from heatstream.core.errors import ClosedError, SourceError, SourceNotFoundError, SourceUnreadableError
from heatstream.core.types import ImageArray
from heatstream.sources import open_source, picture_file
from heatstream.sources.picture_file import read_picture
from heatstream.vision import library


def make_picture(path: Path, grey: int = 100, size_wh: tuple[int, int] = (64, 48)) -> Path:
    cv2.imwrite(str(path), np.full((size_wh[1], size_wh[0], 3), grey, np.uint8))
    return path


def greys(images: list[ImageArray]) -> list[int]:
    return [round(float(image.mean())) for image in images]


def test_a_single_picture_is_one_frame_and_all_there_is(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "Yard.PNG", 77)
    for text in (str(path), path.as_uri()):
        with open_source(text, start_s=3.0) as source:
            info = source.info
            assert (info.label, info.size_wh, info.codec, info.picture) == ("Yard.PNG", (64, 48), "png", True)
            assert (info.rate_hz, info.duration_s, info.live) == (None, None, False)
            (frame,) = source.frames()
            assert (frame.index, frame.time_s, frame.utc_s, source.position_s) == (1, 0.0, None, 0.0)
            assert greys([frame.image]) == [77]
            assert not frame.image.flags.writeable
            assert list(source.frames()) == []


def test_a_folder_is_a_sequence_in_the_order_of_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 3, 10, 20):
        make_picture(tmp_path / f"img{number}.png", 10 * number)
    make_picture(tmp_path / ".hidden.png")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder.png").mkdir()
    with open_source(str(tmp_path)) as source:
        info = source.info
        assert (info.label, info.rate_hz, info.duration_s, info.picture) == (tmp_path.name, 25.0, 0.2, False)
        frames = list(source.frames())
        assert greys([frame.image for frame in frames]) == [10, 20, 30, 100, 200]
        assert [frame.index for frame in frames] == [1, 2, 3, 4, 5]
        assert [frame.time_s for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
        assert source.position_s == pytest.approx(0.16)


def test_the_rate_is_chosen_and_it_begins_where_asked(tmp_path: Path) -> None:
    for number in range(5):
        make_picture(tmp_path / f"{number}.jpg", 10 + 10 * number)
    for text in (f"{tmp_path}?rate=2", f"{tmp_path.as_uri()}?rate=2"):
        with open_source(text, start_s=1.0) as source:
            assert (source.info.rate_hz, source.info.duration_s, source.position_s) == (2.0, 2.5, 1.0)
            frames = list(source.frames())
            assert greys([frame.image for frame in frames]) == [30, 40, 50]
            assert [frame.time_s for frame in frames] == [0.0, 0.5, 1.0]
            assert source.position_s == 2.0
    with pytest.raises(SourceError, match=r"no picture after 2\.5 seconds"):
        open_source(f"{tmp_path}?rate=2", start_s=2.5)


@pytest.mark.parametrize("query", ["rate=0", "rate=x", "rate=1000", "rate=nan", "rate=", "size=3", ""])
def test_a_bad_rate_or_option_is_named(tmp_path: Path, query: str) -> None:
    make_picture(tmp_path / "a.png")
    with pytest.raises(SourceError, match="no option" if not query.startswith("rate") else "at most 240"):
        open_source(f"{tmp_path}?{query}")


def test_a_folder_whose_name_has_a_question_mark_is_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / "what?rate=3"
    folder.mkdir()
    make_picture(folder / "a.png")
    with open_source(str(folder)) as source:
        assert source.info.rate_hz == 25.0


def test_each_frame_has_its_own_size_and_the_first_that_can_be_read_names_it(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"no picture")
    make_picture(tmp_path / "1.png", size_wh=(64, 48))
    (tmp_path / "2.png").write_bytes((tmp_path / "1.png").read_bytes()[:40])
    make_picture(tmp_path / "3.png", size_wh=(32, 80))
    with open_source(str(tmp_path)) as source:
        assert source.info.size_wh == (64, 48)
        assert source.damaged == 1
        frames = list(source.frames())
        assert [frame.size_wh for frame in frames] == [(64, 48), (32, 80)]
        assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.08]), "damaged ones keep their place"
        assert source.damaged == 2


def test_a_picture_that_goes_meanwhile_is_damaged(tmp_path: Path) -> None:
    paths = [make_picture(tmp_path / f"{number}.png") for number in range(3)]
    with open_source(str(tmp_path)) as source:
        paths[1].unlink()
        assert [frame.index for frame in source.frames()] == [1, 2]
        assert source.damaged == 1


def test_folders_without_a_picture_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    with pytest.raises(SourceUnreadableError, match="folder without pictures"):
        open_source(str(tmp_path))
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(SourceUnreadableError, match=r"a\.png is no picture"):
        open_source(str(tmp_path))


def test_links_that_lead_outside_are_left_out(tmp_path: Path) -> None:
    outside, folder = make_picture(tmp_path / "secret.png", 200), tmp_path / "folder"
    folder.mkdir()
    make_picture(folder / "a.png", 50)
    (folder / "b.png").symlink_to(outside)
    (folder / "c.png").symlink_to(folder / "a.png")
    with open_source(str(folder)) as source:
        assert greys([frame.image for frame in source.frames()]) == [50, 50]


def test_closing_ends_an_iteration_and_later_use_is_refused(tmp_path: Path) -> None:
    for number in range(3):
        make_picture(tmp_path / f"{number}.png")
    source = open_source(str(tmp_path))
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    with pytest.raises(ClosedError):
        source.frames()


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 10, 20))  # red on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # held so that the left is the top
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    image = read_picture(tmp_path / "turned.jpg")
    assert image.shape == (40, 20, 3)
    assert image[3, 10, 2] > 200, "red, in BGR, at the top"
    assert image[35, 10, 0] > 200


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp", "tif"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
def test_every_kind_becomes_bgr_of_8_bits(tmp_path: Path, kind: str, mode: str) -> None:
    path = tmp_path / f"a.{kind}"
    lacking = {"jpg": {"RGBA", "P"}, "png": {"CMYK"}, "bmp": {"CMYK"}}
    held = "RGB" if mode in lacking.get(kind, ()) else mode
    Image.new("RGB", (30, 20), (200, 200, 200)).convert(held).save(path)
    image = read_picture(path)
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    assert abs(float(image.mean()) - 200) < 8


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_16_bits_become_8(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    Image.fromarray(np.full((20, 30), 200 << 8, np.uint16)).save(path)
    assert greys([read_picture(path)]) == [200]


def test_a_file_is_what_it_holds_not_what_it_is_called(tmp_path: Path) -> None:
    make_picture(tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").shape == (48, 64, 3)
    for name, content in (("b.png", b"GIF89a" + bytes(40)), ("c.png", b"%!PS-Adobe-3.0 EPSF-3.0\n"), ("d.png", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceUnreadableError, match="no picture that can be read"):
            read_picture(tmp_path / name)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about metadata
def test_cut_off_at_any_place_it_is_refused_or_read_but_never_worse(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    for kind in ("jpg", "png", "webp", "bmp", "tif"):
        whole = cv2.imencode(f".{kind}", noise)[1].tobytes()
        path = tmp_path / f"a.{kind}"
        for length in range(1, len(whole) - 1, max(1, len(whole) // 40)):
            path.write_bytes(whole[:length])
            try:
                assert read_picture(path).shape == (40, 60, 3)
            except SourceError as error:
                assert str(path) in str(error)  # noqa: PT017 - both ends are right


def test_what_is_no_picture_is_refused_with_ultralytics_loaded_too(tmp_path: Path) -> None:
    library.warm_up()  # it replaces Pillow's way of opening files
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(SourceUnreadableError, match="no picture that can be read"):
        read_picture(tmp_path / "a.png")
    assert read_picture(make_picture(tmp_path / "b.png")).shape == (48, 64, 3)


def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def header(width: int, height: int) -> Path:
        """A PNG that claims a size and has no pixels."""
        path = tmp_path / f"{width}.png"
        whole = cv2.imencode(".png", np.zeros((2, 2, 3), np.uint8))[1].tobytes()
        import struct
        import zlib

        head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        path.write_bytes(whole[:12] + head + struct.pack(">I", zlib.crc32(head)) + whole[33:])
        return path

    with pytest.raises(SourceUnreadableError, match="9000x8000 pixels; make it smaller, at most 64 megapixels"):
        open_source(str(header(9000, 8000)))
    with pytest.raises(SourceUnreadableError, match="too large"):
        open_source(str(header(40_000, 10)))
    with pytest.raises(SourceUnreadableError, match="too large"):
        open_source(str(header(60_000, 60_000)))
    monkeypatch.setattr(picture_file, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(SourceUnreadableError, match="64x48 pixels"):
        open_source(str(make_picture(tmp_path / "a.png")))


def test_nothing_a_pipe_and_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceNotFoundError, match="does not exist"):
        open_source(str(tmp_path / "a.png"))
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(SourceUnreadableError, match="not a regular file"):
        open_source(str(tmp_path / "pipe.png"))
    with pytest.raises(SourceError):
        open_source("a\0b.png")
    path = make_picture(tmp_path / "b.png")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(picture_file.Image, "open", refuse)
    with pytest.raises(SourceError, match=r"b\.png cannot be read: Permission denied"):
        open_source(str(path))
