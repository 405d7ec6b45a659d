"""What is said of a source's text before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st

from heatstream.core.errors import AccessError, HeatStreamError, SourceError, SourceNotFoundError
from heatstream.sources import open_source, redacted
from heatstream.sources.addresses import check_address, parse_address, pinned
from heatstream.sources.checking import check_source
from heatstream.sources.credentials import split_secret, with_credentials


def test_a_files_name_may_have_signs_that_cannot_be_seen(tmp_path: Path) -> None:
    for name in ("9.41\u202fAM.mov", "\u0645\u06cc\u200c\u0631\u0648\u0645.mp4", "a\xa0b.mp4"):
        path = tmp_path / name
        path.write_bytes(b"x")
        assert check_source(str(path)) == str(path)


def test_what_can_be_a_source_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "rtsp:x.mp4"
    clip.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    for text in (
        str(clip),
        "rtsp:x.mp4",
        clip.as_uri(),
        "demo://plaza?seed=3",
        "DEMO://plaza",
        "webcam://0",
        "browser://a",
    ):
        assert check_source(f" {text}\n") == text
    assert check_source("rtsp://me:word@cam:554/1?channel=1#udp") == "rtsp://me:word@cam:554/1?channel=1#udp"
    assert check_source("rtsp://me:w/rd@cam/1") == "rtsp://me:w%2Frd@cam/1"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("  ", SourceError, "no source is named"),
        ("rtsp:/cam/1", SourceError, "begins with rtsp://"),
        ("rtsp:cam", SourceError, "begins with rtsp://"),
        ("HTTP//cam", SourceError, "begins with http://"),
        ("rtsp:///1", SourceError, "no host"),
        ("rstp://cam/1", AccessError, "did you mean rtsp://"),
        ("gopher://cam/1", AccessError, "use one of rtsp"),
        ("concat://a|b", AccessError, "cannot be opened"),
        ("rtsp://cam/a b", SourceError, "%20"),
        ("rtsp://cam/1#2", SourceError, "#udp"),
        ("http://cam/?token=***", SourceError, "type the address with it again"),
        ("demo://plaz", SourceError, "no demo scene"),
        ("/no/such/file.mp4", SourceNotFoundError, r"/no/such/file\.mp4 does not exist"),
        ("~nobody-here/a.mp4", SourceNotFoundError, "does not exist"),
        ("file://server/a.mp4", SourceError, "another computer"),
        ("192.168.1.20/stream1", SourceError, "looks like an address"),
        ("me:word@192.168.1.20/1", SourceNotFoundError, "begins with rtsp://"),
        ("a\x00b", SourceError, "cannot be seen"),
        ("a\nb.mp4", SourceError, "cannot be seen"),
        ("rtsp://cam/\u202e1", SourceError, "cannot be seen"),
        ("x" * 300, SourceNotFoundError, "x…"),
        ("x" * 5000, SourceError, "5,000 characters"),
        ("978", SourceNotFoundError, "no webcam 978"),
        ("12345678901", SourceError, "no webcam 1234567890;"),
        ("٣", SourceError, "no webcam"),
    ],
)
def test_what_is_wrong_is_said(text: str, kind: type[HeatStreamError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        check_source(text)
    assert "word" not in str(caught.value).replace("password", "")


def test_a_path_from_the_page_stays_inside_its_folders(tmp_path: Path) -> None:
    media, uploads = tmp_path / "media", tmp_path / "uploads"
    for folder in (media, uploads):
        folder.mkdir()
    (media / "a.mp4").write_bytes(b"x")
    (uploads / "b.mp4").write_bytes(b"x")
    (tmp_path / "c.mp4").write_bytes(b"x")
    (media / "link.mp4").symlink_to(tmp_path / "c.mp4")
    (media / "near.mp4").symlink_to(media / "a.mp4")
    (media / "loop.mp4").symlink_to(media / "loop.mp4")
    folders = (media, uploads)
    for text, found in (
        ("a.mp4", "a.mp4"),
        (str(media / "a.mp4"), "a.mp4"),
        ("near.mp4", "a.mp4"),
        ("x/../a.mp4", "a.mp4"),
    ):
        assert check_source(text, folders=folders) == str((media / found).resolve())
    assert check_source(str(uploads / "b.mp4"), folders=folders) == str((uploads / "b.mp4").resolve())
    assert check_source(f"{media}?rate=5", folders=folders) == f"{media.resolve()}?rate=5"
    for text in ("../c.mp4", "link.mp4", str(tmp_path / "c.mp4"), (tmp_path / "c.mp4").as_uri(), "/dev/mem", "~", "/"):
        with pytest.raises(AccessError, match="outside the media folder"):
            check_source(text, folders=folders)
    for text in ("c.mp4", "loop.mp4", "a.mp4/x", str(media / "gone.mp4")):
        with pytest.raises(SourceNotFoundError):
            check_source(text, folders=folders)


SOME_TEXT = st.one_of(
    st.text(),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["rtsp://", "HTTP://", "https://", "demo://plaza", "file://", "rtsp:/", "webcam://", "x+y://", "~", ""]
        ),
        st.text("abz@:/?#[]%*&=._-0189\\ é\u202e\x00\n\ud800"),
        st.sampled_from(["", "@cam/1", ":554/1", "?token=a", "#udp", "=_password=x"]),
    ),
)


def only_our_errors(text: str) -> None:
    for step in (
        check_source,
        lambda text: check_source(text, folders=(Path("nowhere"),)),
        parse_address,
        check_address,
        pinned,
    ):
        try:
            step(text)
        except HeatStreamError as error:
            assert str(error)  # noqa: PT017 - both ends are right
    shown, secret = split_secret(text)
    whole = with_credentials(shown, secret)
    try:
        checked = check_source(text)
    except HeatStreamError:
        checked = None
    if checked is not None and "://" in text:
        assert (checked, split_secret(whole)) == (whole, (shown, secret))
    assert isinstance(redacted(text), str)
    if "://" not in text:  # what is no address is a path, and opening one that is not there is quick
        try:
            open_source(text).close()
        except HeatStreamError as error:
            assert str(error)  # noqa: PT017 - both ends are right


@fuzz(deadline=None, max_examples=200)
@given(text=SOME_TEXT)
def test_no_text_gives_another_error_than_ours(text: str) -> None:
    only_our_errors(text)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@fuzz(deadline=None, max_examples=20_000, suppress_health_check=list(HealthCheck))
@given(text=SOME_TEXT)
def test_no_text_at_all_gives_another_error_than_ours(text: str) -> None:
    only_our_errors(text)
