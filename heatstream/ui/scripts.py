"""The scripts of our components: Streamlit takes one for each, so the files that it is made of are joined."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script(*names: str) -> str:
    """The files ``name.js`` of this folder as one; what stands later uses what stands before."""
    return "\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in names)
