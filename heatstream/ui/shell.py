"""Around every page: the browser tab's name, the product's mark, the navigation, our few styles, and the footer."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from heatstream.ui import about, problems
from heatstream.ui.server_watch import watch_server

ROOT = Path(__file__).resolve().parents[2]

_MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 32" height="32">
<defs><radialGradient id="g" cx="42%" cy="58%" r="62%">
<stop offset="0" stop-color="#ffe45c"/><stop offset=".38" stop-color="#ff8a1f"/>
<stop offset=".72" stop-color="#e5267e"/><stop offset="1" stop-color="#6a2bd9"/></radialGradient></defs>
<rect x="1" y="1" width="30" height="30" rx="9" fill="url(#g)"/>
<path d="M8 24 24 8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>{word}</svg>"""
_WORD = """<text x="41" y="22.5" font-family="system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif" font-size="19"
 font-weight="650" textLength="106" lengthAdjust="spacingAndGlyphs" fill="#e5267e">HeatStream</text>"""


def run() -> None:
    """The whole page: what app.py calls at each run."""
    st.set_page_config(page_title="HeatStream", page_icon=_mark(), layout="wide", initial_sidebar_state="collapsed")
    st.logo(_mark(word=True), icon_image=_mark(word=True), size="large")
    st.html(f"<style>{Path(__file__).with_name('shell.css').read_text('utf-8')}</style>")
    pages = [st.Page(ROOT / "pages" / "live.py", title="Live", default=True)]
    with problems.shown():
        st.navigation(pages, position="top").run()
    with problems.shown():
        about.footer()
        watch_server()


def _mark(*, word: bool = False) -> str:
    return _MARK.format(width=150 if word else 32, word=_WORD if word else "")
