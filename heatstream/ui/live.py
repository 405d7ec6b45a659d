"""The live page: choose a source, then watch it, tune it, and draw zones on it."""

from __future__ import annotations

import streamlit as st

from heatstream.core.errors import UnknownCameraError
from heatstream.core.types import CameraState, Snapshot
from heatstream.host.engine_host import EngineHost
from heatstream.ui import addresses, control_panel, problems, zone_editor, zones
from heatstream.ui.bindings import Bound
from heatstream.ui.live_view import live_view
from heatstream.ui.source_picker import escaped, source_name, start_page
from heatstream.web import current

#: How soon a change made in another tab, or by the camera itself, shows in this one's widgets (seconds).
WATCH_S = 1.0
TABS = ("Heat", "Zones", "Show", "Detect")
PANELS = ("heat", "show", "detect")


def page() -> None:
    """Draw the page."""
    host = current.host()
    problems.show_kept()
    camera_id = st.query_params.get("camera")
    if camera_id is None:
        start_page(host)
        return
    try:
        bound, snapshot = Bound.of(host, camera_id), host.snapshot(camera_id)
    except UnknownCameraError:
        zone_editor.close_editor()
        del st.query_params["camera"]
        with st.container(key="gone"):
            st.warning(
                f"The camera `{camera_id[:40]}` does not run (any more). It was stopped, nobody watched it for a "
                "while, or the server was started again. Choose a video to start it."
            )
        start_page(host)
        return
    _live(bound, snapshot)


def _live(bound: Bound, snapshot: Snapshot) -> None:
    _drawn_now(bound)
    _head(bound, snapshot)
    editing = zone_editor.editing(bound.camera_id)
    with st.container(key="stage"):
        left, right = st.columns([2.5, 1] if editing is None else [2, 1], gap="medium")
        with left, problems.shown():
            if editing is None:
                _picture(bound)
            else:
                zone_editor.editor(bound, editing)
                _drawn_now(bound)
        with right, problems.shown():
            if editing is None:
                _controls(bound, snapshot)
            else:
                _beside_editor(bound, editing)
    _watch(bound.camera_id)


def _drawn_now(bound: Bound) -> None:
    """Note for ``_watch`` what the page was drawn from; panels note their own revision when they are drawn."""
    st.session_state[bound.key("page-shows")] = page_shows(bound.host, bound.camera_id)
    for group in PANELS:
        st.session_state.pop(bound.key(f"{group}-shows"), None)


def _picture(bound: Bound) -> None:
    live_view(
        bound.camera_id,
        ticket=current.issue_ticket(bound.camera_id),
        zones=bound.host.controls(bound.camera_id).zones,
        key=f"live-{bound.camera_id}",
        label=source_name(bound.host.spec(bound.camera_id).source),
    )


def _head(bound: Bound, snapshot: Snapshot) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", key="head"):
        name = escaped(source_name(bound.host.spec(bound.camera_id).source))
        model = f" :small[:gray[{escaped(snapshot.model_label)}]]" if snapshot.model_label else ""
        st.markdown(f"#### {name}{model}", width="stretch")
        if st.button("Change source", key=bound.key("change")):
            zone_editor.close_editor()
            del st.query_params["camera"]
            st.rerun()
        addresses.popover(bound)
        with st.popover("Stop camera"):
            st.write("It ends for everyone who watches it, and its counts and heat are gone.")
            if st.button("Stop it now", type="primary", key=bound.key("stop")):
                bound.host.stop(bound.camera_id)
                zone_editor.close_editor()
                del st.query_params["camera"]
                st.rerun()
    if snapshot.state is CameraState.FAILED:
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", key="failed"):
            st.error(f"The camera failed: {snapshot.reason or 'the reason is not known'}", width="stretch")
            _again_button(bound, "Try again")
    elif snapshot.state is CameraState.ENDED:
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", key="ended"):
            st.info("The file has ended. Its counts stay, and playing it again adds to them.", width="stretch")
            _again_button(bound, "Play again")


def _again_button(bound: Bound, label: str) -> None:
    restart = problems.kept(bound.host.restart)
    st.button(label, key=bound.key("again"), on_click=restart, args=(bound.camera_id,))


def _controls(bound: Bound, snapshot: Snapshot) -> None:
    control_panel.run_row(bound, snapshot)
    heat, zone_tab, show, detect = st.tabs(TABS, default=TABS[1] if zone_editor.was_open() else TABS[0])
    with heat:
        _panel(bound.camera_id, "heat")
    with zone_tab:
        zones.zone_list(bound, _size(snapshot), zone_editor.remount)
        st.button(
            "Draw on the picture",
            key=bound.key("edit-zones"),
            type="primary" if not bound.controls.zones else "secondary",
            width="stretch",
            on_click=problems.kept(zone_editor.open_editor),
            args=(bound,),
        )
    with show:
        _panel(bound.camera_id, "show")
    with detect:
        _panel(bound.camera_id, "detect")


@st.fragment
def _panel(camera_id: str, group: str) -> None:
    """One group of controls; a change in it runs only this again, not the page."""
    with problems.shown():
        host = current.host()
        try:
            bound, snapshot = Bound.of(host, camera_id), host.snapshot(camera_id)
        except UnknownCameraError:
            st.rerun()
        st.session_state[bound.key(f"{group}-shows")] = bound.controls.revision
        problems.show_kept()
        with st.container(key=f"{group}-panel"):
            if group == "heat":
                control_panel.heat(bound, snapshot)
            elif group == "show":
                control_panel.show(bound)
            else:
                control_panel.detect(bound, snapshot)


def _beside_editor(bound: Bound, editing: zone_editor.Editing) -> None:
    zones.zone_list(Bound.of(bound.host, bound.camera_id), editing.picture_wh, zone_editor.remount)
    _picture(bound)


def _size(snapshot: Snapshot) -> tuple[int, int]:
    return snapshot.source.size_wh if snapshot.source else (16, 9)


def page_shows(host: EngineHost, camera_id: str) -> tuple[object, ...]:
    """All that the page, apart from its panels, was drawn from."""
    controls, snapshot = host.controls(camera_id), host.snapshot(camera_id)
    rate_hz = snapshot.source.rate_hz if snapshot.source else None
    return (
        *(controls.zones, controls.paused, controls.loop),
        *(snapshot.state, snapshot.class_names, snapshot.model_label, rate_hz, _size(snapshot)),
    )


@st.fragment(run_every=WATCH_S)
def _watch(camera_id: str) -> None:
    """Draw the page anew when what it shows was changed elsewhere."""
    with problems.shown():
        host = current.host()
        try:
            bound, now = Bound.of(host, camera_id), page_shows(host, camera_id)
        except UnknownCameraError:
            st.rerun()
        drawn = st.session_state.get(bound.key("page-shows"))
        revision = bound.controls.revision
        panels = [st.session_state.get(bound.key(f"{group}-shows"), revision) for group in PANELS]
        if now != drawn or min(panels) != revision:
            st.rerun()
