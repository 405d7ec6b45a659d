"""How a demo scene is named."""

from __future__ import annotations

import pytest

from heatstream.core.errors import SourceError
from heatstream.demo import Address, is_demo, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("demo://plaza", Address(1, 24)),
        (" DEMO://Plaza/ ", Address(1, 24)),
        ("demo://plaza?seed=0", Address(0, 24)),
        ("demo://plaza?crowd=80&seed=2147483647", Address(2147483647, 80)),
    ],
)
def test_what_may_be_written(text: str, address: Address) -> None:
    assert is_demo(text)
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("demo://nosuch", "no demo scene called 'nosuch'; write demo://plaza"),
        ("demo://", "no demo scene called ''"),
        ("demo://plaza/inside", "no demo scene called 'plaza/inside'"),
        ("demo://plaza#top", "no demo scene"),
        ("demo://[bad", "cannot be read"),
        ("demo://plaza?speed=2", "no option 'speed'; write demo://plaza"),
        ("demo://plaza?seed", "cannot be read"),
        ("demo://plaza?seed=1&seed=2", "given twice"),
        ("demo://plaza?seed=-1", "seed must be a whole number from 0 to 2147483647, not '-1'"),
        ("demo://plaza?seed=2147483648", "seed must be a whole number"),
        ("demo://plaza?crowd=0", "crowd must be a whole number from 1 to 80, not '0'"),
        ("demo://plaza?crowd=81", "crowd must be"),
        ("demo://plaza?crowd=2.5", "crowd must be"),
        ("demo://plaza?crowd=", "crowd must be"),
        ("demo://plaza?crowd=٣", "crowd must be"),
    ],
)
def test_what_may_not(text: str, complaint: str) -> None:
    with pytest.raises(SourceError, match="demo") as caught:
        parse_address(text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("text", ["plaza.mp4", "rtsp://demo/plaza", "0", "demo:plaza", ""])
def test_what_is_no_demo(text: str) -> None:
    assert not is_demo(text)
