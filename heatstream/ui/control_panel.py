"""The controls beside the picture, grouped by what people want; each acts at the next frame."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from heatstream.core.controls import DEFAULT_HALF_LIFE_S, Anchor, Blend, Controls, HeatControls, Scale, Shape
from heatstream.core.heat import decay_from_half_life
from heatstream.core.types import Snapshot
from heatstream.ui import bindings as on
from heatstream.ui import colormap_swatches
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
ANCHORS = {Anchor.CENTER: "Centre of the box", Anchor.BOTTOM: "Bottom of the box (feet)"}
TOGGLES = {
    "heat": "Heat",
    "boxes": "Boxes",
    "labels": "Labels",
    "trails": "Trails",
    "zones": "Zones",
    "counts": "Counts",
    "legend": "Legend",
}


def run_row(bound: Bound, snapshot: Snapshot) -> None:
    """Pause, reset the counts, and for files: loop."""
    with st.container(horizontal=True, vertical_alignment="center", key="run-row"):
        paused = bound.controls.paused
        st.button(
            "Resume" if paused else "Pause",
            key=bound.key("pause"),
            type="primary" if paused else "secondary",
            on_click=kept(_set_paused),
            args=(bound, not paused),
            help="Freezes the picture for everyone who watches this camera.",
        )
        st.button(
            "Reset counts",
            key=bound.key("reset-counts"),
            on_click=kept(_next_epoch),
            args=(bound, "counts_epoch"),
            help="Sets every zone's counts back to 0.",
        )
        if snapshot.source is None or not snapshot.source.live:
            st.toggle("Loop", **bound.to(on.LOOP), help="Start the file again when it ends.")


def _set_paused(bound: Bound, paused: bool) -> None:
    bound.host.update(bound.camera_id, lambda controls: replace(controls, paused=paused))


def _next_epoch(bound: Bound, field: str) -> None:
    def advance(controls: Controls) -> Controls:
        return replace(controls, **{field: getattr(controls, field) + 1})

    bound.host.update(bound.camera_id, advance)


def heat(bound: Bound, snapshot: Snapshot) -> None:
    """How heat gathers, fades and looks."""
    now = bound.controls.heat
    colormap_swatches.picker(now.colormap, kept(lambda name: bound.set(on.COLORMAP, name)))
    st.slider(
        "Strength", 0.0, 1.0, step=0.05, help="How strongly heat covers the picture: alpha.", **bound.to(on.ALPHA)
    )
    st.select_slider(
        "Fades to half in",
        half_lives(now),
        format_func=on.duration_words,
        help="The half-life: after this time without anyone there, half of the heat is left.",
        **bound.to(on.HALF_LIFE),
    )
    st.html(f'<div class="hs-note">{decay_words(now.half_life_s, snapshot)}</div>')
    left, right = st.columns(2)
    left.segmented_control(
        "Shape",
        list(SHAPES),
        format_func=SHAPES.__getitem__,
        required=True,
        help="The shape in which each object warms the picture.",
        **bound.to(on.SHAPE),
    )
    right.slider("Size", 0.1, 3.0, step=0.1, help="1 fills the object's box.", **bound.to(on.SIZE))
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
            "Percentile of the warm spots", 50.0, 100.0, step=0.5, format="%.1f %%", **bound.to(on.SCALE_PERCENTILE)
        )
    st.button("Clear heat", key=bound.key("clear-heat"), on_click=kept(_next_epoch), args=(bound, "heat_epoch"))


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


def show(bound: Bound) -> None:
    """What is drawn on the picture."""
    left, right = st.columns(2)
    for i, (name, label) in enumerate(TOGGLES.items()):
        (left if i % 2 == 0 else right).toggle(label, **bound.to(on.OVERLAY[name]))


def detect(bound: Bound, snapshot: Snapshot) -> None:
    """What is detected, shown and counted."""
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
        help="Detections that the model is less sure of are left out.",
        **bound.to(on.CONFIDENCE),
    )
    st.slider(
        "Overlap (IoU)",
        0.05,
        1.0,
        step=0.05,
        help="Two boxes of one kind that overlap more than this are taken for the same object.",
        **bound.to(on.IOU),
    )
    st.selectbox(
        "What crosses a line",
        list(ANCHORS),
        format_func=ANCHORS.__getitem__,
        help="The point of an object's box that must pass a line or be inside an area.",
        **bound.to(on.ANCHOR),
    )
