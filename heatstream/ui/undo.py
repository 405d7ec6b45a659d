"""What was just done and can be taken back: a slim bar with “Undo” beside where it was done, for a minute."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from heatstream.core.controls import Controls
from heatstream.core.counting import Counted
from heatstream.ui import returning
from heatstream.ui.bindings import Bound
from heatstream.ui.problems import keep, kept

#: An offer that nobody takes goes away.
OFFERED_S = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """The controls' ``field`` (``counts_epoch`` or ``heat_epoch``) was moved on to ``epoch``, with what had been
    ``counted`` before; the offer to undo it ends at ``until_s`` of the monotonic clock."""

    field: str
    epoch: int
    counted: Counted
    until_s: float


def advance(bound: Bound, field: str) -> None:
    """Reset counts (``counts_epoch``) or heat (``heat_epoch``), and offer to undo it."""

    def on(controls: Controls) -> Controls:
        return replace(controls, **{field: getattr(controls, field) + 1})

    counted = bound.host.counted(bound.camera_id)
    epoch = getattr(bound.host.update(bound.camera_id, on), field)
    step = Step(field, epoch, replace(counted, epoch=epoch), time.monotonic() + OFFERED_S)
    st.session_state[bound.key(f"undo-{field}")] = step


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
    st.session_state.pop(bound.key(f"undo-{step.field}"), None)
    if step.field == "counts_epoch":  # what was counted since stays, too
        if not returning.undo_reset(bound, step.counted):
            keep("The counts were reset again meanwhile, so the earlier ones cannot be brought back.")
        return

    def back(controls: Controls) -> Controls:
        return replace(controls, heat_epoch=step.epoch - 1) if controls.heat_epoch == step.epoch else controls

    if bound.host.update(bound.camera_id, back).heat_epoch != step.epoch - 1:
        keep("The heat was cleared again meanwhile, so it cannot be brought back.")


def bar(message: str, key: str, undo: Callable[[], None], *, label: str = "Undo", hint: str | None = None) -> None:
    """What was done (plain text), and a button that calls ``undo``."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key=f"undo:{key}"):
        st.html(f'<div class="hs-undo" role="status">{html.escape(message)}</div>', width="stretch")
        st.button(label, key=f"button:{key}", on_click=kept(undo), help=hint)
