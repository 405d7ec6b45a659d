"""The controls of heat: the question that it answers, who leaves a mark and where, and what the colours stand for."""

from __future__ import annotations

import math

import streamlit as st

from heatstream.core.controls import DEFAULT_HALF_LIFE_S, Blend, Controls, HeatControls, Measure, Place, Scale, Shape
from heatstream.core.heat import decay_from_half_life
from heatstream.core.types import Snapshot
from heatstream.ui import bindings as on
from heatstream.ui.bindings import Bound
from heatstream.ui.names import escaped

#: What heat can measure: its name, and the question that it answers.
MEASURES = {
    Measure.DWELL: ("Time spent", "Where do people stay? Each spot gathers the seconds that objects spend on it."),
    Measure.VISITS: (
        "Visits",
        "How many different people came by? Each object counts once on a spot, however long it stays.",
    ),
}
PLACES = {Place.BOX: "Whole box", Place.CENTER: "Middle", Place.FEET: "Feet"}
SHAPES = {Shape.CIRCLE: "Circle", Shape.RECT: "Box", Shape.SMOOTH: "Smooth"}
BLENDS = {Blend.TRANSPARENT: "Only where warm", Blend.UNIFORM: "Whole picture"}
SCALES = {
    Scale.AUTO: "Automatic",
    Scale.FIXED: "A fixed value",
    Scale.PERCENTILE: "A percentile",
    Scale.MINMAX: "Each frame's maximum",
}
#: The unit of the hottest colour's value, and what it means.
UNITS = {
    Measure.DWELL: ("Object-seconds", "Two people who stand on a spot for three seconds bring it six object-seconds."),
    Measure.VISITS: ("Visits", "A spot that so many different people or vehicles came by has the hottest colour."),
}
#: How long something may stand still before it leaves no more heat (seconds).
STILL_S = (10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, math.inf)


def measure(bound: Bound) -> None:
    """What heat shows, with the question that this answers."""
    with st.container(key="heat-measure"):
        st.segmented_control(
            "Heat shows",
            list(MEASURES),
            format_func=lambda value: MEASURES[value][0],
            required=True,
            width="stretch",
            **bound.to(on.MEASURE, "default"),
        )
        _note(MEASURES[bound.controls.heat.measure][1])


def more(bound: Bound, snapshot: Snapshot) -> None:
    """What few people change: who leaves heat, the mark that each leaves, and what the colours stand for."""
    _who(bound, snapshot)
    _mark(bound)
    _colours(bound)


def _group(name: str) -> None:
    st.html(f'<div class="hs-group">{name}</div>')


def _note(words: str) -> None:
    st.html(f'<div class="hs-note hs-close">{words}</div>')


def _who(bound: Bound, snapshot: Snapshot) -> None:
    _group("Who leaves heat")
    st.multiselect(
        "Heat from these kinds",
        kinds(bound.controls, snapshot),
        placeholder="Everything that is shown",
        help="Only these leave heat; the others are still shown and counted. Empty: everything that is shown.",
        select_all=False,
        **bound.to(on.HEAT_CLASSES, "default"),
    )
    missing = unseen(bound.controls)
    if missing:
        st.caption(escaped(f"{', '.join(missing)}: not among “What to look for”, so it leaves no heat."))
    st.selectbox(
        "Ignore what stands still",
        format_func=still_words,
        help="For parked cars and people who sit: whatever has not moved for so long leaves no more heat until it "
        "moves on.",
        **bound.to_one_of(on.STILL, still_choices(bound.controls.heat.still_s)),
    )
    _note(
        "Only a part of the picture? Draw an area under “What to count”, and choose “Heat only here” or "
        "“No heat here” for it."
    )


def kinds(controls: Controls, snapshot: Snapshot) -> list[str]:
    """The kinds of objects offered: those that are shown, and those chosen before."""
    shown = controls.detect.classes or snapshot.class_names
    return list(dict.fromkeys([*shown, *(controls.heat.classes or ())]))


def unseen(controls: Controls) -> list[str]:
    """The kinds that are to leave heat, but are not looked for."""
    looked_for = controls.detect.classes
    return [] if looked_for is None else [name for name in controls.heat.classes or () if name not in looked_for]


def still_choices(now_s: float) -> list[float]:
    """The times offered, the longest (never) first; the one in force is among them."""
    *times_s, never = on.with_now(now_s, STILL_S)
    return [never, *times_s]


def still_words(seconds: float) -> str:
    """``Never``, or ``After 30 s``."""
    return "Never" if math.isinf(seconds) else f"After {on.duration_words(seconds)}"


def _mark(bound: Bound) -> None:
    _group("The mark of each object")
    st.segmented_control(
        "Place",
        list(PLACES),
        format_func=PLACES.__getitem__,
        required=True,
        help="Which part of an object warms the picture: all of its box, its middle, or its lower edge, where people "
        "and wheels touch the ground.",
        **bound.to(on.PLACE, "default"),
    )
    st.segmented_control(
        "Shape",
        list(SHAPES),
        format_func=SHAPES.__getitem__,
        required=True,
        help="A round mark, one like the object's box, or a smooth one that is warmest in its middle.",
        **bound.to(on.SHAPE, "default"),
    )
    st.slider("Size", 0.1, 3.0, step=0.1, help="How large the mark is; 1 is its usual size.", **bound.to(on.SIZE))


def _colours(bound: Bound) -> None:
    now = bound.controls.heat
    _group("What the colours stand for")
    st.segmented_control(
        "Colour it",
        list(BLENDS),
        format_func=BLENDS.__getitem__,
        required=True,
        help="Lay colour only where there is heat, or tint the whole picture.",
        **bound.to(on.BLEND, "default"),
    )
    st.selectbox(
        "Hottest colour stands for",
        format_func=SCALES.__getitem__,
        help="Automatic follows the hottest spot slowly, so that nothing flickers and an empty scene cools down.",
        **bound.to_one_of(on.SCALE, list(SCALES)),
    )
    if now.scale is Scale.FIXED:
        unit, words = UNITS[now.measure]
        st.number_input(
            unit,
            min_value=min(0.05, now.scale_top_s),
            max_value=max(1e6, now.scale_top_s),
            step=0.5 if now.measure is Measure.DWELL else 1.0,
            format="%.2f" if now.measure is Measure.DWELL else "%.1f",
            help=words,
            **bound.to(on.SCALE_TOP),
        )
    elif now.scale is Scale.PERCENTILE:
        st.slider(
            "Percentile of the warm spots",
            50.0,
            100.0,
            step=0.5,
            format="%.1f %%",
            help="At 99, the hottest hundredth of the warm spots has the hottest colour. Lower shows weak heat better.",
            **bound.to(on.SCALE_PERCENTILE),
        )


def half_lives(heat: HeatControls) -> list[float]:
    """The steps offered for the half-life now."""
    return on.half_life_choices(heat.half_life_s, DEFAULT_HALF_LIFE_S)


def decay_note(half_life_s: float, snapshot: Snapshot) -> None:
    """A line with the half-life as the decay factor for each frame that other tools ask for."""
    if math.isinf(half_life_s):
        _note("Decay factor 1: heat only grows, until it is cleared.")
        return
    rate_hz = (snapshot.source.rate_hz if snapshot.source else None) or 25.0
    _note(f"Decay factor {decay_from_half_life(half_life_s, rate_hz):.4g} for each frame at {rate_hz:.3g} fps.")
