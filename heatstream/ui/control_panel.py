"""The controls beside the picture, grouped by what people want; each acts at the next frame."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from heatstream.core.controls import Anchor
from heatstream.core.errors import UnknownCameraError
from heatstream.core.types import Snapshot, ZoneUse
from heatstream.ui import bindings as on
from heatstream.ui import colormap_swatches, heat_panel, problems, undo
from heatstream.ui.bindings import Binding, Bound
from heatstream.ui.problems import kept

ANCHORS = {Anchor.CENTER: "The middle of an object", Anchor.BOTTOM: "Its lower edge (feet, wheels)"}
#: What “once” off and on mean.
ONCE_WORDS = {
    False: "Every crossing counts: whoever comes back is counted again.",
    True: "At most once for each line or area, for as long as the same person or vehicle is followed.",
}
BANDS = {on.AUTOMATIC: "Automatic", on.BY_HAND: "Set by hand"}
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


@st.fragment
def _alone(bound: Bound, binding: Binding, draw: Callable[[Bound], None]) -> None:
    """A widget whose change draws only itself anew, not its panel: one that is dragged is cheap, and its effect shows
    sooner. Its binding is among ``bindings.ALONE``, so that the page looks for changes from elsewhere."""
    with problems.shown():
        try:
            bound = Bound.of(bound.host, bound.camera_id)
        except UnknownCameraError:
            st.rerun()
        st.session_state[bound.key(f"{binding.name}-shows")] = binding.read(bound.controls)
        with st.container(gap=None):
            draw(bound)
            problems.show_kept()


def see(bound: Bound, snapshot: Snapshot) -> None:
    """What to see: what heat shows, how it looks and fades, and what else is drawn on the picture."""
    now = bound.controls.heat
    heat_panel.measure(bound)
    colormap_swatches.picker(now.colormap, kept(lambda name: bound.set(on.COLORMAP, name)))
    _alone(bound, on.ALPHA, _strength)
    _alone(bound, on.HALF_LIFE, _half_life)
    st.html('<div class="hs-group">Drawn on the picture</div>')
    with st.container(key="toggles"):
        left, right = st.columns(2)
        for i, (name, (label, words)) in enumerate(TOGGLES.items()):
            (left if i % 2 == 0 else right).toggle(label, help=words or None, **bound.to(on.OVERLAY[name]))
    with st.expander("More about heat", key="heat-more"):
        heat_panel.more(bound, snapshot)
    st.button(
        "Clear heat",
        key=bound.key("clear-heat"),
        on_click=kept(undo.advance),
        args=(bound, "heat_epoch"),
        help="Begin with a cold picture. Counts stay.",
    )
    undo.step_bar(bound, "heat_epoch", "Heat was cleared.")


def _strength(bound: Bound) -> None:
    st.slider("Strength", 0.0, 1.0, step=0.05, help="How strongly heat covers the picture.", **bound.to(on.ALPHA))


def _half_life(bound: Bound) -> None:
    now = bound.controls.heat
    st.select_slider(
        "Fades to half in",
        heat_panel.half_lives(now),
        format_func=on.duration_words,
        help="The half-life: after this time without anyone there, half of the heat is left. “Never” lets it add up.",
        **bound.to(on.HALF_LIFE),
    )
    heat_panel.decay_note(now.half_life_s, bound.host.snapshot(bound.camera_id))


def count(bound: Bound, snapshot: Snapshot) -> None:
    """What to count: the rule for all zones, and starting from 0."""
    st.selectbox(
        "What crosses",
        format_func=ANCHORS.__getitem__,
        help="The point of an object's box that must pass a line or be inside an area. From a low camera, feet are "
        "where people really stand.",
        **bound.to_one_of(on.ANCHOR, list(ANCHORS)),
    )
    st.toggle("Count each person once", **bound.to(on.ONCE))
    st.html(f'<div class="hs-note hs-close">{ONCE_WORDS[bound.controls.counting.once]}</div>')
    with st.expander("More about counting", key="count-more"):
        _dead_band(bound, snapshot)
    st.button(
        "Reset counts",
        key=bound.key("reset-counts"),
        on_click=kept(undo.advance),
        args=(bound, "counts_epoch"),
        disabled=all(zone.use is not ZoneUse.COUNT for zone in bound.controls.zones),
        help="Sets every zone's counts back to 0.",
    )
    undo.step_bar(bound, "counts_epoch", "Counts were set to 0.")


def _dead_band(bound: Bound, snapshot: Snapshot) -> None:
    st.segmented_control(
        "Dead band",
        list(BANDS),
        format_func=BANDS.__getitem__,
        required=True,
        help="How far past a line or an area's edge an object must get before it counts, so that somebody who sways "
        "on the line is not counted again and again.",
        **bound.to(on.BAND_MODE, "default"),
    )
    band = bound.controls.counting.band
    if band is None:
        words = "Derived from each object's size, and from how much its box trembles."
    else:
        st.slider(
            "Width on each side",
            0.0,
            10.0,
            step=0.1,
            format="%.1f %%",
            help="In percent of the picture's shorter side. Wider is calmer; too wide misses those who turn soon "
            "after the line.",
            **bound.to(on.BAND_PERCENT),
        )
        words = band_words(band, snapshot)
    st.html(f'<div class="hs-note hs-close">{words}</div>')


def band_words(band: float, snapshot: Snapshot) -> str:
    """How wide a dead band is in the camera's picture."""
    if band == 0:
        return "None: the slightest step over the line counts."
    if snapshot.source is None:
        return "The same width for every object."
    return f"{band * min(snapshot.source.size_wh):.3g} pixels of this picture, the same for every object."


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
        **bound.to(on.CLASSES, "default"),
    )
    _alone(bound, on.CONFIDENCE, _confidence)
    with st.expander("More about detection", key="look-more"):
        _alone(bound, on.IOU, _overlap)


def _confidence(bound: Bound) -> None:
    st.slider(
        "Least confidence",
        0.0,
        1.0,
        step=0.05,
        help="Detections that the model is less sure of are left out. Lower finds more, and more that is not there.",
        **bound.to(on.CONFIDENCE),
    )


def _overlap(bound: Bound) -> None:
    st.slider(
        "Overlap (IoU)",
        0.05,
        1.0,
        step=0.05,
        help="Intersection over union, how much two boxes share: 0 nothing, 1 everything. Two boxes of one kind "
        "that overlap more than this are taken for the same object. Raise it where people stand close together.",
        **bound.to(on.IOU),
    )
