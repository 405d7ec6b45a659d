"""A short look at a source."""

from pathlib import Path

import psutil
import pytest

from heatstream.core.errors import SourceNotFoundError, SourceRefusedError
from heatstream.sources.probe import probe
from tests.support.clips import Clip, make_clip
from tests.support.rtsp_server import encoded, rtsp_server, walk


def test_a_file(tmp_path: Path) -> None:
    seen = probe(str(make_clip(tmp_path / "clip.mp4", Clip(frames=5))))
    assert seen.info.size_wh == (64, 48)
    assert seen.still.shape == (48, 64, 3)
    with pytest.raises(SourceNotFoundError):
        probe(str(tmp_path / "other.mp4"))


def test_a_stream_is_let_go_of(tmp_path: Path) -> None:
    with rtsp_server({"/live": encoded(walk(25))}, user="anna", password="s3cret") as server:
        files = psutil.Process().num_fds()
        seen = probe(server.url(user="anna:s3cret"))
        assert (seen.info.codec, seen.info.rate_hz, seen.info.label) == ("h264", 25.0, server.url())
        assert seen.still.shape == (240, 320, 3)
        assert seen.delay_s is not None
        assert 0 < seen.delay_s < 5
        with pytest.raises(SourceRefusedError):
            probe(server.url())
        assert psutil.Process().num_fds() <= files
