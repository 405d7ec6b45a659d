"""On a camera's own page: its user and password again, where they are lost or were refused."""

from __future__ import annotations

import streamlit as st

from heatstream.core.errors import SourceError
from heatstream.core.types import CameraState, Snapshot
from heatstream.host.spec import CameraSpec
from heatstream.sources.addresses import is_network
from heatstream.sources.base import MARK
from heatstream.sources.checking import check_source
from heatstream.sources.credentials import Secret, split_secret
from heatstream.ui import problems
from heatstream.ui.bindings import Bound

_LOST = "The password of this camera cannot be read any more. Enter it again; zones and counts are as they were."
_HELP = "Its address had secret parts besides user and password, for which three stars stand since."
_FAILED = "If the camera refused user or password, enter them again. What you leave empty stays as it was."


def wanted(bound: Bound, snapshot: Snapshot) -> bool:
    """Whether there is something to ask."""
    source = bound.host.spec(bound.camera_id).source
    refused = snapshot.state is CameraState.FAILED and not snapshot.model_failed
    return is_network(source) and (bound.host.locked(bound.camera_id) or refused)


def panel(bound: Bound, snapshot: Snapshot) -> bool:
    """The fields and a button that opens the camera with them; nothing where nothing is wrong with it.

    Returns:
        whether there is something to answer.
    """
    with st.container():  # always there, so that the picture keeps its place
        if not wanted(bound, snapshot):
            return False
        spec, locked = bound.host.spec(bound.camera_id), bound.host.locked(bound.camera_id)
        with st.container(border=True, key="password-again"):
            st.markdown(_LOST if locked else _FAILED)
            if MARK in spec.source:
                st.text_input("The whole address", key=bound.key("address-again"), type="password", help=_HELP)
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.text_input("User", key=bound.key("user-again"), autocomplete="off")
                st.text_input("Password", key=bound.key("password-again"), type="password", autocomplete="new-password")
                st.button(
                    "Connect",
                    type="primary",
                    key=bound.key("connect-again"),
                    on_click=problems.kept(_connect),
                    args=(bound, spec),
                )
        return True


def _connect(bound: Bound, spec: CameraSpec) -> None:
    user, password = (st.session_state.get(bound.key(f"{name}-again"), "") for name in ("user", "password"))
    address, written = st.session_state.get(bound.key("address-again"), ""), Secret()
    if MARK in spec.source and (address.strip() or bound.host.locked(bound.camera_id)):
        shown, written = split_secret(check_source(address))
        if shown.partition("#")[0] != spec.source.partition("#")[0]:  # the transport is not in the manual's address
            raise SourceError("This is another camera's address; choose “Change source” to open that one.")
    secret = Secret(user.strip() or written.user, password or written.password, written.hidden)
    if not secret:
        raise SourceError("Enter the user or the password that the camera wants.")
    bound.host.let_in(bound.camera_id, secret)
    for name in ("user", "password", "address"):
        st.session_state.pop(bound.key(f"{name}-again"), None)
