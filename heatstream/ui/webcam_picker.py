"""Choosing a webcam of the machine that runs HeatStream: which one, in which size, how many pictures a second."""

from __future__ import annotations

import sys
from collections import Counter

import streamlit as st

from heatstream.sources.webcam_address import WebcamAddress
from heatstream.sources.webcams import Mode, Webcam, webcams
from heatstream.ui.names import escaped

AUTOMATIC = None
#: A size that shows people well and that most machines analyse at full rate; it is offered first where there is one.
_GOOD_SIZE = (1280, 720)
_NONE = (
    "No webcam is plugged into the machine that runs HeatStream. Plug one in and press “Look again”. "
    "In a virtual machine or a container the device must be passed on to it"
)


def choose_webcam() -> str | None:
    """The widgets; the source's text, or None while there is no webcam."""
    found = {_lasting(webcam): webcam for webcam in webcams()}
    names = Counter(webcam.name for webcam in found.values())

    def label(key: str) -> str:
        """Different for each: a browser tells what is chosen by its label."""
        if key not in found:
            return str(key)
        webcam = found[key]
        return webcam.name if names[webcam.name] == 1 else f"{webcam.name} (number {webcam.index})"

    if not found:
        hint = " (`docker run --device /dev/video0`)." if sys.platform == "linux" else "."
        st.info(_NONE + hint)
        st.button("Look again", key="webcam-look-again")
        return None
    left, middle, right = st.columns([2, 1, 1])
    device = left.selectbox(
        "Webcam",
        list(found),
        format_func=label,
        key="webcam-device",
        help="Webcams of the machine that runs HeatStream, not of the one that shows this page.",
    )
    if device not in found:
        return None
    webcam = found[device]
    sizes = [*(mode.size_wh for mode in webcam.modes), AUTOMATIC]
    size_wh = middle.selectbox(
        "Size",
        sizes,
        index=sizes.index(_GOOD_SIZE) if _GOOD_SIZE in sizes else len(sizes) - 1,
        format_func=lambda size: f"{size[0]} x {size[1]}" if size else "The camera's own",
        key=f"webcam-size-{device}",
    )
    mode = next((mode for mode in webcam.modes if mode.size_wh == size_wh), Mode((0, 0)))
    rate_hz = right.selectbox(
        "Pictures a second",
        [AUTOMATIC, *mode.rates_hz],
        format_func=lambda rate: f"{rate:g}" if rate else "The camera's own",
        key=f"webcam-rate-{device}-{size_wh}",
    )
    st.caption(_words(webcam))
    return WebcamAddress(device, size_wh, rate_hz).text


def _lasting(webcam: Webcam) -> str:
    """How to name the device so that it is found again: by a lasting path where there is one, else by its number."""
    return webcam.path if webcam.path.startswith("/dev/v4l/") else str(webcam.index)


def _words(webcam: Webcam) -> str:
    where = escaped(webcam.path) if webcam.path.startswith("/dev/") else f"number {webcam.index}"
    modes = "" if webcam.modes else " It does not tell in which sizes it can be had."
    return f"On the machine that runs HeatStream, {where}.{modes}"
