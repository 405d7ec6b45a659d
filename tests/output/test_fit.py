"""Widths on demand: what is shown, in a few sizes, never larger than the picture, always in its shape."""

from hypothesis import given
from hypothesis import strategies as st

from heatstream.output.fit import LEAST_PX, STEPS_PX, WHOLE, fits_for, fitted


def test_one_viewer_gets_the_width_it_shows() -> None:
    assert fits_for([706]) == {706: 706}


def test_those_between_two_steps_share_what_the_widest_shows() -> None:
    assert fits_for([641, 706, 480, 481, 481, 800]) == {480: 480, 481: 481, 641: 800, 706: 800, 800: 800}


def test_without_a_width_or_beyond_the_last_step_the_whole_picture_comes() -> None:
    assert fits_for([0, -5, 1921, 1920]) == {0: WHOLE, -5: WHOLE, 1921: WHOLE, 1920: 1920}


def test_a_tiny_width_is_not_obeyed() -> None:
    assert fits_for([1]) == {1: LEAST_PX}


def test_nobody_looks() -> None:
    assert fits_for([]) == {}


def test_a_picture_shrinks_in_its_shape_and_never_grows() -> None:
    assert fitted((1280, 720), 640) == (640, 360)
    assert fitted((320, 240), 640) == (320, 240)
    assert fitted((1280, 720), WHOLE) == (1280, 720)
    assert fitted((1000, 1), 480) == (480, 1)


@given(st.integers(1, 8000), st.integers(1, 8000), st.lists(st.integers(-10, 10_000)))
def test_what_is_sent_is_at_least_as_wide_as_shown_or_whole(width: int, height: int, shown: list[int]) -> None:
    fits = fits_for(shown)
    assert fits.keys() == set(shown)
    assert len(set(fits.values())) <= len(STEPS_PX) + 1
    for one, fit in fits.items():
        sent = fitted((width, height), fit)
        assert sent == (width, height) or (one <= sent[0] < width and sent[1] >= 1)
