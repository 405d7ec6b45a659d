"""Settings in a link: from controls to text in an address and back, and what opening such a link asks."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from heatstream.core.controls import Controls, Measure
from heatstream.core.errors import ControlsError
from heatstream.core.portable import controls_from_json, controls_to_json
from heatstream.core.types import Zone
from heatstream.ui import returning, undo
from heatstream.ui.bindings import Bound, duration_words
from heatstream.ui.colormap_swatches import display_name
from heatstream.ui.names import escaped
from heatstream.ui.problems import keep, kept
from heatstream.ui.zone_shapes import LONGEST_NAME, distinct

#: The query parameter that carries settings.
PARAMETER = "settings"
#: Larger texts than this are no settings: a hundred areas of ten corners take about 30 KB.
_MOST_BYTES = 200_000
_MOST_ZONES = 100
_BROKEN = "The settings in this link cannot be read: it was cut off or changed on its way. Nothing was changed here."
_MEASURED = {Measure.DWELL: "time spent", Measure.VISITS: "visits"}
#: What belongs to the moment and the camera, and stays out of a link.
_OWN = ("paused", "counts_epoch", "heat_epoch", "revision")


def encode(controls: Controls) -> str:
    """The settings as text for an address: JSON, deflated, in URL-safe base64 without padding."""
    text = controls_to_json(replace(controls, **_own(Controls())))
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode("ascii").rstrip("=")


def decode(text: str) -> Controls:
    """The settings that ``encode`` made ``text`` of.

    Raises:
        ControlsError: it is no such text, a value in it is out of range, or its zones are none that a page makes.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(data, _MOST_BYTES).decode()
        whole = unpacker.eof
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ControlsError(_BROKEN) from error
    if not whole:
        raise ControlsError(_BROKEN)
    controls = controls_from_json(plain)
    _check(controls.zones)
    zones: tuple[Zone, ...] = ()
    for zone in controls.zones:
        zones += (distinct(zone, zones),)
    return replace(controls, zones=zones)


def _check(zones: tuple[Zone, ...]) -> None:
    if len(zones) > _MOST_ZONES:
        raise ControlsError(f"The settings in this link have {len(zones)} zones, more than {_MOST_ZONES}.")
    if not all(zone.id for zone in zones):
        raise ControlsError("A zone in this link's settings has no id.")
    for zone in zones:
        if len(zone.name) > LONGEST_NAME:
            start = zone.name[:LONGEST_NAME]
            raise ControlsError(f"A zone's name in this link is longer than {LONGEST_NAME} characters: “{start}…”.")


def _own(controls: Controls) -> dict[str, Any]:
    return {name: getattr(controls, name) for name in _OWN}


def adopted(now: Controls, shared: Controls) -> Controls:
    """``now`` with all that a link carries."""
    return replace(shared, **_own(now))


def taken_back(now: Any, before: Any, after: Any) -> Any:
    """``now`` with what went from ``before`` to ``after`` as it was before; what was changed since stays."""
    if dataclasses.is_dataclass(now) and not isinstance(now, type):
        names = [field.name for field in dataclasses.fields(now)]
        return replace(now, **{n: taken_back(*(getattr(value, n) for value in (now, before, after))) for n in names})
    return before if now == after else now


def words(now: Controls, shared: Controls) -> str:
    """What a link would change, in a few words."""
    number, own = len(shared.zones), len(now.zones)
    zones = f"{number} {'zone' if number == 1 else 'zones'}" if number else "no zones"
    instead = f" instead of your {own}" if own else ""
    fades = duration_words(shared.heat.half_life_s)
    measured = "" if shared.heat.measure is now.heat.measure else f"{_MEASURED[shared.heat.measure]} as "
    colours = display_name(shared.heat.colormap)
    parts = (
        (shared.zones != now.zones, zones + instead),
        (shared.heat != now.heat, f"{measured}heat in “{colours}” that fades to half in {fades}"),
        (shared.overlay != now.overlay, "what is drawn on the picture"),
        (shared.detect != now.detect, "what to look for"),
        ((shared.anchor, shared.counting) != (now.anchor, now.counting), "how crossings are counted"),
        ((shared.loop, shared.speed) != (now.loop, now.speed), "how the file plays"),
    )
    return "; ".join(text for differs, text in parts if differs)


def link(page_url: str, query: Mapping[str, str]) -> str:
    """The page's address with another query."""
    parts = urlsplit(page_url)
    return parts._replace(path=parts.path or "/", query=urlencode(query), fragment="").geturl()


@dataclass(frozen=True, slots=True)
class _Applied:
    """The controls around the moment in which a link's settings were taken over."""

    before: Controls
    after: Controls
    until_s: float


def offered(bound: Bound) -> _Applied | None:
    """The taking over of a link's settings that this tab can still undo."""
    applied = st.session_state.get(bound.key("settings-applied"))
    return applied if isinstance(applied, _Applied) and time.monotonic() < applied.until_s else None


def question(bound: Bound) -> bool:
    """Ask what to do with the settings in the page's address; after applying them, offer to undo that.

    Returns:
        whether there is something to answer.
    """
    with st.container():  # always there, so that nothing below changes its place
        applied = offered(bound)
        if applied is not None:
            undo.bar("The link's settings are in use.", bound.key("settings"), lambda: _take_back(bound, applied))
        text = st.query_params.get(PARAMETER)
        if text is None:
            return False
        try:
            shared = decode(text)
        except ControlsError as error:
            message = str(error)
            with st.container(horizontal=True, vertical_alignment="center", key="settings-broken"):
                st.error(escaped(f"{message[:1].upper()}{message[1:]}"), width="stretch")
                st.button("Close", key=bound.key("settings-close"), on_click=drop)
            return True
        if adopted(bound.controls, shared) == bound.controls:
            drop()
            return False
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="settings-question"):
            st.markdown(f"**This link brings settings:** {escaped(words(bound.controls, shared))}.", width="stretch")
            key = bound.key("settings-apply")
            st.button("Apply", type="primary", key=key, on_click=_apply, args=(bound, shared))
            st.button("Keep mine", key=bound.key("settings-keep"), on_click=drop)
        return True


def drop() -> None:
    """Take the settings out of the page's address."""
    st.query_params.pop(PARAMETER, None)


@kept
def _apply(bound: Bound, shared: Controls) -> None:
    before: list[Controls] = []
    staying = {zone.id for zone in shared.counted_zones}
    returning.keep(bound, {zone.id for zone in bound.host.controls(bound.camera_id).zones} - staying)

    def change(now: Controls) -> Controls:
        before.append(now)
        return adopted(now, shared)

    after = bound.host.update(bound.camera_id, change)
    until_s = time.monotonic() + undo.OFFERED_S
    st.session_state[bound.key("settings-applied")] = _Applied(before[-1], after, until_s)
    drop()


def _take_back(bound: Bound, applied: _Applied) -> None:
    st.session_state.pop(bound.key("settings-applied"), None)
    if time.monotonic() >= applied.until_s:
        keep("The link's settings have been in use for too long to undo them at once.")
        return
    counted: list[set[str]] = []

    def change(now: Controls) -> Controls:
        counted.append({zone.id for zone in now.counted_zones})
        back: Controls = taken_back(now, applied.before, applied.after)
        return replace(back, **_own(now))

    after = bound.host.update(bound.camera_id, change)
    returning.give_back(bound, {zone.id for zone in after.counted_zones} - counted[-1])
