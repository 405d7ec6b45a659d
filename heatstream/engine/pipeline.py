"""One frame through the steps: tracks, then the views of them (heat, counts, trails), then the picture."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from heatstream.core import heat
from heatstream.core.controls import Controls
from heatstream.core.gathering import Gatherer, visible
from heatstream.core.moment import Moment
from heatstream.core.scene import Scene, compose, heat_picture
from heatstream.core.shrink import shrink
from heatstream.core.track_counter import TrackCounter
from heatstream.core.trails import Trails
from heatstream.core.types import Crossing, Frame, ImageArray, Tracks, ZoneTally
from heatstream.vision import TrackStream

#: After a gap in the stream heat gathers and fades for at most this long.
MAX_STEP_S = 1.0
#: Whoever a single picture shows counts in its heat as if they had stood there for so long.
PICTURE_S = 1.0
#: Heat and zones that are stretched by more than this share when the picture's size changes are warned of.
STRETCH = 0.02

logger = logging.getLogger(__name__)


class _View(NamedTuple):
    """What a picture is drawn from."""

    frame: Frame
    heat: heat.HeatState
    tracks: Tracks
    trails: Trails


class Pipeline:
    """``track`` finds and follows objects, ``view`` steps heat and counts, ``picture`` draws what was last viewed.

    ``track`` may run in another thread than ``view`` and ``picture``; frames pass each in order. The track stream is
    injected and stays its owner's. Heat gathers for ``first_step_s`` seconds at the first frame: a picture that no
    other follows would have none.
    """

    def __init__(
        self,
        tracks: TrackStream,
        *,
        controls: Controls,
        tallies: Iterable[ZoneTally] = (),
        first_step_s: float = 0.0,
    ) -> None:
        self._stream = tracks
        self._first_step_s = first_step_s
        self._counter = TrackCounter(tracks.names)
        self._counter.zones.restore(tuple(tallies))
        self._trails = Trails()
        self._gatherer = Gatherer(tracks.names)
        self._heat: heat.HeatState | None = None
        self._counts_epoch = controls.counts_epoch
        self._heat_epoch = controls.heat_epoch
        self._cleared: heat.HeatState | None = None
        self._frame: Frame | None = None
        self._tracks = Tracks()
        self._held: _View | None = None

    @property
    def names(self) -> Mapping[int, str]:
        """Class names by id."""
        return self._stream.names

    @property
    def tallies(self) -> tuple[ZoneTally, ...]:
        """What each zone has counted."""
        return self._counter.zones.tallies()

    def add_counts(self, tallies: Iterable[ZoneTally], controls: Controls) -> None:
        """Count ``tallies`` in, by zone id, on top of what ``controls`` leave of the counts."""
        self.obey_counts(controls)
        self._counter.zones.add(tallies)

    @property
    def heat_top_s(self) -> float:
        """Object-seconds at the top of the heat scale."""
        return self._heat.top_s if self._heat is not None else 0.0

    @property
    def frame(self) -> Frame | None:
        """The frame last viewed."""
        return self._frame

    @property
    def shown(self) -> Frame | None:
        """The frame that ``picture`` draws: the one last viewed, or the one that is held."""
        return self._held.frame if self._held is not None else self._frame

    def hold(self) -> None:
        """Have ``picture`` go on drawing what was last viewed, while ``view`` goes on; until ``release``."""
        if self._held is None and self._frame is not None and self._heat is not None:
            self._held = _View(self._frame, deepcopy(self._heat), self._tracks, deepcopy(self._trails))

    def release(self) -> None:
        """Have ``picture`` draw what was last viewed again."""
        self._held = None

    def present(self, controls: Controls) -> dict[str, int]:
        """How many objects of each chosen class the frame of ``picture`` shows."""
        chosen = self._chosen(self._held.tracks if self._held is not None else self._tracks, controls)
        return dict(Counter(self.names.get(int(c), f"class {c}") for c in chosen.class_id))

    def track(self, frame: Frame, controls: Controls) -> Tracks:
        """Detect and follow the objects of ``frame``."""
        return self._stream.step(frame, controls.detect)

    def view(self, frame: Frame, tracks: Tracks, controls: Controls) -> tuple[Crossing, ...]:
        """Step heat, counts and trails by one frame; the class filter applies here, so it never touches tracking."""
        self._obey(controls, frame)
        moment = Moment(frame.index, frame.time_s, frame.run, frame.utc_s, frame.size_wh)
        everybody, crossings = self._counter.step(
            tracks,
            moment,
            controls.counted_zones,
            anchor=controls.anchor,
            counting=controls.counting,
            classes=self._classes(controls),
        )
        chosen = self._chosen(everybody, controls)
        previous = self._frame
        dt_s = self._first_step_s
        if previous is not None:
            dt_s = min(max(frame.time_s - previous.time_s, 0.0), MAX_STEP_S)
        if self._heat is None:
            self._heat = heat.initial(frame.size_wh)
        elif self._heat.size_wh != frame.size_wh:
            self._warn_if_stretched(self._heat.size_wh, frame.size_wh)
            self._heat = heat.resize(self._heat, frame.size_wh)
        self._heat = self._gatherer.step(
            self._heat,
            chosen,
            (frame.time_s - dt_s, frame.time_s),
            params=controls.heat,
            zones=controls.zones,
            run=frame.run,
        )
        self._trails.step(chosen, moment, controls.anchor)
        self._frame, self._tracks = frame, everybody
        return crossings

    def finish(self, controls: Controls) -> tuple[Crossing, ...]:
        """The stream has ended: the crossings of those who were behind a zone then, and are not seen any further."""
        return self._counter.finish(controls.counting)

    def picture(
        self, controls: Controls, *, size_wh: tuple[int, int] | None = None, out: ImageArray | None = None
    ) -> ImageArray:
        """The last viewed frame, or the one that is held, with all that ``controls`` ask for, BGR uint8, ``size_wh``
        large (None: as it is).

        It is made smaller before anything is drawn on it: lines and letters stay sharp, and it costs less. The result
        lies in ``out`` if that has its shape. Called again with other controls (while paused) it draws the same frame
        anew.
        """
        frame, scene = self._scene(controls)
        if size_wh is None or size_wh == frame.size_wh:
            return compose(frame.image, scene, controls, out=out)
        image = shrink(frame.image, size_wh)
        scale = np.tile(np.divide(size_wh, frame.size_wh), 2).astype(np.float32)
        tracks = replace(scene.tracks, xyxy=scene.tracks.xyxy * scale)
        return compose(image, replace(scene, tracks=tracks), controls, out=out)

    def heat_picture(self, controls: Controls) -> ImageArray:
        """The heat alone on black, in the frame's size, with its legend; BGR uint8."""
        return heat_picture(self._scene(controls)[1], controls)

    def _scene(self, controls: Controls) -> tuple[Frame, Scene]:
        frame = self._frame
        if frame is None or self._heat is None:
            raise LookupError("no frame has been viewed yet")
        self._obey(controls, frame)
        view = self._held or _View(frame, self._heat, self._tracks, self._trails)
        scene = Scene(
            heat=visible(view.heat, controls.zones, controls.heat.measure),
            tracks=self._chosen(view.tracks, controls),
            trails=view.trails,
            zones=controls.zones,
            tallies=self._counter.zones.tallies(),
            class_names=self.names,
        )
        return view.frame, scene

    def obey_counts(self, controls: Controls) -> None:
        """Take over zones, and reset the counts if that is asked for; every frame and picture does it, too."""
        self._counter.zones.arrange(controls.counted_zones)
        if controls.counts_epoch != self._counts_epoch:
            self._counts_epoch = controls.counts_epoch
            self._counter.zones.reset()

    def _obey(self, controls: Controls, frame: Frame) -> None:
        self.obey_counts(controls)
        if controls.heat_epoch != self._heat_epoch:
            undone = controls.heat_epoch == self._heat_epoch - 1
            self._heat_epoch = controls.heat_epoch
            if undone and self._cleared is not None:  # the last clearing is taken back
                self._heat, self._cleared = heat.resize(self._cleared, frame.size_wh), None
            elif not undone:  # what another pipeline has cleared cannot come back
                self._cleared, self._heat = self._heat, heat.initial(frame.size_wh)
            if self._held is not None and self._heat is not None:
                self._held = self._held._replace(heat=deepcopy(self._heat))

    def _warn_if_stretched(self, old_wh: tuple[int, int], new_wh: tuple[int, int]) -> None:
        before, after = old_wh[0] / old_wh[1], new_wh[0] / new_wh[1]
        if abs(after / before - 1) > STRETCH:
            logger.warning(
                "The picture's shape changed from %dx%d to %dx%d: heat and zones are stretched", *old_wh, *new_wh
            )

    def _chosen(self, tracks: Tracks, controls: Controls) -> Tracks:
        classes = self._classes(controls)
        return tracks if classes is None else tracks.select(np.isin(tracks.class_id, classes))

    def _classes(self, controls: Controls) -> list[int] | None:
        """The ids of the chosen classes, None for all."""
        chosen = controls.detect.classes
        return None if chosen is None else [class_id for class_id, name in self.names.items() if name in chosen]
