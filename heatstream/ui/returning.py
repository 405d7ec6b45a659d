"""Counts that come back: of a zone that returns, and of a reset that is undone.

A zone stops counting by “Delete”, on the canvas, by another use, or by a link's settings. What it had counted waits in
this tab until the zone counts again, whichever way it returns. After a reset nothing comes back but by its undoing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from heatstream.core.counting import Counted, added
from heatstream.ui.bindings import Bound


def keep(bound: Bound, zone_ids: Collection[str]) -> None:
    """Note what those of the zones that count have counted; called just before they stop."""
    counted, waiting = bound.host.counted(bound.camera_id), _waiting(bound)
    for zone in counted.zones:
        if zone.id in zone_ids:
            waiting[zone.id] = counted.of({zone.id})


def give_back(bound: Bound, zone_ids: Collection[str]) -> None:
    """Give zones that have just begun to count again what they had counted."""
    waiting, epoch = _waiting(bound), bound.host.controls(bound.camera_id).counts_epoch
    for zone_id in zone_ids:
        if zone_id in waiting and waiting[zone_id].epoch == epoch:
            bound.host.give_back(bound.camera_id, waiting.pop(zone_id))


def undo_reset(bound: Bound, counted: Counted) -> bool:
    """Add what had been counted before a reset to what was counted since; ``counted.epoch`` is the one it began.

    What zones had counted that are not there now waits for them.

    Returns:
        False if all counts were reset again meanwhile; then nothing comes back.
    """
    controls, waiting = bound.host.controls(bound.camera_id), _waiting(bound)
    if controls.counts_epoch != counted.epoch:
        return False
    bound.host.give_back(bound.camera_id, counted)
    there = {zone.id for zone in controls.counted_zones}
    earlier = [zone_id for zone_id, other in waiting.items() if other.epoch == counted.epoch - 1]
    for zone_id in earlier:  # gone before the reset; perhaps it is back by now
        waiting[zone_id] = replace(waiting[zone_id], epoch=counted.epoch)
    give_back(bound, there.intersection(earlier))
    for zone in counted.zones:
        if zone.id not in there:
            mine, later = counted.of({zone.id}), waiting.get(zone.id)
            if later is not None and later.epoch == counted.epoch:
                mine = replace(later, tallies=added(later.tallies, mine.for_zones(later.zones)))
            waiting[zone.id] = mine
    return True


def _waiting(bound: Bound) -> dict[str, Counted]:
    """By zone id."""
    found: dict[str, Counted] = st.session_state.setdefault(bound.key("returning"), {})
    return found
