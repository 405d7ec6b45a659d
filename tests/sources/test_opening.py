"""Which text opens which kind of source."""

from pathlib import Path

import pytest

from heatstream.core.errors import SourceError, SourceNotFoundError
from heatstream.sources import open_source, redacted
from tests.support.clips import Clip, make_clip


def test_paths_and_file_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(tmp_path / "my clip%3A #1.mp4", Clip(frames=3))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (
        str(path),
        path.name,
        f"  {path} ",
        f"~/{path.name}",
        path.as_uri(),
        path.as_uri().replace("//", "//localhost", 1),
    ):
        with open_source(text) as source:
            assert source.info.label == path.name
            assert len(list(source.frames())) == 3


def test_a_name_that_looks_like_a_protocol_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pipe:0", "concat:a|b", "-"):
        with pytest.raises(SourceNotFoundError):
            open_source(name)
    make_clip(tmp_path / "clip.mp4", Clip(frames=3)).rename(tmp_path / "async:x.mp4")
    with open_source("async:x.mp4") as source:
        assert len(list(source.frames())) == 3


@pytest.mark.parametrize("text", ["rtmp://anna:secret@10.0.0.7/live?token=secret#secret", "concat://secret@a|b"])
def test_other_addresses_are_refused_without_their_secrets(text: str) -> None:
    with pytest.raises(SourceError, match="no kind of address that can be opened") as caught:
        open_source(text)
    assert "secret" not in str(caught.value)


def test_nothing_and_files_elsewhere_are_refused() -> None:
    with pytest.raises(SourceError, match="no source is named"):
        open_source("  ")
    with pytest.raises(SourceError, match="another computer"):
        open_source("file://server/share/clip.mp4")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://user:pass@cam/stream?a=b", "rtsp://cam/stream"),
        ("rtsp://us@er:p@ss@cam:554", "rtsp://cam:554"),
        ("/videos/a@b.mp4", "/videos/a@b.mp4"),
        ("rtsp://user:pass@[bad/x", "rtsp://[bad/x"),
    ],
)
def test_redacted(text: str, shown: str) -> None:
    assert redacted(text) == shown
