"""The start page: choose a video and a model, start its camera, or join one that runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from heatstream.core.errors import HeatStreamError, UnknownCameraError
from heatstream.core.settings import settings
from heatstream.core.types import CameraState
from heatstream.host.engine_host import EngineHost
from heatstream.host.spec import CameraSpec
from heatstream.ui import media
from heatstream.ui.model_picker import choose_model

FOLDER, UPLOAD = "From the media folder", "Upload a file"

STATE_WORDS = {
    CameraState.CONNECTING: "starting",
    CameraState.LIVE: "running",
    CameraState.STALLED: "stalled",
    CameraState.RECONNECTING: "reconnecting",
    CameraState.PAUSED: "paused",
    CameraState.ENDED: "ended",
    CameraState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class _Upload:
    """What was uploaded last and where it is kept, so that a rerun does not write it again."""

    file_id: str
    path: Path


def source_name(source: str) -> str:
    """A source as people know it: a file of the media folder by its place in there, another by its name."""
    path = Path(source)
    root = settings().media_dir.resolve()
    if path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def start_page(host: EngineHost) -> None:
    """Draw the start page; a started camera's id goes into the page's address, and the page is run anew."""
    with st.container(key="start"):
        st.title("What should HeatStream watch?", anchor=False)
        _running_cameras(host)
        source = _choose_source()
        model = choose_model()
        ready = source is not None and model is not None
        pressed = st.button("Start", type="primary", disabled=not ready, width="stretch", key="start-now")
        if pressed and source is not None and model is not None:
            join(host.open(CameraSpec(source=str(source), model=model)))


def join(camera_id: str) -> None:
    """Show a camera: put it into the page's address and run the page anew."""
    st.query_params["camera"] = camera_id
    st.rerun()


def _choose_source() -> Path | None:
    where = st.segmented_control(
        "Video", (FOLDER, UPLOAD), default=FOLDER, required=True, key="source-kind", width="stretch"
    )
    return _from_folder() if where == FOLDER else _from_upload()


def _from_folder() -> Path | None:
    folder = settings().media_dir
    names = media.videos_in(folder)
    if not names:
        st.info(
            f"No videos yet. Put video files into the folder `{folder.resolve()}` and press “Look again”, or "
            "upload one here. (`HEATSTREAM_MEDIA_DIR` names another folder.)"
        )
        st.button("Look again", key="look-again")
        return None
    name = st.selectbox("File", names, key="source-file", label_visibility="collapsed")
    if name is None:
        return None
    try:
        path = media.inside(folder, name)
    except HeatStreamError as error:
        st.error(str(error))
        return None
    st.caption(f"{path.stat().st_size / 1e6:,.1f} MB in `{folder.resolve()}`")
    return path


def _from_upload() -> Path | None:
    limit_mb = settings().max_upload_mb
    file = st.file_uploader(
        "Video file",
        type=list(media.VIDEO_TYPES),
        max_upload_size=limit_mb,
        key="source-upload",
        label_visibility="collapsed",
    )
    if file is None:
        return None
    last = st.session_state.get("upload-kept")
    if isinstance(last, _Upload) and last.file_id == file.file_id and last.path.is_file():
        return last.path
    try:
        path = media.keep_upload(file, file.name, folder=settings().upload_dir, max_mb=limit_mb)
    except HeatStreamError as error:
        st.error(str(error))
        return None
    st.session_state["upload-kept"] = _Upload(file.file_id, path)
    return path


def _running_cameras(host: EngineHost) -> None:
    specs = host.cameras()
    if not specs:
        return
    with st.container(border=True, key="running"):
        st.markdown(f"**Cameras** · {len(specs)}")
        for spec in specs:
            try:
                snapshot = host.snapshot(spec.id)
            except UnknownCameraError:
                continue
            with st.container(horizontal=True, vertical_alignment="center", key=f"running-{spec.id}"):
                st.markdown(
                    f"{escaped(source_name(spec.source))}  \n"
                    f":small[{STATE_WORDS[snapshot.state]} · {escaped(snapshot.model_label or spec.model.model)}]",
                    width="stretch",
                )
                if st.button("Open", key=f"join-{spec.id}"):
                    join(spec.id)


def escaped(text: str) -> str:
    """Text that markdown shows as it stands."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()<>#+-.!|~$:" else char for char in text)
