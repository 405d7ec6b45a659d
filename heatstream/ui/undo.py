"""What was just done and can be taken back: a slim bar with “Undo” beside where it was done, for a minute."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from heatstream.core.controls import Controls
from heatstream.ui.bindings import Bound
from heatstream.ui.problems import keep, kept

#: An offer that nobody takes goes away.
OFFERED_S = 60.0
_TOO_LATE = "This cannot be taken back any more: it was changed again meanwhile."


@dataclass(frozen=True, slots=True)
class Step:
    """A counter of the controls (``counts_epoch`` or ``heat_epoch``) was moved on to ``epoch``; one back undoes it."""

    field: str
    epoch: int
    until_s: float


def advance(bound: Bound, field: str) -> None:
    """Reset what ``field`` of the controls counts the resets of, and offer to undo it."""

    def on(controls: Controls) -> Controls:
        return replace(controls, **{field: getattr(controls, field) + 1})

    epoch = getattr(bound.host.update(bound.camera_id, on), field)
    st.session_state[bound.key(f"undo-{field}")] = Step(field, epoch, time.monotonic() + OFFERED_S)


def offered(bound: Bound, field: str) -> Step | None:
    """The reset that this tab can still undo."""
    step = st.session_state.get(bound.key(f"undo-{field}"))
    if isinstance(step, Step) and time.monotonic() < step.until_s and getattr(bound.controls, field) == step.epoch:
        return step
    return None


def step_bar(bound: Bound, field: str, message: str) -> None:
    """The bar for a reset made by ``advance``, while it can be undone."""
    step = offered(bound, field)
    if step is not None:
        bar(message, bound.key(f"undo-{field}-bar"), lambda: _back(bound, step))


def _back(bound: Bound, step: Step) -> None:
    def back(controls: Controls) -> Controls:
        if getattr(controls, step.field) != step.epoch:
            return controls
        changes: Any = {step.field: step.epoch - 1}
        return replace(controls, **changes)

    if getattr(bound.host.update(bound.camera_id, back), step.field) >= step.epoch:
        keep(_TOO_LATE)
    st.session_state.pop(bound.key(f"undo-{step.field}"), None)


def bar(message: str, key: str, undo: Callable[[], None], *, label: str = "Undo", hint: str | None = None) -> None:
    """What was done (plain text), and a button that calls ``undo``."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"undo:{key}"):
        st.html(f'<div class="hs-undo" role="status">{html.escape(message)}</div>', width="stretch")
        st.button(label, key=f"button:{key}", on_click=kept(undo), help=hint)
