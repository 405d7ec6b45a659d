"""The controls beside the picture, grouped by what people want; each acts at the next frame."""

from __future__ import annotations

import math

import streamlit as st

from heatstream.core.controls import DEFAULT_HALF_LIFE_S, Anchor, Blend, HeatControls, Scale, Shape
from heatstream.core.heat import decay_from_half_life
from heatstream.core.types import Snapshot
from heatstream.ui import bindings as on
from heatstream.ui import colormap_swatches, undo
from heatstream.ui.bindings import Bound
from heatstream.ui.problems import kept

SHAPES = {Shape.CIRCLE: "Circle", Shape.RECT: "Box"}
BLENDS = {Blend.TRANSPARENT: "Only where warm", Blend.UNIFORM: "Whole picture"}
SCALES = {
    Scale.AUTO: "Automatic",
    Scale.FIXED: "A fixed value",
    Scale.PERCENTILE: "A percentile",
    Scale.MINMAX: "Each frame's maximum",
}
ANCHORS = {Anchor.CENTER: "The middle of an object", Anchor.BOTTOM: "Its lower edge (feet, wheels)"}
#: Of what can be drawn: its label, and words where the label is not plain.
TOGGLES = {
    "heat": ("Heat", ""),
    "boxes": ("Boxes", ""),
    "labels": ("Labels", "Kind, number and the model's confidence beside each box."),
    "trails": ("Trails", "The way that each object has come."),
    "zones": ("Zones", ""),
    "counts": ("Counts", "Numbers beside each zone, in the picture."),
    "legend": ("Legend", "What the colours stand for."),
}


def see(bound: Bound, snapshot: Snapshot) -> None:
    """What to see: how heat looks and fades, and what else is drawn on the picture."""
    now = bound.controls.heat
    colormap_swatches.picker(now.colormap, kept(lambda name: bound.set(on.COLORMAP, name)))
    st.slider("Strength", 0.0, 1.0, step=0.05, help="How strongly heat covers the picture.", **bound.to(on.ALPHA))
    st.select_slider(
        "Fades to half in",
        half_lives(now),
        format_func=on.duration_words,
        help="The half-life: after this time without anyone there, half of the heat is left. “Never” lets it add up.",
        **bound.to(on.HALF_LIFE),
    )
    st.html('<div class="hs-group">Drawn on the picture</div>')
    with st.container(key="toggles"):
        left, right = st.columns(2)
        for i, (name, (label, words)) in enumerate(TOGGLES.items()):
            (left if i % 2 == 0 else right).toggle(label, help=words or None, **bound.to(on.OVERLAY[name]))
    with st.expander("More about heat", key="heat-more"):
        _more_heat(bound, snapshot)
    st.button(
        "Clear heat",
        key=bound.key("clear-heat"),
        on_click=kept(undo.advance),
        args=(bound, "heat_epoch"),
        help="Begin with a cold picture. Counts stay.",
    )
    undo.step_bar(bound, "heat_epoch", "Heat was cleared.")


def _more_heat(bound: Bound, snapshot: Snapshot) -> None:
    """What few people change."""
    now = bound.controls.heat
    st.html(f'<div class="hs-note">{decay_words(now.half_life_s, snapshot)}</div>')
    st.segmented_control(
        "Shape",
        list(SHAPES),
        format_func=SHAPES.__getitem__,
        required=True,
        help="The shape in which each object warms the picture.",
        **bound.to(on.SHAPE),
    )
    st.slider("Size", 0.1, 3.0, step=0.1, help="1 fills the object's box.", **bound.to(on.SIZE))
    st.segmented_control(
        "Colour it",
        list(BLENDS),
        format_func=BLENDS.__getitem__,
        required=True,
        help="Lay colour only where there is heat, or tint the whole picture.",
        **bound.to(on.BLEND),
    )
    st.selectbox(
        "Hottest colour stands for",
        list(SCALES),
        format_func=SCALES.__getitem__,
        help="Automatic follows the hottest spot slowly, so that nothing flickers and an empty scene cools down.",
        **bound.to(on.SCALE),
    )
    if now.scale is Scale.FIXED:
        st.number_input(
            "Object-seconds",
            min_value=0.05,
            max_value=1e6,
            step=0.5,
            format="%.2f",
            help="Two people who stand on a spot for three seconds bring it six object-seconds.",
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


def decay_words(half_life_s: float, snapshot: Snapshot) -> str:
    """The half-life as the decay factor for each frame that other tools ask for."""
    if math.isinf(half_life_s):
        return "Decay factor 1: heat only grows, until it is cleared."
    rate_hz = snapshot.source.rate_hz if snapshot.source else None
    factor = decay_from_half_life(half_life_s, rate_hz or 25.0)
    return f"The same as a decay factor of {factor:.4g} for each frame at {rate_hz or 25.0:.3g} frames a second."


def count(bound: Bound) -> None:
    """What to count: the rule for all zones, and starting from 0."""
    st.selectbox(
        "What crosses",
        list(ANCHORS),
        format_func=ANCHORS.__getitem__,
        help="The point of an object's box that must pass a line or be inside an area. From a low camera, feet are "
        "where people really stand.",
        **bound.to(on.ANCHOR),
    )
    st.button(
        "Reset counts",
        key=bound.key("reset-counts"),
        on_click=kept(undo.advance),
        args=(bound, "counts_epoch"),
        disabled=not bound.controls.zones,
        help="Sets every zone's counts back to 0.",
    )
    undo.step_bar(bound, "counts_epoch", "Counts were set to 0.")


def look(bound: Bound, snapshot: Snapshot) -> None:
    """What to look for: kinds of objects, and how sure the model must be."""
    chosen = bound.controls.detect.classes or ()
    names = [*snapshot.class_names, *(name for name in chosen if name not in snapshot.class_names)]
    st.multiselect(
        "Kinds of objects",
        names,
        placeholder="Everything the model knows" if names else "Known once the model is loaded",
        help="Only these are shown and counted. Empty: all of them.",
        select_all=False,  # it would stand first: typing "car" and Enter would choose "car", "carrot" and "chair"
        **bound.to(on.CLASSES),
    )
    st.slider(
        "Least confidence",
        0.0,
        1.0,
        step=0.05,
        help="Detections that the model is less sure of are left out. Lower finds more, and more that is not there.",
        **bound.to(on.CONFIDENCE),
    )
    with st.expander("More about detection", key="look-more"):
        st.slider(
            "Overlap (IoU)",
            0.05,
            1.0,
            step=0.05,
            help="Intersection over union, how much two boxes share: 0 nothing, 1 everything. Two boxes of one kind "
            "that overlap more than this are taken for the same object. Raise it where people stand close together.",
            **bound.to(on.IOU),
        )
