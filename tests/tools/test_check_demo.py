"""Boxes are matched as written down by hand, and a perfect detector gets a perfect score."""

from __future__ import annotations

import numpy as np
import pytest

from heatstream.core.types import Detections, FloatArray
from heatstream.tools.check_demo import Score, match, overlaps


def boxes(*rows: tuple[float, float, float, float]) -> FloatArray:
    return np.array(rows, np.float32).reshape(-1, 4)


def said(*rows: tuple[float, float, float, float], confidence: tuple[float, ...] = ()) -> Detections:
    sure = np.array(confidence or (0.9,) * len(rows), np.float32)
    return Detections(boxes(*rows), sure, np.zeros(len(rows), np.int64))


A, B, FAR = (0.0, 0.0, 10.0, 20.0), (6.0, 0.0, 16.0, 20.0), (100.0, 100.0, 120.0, 140.0)


def test_overlap_is_shared_area_over_joint_area() -> None:
    # A and B share 4 x 20 of 2 x 200 - 80
    assert overlaps(boxes(A, FAR), boxes(A, B)) == pytest.approx(np.array([[1, 80 / 320], [0, 0]]))
    assert overlaps(boxes(), boxes(A)).shape == (0, 1)
    assert overlaps(boxes((5, 5, 5, 5)), boxes((5, 5, 5, 5))) == pytest.approx(np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("found", "wanted", "allowed", "score"),
    [
        (said(A, B), boxes(B, A), boxes(), Score(2, 0, 0)),
        (said(A), boxes(A, FAR), boxes(), Score(1, 1, 0)),
        (said(A, FAR), boxes(A), boxes(), Score(1, 0, 1)),
        (said(A, FAR), boxes(A), boxes(FAR), Score(1, 0, 0)),
        (said(A, A), boxes(A), boxes(), Score(1, 0, 1)),
        (said(B), boxes(A), boxes(), Score(0, 1, 1)),
        (said(), boxes(A), boxes(FAR), Score(0, 1, 0)),
        (said(A), boxes(), boxes(), Score(0, 0, 1)),
    ],
    ids=["all", "missed", "false", "allowed", "twice", "too far off", "nothing said", "nothing there"],
)
def test_matching(found: Detections, wanted: FloatArray, allowed: FloatArray, score: Score) -> None:
    assert match(found, wanted, allowed) == score


def test_the_surest_box_takes_the_object() -> None:
    near = (1.0, 0.0, 11.0, 20.0)
    # The unsure box fits exactly, but the sure one was first; the unsure one is left over.
    assert match(said(A, near, confidence=(0.4, 0.8)), boxes(A), boxes()) == Score(1, 0, 1)


def test_shares() -> None:
    score = Score(found=8, missed=2, false=0) + Score(found=1, missed=0, false=3)
    assert (score.precision, score.recall) == (9 / 12, 9 / 11)
    assert np.isnan(Score().precision)
    assert np.isnan(Score().recall)
