"""A browser's camera as a source."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from heatstream.core.errors import ClosedError, SourceError, SourceTimeoutError, SourceUnreadableError
from heatstream.sources import inlets, open_source
from heatstream.sources.inlets import INLETS, SentPicture
from heatstream.sources.pushed import decode, has_come, is_browser, picture_size
from tests.support.pictures import SOURCE, jpeg, sent


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    INLETS.forget(SOURCE)


def put(picture: SentPicture) -> None:
    INLETS.get(SOURCE).put(picture)


def grey_of(image: np.ndarray) -> int:
    return round(float(image.mean()))


def test_the_pictures_that_come_in_are_its_frames() -> None:
    put(sent(10, captured_s=1000.0))
    with open_source(SOURCE) as source:
        info = source.info
        assert (info.label, info.size_wh, info.live, info.codec) == ("Browser camera", (64, 48), True, "mjpeg")
        assert info.waits_for == "waiting for the browser's camera"
        assert (source.position_s, source.damaged) == (0.0, 0)
        frames = source.frames()
        first = next(frames)
        assert (first.index, first.time_s, first.run, first.utc_s, first.read_s) == (1, 0.0, 1, 1000.0, 1000.0)
        assert grey_of(first.image) == 10
        assert not first.image.flags.writeable
        put(sent(20, captured_s=1000.04))
        put(sent(30, captured_s=1000.08))
        second = next(frames)
        assert (second.index, second.time_s, second.run) == (2, pytest.approx(0.08), 1)
        assert grey_of(second.image) == 30
        put(sent(40, captured_s=1000.12))
        assert next(source.frames()).index == 3


def test_opening_waits_for_the_first_picture_and_says_what_it_waits_for() -> None:
    began_s = time.monotonic()
    with pytest.raises(SourceTimeoutError, match="waiting for the browser's camera; open this page"):
        open_source(SOURCE, timeout_s=0.2)
    assert 0.2 <= time.monotonic() - began_s < 2.0
    threading.Timer(0.2, put, (sent(),)).start()
    with open_source(SOURCE, timeout_s=5.0) as source:
        assert next(source.frames()).index == 1


def test_what_waits_ends_when_told_to() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began_s = time.monotonic()
    with pytest.raises(SourceTimeoutError):
        open_source(SOURCE, timeout_s=30.0, stop=stop)
    stop.clear()
    put(sent())
    with open_source(SOURCE, stop=stop) as source:
        threading.Timer(0.2, stop.set).start()
        assert [frame.index for frame in source.frames()] == [1]
    assert time.monotonic() - began_s < 5.0


def test_it_is_known_whether_a_picture_has_just_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_come(SOURCE)
    put(sent())
    assert has_come(SOURCE)
    assert not has_come("demo://plaza")
    monkeypatch.setattr(inlets, "FRESH_S", -1.0)
    assert not has_come(SOURCE)


def test_what_is_no_picture_is_counted_and_left_out() -> None:
    whole = jpeg(77)
    for rubbish in (b"", b"rubbish", whole[:40], whole[: len(whole) // 3]):
        assert decode(SentPicture(rubbish, (64, 48), 0.0)) is None
    put(sent(1))
    with open_source(SOURCE) as source:
        frames = source.frames()
        next(frames)
        put(SentPicture(b"rubbish", (64, 48), 0.0))
        threading.Timer(0.2, put, (sent(9),)).start()
        assert grey_of(next(frames).image) == 9
        assert source.damaged == 1


def test_a_smaller_copy_keeps_the_cameras_size_and_a_turned_picture_its_own() -> None:
    assert decode(sent(size_wh=(64, 48), whole_wh=(128, 96))).shape == (96, 128, 3)  # type: ignore[union-attr]
    assert decode(sent(size_wh=(48, 64), whole_wh=(128, 96))).shape == (64, 48, 3)  # type: ignore[union-attr]
    assert decode(sent(size_wh=(128, 96), whole_wh=(64, 48))).shape == (96, 128, 3)  # type: ignore[union-attr]


def test_a_long_gap_and_another_size_begin_a_new_run() -> None:
    put(sent(captured_s=1000.0))
    with open_source(SOURCE) as source:
        frames = source.frames()
        next(frames)
        put(sent(captured_s=1000.5))
        assert next(frames).run == 1
        source._last_s -= 3.0
        put(sent(captured_s=1003.5))
        gap = next(frames)
        assert (gap.run, gap.time_s) == (2, pytest.approx(3.5))
        put(sent(size_wh=(48, 64), captured_s=1003.6))
        assert next(frames).run == 3


def test_media_time_never_goes_back_nor_follows_a_clock_that_was_set() -> None:
    put(sent(captured_s=1000.0))
    with open_source(SOURCE) as source:
        frames = source.frames()
        times = [next(frames).time_s]
        for captured_s in (999.9, 999.9, 999.94, 90_000.0, 90_000.05, 10.0):
            put(sent(captured_s=captured_s))
            times.append(next(frames).time_s)
    steps = np.diff(times)
    assert (steps > 0).all()
    assert (steps < 0.5).all()
    assert steps[2] == pytest.approx(0.04)


def test_closing_ends_the_waiting_at_once_and_later_use_is_refused() -> None:
    put(sent())
    source = open_source(SOURCE)
    frames = source.frames()
    next(frames)
    threading.Timer(0.1, source.close).start()
    began_s = time.monotonic()
    assert list(frames) == []
    assert time.monotonic() - began_s < 2.0
    source.close()
    with pytest.raises(ClosedError):
        source.frames()


@pytest.mark.parametrize("text", ["browser://", "browser://x", "browser://../../etc", "BROWSER://0123456789ABCDEF0"])
def test_addresses_that_no_page_has_made_are_refused(text: str) -> None:
    assert is_browser(text)
    with pytest.raises(SourceError, match="is made by the page"):
        open_source(text, timeout_s=0.1)


def test_the_size_is_read_from_the_head_and_bounded() -> None:
    assert picture_size(jpeg(size_wh=(320, 200))) == (320, 200)
    png = io.BytesIO()
    Image.new("RGB", (64, 48)).save(png, "PNG")
    for data, why in (
        (png.getvalue(), "no JPEG"),
        (b"\xff\xd8\xff\xe0", "no JPEG"),
        (jpeg(size_wh=(64, 8)), "16 or more"),
        (_of_size(4000, 4000), "at most 8,294,400 pixels"),
        (_of_size(11_000, 11_000), "at most 8,294,400 pixels"),
        (_of_size(65_000, 65_000), "at most 8,294,400 pixels"),
    ):
        with pytest.raises(SourceUnreadableError, match=why):
            picture_size(data)


def _of_size(width: int, height: int) -> bytes:
    """A small JPEG whose head claims another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)
