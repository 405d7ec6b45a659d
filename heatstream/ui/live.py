"""The live page: choose a source, then watch it, tune it, and draw zones on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from heatstream.core.controls import Controls
from heatstream.core.errors import HeatStreamError, UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Snapshot
from heatstream.demo import suggested_zones
from heatstream.host.engine_host import EngineHost
from heatstream.ui import (
    addresses,
    bindings,
    browser_camera,
    camera_list,
    control_panel,
    first_visit,
    hints,
    password_panel,
    place,
    playback,
    problems,
    share,
    source_picker,
    undo,
    zone_editor,
    zone_numbers,
    zones,
)
from heatstream.ui.bindings import Bound
from heatstream.ui.live_view import live_view
from heatstream.ui.names import escaped, source_name
from heatstream.web import current
from heatstream.web.wire import page_mark

#: How often the page looks whether its offers to undo something have ended (seconds).
OFFERS_S = 1.0
TABS = ("What to see", "What to count", "What to look for")
#: Of the controls, what each panel shows, and each widget that is drawn anew alone: a change of one does not concern
#: the others.
PANELS: dict[str, Callable[[Controls], object]] = {
    "see": lambda controls: (
        replace(controls.heat, alpha=0.0, half_life_s=1.0),
        controls.overlay,
        controls.detect.classes,
    ),
    "count": lambda controls: (controls.zones, controls.anchor, controls.counting),
    "look": lambda controls: controls.detect.classes,
    **{binding.name: binding.read for binding in bindings.ALONE},
}
_VISITED = "visited-camera"
_UNREACHED = {CameraState.CONNECTING, CameraState.RECONNECTING, CameraState.FAILED}


def page() -> None:
    """Draw the page."""
    host = current.host()
    problems.show_kept(key="notices")
    problems.show_trouble(host.trouble)
    camera_list.tidy_uploads(settings().upload_dir)
    camera_id = place.camera()
    if camera_id is None and place.START not in st.query_params and first_visit.wanted(host):
        with problems.shown():
            camera_id = first_visit.open_demo(host)
            place.go(camera_id)
    if camera_id is None:
        _start(host)
        return
    try:
        _wake(host, camera_id)
        bound, snapshot = Bound.of(host, camera_id), host.snapshot(camera_id)
    except HeatStreamError as error:
        with st.container(key="gone"):
            st.warning(escaped(_why_not(error, camera_id)))
        _start(host)
        return
    camera_list.settle(host)
    _live(bound, snapshot)


def _start(host: EngineHost) -> None:
    zone_editor.close_editor()
    st.session_state.pop(_VISITED, None)
    place.go(None)
    if share.PARAMETER in st.query_params:
        st.info("The link brings settings. Choose a camera or a video; then you are asked whether to use them there.")
    source_picker.start_page(host)


def _wake(host: EngineHost, camera_id: str) -> None:
    """Run a camera again that is only known: at the first look, not after somebody stopped it under our eyes."""
    if st.session_state.get(_VISITED) != camera_id:
        if not host.running(camera_id):
            host.wake(camera_id)
        st.session_state[_VISITED] = camera_id


def _why_not(error: HeatStreamError, camera_id: str) -> str:
    if isinstance(error, UnknownCameraError):
        return (
            f"The camera “{camera_id[:40]}” is not known here (any more). It was removed, or the link comes from "
            "another HeatStream. Choose a video to start one."
        )
    return str(error)


def _live(bound: Bound, snapshot: Snapshot) -> None:
    _drawn_now(bound)
    _head(bound, snapshot)
    asked = password_panel.panel(bound, snapshot)
    asked = share.question(bound) or asked
    editing = zone_editor.editing(bound.camera_id)
    with st.container():  # always there, so that the picture keeps its place
        if editing is None and not asked:  # one thing at a time
            actions = {"draw": problems.kept(lambda: zone_editor.open_editor(bound)), "own": leave}
            own_zones = {zone.id for zone in bound.controls.zones} - {zone.id for zone in suggested_zones()}
            hints.hints(actions, done=["draw"] if own_zones else [], key=bound.key("hints"))
    with st.container():  # always there, too
        browser_camera.keep_sending(bound.camera_id)
    with st.container(key="stage"):
        left, right = st.columns([2.5, 1] if editing is None else [2, 1], gap="medium")
        with left, problems.shown():
            if editing is None:
                _picture(bound.camera_id)
            else:
                zone_editor.editor(bound, editing)
                _drawn_now(bound)
        with right, problems.shown():
            if editing is None:
                _controls(bound, snapshot)
            else:
                _beside_editor(bound, editing)
    if any(_offers(bound)):
        _until_offers_end(bound.camera_id)


def leave() -> None:
    """Go to the start page; the camera goes on."""
    zone_editor.close_editor()
    source_picker.begin_with()
    place.go(None)


def _drawn_now(bound: Bound) -> None:
    """Note for ``_run_if_changed`` what the page was drawn from; panels note what they show when they are drawn."""
    st.session_state[bound.key("page-shows")] = page_shows(bound.host, bound.camera_id)
    for group in PANELS:
        st.session_state.pop(bound.key(f"{group}-shows"), None)


@st.fragment
def _picture(camera_id: str) -> None:
    """The live view; its bar, and a change of the camera elsewhere, run only this again, and the page if need be."""
    host = current.host()
    try:
        mark, spec = page_mark(host, camera_id), host.spec(camera_id)
        bound = Bound.of(host, camera_id)
    except UnknownCameraError:
        st.rerun()
    if place.camera() != camera_id:  # “Use motion instead” has led to another one
        st.rerun()
    _run_if_changed(bound)
    live_view(
        camera_id,
        ticket=current.issue_ticket(camera_id),
        zones=bound.controls.zones,
        label=source_name(spec.source),
        actions=playback.actions(host, camera_id, show=place.go),
        mark=mark,
    )
    problems.show_kept()


def _head(bound: Bound, snapshot: Snapshot) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="head"):
        name = escaped(source_name(bound.host.spec(bound.camera_id).source))
        model = f" :small[:gray[{escaped(snapshot.model_label)}]]" if snapshot.model_label else ""
        st.markdown(f"#### {name}{model}", width="stretch")
        with st.container(width="content"):  # always there: a button that goes must not move the others
            _again_button(bound, snapshot)
        st.button("Change source", key=bound.key("change"), on_click=problems.kept(_change), args=(bound,))
        with st.container(width="content"):
            addresses.popover(bound.host, bound.camera_id)
        st.button(
            "Stop",
            key=bound.key("stop"),
            on_click=problems.kept(_stop),
            args=(bound,),
            disabled=snapshot.state is CameraState.STOPPED,
            help="Ends the camera for everyone who watches it. It stays on the list with its zones and counts.",
        )


def _change(bound: Bound) -> None:
    """Leave for another source. Whoever comes from a camera that cannot be reached wants to look at its address."""
    leave()
    if bound.host.snapshot(bound.camera_id).state in _UNREACHED:
        source_picker.begin_with(bound.host.spec(bound.camera_id).source)


def _stop(bound: Bound) -> None:
    bound.host.stop(bound.camera_id)
    leave()


def _again_button(bound: Bound, snapshot: Snapshot) -> None:
    """For a camera that somebody stopped; the picture has buttons for one that failed or ended."""
    if snapshot.state is CameraState.STOPPED:
        wake, args = problems.kept(bound.host.wake), (bound.camera_id,)
        st.button("Start again", type="primary", key=bound.key("again"), on_click=wake, args=args)


def _controls(bound: Bound, snapshot: Snapshot) -> None:
    see, count, look = st.tabs(TABS, default=TABS[1] if zone_editor.was_open() else TABS[0])
    with see:
        _panel(bound.camera_id, "see")
    with count:
        zones.zone_list(bound, _size(snapshot), zone_editor.remount)
        st.button(
            "Draw on the picture",
            key=bound.key("edit-zones"),
            type="primary" if not bound.controls.zones else "secondary",
            width="stretch",
            on_click=problems.kept(zone_editor.open_editor),
            args=(bound,),
        )
        zone_numbers.line_by_numbers(bound)
        _panel(bound.camera_id, "count")
    with look:
        _panel(bound.camera_id, "look")


@st.fragment
def _panel(camera_id: str, group: str) -> None:
    """One group of controls; a change in it runs only this again, not the page."""
    with problems.shown():
        host = current.host()
        try:
            bound, snapshot = Bound.of(host, camera_id), host.snapshot(camera_id)
        except UnknownCameraError:
            st.rerun()
        st.session_state[bound.key(f"{group}-shows")] = PANELS[group](bound.controls)
        problems.show_kept()
        with st.container(key=f"{group}-panel"):
            if group == "see":
                control_panel.see(bound, snapshot)
            elif group == "count":
                control_panel.count(bound, snapshot)
            else:
                control_panel.look(bound, snapshot)


def _beside_editor(bound: Bound, editing: zone_editor.Editing) -> None:
    zones.zone_list(Bound.of(bound.host, bound.camera_id), editing.picture_wh, zone_editor.remount)
    _picture(bound.camera_id)


def _size(snapshot: Snapshot) -> tuple[int, int]:
    return snapshot.source.size_wh if snapshot.source else (16, 9)


def page_shows(host: EngineHost, camera_id: str) -> tuple[object, ...]:
    """All that the page, apart from its panels, was drawn from."""
    controls, snapshot = host.controls(camera_id), host.snapshot(camera_id)
    rate_hz = snapshot.source.rate_hz if snapshot.source else None
    bound = Bound(host, camera_id, controls)
    return (
        *(host.trouble, host.locked(camera_id), controls.zones, controls.paused, controls.loop),
        *(snapshot.state, snapshot.class_names, snapshot.model_label, rate_hz, _size(snapshot)),
        *_offers(bound),
    )


def _offers(bound: Bound) -> tuple[object | None, ...]:
    """What the page offers to undo for some time; None for what there is not."""
    return *(undo.offered(bound, field) for field in ("counts_epoch", "heat_epoch")), share.offered(bound)


def _run_if_changed(bound: Bound) -> None:
    """Draw the page anew when what it shows was changed elsewhere."""
    drawn = st.session_state.get(bound.key("page-shows"))
    wanted = {bound.key(f"{group}-shows"): shows(bound.controls) for group, shows in PANELS.items()}
    now = page_shows(bound.host, bound.camera_id)
    if now != drawn or any(st.session_state.get(key, shown) != shown for key, shown in wanted.items()):
        st.rerun()


@st.fragment(run_every=OFFERS_S)
def _until_offers_end(camera_id: str) -> None:
    """Draw the page anew when it has offered to undo something for long enough."""
    with problems.shown():
        try:
            _run_if_changed(Bound.of(current.host(), camera_id))
        except UnknownCameraError:
            st.rerun()
