"""The demo scene as a source."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from heatstream.core.errors import ClosedError, SourceError
from heatstream.demo import PlazaScene
from heatstream.sources import open_source


def test_it_gives_the_scenes_frames_at_their_times() -> None:
    scene = PlazaScene(seed=4, crowd=6)
    with open_source("demo://plaza?seed=4&crowd=6") as source:
        assert (source.info.label, source.info.codec, source.info.live) == ("Demo plaza", "rendered", False)
        assert (source.info.size_wh, source.info.rate_hz, source.info.duration_s) == ((960, 540), 25.0, None)
        assert (source.position_s, source.damaged) == (0.0, 0)
        for number, frame in enumerate(islice(source.frames(), 5)):
            assert (frame.index, frame.time_s, frame.run) == (number + 1, pytest.approx(number / 25), 1)
            assert frame.utc_s is None
            assert frame.read_s > 0
            assert not frame.image.flags.writeable
            assert np.array_equal(frame.image, scene.render(number))
            assert source.position_s == pytest.approx(number / 25)
        again = next(source.frames())
        assert again.index == 6
        assert again.time_s == pytest.approx(0.2)


def test_it_begins_where_asked() -> None:
    with open_source("demo://plaza?crowd=6", start_s=3600.0) as source:
        assert source.position_s == 3600.0
        frame = next(source.frames())
        assert (frame.index, frame.time_s) == (1, 0.0)
        assert np.array_equal(frame.image, PlazaScene(1, 6).render(90_000))
        next(source.frames())
        assert source.position_s == pytest.approx(3600.04)


def test_without_options_it_is_the_first_scene() -> None:
    with open_source("demo://plaza") as source:
        assert np.array_equal(next(source.frames()).image, PlazaScene().render(0))


def test_closing_ends_an_iteration_and_later_use_is_refused() -> None:
    source = open_source("demo://plaza?crowd=1")
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    with pytest.raises(ClosedError):
        source.frames()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("demo://nosuch", "no demo scene called 'nosuch'"),
        ("demo://plaza?size=3", "no option 'size'"),
        ("demo://plaza?crowd=500", "crowd must be a whole number from 1 to 80"),
    ],
)
def test_what_is_wrong_is_named(text: str, complaint: str) -> None:
    with pytest.raises(SourceError, match="demo") as caught:
        open_source(text)
    assert complaint in str(caught.value)
