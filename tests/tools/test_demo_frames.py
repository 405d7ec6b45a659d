"""What the demo's detector learns from: the same for the same seed, and boxes that lie on their pictures."""

from __future__ import annotations

import numpy as np
import pytest

from heatstream.demo import PlazaScene
from heatstream.tools import demo_frames
from heatstream.tools.demo_frames import INPUT_HW, Example, draw_examples, lessons, varied


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return draw_examples(3, 4)


def test_equal_seeds_give_equal_examples(examples: list[Example]) -> None:
    for one, other in zip(examples, draw_examples(3, 4), strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.xyxy, other.xyxy)
        assert np.array_equal(one.class_id, other.class_id)
    assert not np.array_equal(examples[0].image, draw_examples(4, 1)[0].image)


def test_boxes_are_the_scenes_in_the_networks_size(examples: list[Example]) -> None:
    scene = PlazaScene(seed=demo_frames.FIRST_SEED + 30_000, crowd=demo_frames.CROWDS[0])
    truth = scene.truth(0)
    seen = truth.visible >= demo_frames.LEAST_VISIBLE
    assert len(examples) == 4
    assert examples[0].image.shape == (*INPUT_HW, 3)
    width, height = scene.size_wh
    assert examples[0].xyxy * (width / INPUT_HW[1]) == pytest.approx(truth.xyxy[seen], abs=0.1)
    assert (height / INPUT_HW[0]) == (width / INPUT_HW[1])
    assert np.array_equal(examples[0].class_id, truth.class_id[seen])


def test_what_is_hidden_is_not_learnt(examples: list[Example], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_frames, "LEAST_VISIBLE", 0.99)
    fewer = draw_examples(3, 4)
    assert 0 < sum(len(one.xyxy) for one in fewer) < sum(len(one.xyxy) for one in examples)


def test_each_epoch_shows_every_example_once_in_another_order(examples: list[Example]) -> None:
    shown = list(lessons(examples, 2, seed=1))
    assert len(shown) == 8
    again = list(lessons(examples, 2, seed=1))
    assert all(np.array_equal(one.image, other.image) for one, other in zip(shown, again, strict=True))


def test_a_moved_box_stays_on_its_object() -> None:
    image = np.zeros((*INPUT_HW, 3), np.uint8)
    image[100:160, 200:240] = 255
    example = Example(image, np.array([[200, 100, 240, 160]], np.float32), np.array([2]))
    rng = np.random.default_rng(5)
    moved = 0
    for _ in range(30):
        one = varied(example, rng)
        ((x1, y1, x2, y2),) = one.xyxy.tolist()
        moved += (x1, y1, x2, y2) != (200, 100, 240, 160)
        bright = one.image.max(axis=2) > 120
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        assert [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] == pytest.approx([x1, y1, x2, y2], abs=1.5)
        assert one.class_id.tolist() == [2]
    assert 3 < moved < 20


def test_what_leaves_the_picture_is_not_learnt() -> None:
    edge = Example(
        np.zeros((*INPUT_HW, 3), np.uint8), np.array([[0, 0, 5, 9], [200, 100, 240, 160]], np.float32), np.array([0, 1])
    )
    rng = np.random.default_rng(5)
    kept = [varied(edge, rng).class_id.tolist() for _ in range(60)]
    assert [1] in kept
    assert all(1 in classes for classes in kept)
