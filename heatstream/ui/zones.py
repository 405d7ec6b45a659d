"""The list of a camera's zones: rename, use, flip, delete and undo; and the changes to Controls behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from heatstream.core.controls import Controls
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import touches_edge
from heatstream.core.types import Zone, ZoneKind, ZoneUse
from heatstream.core.zone_marks import numbered
from heatstream.ui import returning
from heatstream.ui.bindings import Bound
from heatstream.ui.names import button_label, escaped
from heatstream.ui.problems import kept
from heatstream.ui.shared_widgets import showing
from heatstream.ui.zone_shapes import LONGEST_NAME, direction_words, fitting, is_mask, stroke

EDGE_HINT = (
    "touches the edge of the picture. Objects are counted poorly there, because they are not followed yet, or no "
    "longer. Move it inwards if you can."
)
#: What an area is for.
USES = {ZoneUse.COUNT: "Count", ZoneUse.HEAT_ONLY: "Heat only here", ZoneUse.HEAT_NEVER: "No heat here"}
#: How many deleted zones can be brought back.
MOST_DELETED = 5


@dataclass(frozen=True, slots=True)
class _Deleted:
    """A zone that can be brought back to its place in the list."""

    zone: Zone
    place: int


def with_zone(controls: Controls, zone_id: str, change: Callable[[Zone], Zone]) -> Controls:
    """``controls`` with one zone changed; the same if the zone is gone meanwhile."""
    return replace(controls, zones=tuple(change(zone) if zone.id == zone_id else zone for zone in controls.zones))


def renamed(controls: Controls, zone_id: str, name: str) -> Controls:
    """``controls`` with a zone renamed.

    Raises:
        ControlsError: the name is empty or another zone has it.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise ControlsError("A zone needs a name; the old one was kept.")
    if any(zone.name == name and zone.id != zone_id for zone in controls.zones):
        raise ControlsError(f"Another zone is called {name!r} already; choose a different name.")
    return with_zone(controls, zone_id, lambda zone: replace(zone, name=name))


def flipped(controls: Controls, zone_id: str) -> Controls:
    """``controls`` with in and out of a zone swapped."""
    return with_zone(controls, zone_id, lambda zone: replace(zone, flipped=not zone.flipped))


def used(controls: Controls, zone_id: str, use: ZoneUse) -> Controls:
    """``controls`` with an area for another use; lines only count and stay as they are."""

    def change(zone: Zone) -> Zone:
        return replace(zone, use=use) if zone.kind is ZoneKind.POLYGON else zone

    return with_zone(controls, zone_id, change)


def without(controls: Controls, zone_id: str) -> Controls:
    """``controls`` without a zone."""
    return replace(controls, zones=tuple(zone for zone in controls.zones if zone.id != zone_id))


def brought_back(controls: Controls, zone: Zone, place: int) -> Controls:
    """``controls`` with a deleted zone back in its place."""
    if any(other.id == zone.id for other in controls.zones):
        return controls
    zones = list(controls.zones)
    zones.insert(min(place, len(zones)), fitting(zone, zones))
    return replace(controls, zones=tuple(zones))


def zone_list(bound: Bound, size_wh: tuple[int, int], on_list_change: Callable[[], None]) -> None:
    """One row for each zone. ``on_list_change`` is called when a zone was deleted or brought back here."""
    zones = bound.controls.zones
    if not zones:
        st.caption("No zones yet. Draw a line where people cross, or an area that they enter.")
    for number, (colour, zone) in enumerate(numbered(zones), 1):
        with st.container(gap="xxsmall", key=f"zone-of-{zone.id}"):
            _row(bound, zone, number, on_list_change)
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                _note(zone, colour, size_wh)
                _choose_use(bound, zone, number, on_list_change)
        if touches_edge(zone) and not is_mask(zone):
            st.warning(f"“{escaped(zone.name)}” {EDGE_HINT}")
    for deleted in _deleted(bound):
        if all(zone.id != deleted.zone.id for zone in zones):
            _deleted_row(bound, deleted, on_list_change)


def _deleted(bound: Bound) -> tuple[_Deleted, ...]:
    """The zones that were deleted in this tab, oldest first."""
    found: tuple[_Deleted, ...] = st.session_state.get(bound.key("deleted"), ())
    return found


def _deleted_row(bound: Bound, deleted: _Deleted, on_list_change: Callable[[], None]) -> None:
    key = f"zone-undo-{deleted.zone.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.caption(f"“{escaped(deleted.zone.name)}” was deleted.", width="stretch")
        st.button(
            "Bring it back",
            key=bound.key(key),
            on_click=kept(_undo),
            args=(bound, deleted, on_list_change),
            help="It comes back where it was, with what it had counted.",
        )


def _row(bound: Bound, zone: Zone, number: int, on_list_change: Callable[[], None]) -> None:
    row = st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"zone-{zone.id}")
    with row:
        st.text_input(
            f"Name of zone {number}",
            zone.name,
            max_chars=LONGEST_NAME,
            label_visibility="collapsed",
            **showing(bound.key(f"zone-name-{zone.id}"), zone.name, partial(_rename, bound, zone.id)),
        )
        if not is_mask(zone):
            st.button(
                button_label("Flip", zone.name or f"zone {number}"),
                key=bound.key(f"flip-{zone.id}"),
                on_click=kept(_flip),
                args=(bound, zone.id),
                help="Swap in and out.",
            )
        st.button(
            button_label("Delete", zone.name or f"zone {number}"),
            key=bound.key(f"delete-{zone.id}"),
            on_click=kept(_delete),
            args=(bound, zone, on_list_change),
        )


def _choose_use(bound: Bound, zone: Zone, number: int, on_list_change: Callable[[], None]) -> None:
    """What an area is for; lines only count."""
    if zone.kind is ZoneKind.LINE:
        return
    uses = list(USES)
    st.selectbox(
        f"Use of zone {number}",
        uses,
        uses.index(zone.use),
        format_func=USES.__getitem__,
        label_visibility="collapsed",
        width=160,
        **showing(bound.key(f"zone-use-{zone.id}"), zone.use, partial(_use, bound, zone.id, on_list_change)),
    )


def _note(zone: Zone, colour: int, size_wh: tuple[int, int]) -> None:
    if is_mask(zone):
        mark, words = "", "Not counted"
    else:
        mark, words = f' style="background:{stroke(colour)}"', direction_words(zone, size_wh)
    kind = "Line · " if zone.kind is ZoneKind.LINE else ""
    st.html(f'<div class="hs-note hs-way"><i class="{zone.use.value}"{mark}></i>{kind}{words}</div>', width="stretch")


def _rename(bound: Bound, zone_id: str, typed: str) -> None:
    bound.host.update(bound.camera_id, lambda controls: renamed(controls, zone_id, typed))


def _flip(bound: Bound, zone_id: str) -> None:
    bound.host.update(bound.camera_id, lambda controls: flipped(controls, zone_id))


def _use(bound: Bound, zone_id: str, on_list_change: Callable[[], None], chosen: str) -> None:
    """Give an area another use. An area that stops counting loses its counts until it counts again."""
    use = ZoneUse(chosen)
    counted: list[bool] = []

    def change(controls: Controls) -> Controls:
        counted.append(any(zone.id == zone_id for zone in controls.counted_zones))
        return used(controls, zone_id, use)

    if use is not ZoneUse.COUNT:
        returning.keep(bound, {zone_id})
    bound.host.update(bound.camera_id, change)
    if use is ZoneUse.COUNT and not counted[-1]:
        returning.give_back(bound, {zone_id})
    on_list_change()


def _delete(bound: Bound, zone: Zone, on_list_change: Callable[[], None]) -> None:
    remember_deleted(bound, zone)
    bound.host.update(bound.camera_id, lambda controls: without(controls, zone.id))
    on_list_change()


def remember_deleted(bound: Bound, zone: Zone) -> None:
    """Offer to bring back a zone that is about to be deleted."""
    zones = bound.host.controls(bound.camera_id).zones
    place = next((i for i, other in enumerate(zones) if other.id == zone.id), len(zones))
    others = [deleted for deleted in _deleted(bound) if deleted.zone.id != zone.id]
    st.session_state[bound.key("deleted")] = (*others[1 - MOST_DELETED :], _Deleted(zone, place))
    returning.keep(bound, {zone.id})


def count_again(bound: Bound, zone_ids: Collection[str]) -> None:
    """Give zones that came back what they had counted when they were deleted in this tab."""
    kept_ones = tuple(deleted for deleted in _deleted(bound) if deleted.zone.id not in zone_ids)
    st.session_state[bound.key("deleted")] = kept_ones
    returning.give_back(bound, zone_ids)


def _undo(bound: Bound, deleted: _Deleted, on_list_change: Callable[[], None]) -> None:
    gone = all(zone.id != deleted.zone.id for zone in bound.host.controls(bound.camera_id).zones)
    bound.host.update(bound.camera_id, lambda controls: brought_back(controls, deleted.zone, deleted.place))
    if gone:
        count_again(bound, {deleted.zone.id})
    on_list_change()
