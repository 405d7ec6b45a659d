"""A line of text with a button that copies it; Streamlit's own has one only under the mouse, none for the keyboard."""

from __future__ import annotations

import streamlit as st

from heatstream.ui.scripts import script

_CSS = """
.line { display: flex; gap: 0.4rem; font: 0.875rem var(--st-font, sans-serif); color: var(--st-text-color, #222); }
.line > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
input, button { font: inherit; color: inherit; height: 2.4rem; border-radius: var(--st-base-radius, 0.5rem); }
input {
  flex: 1; min-width: 0; padding: 0 0.6rem; border: 1px solid var(--st-border-color, #ddd);
  background: var(--st-secondary-background-color, #f3f3f3); text-overflow: ellipsis;
}
button {
  flex: none; min-width: 5.2rem; padding: 0 0.9rem; cursor: pointer; font-weight: 500;
  border: 1px solid var(--st-border-color, #ddd); background: var(--st-background-color, #fff);
}
button:hover { border-color: var(--st-primary-color, #0f766e); color: var(--st-primary-color, #0f766e); }
:is(input, button):focus-visible { outline: 2px solid var(--st-primary-color, #0f766e); outline-offset: 1px; }
"""

_component = st.components.v2.component(
    "heatstream_copy_line",
    html='<div class="line"><input readonly><button type="button">Copy</button><span role="status"></span></div>',
    css=_CSS,
    js=script("copy_line"),
)


def copy_line(text: str, *, label: str, key: str) -> None:
    """Show ``text`` in one line to read and to copy; ``label`` names it for those who hear the page."""
    _component(data={"text": text, "label": label}, key=key)
