"""Drawing zones with the mouse on a still picture of the camera; what is finished counts at once.

The canvas is given a drawing once, when it is mounted, and keeps its own from then on: a rerun, or a zone that another
tab adds, must not take an unfinished outline away. Each state that it sends is compared with the one before, and only
the difference goes to the camera.
"""

from __future__ import annotations

import base64
import html
import io
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import streamlit as st
from PIL import Image

from heatstream.core.errors import ControlsError
from heatstream.core.geometry import validate_zone
from heatstream.core.types import Point, Zone, ZoneKind
from heatstream.core.zone_marks import free_colour, in_direction, numbered
from heatstream.engine.messages import Look
from heatstream.ui import zone_shapes
from heatstream.ui.bindings import Bound
from heatstream.ui.names import escaped
from heatstream.ui.problems import kept
from heatstream.ui.zone_shapes import Changes, Identities
from heatstream.ui.zone_stage import zone_stage
from heatstream.ui.zones import USES, count_again, remember_deleted

#: Used until the browser has said what there is, and where it says nothing of use.
_ROOM_WH = (720, 640)
#: A window that gives this much more room (pixels) is worth mounting the canvas anew.
_WORTH_PX = 80
_EDITING = "zone-editing"
_WAS_OPEN = "zone-editor-was-open"


class Tool(StrEnum):
    """What the mouse does on the picture."""

    LINE = "Draw a line"
    AREA = "Draw an area"
    EDIT = "Move and reshape"


HINTS = {
    Tool.LINE: "Press at one end, drag to the other, release. It counts from then on.",
    Tool.AREA: "Click corner after corner; click the **first corner** again to close the area. It counts from then on.",
    Tool.EDIT: (
        "Drag a zone to move it. Click it, and once more to get its corners, then drag those. "
        "The ✕ in the toolbar above the picture deletes the selected zone."
    ),
}


def st_canvas(**arguments: Any) -> Any:
    """The drawing canvas; imported when it is used, since it can only be within a running server."""
    from streamlit_drawable_canvas import st_canvas as canvas  # noqa: PLC0415

    return canvas(**arguments)


@dataclass(slots=True)
class Editing:
    """One open editor: the still and the zones that it began with, and what became of them on the canvas."""

    camera_id: str
    still: bytes
    picture_wh: tuple[int, int]
    mount: str = field(default_factory=lambda: secrets.token_hex(3))
    size_wh: tuple[int, int] | None = None
    start: tuple[Zone, ...] = ()
    drawing: dict[str, Any] = field(default_factory=dict)
    identities: Identities | None = None
    remembered: dict[str, Zone] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)


def editing(camera_id: str) -> Editing | None:
    """The editor that is open in this tab for this camera."""
    state = st.session_state.get(_EDITING)
    return state if isinstance(state, Editing) and state.camera_id == camera_id else None


def open_editor(bound: Bound) -> None:
    """Begin to edit, or begin anew with a fresh still and the zones as they are now.

    Raises:
        EngineUnavailableError: there is no picture at the moment.
    """
    still = bound.host.still_sync(bound.camera_id, Look.PLAIN)
    with Image.open(io.BytesIO(still)) as picture:
        size_wh = picture.size
    st.session_state[_EDITING] = Editing(bound.camera_id, still, size_wh)
    st.session_state[_WAS_OPEN] = True


def close_editor() -> None:
    """Back to the live picture."""
    st.session_state.pop(_EDITING, None)


def was_open() -> bool:
    """Whether an editor was opened in this tab before: whoever comes back from it is still busy with zones."""
    return bool(st.session_state.get(_WAS_OPEN))


def remount() -> None:
    """Give the canvas the zones as they are now: after one was deleted or brought back in the list."""
    state = st.session_state.get(_EDITING)
    if isinstance(state, Editing):
        st.session_state[_EDITING] = Editing(state.camera_id, state.still, state.picture_wh)


def editor(bound: Bound, state: Editing) -> None:
    """The canvas with its tools; finished drawings go to the camera."""
    tool = _tools(bound)
    st.caption(HINTS[tool])
    with st.container(key="zone-board"):
        room_wh = zone_stage(mount=state.mount, edit=tool is Tool.EDIT, key="zone-stage")
        if room_wh is None and state.size_wh is None:
            st.caption("Preparing the picture …")
            return
        if _has_other_room(state, room_wh):
            remount()
            st.rerun()
        _begin(state, bound.controls.zones, room_wh)
        assert state.size_wh is not None
        colour = free_colour(state.start)  # one that changed would take away an outline that is being drawn
        result = st_canvas(
            background_image=state.still,
            width=state.size_wh[0],
            height=state.size_wh[1],
            drawing_mode="polygon" if tool is Tool.AREA else "line",
            stroke_width=zone_shapes.STROKE_WIDTH,
            stroke_color=zone_shapes.stroke(colour),
            fill_color=zone_shapes.fill(colour),
            initial_drawing=state.drawing,
            key=f"zone-canvas-{state.mount}",
        )
        zones = take_over(bound, state, result.json_data)
        overlay = names_svg(zones, state.size_wh, _drawn_otherwise(state, zones, colour))
        picture = base64.b64encode(overlay.encode()).decode("ascii")
        st.html(f'<img class="hs-zone-names" alt="" src="data:image/svg+xml;base64,{picture}">')
    for message in state.unusable.values():
        st.error(escaped(message))
    if {zone.id for zone in zones} - set(state.remembered):
        st.info("A zone was added elsewhere. “New still” shows it here too.")


def _drawn_otherwise(state: Editing, zones: tuple[Zone, ...], colour: int) -> set[str]:
    """The ids of the zones that were drawn on this canvas in ``colour``, and have another."""
    assert state.identities is not None
    drawn = state.identities.points.keys() - {zone.id for zone in state.start} - state.unusable.keys()
    return {zone.id for number, zone in numbered(zones) if zone.id in drawn and number != colour}


def _tools(bound: Bound) -> Tool:
    """What to do with the mouse, a fresh still, and the way out."""
    with st.container(horizontal=True, vertical_alignment="center", key="zone-tools"):
        tool = st.segmented_control(
            "Tool", list(Tool), default=Tool.LINE, required=True, key="zone-tool", label_visibility="collapsed"
        )
        st.space("stretch")
        st.button(
            "New still",
            key="editor-still",
            on_click=kept(open_editor),
            args=(bound,),
            help="Take a fresh picture of the camera. An unfinished drawing is dropped.",
        )
        st.button("Done", type="primary", key="editor-done", on_click=close_editor)
    return tool or Tool.LINE


def _fitted(picture_wh: tuple[int, int], room_wh: tuple[int, int] | None) -> tuple[int, int]:
    """The size of the canvas: the whole picture, as large as there is room."""
    room_w, room_h = room_wh or _ROOM_WH
    picture_w, picture_h = picture_wh
    scale = min(room_w / picture_w, room_h / picture_h)
    return max(round(picture_w * scale), 1), max(round(picture_h * scale), 1)


def _has_other_room(state: Editing, room_wh: tuple[int, int] | None) -> bool:
    """Whether the window has become too narrow for the canvas, or much larger. An unfinished drawing is worth more
    than a few pixels, and is dropped only then."""
    if state.size_wh is None or room_wh is None:
        return False
    return state.size_wh[0] > room_wh[0] or _fitted(state.picture_wh, room_wh)[0] > state.size_wh[0] + _WORTH_PX


def _begin(state: Editing, zones: tuple[Zone, ...], room_wh: tuple[int, int] | None) -> None:
    """Fix the canvas's size and the drawing that it starts with, once for each mount."""
    if state.size_wh is not None:
        return
    state.size_wh = _fitted(state.picture_wh, room_wh)
    state.start = zones
    state.drawing = zone_shapes.to_drawing(zones, state.size_wh)
    state.identities = Identities(zones, state.size_wh)
    state.remembered = {zone.id: zone for zone in zones}


def take_over(bound: Bound, state: Editing, drawing: dict[str, Any] | None) -> tuple[Zone, ...]:
    """Send what changed on the canvas to the camera.

    A zone that cannot be used (its edges cross) stays as it last was, and the reason is kept in ``state.unusable``.

    Returns:
        the camera's zones now.
    """
    assert state.identities is not None
    assert state.size_wh is not None
    changes = state.identities.update(zone_shapes.from_drawing(drawing, state.size_wh))
    zones = bound.host.controls(bound.camera_id).zones
    if not changes:
        return zones
    state.remembered |= {zone.id: zone for zone in zones if zone.id in state.remembered}
    usable = _usable(state, changes, zones)
    for zone in zones:
        if zone.id in usable.removed:
            remember_deleted(bound, zone)
    controls = bound.host.update(
        bound.camera_id,
        lambda controls: replace(controls, zones=zone_shapes.merge(controls.zones, usable, state.remembered)),
    )
    for zone in controls.zones:
        if zone.id in usable.added:
            state.remembered[zone.id] = zone
    count_again(bound, usable.added.keys())
    return controls.zones


def _usable(state: Editing, changes: Changes, zones: tuple[Zone, ...]) -> Changes:
    """``changes`` without those that make no usable zone. One that was never usable before counts as added."""
    names = {zone.id: zone.name for zone in zones} | {key: zone.name for key, zone in state.remembered.items()}
    added: dict[str, tuple[Point, ...]] = {}
    moved: dict[str, tuple[Point, ...]] = {}
    for zone_id, points in {**changes.added, **changes.moved}.items():
        name = names.get(zone_id, "")
        try:
            validate_zone(Zone(zone_id, name, points))
        except ControlsError as error:
            state.unusable[zone_id] = _refusal(str(error), name, is_line=len(points) == 2)
            continue
        state.unusable.pop(zone_id, None)
        known = zone_id in state.remembered and zone_id in changes.moved
        (moved if known else added)[zone_id] = points
    for zone_id in changes.removed:
        state.unusable.pop(zone_id, None)
    return Changes(added, moved, changes.removed)


def _refusal(message: str, name: str, *, is_line: bool) -> str:
    """Why a drawing is not counted, about the drawing as people see it: a new one has no name yet."""
    kind = "line" if is_line else "area"
    subject = f"“{name}”" if name else f"The {kind} that you drew"
    what = (
        message.removeprefix(f"zone {name!r}")
        .lstrip(": ")
        .replace("the edges of the polygon", "its edges")
        .replace("polygon", "area")
    )
    joint = " " if what.startswith(("has", "needs")) else ": "
    return f"{subject}{joint}{what}. It is not counted like this."


def names_svg(zones: tuple[Zone, ...], size_wh: tuple[int, int], outlined: Collection[str] = ()) -> str:
    """Names, and arrows towards *in*, to lie over a canvas of ``size_wh`` pixels; and the outlines of the zones whose
    ids are ``outlined``, which the canvas has in another colour than theirs."""
    parts = []
    for number, zone in numbered(zones):
        if zone.id in outlined and not zone_shapes.is_mask(zone):
            parts.append(_outline(zone, size_wh, number))
        xs = [x * size_wh[0] for x, _ in zone.points]
        ys = [y * size_wh[1] for _, y in zone.points]
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        if zone.kind is ZoneKind.LINE:
            dx, dy = in_direction(zone, size_wh)[1].tolist()
            parts.append(_arrow((x, y), (dx, dy), zone_shapes.stroke(number)))
            x, y = x - dx * 16, y - dy * 16
        x = min(max(x, 30), size_wh[0] - 30)
        y = min(max(y, 12), size_wh[1] - 8)
        if zone_shapes.is_mask(zone):
            parts.append(_text((x, y - 4), zone.name, zone_shapes.MASK_STROKE))
            parts.append(_text((x, y + 12), USES[zone.use].lower(), zone_shapes.MASK_STROKE, weight=400))
        else:
            parts.append(_text((x, y + 4), zone.name, "#fff"))
    width, height = size_wh
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{"".join(parts)}</svg>'


def _outline(zone: Zone, size_wh: tuple[int, int], number: int) -> str:
    points = " ".join(f"{x * size_wh[0]:.1f},{y * size_wh[1]:.1f}" for x, y in zone.points)
    inside = "none" if zone.kind is ZoneKind.LINE else zone_shapes.fill(number)
    return (
        f'<polygon points="{points}" fill="{inside}" stroke="{zone_shapes.stroke(number)}"'
        f' stroke-width="{zone_shapes.STROKE_WIDTH + 1}"/>'
    )


def _text(middle: Point, words: str, colour: str, *, weight: int = 600) -> str:
    return (
        f'<text x="{middle[0]:.1f}" y="{middle[1]:.1f}" text-anchor="middle" fill="{colour}" stroke="#000"'
        f' stroke-width="3" paint-order="stroke" font-size="13" font-family="system-ui, sans-serif"'
        f' font-weight="{weight}">{html.escape(words)}</text>'
    )


def _arrow(start: Point, direction: Point, colour: str) -> str:
    (x, y), (dx, dy) = start, direction
    tip_x, tip_y = x + dx * 30, y + dy * 30
    back_x, back_y = tip_x - dx * 9, tip_y - dy * 9
    corners = ((tip_x, tip_y), (back_x - dy * 6, back_y + dx * 6), (back_x + dy * 6, back_y - dx * 6))
    head = " ".join(f"{corner_x:.1f},{corner_y:.1f}" for corner_x, corner_y in corners)
    return (
        f'<path d="M{x:.1f} {y:.1f}L{back_x:.1f} {back_y:.1f}" stroke="#000" stroke-width="6"/>'
        f'<polygon points="{head}" fill="#fff" stroke="#000" stroke-width="3" stroke-linejoin="round"/>'
        f'<path d="M{x:.1f} {y:.1f}L{back_x:.1f} {back_y:.1f}" stroke="{colour}" stroke-width="3"/>'
        f'<polygon points="{head}" fill="{colour}"/>'
    )
