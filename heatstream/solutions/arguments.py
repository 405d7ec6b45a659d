"""What a ``Heatmap`` is made from: the arguments of the seed document's table, checked."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np

from heatstream.core import colormaps
from heatstream.core.controls import Shape
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import validate_zone
from heatstream.core.types import Point, Zone

Colour = tuple[int, int, int]
ClassNames = Mapping[int, str] | Sequence[str]

#: Pixels: a coordinate or a side beyond this is a mistake, and OpenCV could not draw it.
FARTHEST_PX = 100_000
#: Pixels: no line that is drawn can be thicker (OpenCV's own limit).
THICKEST_PX = 255


class Fidelity(StrEnum):
    """Whose rules hold: ours, or those of the class in the seed document."""

    HEATSTREAM = "heatstream"
    SEED = "seed"


@dataclass(eq=False)
class HeatmapArguments:
    """The arguments in the order of the table; those after ``shape`` are ours and given by name.

    They are checked and read when the object is made.

    Attributes:
        classes_names: class names by id, or a list of them; None: those that come with the results.
        imw: width in pixels of the picture in which ``count_reg_pts`` were measured; 0: that of the first frame.
        imh: its height; 0: that of the first frame. Both exchanged are taken the right way round.
        colormap: one of OpenCV's 22, as ``cv2.COLORMAP_JET``, ``"JET"`` or ``"COLORMAP_JET"``.
        heatmap_alpha: opacity of the hottest colour, 0-1; with ``fidelity="seed"`` of all colours alike.
        view_img: show each frame in a window; without a display this warns once and does nothing.
        view_in_counts: write how many went in.
        view_out_counts: write how many went out.
        count_reg_pts: two points for a line, three or more for a polygon (the first may be repeated as the last), in
            pixels, or in shares of the picture where all lie in 0-1. Only the part inside the picture counts.
        count_txt_color: colour of the counts' text, BGR.
        count_bg_color: colour behind it, BGR.
        count_reg_color: colour of the region and its arrow, BGR.
        region_thickness: thickness of the region's outline in OpenCV's pixels (it draws 5 as 7).
        line_dist_thresh: how many pixels past an end of the line a crossing still counts; with ``fidelity="seed"`` how
            close to the line an object counts.
        line_thickness: thickness of the arrow in pixels; the text of the counts grows with it, 2 is normal size.
        decay_factor: what remains of the heat from one call to the next, 0-1; 1 never fades.
        shape: of the mark that an object leaves: ``"circle"`` or ``"rect"``.
        names: another name of ``classes_names``.
        fidelity: ``"heatstream"`` or ``"seed"``.
        fps: calls for each second of the scene, None if unknown: then 25 is taken. Heat is in object-seconds by this
            rate, and where it is given a legend shows the unit; how a lost track is remembered depends on it, too.

    Raises:
        ControlsError: an argument lies outside its range, or the points make no line or polygon.
    """

    classes_names: ClassNames | None = None
    imw: int = 0
    imh: int = 0
    colormap: int | str = cv2.COLORMAP_JET
    heatmap_alpha: float = 0.5
    view_img: bool = False
    view_in_counts: bool = True
    view_out_counts: bool = True
    count_reg_pts: Sequence[Point] | None = None
    count_txt_color: Colour = (0, 0, 0)
    count_bg_color: Colour = (255, 255, 255)
    count_reg_color: Colour = (255, 0, 255)
    region_thickness: int = 5
    line_dist_thresh: float = 15
    line_thickness: int = 2
    decay_factor: float = 0.99
    shape: str = Shape.CIRCLE
    _: KW_ONLY
    names: ClassNames | None = None
    fidelity: str = Fidelity.HEATSTREAM
    fps: float | None = None

    def __post_init__(self) -> None:
        if self.names is not None and self.classes_names is not None and self.names != self.classes_names:
            raise ControlsError("classes_names and names are two names of one argument; give only one of them")
        class_names(self.classes_names if self.names is None else self.names)
        colormap_name(self.colormap)
        for name in ("imw", "imh"):
            _whole(name, getattr(self, name), (0, FARTHEST_PX))
        for name in ("region_thickness", "line_thickness"):
            _whole(name, getattr(self, name), (1, THICKEST_PX))
        for name in ("heatmap_alpha", "decay_factor"):
            _number(name, getattr(self, name), (0, 1))
        _number("line_dist_thresh", self.line_dist_thresh, (0, FARTHEST_PX))
        if self.fps is not None:
            _number("fps", self.fps, (0.01, 10_000))
        for name in ("count_txt_color", "count_bg_color", "count_reg_color"):
            _colour(name, getattr(self, name))
        _choice("shape", self.shape, Shape)
        _choice("fidelity", self.fidelity, Fidelity)
        if self.count_reg_pts is not None:
            region_points(self.count_reg_pts)


def class_names(given: ClassNames | None) -> dict[int, str]:
    """Class names by id from a mapping or a list; None gives none.

    Raises:
        ControlsError: they are neither.
    """
    if given is None:
        return {}
    if isinstance(given, str) or not isinstance(given, Mapping | Sequence):
        raise ControlsError(f"classes_names must be a dictionary like model.names, not {given!r}")
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given)
    try:
        return {operator.index(key): str(name) for key, name in pairs}
    except TypeError:
        raise ControlsError(f"classes_names must have class numbers as keys, like model.names, not {given!r}") from None


def colormap_name(given: int | str) -> str:
    """The name of a colormap from OpenCV's number or any spelling of its name.

    Raises:
        ControlsError: there is no such colormap; the message lists all.
    """
    if isinstance(given, str):
        return colormaps.find(given)
    for name, number in colormaps.COLORMAPS.items():
        if given == number and not isinstance(given, bool):
            return name
    raise ControlsError(f"there is no colormap {given!r}; choose one of {', '.join(colormaps.COLORMAPS)}")


def region_points(given: Sequence[Point]) -> tuple[Point, ...]:
    """The points of a line or polygon as numbers, a repeated first point dropped.

    Raises:
        ControlsError: they are not two or more pairs of numbers, or make no line or polygon.
    """
    try:
        array = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ControlsError(f"count_reg_pts must be a list of points (x, y), not {given!r}")
    if not (np.abs(array) <= FARTHEST_PX).all():
        raise ControlsError(f"count_reg_pts must be numbers of pixels, at most {FARTHEST_PX}, not {given!r}")
    points: list[Point] = [(x, y) for x, y in array.tolist()]
    if len(points) > 3 and points[0] == points[-1]:
        points.pop()
    # The size of the picture is not known yet: look at the shape alone, blown up to the unit square.
    low, extent = array.min(axis=0), max(float(np.ptp(array, axis=0).max()), 1e-9)
    unit = ((np.array(points) - low) / extent).tolist()
    validate_zone(Zone("count_reg_pts", "count_reg_pts", tuple((x, y) for x, y in unit)))
    return tuple(points)


def _number(name: str, value: Any, limits: tuple[float, float]) -> None:
    low, high = limits
    try:
        ok = low <= float(value) <= high
    except (TypeError, ValueError):
        ok = False
    if not ok:
        raise ControlsError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")


def _whole(name: str, value: Any, limits: tuple[int, int]) -> None:
    _number(name, value, limits)
    if not float(value).is_integer():
        raise ControlsError(f"{name} must be a whole number, not {value!r}")


def _colour(name: str, value: Any) -> None:
    parts = list(value) if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str) else []
    if len(parts) != 3:
        raise ControlsError(f"{name} must be three numbers (blue, green, red), not {value!r}")
    for part in parts:
        _whole(name, part, (0, 255))


def _choice(name: str, value: Any, choices: type[StrEnum]) -> None:
    if value not in list(choices):
        raise ControlsError(f"{name} must be {' or '.join(repr(choice.value) for choice in choices)}, not {value!r}")
