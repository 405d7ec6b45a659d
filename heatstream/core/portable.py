"""Controls as text and back: what the store keeps and what a shared link carries."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from heatstream.core import colormaps
from heatstream.core.controls import Controls
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import validate_zone
from heatstream.core.zone_marks import coloured


@cache
def _adapter() -> TypeAdapter[Controls]:
    return TypeAdapter(Controls)


def controls_to_json(controls: Controls) -> str:
    """``controls`` as JSON, revision and epochs included; infinity is the text "Infinity"."""
    return to_json(controls, inf_nan_mode="strings").decode()


def controls_from_json(text: str) -> Controls:
    """The controls that ``text`` holds. What is missing has its default, what is unknown (a later version's) is left;
    zones without a colour of their own have the one of their place from now on.

    Raises:
        ControlsError: it is no such text, or a value in it is out of range; names the first one.
    """
    try:
        controls = _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the text"
        what = first["msg"].removeprefix("Value error, ")
        raise ControlsError(f"these settings cannot be used: {where}: {what}") from error
    colormaps.find(controls.heat.colormap)
    for zone in controls.zones:
        validate_zone(zone)
    return replace(controls, zones=coloured(controls.zones))
