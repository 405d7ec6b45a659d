"""Tracks in, crossings out: who is who in spite of the tracker's faults, then who crosses what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from heatstream.core.controls import Anchor, CountControls
from heatstream.core.counting import BY_DEFAULT, ZoneCounter
from heatstream.core.identity import Identities
from heatstream.core.moment import Moment
from heatstream.core.types import Crossing, Tracks, Zone


class Counted(NamedTuple):
    """A frame's ``tracks`` with lasting ids and without second boxes, and the crossings that became certain in it."""

    tracks: Tracks
    crossings: tuple[Crossing, ...]


class TrackCounter:
    """All that is between a tracker and counts; ``zones`` has the tallies. One for each stream of tracks."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.zones = ZoneCounter(names)
        self._identities = Identities()

    def step(
        self,
        tracks: Tracks,
        moment: Moment,
        zones: tuple[Zone, ...],
        *,
        anchor: Anchor = Anchor.CENTER,
        counting: CountControls = BY_DEFAULT,
        classes: Collection[int] | None = None,
    ) -> Counted:
        """Take one frame's tracks; of those, the ``classes`` (None: all) are counted at ``zones``.

        See ``Identities.step`` and ``ZoneCounter.step``.
        """
        people = self._identities.step(tracks, moment)
        counted, confirmed = people
        if classes is not None:
            wanted = np.isin(counted.class_id, list(classes))
            counted, confirmed = counted.select(wanted), confirmed[wanted]
        crossings = self.zones.step(counted, moment, zones, anchor, counting, confirmed)
        self._identities.note(crossings, moment.time_s)
        return Counted(people.tracks, crossings)

    def finish(self, counting: CountControls = BY_DEFAULT) -> tuple[Crossing, ...]:
        """The crossings of those who are in view when the stream ends, as far as they are behind a zone by then."""
        return self.zones.finish(counting)
