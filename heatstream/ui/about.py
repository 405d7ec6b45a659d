"""Source code and licence, offered to everyone who uses the page, as the AGPL asks (section 13)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import streamlit as st

import heatstream
from heatstream.ui import hints, place

ROOT = Path(__file__).resolve().parents[2]
#: What makes up the program; folders are taken whole.
PARTS = (
    *("app.py", "pages", "heatstream", "assets", "tests", ".streamlit", ".ci"),
    *("requirements.txt", "requirements-dev.txt", "pyproject.toml", ".pre-commit-config.yaml", ".gitignore"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
)
_SECRET = {"secrets.toml"}


def source_archive() -> bytes:
    """The running program's source as a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in PARTS:
            path = ROOT / part
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and "__pycache__" not in file.parts and file.name not in _SECRET:
                    archive.write(file, Path("heatstream") / file.relative_to(ROOT))
    return out.getvalue()


@st.dialog("Source code and licence")
def about() -> None:
    """What HeatStream is made of, and its source to take away."""
    st.markdown(
        f"**HeatStream {heatstream.__version__}** is free software under the GNU Affero General Public License, "
        "version 3. You may use, study, change and share it under that licence. It comes without any warranty.\n\n"
        "Detection and tracking are by Ultralytics (AGPL-3.0); the page runs on Streamlit (Apache-2.0)."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Download the source code",
            source_archive,
            file_name=f"heatstream-{heatstream.__version__}.zip",
            mime="application/zip",
            on_click="ignore",
        )
        licence = ROOT / "LICENSE"
        if licence.is_file():
            st.download_button("Licence", licence.read_text("utf-8"), file_name="LICENSE.txt", on_click="ignore")


def footer() -> None:
    """The last line of every page."""
    with st.container(horizontal=True, horizontal_alignment="center", gap="medium", key="footer"):
        if place.camera() is not None:  # there is nothing to hint at before
            st.button("Show hints", type="tertiary", key="hints-again", on_click=hints.show_again)
        st.button("Source code and licence", type="tertiary", key="about", on_click=_open)
    if st.session_state.pop("about-open", False):
        about()


def _open() -> None:
    st.session_state["about-open"] = True
