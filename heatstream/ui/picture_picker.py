"""How a folder of pictures is to be played: what the start page asks once such a folder is chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.sources.pictures import DEFAULT_RATE_HZ, MAX_RATE_HZ, pictures_in
from heatstream.ui.names import escaped


def choose_rate(folder: Path) -> str | None:
    """The widgets; the source's text, or None if the folder cannot be used."""
    try:
        pictures = pictures_in(folder)
    except HeatStreamError as error:
        st.error(escaped(str(error)))
        return None
    rate_hz = st.number_input(
        "Pictures a second",
        min_value=0.01,
        max_value=MAX_RATE_HZ,
        value=DEFAULT_RATE_HZ,
        step=1.0,
        format="%g",
        key="pictures-rate",
        help="How fast they follow each other: the rate at which they were taken, so that times and heat are right.",
    )
    st.caption(f"{len(pictures):,} pictures, from {escaped(pictures[0].name)} to {escaped(pictures[-1].name)}")
    return str(folder) if rate_hz == DEFAULT_RATE_HZ else f"{folder}?rate={rate_hz:g}"
