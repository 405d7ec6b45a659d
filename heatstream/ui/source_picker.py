"""The start page: choose what to watch by its kind, or go on with a camera that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.core.settings import settings
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.sources.addresses import check_address, is_network
from heatstream.sources.credentials import split_secret
from heatstream.ui import browser_camera, camera_list, first_visit, media, network_camera, picture_picker, problems
from heatstream.ui.camera_list import join
from heatstream.ui.model_picker import choose_model
from heatstream.ui.names import escaped
from heatstream.ui.webcam_picker import choose_webcam

NETWORK, WEBCAM, OWN = "Network camera", "Webcam", "My camera"
DEMO, FOLDER, UPLOAD = "Demo scene", "A file in the media folder", "Upload a file"

#: The kind that the page begins with, if it is not to be the usual one.
_BEGIN = "source-kind-to-begin-with"


@dataclass(frozen=True, slots=True)
class _Upload:
    """What was uploaded last and where it is kept, so that a rerun does not write it again."""

    file_id: str
    path: Path


def start_page(host: EngineHost) -> None:
    """Draw the start page; a started camera's id goes into the page's address, and the page is run anew."""
    listed = camera_list.any_known(host)
    with st.container(key="start-wide" if listed else "start"):
        new, known = st.columns([1.15, 1], gap="large") if listed else (st.container(), None)
        with new, problems.shown():
            _new(host)
        if known is not None:
            with known, problems.shown():
                camera_list.camera_list()


def begin_with(unreached: str = "") -> None:
    """Have the start page begin as usual, or with the address of a network camera that could not be reached."""
    st.session_state.pop(_BEGIN, None)
    if is_network(unreached):
        st.session_state[_BEGIN] = NETWORK
        network_camera.begin_with(unreached)


def _new(host: EngineHost) -> None:
    st.title("What should HeatStream watch?", anchor=False)
    where = st.segmented_control(
        "Video",
        tuple(_KINDS),
        default=st.session_state.get(_BEGIN) or _first_choice(host),
        required=True,
        key="source-kind",
        width="stretch",
        label_visibility="collapsed",
    )
    source = _KINDS[where]()
    if where == DEMO:
        if st.button("Watch the demo", type="primary", width="stretch", key="start-demo"):
            with problems.shown():
                join(first_visit.open_demo(host))
        return
    model = choose_model()
    ready = source is not None and model is not None
    pressed = st.button("Start", type="primary", disabled=not ready, width="stretch", key="start-now")
    if pressed and source is not None and model is not None:
        with problems.shown():
            check_address(source)  # which may have to look a name up, so not before somebody means it
            shown, secret = split_secret(source)
            camera_id = host.open(CameraSpec(shown, model), secret=secret)
            network_camera.forget_password()
            join(camera_id)


def _first_choice(host: EngineHost) -> str:
    """Whoever has seen the demo comes here for something else."""
    if not first_visit.opened_before(host):
        return DEMO
    return FOLDER if media.sources_in(settings().media_dir).names else UPLOAD


def _demo() -> str:
    st.image(first_visit.STILL, width="stretch")
    st.caption(
        "A square in the sun, drawn by HeatStream itself: people, a cyclist, a car. No camera and no download needed."
    )
    return first_visit.DEMO.source


def _from_folder() -> str | None:
    folder = settings().media_dir
    names, ill_named = media.sources_in(folder)
    if ill_named:
        st.caption(f"Not listed: {ill_named} in this folder whose names are not in UTF-8. Rename them to open them.")
    if not names:
        st.info(
            f"The media folder is empty. Put videos or pictures into `{folder.resolve()}` and press “Look again”, or "
            "choose “Upload a file” above. (`HEATSTREAM_MEDIA_DIR` names another folder.)"
        )
        st.button("Look again", key="look-again")
        return None
    name = st.selectbox("File", names, key="source-file")
    if name is None:
        return None
    try:
        path = media.inside(folder, name)
    except HeatStreamError as error:
        st.error(escaped(str(error)))
        return None
    if path.is_dir():
        return picture_picker.choose_rate(path)
    st.caption(f"{path.stat().st_size / 1e6:,.1f} MB in `{folder.resolve()}`")
    return str(path)


def _from_upload() -> str | None:
    limit_mb = settings().max_upload_mb
    file = st.file_uploader(
        "Video or picture",
        type=list(media.UPLOAD_TYPES),
        max_upload_size=limit_mb,
        key="source-upload",
        label_visibility="collapsed",
    )
    if file is None:
        return None
    last = st.session_state.get("upload-kept")
    if isinstance(last, _Upload) and last.file_id == file.file_id and last.path.is_file():
        return str(last.path)
    try:
        path = media.keep_upload(file, file.name, folder=settings().upload_dir, max_mb=limit_mb)
    except HeatStreamError as error:
        st.error(escaped(str(error)))
        return None
    st.session_state["upload-kept"] = _Upload(file.file_id, path)
    return str(path)


#: Every kind of source, in the order of the page, three in a row: its widgets, which give the source's text, or None
#: while there is none to open.
_KINDS: dict[str, Callable[[], str | None]] = {
    NETWORK: network_camera.choose_network_camera,
    WEBCAM: choose_webcam,
    OWN: browser_camera.choose_browser_camera,
    FOLDER: _from_folder,
    UPLOAD: _from_upload,
    DEMO: _demo,
}
