"""The cameras that are known: what each does and has counted; to open, stop, remove, and bring back."""

from __future__ import annotations

import html
import logging
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from heatstream.core.errors import UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState, Snapshot, Zone, ZoneUse
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.ui import media, place, problems, undo
from heatstream.ui.names import STATE_WORDS, button_label, source_name
from heatstream.vision.models import AUTO, model_title
from heatstream.web import current

logger = logging.getLogger(__name__)

#: How often the list is drawn anew, seconds.
REFRESH_S = 2.0
#: How many removed cameras can be brought back.
MOST_REMOVED = 3
_REMOVED = "removed-cameras"
#: The camera that is to be shown now.
_OPENED = "opened-camera"
#: How long an error stays, seconds: the list is drawn anew before anybody can have read it.
NOTICE_S = 10.0


@dataclass(frozen=True, slots=True)
class _Removed:
    """A camera that was removed in this tab; ``forgotten`` is what the host needs to bring it back."""

    spec: CameraSpec
    forgotten: Any


def join(camera_id: str) -> None:
    """Show a camera: put it into the page's address and run the page anew."""
    place.go(camera_id)
    st.rerun()


def any_known(host: EngineHost) -> bool:
    """Whether there is something to list."""
    return bool(host.cameras() or st.session_state.get(_REMOVED))


@st.fragment(run_every=REFRESH_S)
def camera_list() -> None:
    """All known cameras, newest used first, and what was removed in this tab."""
    with problems.shown():
        host = current.host()
        problems.show_kept(NOTICE_S)
        opened = st.session_state.pop(_OPENED, None)
        if opened is not None:
            join(opened)
        specs = host.cameras()
        st.html(f'<h2 class="hs-title">Cameras <span>{len(specs) or ""}</span></h2>')
        for removed in st.session_state.get(_REMOVED, ()):
            name = source_name(removed.spec.source)
            undo.bar(f"“{name}” was removed.", removed.spec.id, partial(_bring_back, host, removed))
        for spec in specs:
            try:
                _row(host, spec)
            except UnknownCameraError:
                continue  # removed in another tab while this one was drawn


def _row(host: EngineHost, spec: CameraSpec) -> None:
    snapshot = host.snapshot(spec.id)
    running = host.running(spec.id)
    name = source_name(spec.source)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"camera-{spec.id}"):
        st.html(_words(host, spec, snapshot), width="stretch")
        with st.container(horizontal=True, width="content", wrap=False, gap="small"):
            st.button(
                button_label("Open", name),
                key=f"join-{spec.id}",
                on_click=problems.kept(_open),
                args=(host, spec.id),
            )
            if running:
                st.button(
                    button_label("Stop", name),
                    key=f"stop-{spec.id}",
                    on_click=problems.kept(host.stop),
                    args=(spec.id,),
                    help="Ends it for everyone who watches it. It stays in this list with its zones and counts.",
                )
            st.button(
                button_label("Remove", name),
                key=f"remove-{spec.id}",
                on_click=problems.kept(_remove),
                args=(host, spec),
                help="Takes it off this list, with its zones and counts.",
            )


def _words(host: EngineHost, spec: CameraSpec, snapshot: Snapshot) -> str:
    """Name, state, model and counts as HTML."""
    chosen = model_title(Path(settings().model if spec.model.model == AUTO else spec.model.model))
    model = snapshot.model_label.partition(" (")[0] or chosen
    state = f'<span class="hs-state" data-state="{snapshot.state.value}"><i></i>{STATE_WORDS[snapshot.state]}</span>'
    rest = " · ".join(html.escape(text) for text in (model, summary(host.controls(spec.id).zones, snapshot)))
    why = (
        f'<p class="hs-why">{html.escape(snapshot.reason)}</p>'
        if snapshot.state is CameraState.FAILED and snapshot.reason
        else ""
    )
    name = html.escape(source_name(spec.source))
    return f'<div class="hs-camera"><strong title="{name}">{name}</strong><p>{state} · {rest}</p>{why}</div>'


def summary(zones: tuple[Zone, ...], snapshot: Snapshot) -> str:
    """``2 zones · 124 in · 98 out``, of the zones that count."""
    number = sum(zone.use is ZoneUse.COUNT for zone in zones)
    if not number:
        return "no zones"
    into = sum(tally.total.into for tally in snapshot.tallies)
    out = sum(tally.total.out for tally in snapshot.tallies)
    return f"{number} {'zone' if number == 1 else 'zones'} · {into:,} in · {out:,} out"


def _open(host: EngineHost, camera_id: str) -> None:
    if not host.running(camera_id):
        host.wake(camera_id)
    st.session_state[_OPENED] = camera_id


def _remove(host: EngineHost, spec: CameraSpec) -> None:
    others = [removed for removed in st.session_state.get(_REMOVED, ()) if removed.spec.id != spec.id]
    st.session_state[_REMOVED] = (*others, _Removed(spec, host.forget(spec.id)))[-MOST_REMOVED:]


def _bring_back(host: EngineHost, removed: _Removed) -> None:
    st.session_state[_REMOVED] = tuple(other for other in st.session_state.get(_REMOVED, ()) if other != removed)
    if any(spec.id == removed.spec.id for spec in host.cameras()):
        name = source_name(removed.spec.source)
        problems.keep(f"“{name}” was started anew meanwhile, with counts of its own; the earlier ones cannot be added.")
    host.restore(removed.forgotten)


@cache
def tidy_uploads(folder: Path) -> None:
    """At the first page of this process: delete the uploads that have lain in ``folder`` unused for a day.

    None while the host is in trouble: cameras that could not be read may use them.
    """
    host = current.host()
    if host.trouble:
        return
    used = [spec.source for spec in host.cameras()]
    number = media.remove_uploads(folder, used, older_than_s=86400.0)
    if number:
        logger.info("%d uploads that nothing uses were deleted", number)


def settle(host: EngineHost) -> None:
    """Called away from the list: what was removed there stays removed, and its uploads that nothing uses go, too.

    Others' uploads stay: they can bring their cameras back. While the host is in trouble all stay (``tidy_uploads``).
    """
    removed: tuple[_Removed, ...] = st.session_state.pop(_REMOVED, ())
    if removed and not host.trouble:
        used = {spec.source for spec in host.cameras()}
        for one in removed:
            media.remove_upload(settings().upload_dir, one.spec.source, used)
