"""The page's part for a network camera: its address, user and password, transport, and a test of the connection."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.core.settings import settings
from heatstream.sources.addresses import check_udp, is_network
from heatstream.sources.base import MARK
from heatstream.sources.checking import check_source
from heatstream.sources.credentials import NO_SECRET, Secret, split_secret, with_credentials
from heatstream.ui import connection_test, problems
from heatstream.ui.names import escaped

_ADDRESS, _USER, _PASSWORD, _TRANSPORT = "network-address", "network-user", "network-password", "network-transport"
#: What was secret in the address besides user and password: tokens.
_HIDDEN = "network-hidden"
TCP, UDP = "TCP", "UDP"

#: Main stream's address by make, from the makers' manuals; ``HOST`` stands for the camera.
EXAMPLES = {
    "Axis": "rtsp://HOST/axis-media/media.amp",
    "Hikvision": "rtsp://HOST:554/Streaming/Channels/101",
    "Dahua, Amcrest": "rtsp://HOST:554/cam/realmonitor?channel=1&subtype=0",
    "Reolink": "rtsp://HOST:554/h264Preview_01_main",
    "TP-Link Tapo": "rtsp://HOST:554/stream1",
    "Ubiquiti UniFi": "rtsps://HOST:7441/STREAM-KEY",
    "ONVIF, others": "rtsp://HOST:554/ and a path from the manual",
    "Web camera (MJPEG)": "http://HOST/mjpg/video.mjpg",
    "HLS": "https://HOST/live/index.m3u8",
}


def choose_network_camera() -> str | None:
    """The widgets; the address with user and password in it, or None while it is none that can be opened."""
    with st.container(key="network-camera"):
        text = _address()
        secret = _credentials(text)
        source = _source(text, secret)
        if source is None:
            connection_test.forget()
        else:
            connection_test.panel(*split_secret(source))
        _examples()
        return source


def _source(text: str, secret: Secret) -> str | None:
    """The whole source; None, and the reason is shown, if it is none that may be opened."""
    if not text:
        return None
    try:
        return _checked(text, secret)
    except HeatStreamError as error:
        st.error(escaped(problems.sentence(error)))
        return None


def forget_password() -> None:
    """Forget all that was typed: when the camera is open, it is not needed any more."""
    for key in (_ADDRESS, _USER, _PASSWORD, _HIDDEN):
        st.session_state.pop(key, None)
    connection_test.forget()


def begin_with(source: str) -> None:
    """Have the widgets begin with a source whose secrets are hidden; user and password have to be typed again."""
    forget_password()
    st.session_state[_ADDRESS] = source
    _take_apart()


def _address() -> str:
    return st.text_input(
        "Address",
        placeholder="rtsp://192.168.1.20/stream1",
        key=_ADDRESS,
        on_change=problems.kept(_take_apart),
        help="What the camera's manual calls its RTSP or stream address. A file of the media folder (its path), the "
        "number of a webcam and `demo://plaza` are understood, too.",
    ).strip()


def _writable(text: str) -> str:
    """``text`` as a field can show it: bytes that are no UTF-8 (``%FF`` in an address) become question marks."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _take_apart() -> None:
    """A password that was typed into the address moves to its own field at once, tokens out of sight."""
    text = st.session_state[_ADDRESS].strip()
    shown, secret = split_secret(text)
    if secret.user or secret.password:
        st.session_state[_USER], st.session_state[_PASSWORD] = _writable(secret.user), _writable(secret.password)
    if secret.hidden or MARK not in shown:
        st.session_state[_HIDDEN] = secret.hidden
    if shown.lower().startswith("rtsp://"):
        address, mark, fragment = shown.partition("#")
        if mark and fragment.upper() in (TCP, UDP):
            st.session_state[_TRANSPORT], shown = fragment.upper(), address
    st.session_state[_ADDRESS] = shown


def _credentials(text: str) -> Secret:
    """User, password and tokens; the fields are there unless the address names something that has no password."""
    if _is_local(text):
        return NO_SECRET
    rtsp = not is_network(text) or text.lower().startswith("rtsp://")
    user_column, password_column, *more = st.columns([1, 1, 0.75] if rtsp else 2, vertical_alignment="bottom")
    user = user_column.text_input("User", key=_USER, placeholder="if it wants one", autocomplete="off")
    password = password_column.text_input(
        "Password",
        key=_PASSWORD,
        type="password",
        autocomplete="new-password",
        help="Kept encrypted on the server, and shown nowhere.",
    )
    if rtsp:
        st.session_state.setdefault(_TRANSPORT, TCP)
        more[0].segmented_control(
            "Transport",
            (TCP, UDP),
            key=_TRANSPORT,
            required=True,
            width="stretch",
            help="How RTSP sends its pictures. TCP loses none; UDP can be a little quicker on a good wire.",
        )
    hidden = st.session_state.get(_HIDDEN, ())
    if hidden and text.count(MARK) == len(hidden):
        st.caption(f"{escaped(MARK)} stands for what was secret in the address; it is sent to the camera alone.")
    return Secret(user.strip(), password, tuple(hidden))


def _is_local(text: str) -> bool:
    if not text or is_network(text):
        return False
    try:
        _checked(text, NO_SECRET)
    except HeatStreamError:
        return False
    return True


def _checked(text: str, secret: Secret) -> str:
    """The whole source.

    Raises:
        HeatStreamError: it is none that may be opened.
    """
    kept = settings()
    if not is_network(text):
        return check_source(text, folders=(kept.media_dir, kept.upload_dir))
    if text.count(MARK) != len(secret.hidden):
        secret = replace(secret, hidden=())
    if text.lower().startswith("rtsp://") and st.session_state.get(_TRANSPORT) == UDP and "#" not in text:
        text += "#udp"
    source = check_source(with_credentials(text, secret))
    if source.lower().endswith("#udp"):
        check_udp(source)
    return source


def _examples() -> None:
    with st.expander("Addresses of common cameras", key="network-examples"):
        rows = "\n".join(f"| {make} | `{address}` |" for make, address in EXAMPLES.items())
        st.markdown(f"| Make | Address |\n| --- | --- |\n{rows}")
        st.caption("HOST is the camera's name or IP address, as its app or your router shows it.")
