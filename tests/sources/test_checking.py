"""What is said of a source's text before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatstream.core.errors import AccessError, HeatStreamError, SourceError, SourceNotFoundError
from heatstream.sources.checking import check_source


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
