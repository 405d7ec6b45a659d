"""Controls survive the way through text, and bad text is refused with the place of its fault."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatstream.core.controls import Anchor, Blend, Controls, DetectControls, HeatControls, Scale, Shape
from heatstream.core.errors import ControlsError
from heatstream.core.portable import controls_from_json, controls_to_json
from heatstream.core.types import Zone
from heatstream.core.zone_marks import coloured

LINE = Zone("a", "Tür 😀", ((0.1, 0.2), (0.3, 1.0)), flipped=True)
AREA = Zone("b", "", ((0.1, 0.2), (0.3, 1.0), (0.9, 0.1)))


@given(
    half_life_s=st.floats(0.01, 1e5) | st.just(math.inf),
    alpha=st.floats(0, 1),
    shape=st.sampled_from(Shape),
    scale=st.sampled_from(Scale),
    zones=st.sampled_from([(), (LINE,), (AREA, LINE)]),
    classes=st.none() | st.lists(st.text(min_size=1), min_size=1).map(tuple),
    revision=st.integers(0, 10**9),
)
def test_there_and_back(  # noqa: PLR0917 - one argument for each strategy
    half_life_s: float,
    alpha: float,
    shape: Shape,
    scale: Scale,
    zones: tuple[Zone, ...],
    classes: tuple[str, ...] | None,
    revision: int,
) -> None:
    controls = Controls(
        heat=HeatControls("TURBO", alpha, half_life_s, shape, blend=Blend.UNIFORM, scale=scale),
        detect=DetectControls(classes=classes),
        zones=zones,
        anchor=Anchor.BOTTOM,
        speed=0.25,
        revision=revision,
        counts_epoch=3,
    )
    back = controls_from_json(controls_to_json(controls))
    assert back == replace(controls, zones=coloured(zones))
    assert controls_from_json(controls_to_json(back)) == back


def test_what_is_missing_has_its_default_and_what_is_unknown_is_left() -> None:
    assert controls_from_json("{}") == Controls()
    assert controls_from_json('{"later": 1, "heat": {"alpha": 0.25, "later": 2}}') == Controls(
        heat=HeatControls(alpha=0.25)
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "the text"),
        ({"heat": {"alpha": "x"}}, "heat.alpha"),
        ({"heat": {"alpha": 2}}, "alpha must lie between 0 and 1"),
        ({"heat": {"half_life_s": "NaN"}}, "half-life"),
        ({"heat": {"colormap": "nope"}}, "no colormap 'nope'"),
        ({"heat": {"shape": "star"}}, "heat.shape"),
        ({"speed": 99}, "speed must lie"),
        ({"zones": [{"id": "a", "name": "gate", "points": [[0, 0]]}]}, "'gate' needs two points"),
        ({"zones": [{"id": "a", "name": "gate", "points": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}, "cross"),
        ({"zones": [{"id": "a", "name": "x", "points": [[0, 0], [1, 1]]}] * 2}, "same id"),
    ],
)
def test_bad_text_is_refused_with_its_place(value: object, says: str) -> None:
    with pytest.raises(ControlsError, match=says):
        controls_from_json(json.dumps(value))


@pytest.mark.parametrize("text", ["", "{", "null", "\x00"])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ControlsError, match="cannot be used"):
        controls_from_json(text)
