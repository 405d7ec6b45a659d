"""Lines by numbers instead of by mouse: to place one with the keyboard alone, or to the percent."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from heatstream.core.controls import Controls
from heatstream.core.geometry import validate_zone
from heatstream.core.types import Point, ZoneKind
from heatstream.ui.bindings import Bound
from heatstream.ui.problems import kept
from heatstream.ui.zone_shapes import new_zone
from heatstream.ui.zones import with_zone

NEW = ""
_MIDDLE: tuple[Point, Point] = ((0.25, 0.5), (0.75, 0.5))
_FIELDS = ("Start, from the left", "Start, from the top", "End, from the left", "End, from the top")


def placed(controls: Controls, zone_id: str, points: tuple[Point, Point]) -> Controls:
    """``controls`` with a line moved to ``points``, or with a new one there if ``zone_id`` is ``NEW``.

    Raises:
        ControlsError: its ends are the same point.
    """
    line = new_zone(points, controls.zones)
    validate_zone(line)
    if zone_id == NEW:
        return replace(controls, zones=(*controls.zones, line))
    return with_zone(controls, zone_id, lambda zone: replace(zone, points=points))


def line_by_numbers(bound: Bound) -> None:
    """Four numbers and a button."""
    lines = {zone.id: zone for zone in bound.controls.zones if zone.kind is ZoneKind.LINE}
    with st.expander("Place a line by numbers", key="zone-numbers"):
        names = {NEW: "A new line"} | {zone_id: line.name for zone_id, line in lines.items()}
        last = st.session_state.get(bound.key("numbers-last"))
        chosen = st.selectbox(
            "Line",
            list(names),
            list(names).index(last) if last in names else 0,
            format_func=names.__getitem__,
            key=bound.key(f"numbers-line-{list(names.values())}"),  # a browser tells what is chosen by its name
        )
        st.session_state[bound.key("numbers-last")] = chosen
        now = lines[chosen].points if chosen else _MIDDLE
        values = [round(value * 100, 1) for point in now for value in point]
        keys = [bound.key(f"numbers-{chosen}-{values}-{i}") for i in range(4)]  # what is typed stays until it moves
        columns = st.columns(2)
        for i, (label, value, key) in enumerate(zip(_FIELDS, values, keys, strict=True)):
            columns[i % 2].number_input(label, 0.0, 100.0, value, step=1.0, format="%.1f", key=key)
        st.html('<div class="hs-note">In percent of the width and height of the picture.</div>')
        st.button(
            "Move the line" if chosen else "Add the line",
            key=bound.key("numbers-go"),
            on_click=kept(_place),
            args=(bound, chosen, keys),
        )


def _place(bound: Bound, zone_id: str, keys: list[str]) -> None:
    x1, y1, x2, y2 = (st.session_state[key] / 100 for key in keys)
    bound.host.update(bound.camera_id, lambda controls: placed(controls, zone_id, ((x1, y1), (x2, y2))))
