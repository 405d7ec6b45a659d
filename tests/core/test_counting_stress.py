"""Crossings are counted in spite of each fault of trackers, on made-up tracks whose truth is known.

A short form of ``tests.benchmarks.counting``, which also shows what the peers make of the same tracks.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.stress import KINDS, ours, scene, score

SCENES = 3


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("clean", 0.99),
        ("clean, fast (40-80 px a frame)", 0.99),
        ("clean, 3-6 frames a second", 0.99),
        ("the same, short lines", 0.98),
        ("the same, near the edge", 0.96),
        ("dropouts of 40 %", 0.97),
        ("hidden at the line, same number", 0.94),
        ("hidden at the line, new number", 0.92),
        ("new numbers (one in 2 s)", 0.97),
        ("flickering second boxes", 0.97),
        ("ghosts (5 a second)", 0.9),
        ("standing on the line", 0.96),
        ("pairs who exchange numbers", 0.9),
    ],
)
def test_f1_of_in_and_out_is_at_least_so_much(kind: str, least: float) -> None:
    rng = np.random.default_rng(4)
    scenes = [scene(rng, KINDS[kind], 2 * np.pi * number / SCENES + 0.3) for number in range(SCENES)]
    right, told, true = sum(score(made, ours(made)) for made in scenes).sum(axis=0)
    assert true >= 20
    assert 2 * right / (told + true) >= least
