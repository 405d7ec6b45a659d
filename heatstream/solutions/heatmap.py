"""The class of the seed document: one object for a video, one call for each frame."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from heatstream.core.types import FloatArray, ImageArray, InOut
from heatstream.solutions.arguments import Fidelity, HeatmapArguments, class_names, region_points
from heatstream.solutions.core_rules import CoreRules
from heatstream.solutions.drawing import draw_arrows, draw_counts, draw_region
from heatstream.solutions.inputs import Seen, picture, seen_in
from heatstream.solutions.region import Region, region_of, zones_of
from heatstream.solutions.rules import Rules
from heatstream.solutions.seed_rules import SeedRules
from heatstream.solutions.window import Window

#: Frames in a row with boxes, none of which has an id, before it warns that nothing can be counted.
UNTRACKED = 25


class Heatmap(HeatmapArguments):
    """Heat and counts of one video, for the arguments that ``HeatmapArguments`` describes.

    By default heat and counts follow HeatStream's rules. Heat is clear where it is cold and fades from sight in an
    empty scene. A line is crossed when the centre of a box has passed it, however fast; *in* is from the left to the
    right of the line walked from its first to its second point (downward over a line drawn left to right), as its
    arrow shows. For a polygon *in* is entering and *out* leaving. Who crosses again counts again; who is first seen
    inside has not entered. ``fidelity="seed"`` follows the old class instead (``heatstream.solutions.seed_rules``).

    In both, boxes without an id add heat and do not count; if no box ever has one, a ``RuntimeWarning`` says so. Region
    and counts are drawn after the blend, so that heat does not tint them, and in every frame. Points keep their place
    in the picture when its size changes.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._rules: Rules | None = None
        self._region: Region | None = None
        self._names = class_names(self.classes_names if self.names is None else self.names)
        self._window = Window()
        self._untracked = 0

    def generate_heatmap(self, im0: ImageArray, tracks: Any) -> ImageArray:
        """Take the next frame, and return it with heat, region and counts: a new BGR uint8 (H, W, 3).

        ``im0`` is BGR uint8 (H, W, 3), or grey, and stays as it is. ``tracks`` is what ``model.track(im0)`` returned: a
        list of one result of Ultralytics, or the result; None and an empty list are a frame without objects.

        Raises:
            ControlsError: ``im0`` is no picture, or ``tracks`` no result for one frame.
        """
        image, seen = picture(im0), seen_in(tracks)
        size_wh = image.shape[1], image.shape[0]
        if not self._names:
            self._names.update(seen.names)
        if self._rules is None:
            self._rules = self._start(size_wh)
        result = self._rules.step(image, seen)
        if self._region is not None:
            self._look_for_ids(seen)
            draw_region(result, self._region.pixels(size_wh), self)
            draw_arrows(result, self._rules.arrows(size_wh), self)
            draw_counts(result, self._rules.counted(), self)
        if self.view_img:
            self._window.show(result)
        return result

    @property
    def heatmap(self) -> FloatArray | None:
        """The heat under each pixel of the last frame, a new float32 (H, W); None before the first.

        In object-seconds, or with ``fidelity="seed"`` 2 for each object and frame.
        """
        return None if self._rules is None else self._rules.heat()

    @property
    def in_counts(self) -> int:
        """How many went in."""
        return sum(both.into for both in self._counted().values())

    @property
    def out_counts(self) -> int:
        """How many went out."""
        return sum(both.out for both in self._counted().values())

    @property
    def class_wise_count(self) -> dict[str, dict[str, int]]:
        """``{"person": {"IN": 2, "OUT": 1}}`` for each class that was tracked so far; a new dictionary."""
        return {name: {"IN": both.into, "OUT": both.out} for name, both in self._counted().items()}

    def _counted(self) -> Mapping[str, InOut]:
        return {} if self._rules is None else self._rules.counted()

    def _look_for_ids(self, seen: Seen) -> None:
        """Tell the user, once, if the tracker gives no ids: Ultralytics' default one ignores all weak detections."""
        if len(seen.tracks):
            self._untracked = -1
        if self._untracked < 0 or not len(seen.xyxy):
            return
        self._untracked += 1
        if self._untracked == UNTRACKED:
            self._untracked = -1
            warnings.warn(
                f"no box had an id in {UNTRACKED} frames, so nothing is counted; name the tracker: "
                "model.track(im0, persist=True, tracker='botsort.yaml')",
                RuntimeWarning,
                stacklevel=3,
            )

    def _start(self, size_wh: tuple[int, int]) -> Rules:
        """The rules and the region for a video whose first frame has ``size_wh`` pixels."""
        if self.count_reg_pts is not None:
            measured = int(self.imw) or size_wh[0], int(self.imh) or size_wh[1]
            if measured == size_wh[::-1]:  # a mistake often made: image.shape gives the height first
                measured = size_wh
            self._region = region_of(region_points(self.count_reg_pts), measured)
        if self.fidelity == Fidelity.SEED:
            return SeedRules(self, self._names, self._region, size_wh)
        zones = () if self._region is None else zones_of(self._region, float(self.line_dist_thresh))
        return CoreRules(self, self._names, zones, size_wh)
