"""The colormaps as people choose them: by their colours, with the name beside."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import streamlit as st

from heatstream.core.colormaps import COLORMAPS, lut

#: Colours in a CSS gradient: enough that no map shows steps in a swatch 200 px wide.
_STOPS = 24
_STRIP_PX = 14


@cache
def gradient(name: str) -> str:
    """A colormap as a CSS gradient, cold to the left."""
    rows = lut(name)[np.linspace(0, 255, _STOPS).round().astype(int)]
    return "linear-gradient(to right, " + ", ".join(f"rgb({r},{g},{b})" for b, g, r in rows.tolist()) + ")"


@cache
def strip_png(name: str) -> bytes:
    """A colormap as a PNG strip of 256 pixels' width, cold to the left."""
    done, data = cv2.imencode(".png", np.repeat(lut(name)[None], _STRIP_PX, axis=0))
    assert done
    return data.tobytes()


@cache
def strip_url(name: str) -> str:
    """The strip as a ``data:`` address."""
    return "data:image/png;base64," + base64.b64encode(strip_png(name)).decode("ascii")


def display_name(name: str) -> str:
    """``TWILIGHT_SHIFTED`` -> ``Twilight shifted``."""
    return "HSV" if name == "HSV" else name.replace("_", " ").capitalize()


@cache
def _style() -> str:
    rules = [
        f".st-key-swatch-{name.lower()} button::before{{content:'';display:block;height:14px;width:100%;"
        f"border-radius:4px;background:{gradient(name)}}}"
        for name in COLORMAPS
    ]
    return f"<style>{''.join(rules)}</style>"


def picker(chosen: str, choose: Callable[[str], None]) -> None:
    """The chosen map as a strip and a button that opens all of them; a click on one calls ``choose(name)``."""
    st.html(
        f'<div class="hs-swatch"><span>Colours</span>'
        f'<img alt="{display_name(chosen)}, from cold to hot" src="{strip_url(chosen)}"></div>'
    )
    with st.popover(display_name(chosen), width="stretch"):
        st.html(_style())
        with st.container(key="swatches"):
            names = list(COLORMAPS)
            for row in range(0, len(names), 2):
                for name, column in zip(names[row : row + 2], st.columns(2, gap="small"), strict=False):
                    with column.container(key=f"swatch-{name.lower()}"):
                        st.button(
                            display_name(name),
                            type="secondary" if name == chosen else "tertiary",
                            width="stretch",
                            on_click=choose,
                            args=(name,),
                            key=f"choose-{name}",
                        )
