"""One widget, one field of the Controls: showing what the camera has, and changing nothing but its own field.

The camera's controls are the truth. In each run a widget shows the value that they have (see ``shared_widgets``); a
change in the page goes to the host as a function of the controls in force *then*. So a widget that has not heard of a
newer value cannot overwrite it, and every tab follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from heatstream.core.controls import Anchor, Blend, Controls, Measure, Place, Scale, Shape
from heatstream.host.engine_host import EngineHost
from heatstream.ui.shared_widgets import showing


@dataclass(frozen=True, slots=True)
class Binding:
    """A widget's name, how its value is read from Controls and how Controls are made from its value."""

    name: str
    read: Callable[[Controls], Any]
    write: Callable[[Controls, Any], Controls]


def _same(value: Any) -> Any:
    return value


def _of(group: str, field: str, convert: Callable[[Any], Any] = _same) -> Binding:
    def read(controls: Controls) -> Any:
        return getattr(getattr(controls, group), field)

    def write(controls: Controls, value: Any) -> Controls:
        return replace(controls, **{group: replace(getattr(controls, group), **{field: convert(value)})})

    return Binding(f"{group}.{field}", read, write)


def _whole(field: str, convert: Callable[[Any], Any] = _same) -> Binding:
    return Binding(
        field,
        lambda controls: getattr(controls, field),
        lambda controls, value: replace(controls, **{field: convert(value)}),
    )


def _kinds(group: str) -> Binding:
    """A group's ``classes`` as a list; none chosen are all."""
    return Binding(
        f"{group}.classes",
        lambda controls: list(getattr(controls, group).classes or ()),
        lambda controls, value: replace(
            controls, **{group: replace(getattr(controls, group), classes=tuple(value) or None)}
        ),
    )


#: The dead band with which setting it by hand begins: about what it is for a person in the middle distance.
FIRST_BAND = 0.01

COLORMAP = _of("heat", "colormap")
ALPHA = _of("heat", "alpha")
HALF_LIFE = _of("heat", "half_life_s")
SHAPE = _of("heat", "shape", Shape)
SIZE = _of("heat", "size")
BLEND = _of("heat", "blend", Blend)
SCALE = _of("heat", "scale", Scale)
SCALE_TOP = _of("heat", "scale_top_s")
SCALE_PERCENTILE = _of("heat", "scale_percentile")
MEASURE = _of("heat", "measure", Measure)
PLACE = _of("heat", "place", Place)
STILL = _of("heat", "still_s")
OVERLAY = {name: _of("overlay", name) for name in ("heat", "boxes", "labels", "trails", "zones", "counts", "legend")}
CONFIDENCE = _of("detect", "confidence")
IOU = _of("detect", "iou")
ANCHOR = _whole("anchor", Anchor)
ONCE = _of("counting", "once")
CLASSES = _kinds("detect")
HEAT_CLASSES = _kinds("heat")
#: Those whose widgets are drawn anew alone (see ``control_panel``).
ALONE = (ALPHA, HALF_LIFE, CONFIDENCE, IOU)
#: The dead band: derived or set, and its width in percent of the picture's shorter side.
AUTOMATIC, BY_HAND = "automatic", "by hand"
BAND_PERCENT = Binding(
    "counting.band-percent",
    lambda controls: round((controls.counting.band or 0.0) * 100, 2),
    lambda controls, value: replace(controls, counting=replace(controls.counting, band=round(value / 100, 4))),
)
BAND_MODE = Binding(
    "counting.band-mode",
    lambda controls: AUTOMATIC if controls.counting.band is None else BY_HAND,
    lambda controls, value: _with_band(controls, by_hand=value == BY_HAND),
)


def _with_band(controls: Controls, *, by_hand: bool) -> Controls:
    if by_hand == (controls.counting.band is not None):
        return controls
    return replace(controls, counting=replace(controls.counting, band=FIRST_BAND if by_hand else None))


@dataclass(frozen=True, slots=True)
class Bound:
    """The bindings of one camera's panel. ``controls`` are those in force when this run began."""

    host: EngineHost
    camera_id: str
    controls: Controls

    @classmethod
    def of(cls, host: EngineHost, camera_id: str) -> Bound:
        """Bind to a camera.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        return cls(host, camera_id, host.controls(camera_id))

    def key(self, name: str) -> str:
        """The widget key for ``name``."""
        return f"{self.camera_id}:{name}"

    def to(self, binding: Binding, default: Literal["value", "default"] = "value") -> dict[str, Any]:
        """The keyword arguments that bind a widget: ``st.toggle("Heat", **bound.to(...))``. ``default`` is how the
        widget calls the value that it begins with."""
        value = binding.read(self.controls)
        return {default: value, **showing(self.key(binding.name), value, partial(self.set, binding))}

    def to_one_of(self, binding: Binding, options: Sequence[Any]) -> dict[str, Any]:
        """The keyword arguments that bind an ``st.selectbox``; the value in force must be among ``options``."""
        bound = self.to(binding)
        index = options.index(bound.pop("value"))
        return {"options": options, "index": index, **bound}

    def set(self, binding: Binding, value: Any) -> None:
        """Give one field a value, as a widget would."""
        self.host.update(self.camera_id, lambda controls: binding.write(controls, value))


HALF_LIVES_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, math.inf)


def half_life_choices(now_s: float, default_s: float) -> list[float]:
    """The steps of the half-life slider; the default and the value in force are always among them."""
    return with_now(now_s, {*HALF_LIVES_S, default_s})


def with_now(now_s: float, times_s: Iterable[float]) -> list[float]:
    """``times_s`` and the value in force, which stands for all that read alike: a browser tells them by their words."""
    return sorted({now_s, *(other_s for other_s in times_s if duration_words(other_s) != duration_words(now_s))})


def duration_words(seconds: float) -> str:
    """``0.25 s``, ``2.8 s``, ``5 min``, ``1 h`` or ``never``."""
    if math.isinf(seconds):
        return "never"
    if seconds >= 3600:
        return f"{seconds / 3600:.3g} h"
    if seconds >= 60:
        return f"{seconds / 60:.3g} min"
    return f"{seconds:.2g} s"
