"""The live picture of a camera with its playback bar and key figures: fed by our WebSocket, past Streamlit's reruns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from heatstream.core.types import Zone
from heatstream.ui.problems import kept
from heatstream.ui.scripts import script
from heatstream.web.wire import zones_json

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "heatstream_live_view",
    html=(_HERE / "live_view.html").read_text("utf-8"),
    css=(_HERE / "live_view.css").read_text("utf-8"),
    js=script(
        "mounted",
        "live_states",
        "connection",
        "live_line",
        "live_picture",
        "live_figures",
        "live_player",
        "live_view",
    ),
)


@dataclass(frozen=True, slots=True)
class Actions:
    """What the playback bar does. Errors that a call raises are shown at the next run of the page.

    ``pause`` and ``loop`` take what shall be, ``seek`` the place in the file in seconds, ``speed`` media seconds for
    each second; ``again`` plays an ended file, or opens a failed camera, from the beginning; ``motion`` watches the
    same source without the model that has failed.
    """

    pause: Callable[[bool], None]
    seek: Callable[[float], None]
    speed: Callable[[float], None]
    loop: Callable[[bool], None]
    again: Callable[[], None] | None = None
    motion: Callable[[], None] | None = None


def live_view(
    camera_id: str,
    *,
    ticket: str,
    zones: Sequence[Zone],
    label: str = "",
    actions: Actions | None = None,
    mark: str = "",
) -> None:
    """Show a camera: picture, state, playback bar and the counts of ``zones``.

    Without ``actions`` the bar only shows the time, and saves a snapshot. The page (or the fragment around this) runs
    again after a click on the bar, when a ``ticket`` has expired (after the computer slept), with the new one, and when
    the camera's ``page_mark`` (see ``heatstream.web.wire``) is another than ``mark``; never for that without a mark.
    ``label`` names the camera for those who hear the page instead of seeing it, and in a snapshot's file name.
    """
    key = f"live-{camera_id}"
    _component(
        data={
            "camera": camera_id,
            "ticket": ticket,
            "zones": zones_json(zones),
            "label": label,
            "mark": mark,
            "actions": {"again": actions.again is not None, "motion": actions.motion is not None} if actions else None,
        },
        key=key,
        on_renew_change=lambda: None,
        on_changed_change=lambda: None,
        **(_callbacks(key, actions) if actions else {}),
    )


def _callbacks(key: str, actions: Actions) -> dict[str, Any]:
    """The component's callbacks: each reads what the browser sent, and ignores what no bar of ours sends."""

    def asked(name: str) -> Any:
        return st.session_state[key].get(name)

    def flag(name: str, act: Callable[[bool], None]) -> Callable[[], None]:
        return kept(lambda: act(asked(name)) if isinstance(asked(name), bool) else None)

    def number(name: str, act: Callable[[float], None]) -> Callable[[], None]:
        def take() -> None:
            value = asked(name)
            if isinstance(value, int | float) and math.isfinite(value):
                act(float(value))

        return kept(take)

    return {
        "on_pause_change": flag("pause", actions.pause),
        "on_loop_change": flag("loop", actions.loop),
        "on_seek_change": number("seek", actions.seek),
        "on_speed_change": number("speed", actions.speed),
        "on_again_change": kept(actions.again or (lambda: None)),
        "on_motion_change": kept(actions.motion or (lambda: None)),
    }
