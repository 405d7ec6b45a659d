"""Widths on demand: a few steps, never larger than the picture, always in its shape."""

from hypothesis import given
from hypothesis import strategies as st

from heatstream.output.fit import WHOLE, WIDTHS_PX, fit_for, fitted


def test_the_next_step_up_is_asked_for() -> None:
    assert [fit_for(shown) for shown in (1, 480, 481, 1280, 1921)] == [480, 480, 640, 1280, WHOLE]


def test_without_a_width_the_whole_picture_comes() -> None:
    assert fit_for(0) == fit_for(-5) == WHOLE


def test_a_picture_shrinks_in_its_shape_and_never_grows() -> None:
    assert fitted((1280, 720), 640) == (640, 360)
    assert fitted((320, 240), 640) == (320, 240)
    assert fitted((1280, 720), WHOLE) == (1280, 720)
    assert fitted((1000, 1), 480) == (480, 1)


@given(st.integers(1, 8000), st.integers(1, 8000), st.integers(-10, 10_000))
def test_what_is_sent_is_at_least_as_wide_as_shown_or_whole(width: int, height: int, shown: int) -> None:
    fit = fit_for(shown)
    assert fit == WHOLE or fit in WIDTHS_PX
    sent = fitted((width, height), fit)
    assert sent == (width, height) or (shown <= sent[0] < width and sent[1] >= 1)
