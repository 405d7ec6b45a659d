"""The backdrop's file: it is what would be painted now, and does without where it is missing or broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heatstream.demo import scenery
from heatstream.demo.backdrop import Backdrop, Occluder, painted
from heatstream.demo.scenery import SCENERY, load, save


@pytest.fixture(scope="module")
def now() -> Backdrop:
    return painted()


def alike(one: Backdrop, other: Backdrop, most: int = 0) -> bool:
    pairs = [(one.image, other.image), (one.shade, other.shade), (one.light, other.light)]
    pairs += [(a.keep, b.keep) for a, b in zip(one.occluders, other.occluders, strict=True)]
    places = [
        (a.left, a.top, a.deep) == (b.left, b.top, b.deep) for a, b in zip(one.occluders, other.occluders, strict=True)
    ]
    return all(places) and all(
        a.shape == b.shape and int(np.abs(a.astype(int) - b.astype(int)).max(initial=0)) <= most for a, b in pairs
    )


def test_the_file_is_what_is_painted_now(now: Backdrop) -> None:
    """Else it must be saved again: ``python -m heatstream.tools.paint_demo``; another processor may round otherwise."""
    assert alike(load(SCENERY), now, most=2)


def test_what_is_saved_is_loaded_to_the_last_bit(now: Backdrop, tmp_path: Path) -> None:
    save(now, tmp_path / "scenery.npz")
    assert alike(load(tmp_path / "scenery.npz"), now)


@pytest.mark.parametrize("content", [None, b"", b"no archive", "cut"])
def test_a_missing_or_broken_file_is_painted_instead(
    content: bytes | str | None, now: Backdrop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scenery.npz"
    if content == "cut":
        path.write_bytes(SCENERY.read_bytes()[:-5000])
    elif isinstance(content, bytes):
        path.write_bytes(content)
    monkeypatch.setattr(scenery, "SCENERY", path)
    monkeypatch.setattr(scenery, "painted", lambda: Backdrop(now.image.copy(), (), now.shade.copy(), now.light.copy()))
    found = scenery.backdrop.__wrapped__()
    assert found.occluders == ()
    assert not found.image.flags.writeable


def test_an_occluder_beyond_the_wall_has_no_depth(tmp_path: Path, now: Backdrop) -> None:
    keep = np.full((2, 3, 4), 255, np.uint8)
    save(
        Backdrop(now.image, (Occluder(keep, 5, 7, None), Occluder(keep, 1, 2, 3.5)), now.shade, now.light),
        tmp_path / "a.npz",
    )
    assert [occluder.deep for occluder in load(tmp_path / "a.npz").occluders] == [None, 3.5]
