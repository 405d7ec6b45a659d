"""“Test connection”: what a source gives when it is tried, without holding up this page or any other."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass, field

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.host.trial import Trial, Tried
from heatstream.sources.credentials import Secret
from heatstream.ui import problems
from heatstream.ui.names import escaped

#: How often it is asked whether there is a result, seconds.
LOOK_S = 0.5
TIMEOUT_S = 10.0
_KEY = "connection-test"


@dataclass(slots=True)
class _Test:
    """A test that runs or has run in this tab, of this source; ``trial`` is None once it is over."""

    source: str
    secret: Secret = field(repr=False)
    trial: Trial | None
    found: Tried | None = None
    problem: str = ""

    def look(self) -> None:
        """Take the result, if there is one by now."""
        if self.trial is None:
            return
        try:
            self.found = self.trial.result()
        except HeatStreamError as error:
            self.problem = problems.sentence(error)
        if self.found or self.problem:
            self.end()

    def end(self) -> None:
        """Give the process back."""
        if self.trial is not None:
            self.trial.close()
            self.trial = None


def panel(source: str, secret: Secret) -> None:
    """The button and, for the source that was tested last, what came of it."""
    test = st.session_state.get(_KEY)
    if isinstance(test, _Test) and (test.source, test.secret) != (source, secret):
        forget()  # another address is in the field by now
        test = None
    with st.container(key="connection-test"):
        if test is not None and test.trial is not None:
            _waiting()
            return
        if st.button("Test connection", key="test-connection"):  # of what the fields hold now, not when it was drawn
            with problems.shown():
                _begin(source, secret)
                st.rerun()
            return
        if test is not None and test.found is not None:
            _result(test.found)
        elif test is not None:
            st.error(escaped(test.problem))


def forget() -> None:
    """End a test that runs, and show nothing of the last one."""
    test = st.session_state.pop(_KEY, None)
    if isinstance(test, _Test):
        test.end()


def _begin(source: str, secret: Secret) -> None:
    forget()
    st.session_state[_KEY] = _Test(source, secret, Trial(source, secret, timeout_s=TIMEOUT_S))


@st.fragment(run_every=LOOK_S)
def _waiting() -> None:
    """Draw how long it has taken, until there is a result."""
    test = st.session_state.get(_KEY)
    if not isinstance(test, _Test):
        return
    test.look()
    if test.trial is None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        seconds = int(time.monotonic() - test.trial.began_s)
        st.html(f'<div class="hs-waiting" role="status"><i></i>Testing the connection … {seconds} s</div>')
        st.button("Cancel", key="test-cancel", on_click=forget)


def _result(found: Tried) -> None:
    with st.container(border=True, key="test-result"):
        left, right = st.columns([1, 1.1], gap="medium", vertical_alignment="center")
        left.image(found.jpeg, width="stretch")
        rows = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts(found))
        right.html(f'<div class="hs-good">It works</div><dl class="hs-facts">{rows}</dl>')


def facts(found: Tried) -> list[tuple[str, str]]:
    """What is known of a source, in words."""
    info = found.info
    width, height = info.size_wh
    rows = [("Size", f"{width} x {height}")]
    if info.codec:
        rows.append(("Codec", info.codec.upper() if len(info.codec) <= 5 else info.codec))
    rows.append(("Frame rate", f"{info.rate_hz:.3g} per second" if info.rate_hz else "not told"))
    if info.duration_s:
        rows.append(("Length", f"{info.duration_s:.0f} s"))
    if found.delay_s is not None:
        rows.append(("First picture", f"after {found.delay_s:.1f} s"))
    return rows
