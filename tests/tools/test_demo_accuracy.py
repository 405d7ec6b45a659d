"""The bundled detector finds and counts what the demo scene shows: a short form, and the whole check as slow test."""

from __future__ import annotations

import pytest

from heatstream.core.controls import Controls, DetectControls
from heatstream.tools.check_demo import Span, check_boxes, check_counts
from heatstream.tools.demo_card import short_of
from heatstream.tools.train_demo import OUT, check
from heatstream.vision import ModelSpec, resolve_model

SHIPPED = ModelSpec("demo", device="cpu")
DETECT = DetectControls()


def test_the_name_demo_means_the_bundled_model() -> None:
    assert resolve_model("demo") == OUT.resolve()
    assert sum(path.stat().st_size for path in OUT.iterdir()) <= 4_000_000


def test_boxes_of_a_few_scenes_never_learnt_from() -> None:
    measured = check_boxes(SHIPPED, [Span(seed, 30, step=61) for seed in range(400, 406)], DETECT)
    assert measured.pictures == 180
    for name, score in measured.scores.items():
        assert score.found + score.missed >= 30, name
        assert score.precision >= 0.93, (name, score)
        assert score.recall >= 0.93, (name, score)


@pytest.mark.slow
def test_crossings_of_a_quarter_minute() -> None:
    """Some 20 crossings: one of each way may be wrong, which the long form does not forgive."""
    counts = check_counts(SHIPPED, [Span(410, 400)], Controls(detect=DETECT))
    assert counts.true.into + counts.true.out >= 12
    assert abs(counts.counted.into - counts.true.into) <= 1
    assert abs(counts.counted.out - counts.true.out) <= 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_aim_is_met() -> None:
    report = check(OUT)
    assert report.counts.true.into + report.counts.true.out >= 200
    assert short_of(report) == []
