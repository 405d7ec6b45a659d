"""What the command line says of a source that is none: one line, exit code 2, and no password in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatstream.cli import main
from heatstream.cli.login import logged_in
from heatstream.core.errors import ControlsError, SourceUnreadableError
from heatstream.sources import open_source
from tests.support.clips import Clip, make_clip


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("rtsp:/cam/1", "begins with rtsp://"),
        ("rstp://anna:sesame@cam/1", "did you mean rtsp://"),
        ("rtsp://anna:sesame@", "names no host"),
        ("rtsp://anna:sesame@cam:x/1", "1 to 65535"),
        ("rtsp://anna:sesame@cam/a b", "%20"),
        ("anna:sesame@cam/1", "no such file"),
        ("/no/such/file.mp4", "does not exist; check the path"),
        ("978", "no webcam 978"),
        ("", "no source is named"),
    ],
)
def test_what_is_wrong_is_one_line(source: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", source]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "sesame" not in said.err


def test_a_path_may_lie_anywhere_and_its_source_is_the_operators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_clip(tmp_path / "clip.mp4", Clip(frames=3))
    asked = []

    def opened(text: str, **options: object) -> object:
        asked.append((text, options["operator"]))
        with open_source(text):
            raise SourceUnreadableError("far enough")

    monkeypatch.setattr("heatstream.engine.connection.open_source", opened)
    assert main(["run", str(path)]) == 2
    (tmp_path / "login").write_text("anna:p@ss:w/rd\nmore\n")
    monkeypatch.setattr(
        "heatstream.engine.connection.open_source", lambda text, **_: asked.append(text) or opened(str(path), **_)
    )
    assert main(["run", "rtsp://cam/1", "--login", str(tmp_path / "login")]) == 2
    assert asked == [(str(path), True), "rtsp://anna:p%40ss%3Aw%2Frd@cam/1", (str(path), True)]
    assert "far enough" in capsys.readouterr().err


def test_a_login_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "login").write_text("anna:word\n", "utf-8-sig")
    assert logged_in("rtsp://cam/1", tmp_path / "login") == "rtsp://anna:word@cam/1"


def test_a_login_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "blank").write_text("\nanna:word\n")
    for name, source in (
        ("empty", "rtsp://cam/1"),
        ("blank", "rtsp://cam/1"),
        ("missing", "rtsp://cam/1"),
        ("empty", "/a.mp4"),
    ):
        with pytest.raises(ControlsError, match="login"):
            logged_in(source, tmp_path / name)
