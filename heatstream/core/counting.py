"""Counts how many tracks cross lines and enter and leave polygons, as tracks move from step to step.

The rule is in ``crossing``; here are the memory of tracks, which ends with them, and the tallies, which stay. Time is
the media time of each step, so counts depend neither on the machine's speed nor on the frame rate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from heatstream.core.controls import Anchor, CountControls
from heatstream.core.crossing import Crossed, Paths, Watch
from heatstream.core.geometry import Bools, Floats, anchors
from heatstream.core.moment import Moment, remembered
from heatstream.core.types import MEMORY_S, Crossing, Direction, FloatArray, InOut, Tracks, Zone, ZoneTally

BY_DEFAULT = CountControls()
#: A track that was not seen for so many seconds is, until it comes back, where it was seen last.
LOST_S = 0.5
#: The inner and outer half of the dead band on each side of a zone (see ``crossing``) reach as far as this share of the
#: box's size (the side of a square of its area): wider than most jitter, and than all but the strongest. Neither is
#: less than a pixel, nor more than ``BAND_MOST`` times its share of the frame's shorter side.
INNER = 0.05
OUTER = 0.15
BAND_LEAST_PX = 1.0
BAND_MOST = 0.4
#: A dead band that is set is at least this wide: what is less than half a step of positions is nothing.
BAND_FINEST_PX = 1 / 32


def dead_band(xyxy: FloatArray, size_wh: tuple[int, int], share: float | None = None) -> Floats:
    """How far (N, 2) px each box's anchor must be from a zone, a while or at once, for its side to be certain.

    ``xyxy`` is (N, 4) px. Both are ``share`` of the frame's shorter side, if it is set; else by the size of the box.
    """
    if share is not None:
        return np.full((len(xyxy), 2), max(share * min(size_wh), BAND_FINEST_PX))
    sides = np.maximum(xyxy[:, 2:].astype(np.float64) - xyxy[:, :2], 0.0)
    size = np.minimum(np.sqrt(sides[:, 0] * sides[:, 1]), BAND_MOST * min(size_wh))
    return np.asarray(np.maximum(size[:, None] * (INNER, OUTER), BAND_LEAST_PX))


class ZoneCounter:
    """Tallies of any number of zones, and the memory of recent tracks that they need.

    ``class_names`` names the classes by id; an unknown id 7 is called "class 7". Memory is bounded by the tracks of
    the last seconds, tallies by the zones and classes.
    """

    def __init__(self, class_names: Mapping[int, str]) -> None:
        self._names = class_names
        self._zones: tuple[Zone, ...] | None = None
        self._watches: dict[str, Watch] = {}
        self._tallies: dict[str, ZoneTally] = {}
        self._anchor: Anchor | None = None
        self._run = 0
        self._time_s = 0.0
        self._row: dict[int, int] = {}
        self._seen_s = np.empty(0)
        self._forget()

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._row)

    def step(
        self,
        tracks: Tracks,
        moment: Moment,
        zones: tuple[Zone, ...],
        anchor: Anchor = Anchor.CENTER,
        counting: CountControls = BY_DEFAULT,
        confirmed: Bools | None = None,
    ) -> tuple[Crossing, ...]:
        """Count one frame's tracks and return the crossings that became certain in it.

        A crossing carries the frame, time and place of the step in which the anchor passed, which may lie some steps
        back: it counts when it is certain, and when its track is ``confirmed`` (N,) to be an object (None: all are).
        ``zones`` may differ from step to step: a zone whose points changed keeps its tally and starts its memory
        anew; one that is missing is forgotten with its tally. A new run or another anchor forgets all tracks. A stay
        in a polygon is over when its track is known to be outside, or lost; it lasted until then, or until it was
        last seen.
        """
        if anchor is not self._anchor:
            self._anchor = anchor
            self._forget()
        kept = remembered(self._seen_s, moment.time_s, self._time_s)
        crossings = self._keep(kept & (moment.run == self._run), counting)
        self._run, self._time_s = moment.run, moment.time_s
        self.arrange(zones)
        if len(tracks):
            paths = self._move(tracks, moment, anchor, counting.band)
            lost = moment.time_s - self._seen_s > LOST_S
            for watch in self._watches.values():
                self._hold(watch, watch.left(lost, ended=False), counting)
                self._hold(watch, watch.follow(paths, moment), counting)
            self._end_stays()
            sure = tracks.track_id if confirmed is None else tracks.track_id[confirmed]
            self._sure[[self._row[track] for track in sure.tolist() if track in self._row]] = True
            crossings += self._count_held()
        return tuple(crossings + self._keep(np.abs(moment.time_s - self._seen_s) <= MEMORY_S, counting))

    def finish(self, counting: CountControls = BY_DEFAULT) -> tuple[Crossing, ...]:
        """End all tracks, since nothing follows, and return the crossings of those seen last behind a zone."""
        return tuple(self._keep(np.zeros(len(self._row), np.bool_), counting))

    def tallies(self) -> tuple[ZoneTally, ...]:
        """What each zone has counted, in the order of the zones of the last step (of ``restore`` before the first)."""
        if self._zones is None:
            return tuple(self._tallies.values())
        return tuple(
            replace(self._tallies.get(key, ZoneTally(key)), occupancy=watch.occupancy)
            for key, watch in self._watches.items()
        )

    def reset(self) -> None:
        """Set all counts to zero; who is inside stays inside."""
        self._tallies = {key: ZoneTally(key, occupancy=tally.occupancy) for key, tally in self._tallies.items()}

    def restore(self, tallies: Iterable[ZoneTally]) -> None:
        """Go on from earlier counts, by zone id."""
        self._tallies = {tally.zone_id: tally for tally in tallies}

    def add(self, tallies: Iterable[ZoneTally]) -> None:
        """Count ``tallies`` in, by zone id: what was counted before a reset, or before a zone was deleted."""
        self.restore(added(self._tallies.values(), tallies))

    def _end_stays(self, mask: Bools | None = None) -> None:
        """Add the stays that are over to their zones' tallies; ``mask`` (M,) as for ``_keep``."""
        for key, watch in self._watches.items():
            stays_s = watch.stays(self._seen_s, mask)
            if len(stays_s):
                old = self._tallies.get(key, ZoneTally(key))
                stayed_s = old.stayed_s + float(stays_s.sum())
                self._tallies[key] = replace(old, stays=old.stays + len(stays_s), stayed_s=stayed_s)

    def _forget(self) -> None:
        """Drop what is remembered of every track, in every zone."""
        self._end_stays(np.zeros(len(self._row), np.bool_))
        self._row = {}
        self._sure = np.empty(0, np.bool_)  # whether a track is confirmed
        self._held: list[tuple[int, str, Crossed]] = []  # what is certain: the track, and the zone's id
        self._place = np.empty((0, 2))  # the last anchor, normalised: it outlives a change of the frame's size
        self._seen_s = np.empty(0)
        self._watches = {key: Watch(watch.zone, 0) for key, watch in self._watches.items()}

    def arrange(self, zones: tuple[Zone, ...]) -> None:
        """Take over added, edited, renamed, flipped and removed zones; ``step`` does it, too.

        Flipping a zone swaps what it has counted, so that its counts mean what its arrow shows now.
        """
        if zones == self._zones:
            return
        self._zones = zones
        watches = {}
        for zone in zones:
            watch = self._watches.get(zone.id)
            if watch is not None and watch.zone.flipped is not zone.flipped:
                self._swap(zone.id)
            if watch is None or watch.zone.points != zone.points:
                watch = Watch(zone, len(self._row))
            watch.zone = zone
            watches[zone.id] = watch
        self._watches = watches
        self._tallies = {key: tally for key, tally in self._tallies.items() if key in watches}

    def _swap(self, zone_id: str) -> None:
        """Exchange in and out of a zone's tally."""
        old = self._tallies.get(zone_id, ZoneTally(zone_id))
        by_class = {name: InOut(both.out, both.into) for name, both in old.by_class.items()}
        self._tallies[zone_id] = replace(old, total=InOut(old.total.out, old.total.into), by_class=by_class)

    def _keep(self, mask: Bools, counting: CountControls = BY_DEFAULT) -> list[Crossing]:
        """Forget the tracks whose row of ``mask`` (M,) is false; the crossings of those that end behind a zone."""
        if mask.all():
            return []
        self._end_stays(mask)
        for watch in self._watches.values():
            self._hold(watch, watch.left(~mask, ended=True), counting)
        crossings = self._count_held()
        kept = [track for track, keep in zip(self._row, mask.tolist(), strict=True) if keep]
        self._row = {track: row for row, track in enumerate(kept)}
        self._place, self._seen_s, self._sure = self._place[mask], self._seen_s[mask], self._sure[mask]
        self._held = [held for held in self._held if held[0] in self._row]
        for watch in self._watches.values():
            watch.keep(mask)
        return crossings

    def _hold(self, watch: Watch, certain: Iterable[Crossed], counting: CountControls) -> None:
        """Keep crossings until their tracks are confirmed."""
        tracks = list(self._row)
        for crossed in certain:
            if watch.is_first(crossed.row) or not counting.once:
                self._held.append((tracks[crossed.row], watch.zone.id, crossed))

    def _count_held(self) -> list[Crossing]:
        """Count what confirmed tracks have crossed; a zone that is gone by now counts nothing."""
        ready = [held for held in self._held if self._sure[self._row[held[0]]]]
        self._held = [held for held in self._held if held not in ready]
        return [
            self._count(self._watches[zone_id].zone, track, crossed)
            for track, zone_id, crossed in ready
            if zone_id in self._watches
        ]

    def _move(self, tracks: Tracks, moment: Moment, anchor: Anchor, share: float | None) -> Paths:
        """Remember where the tracks are now, and return how they came there.

        Of an id that appears twice in a frame the first counts; a box that is not finite is left out.
        """
        usable = np.flatnonzero(np.isfinite(tracks.xyxy).all(axis=1))
        first: dict[int, int] = {}
        for track, index in zip(tracks.track_id[usable].tolist(), usable.tolist(), strict=True):
            first.setdefault(track, index)
        chosen = np.fromiter(first.values(), np.intp, len(first))
        remembered = len(self._row)
        row = np.array([self._row.setdefault(track, len(self._row)) for track in first], np.intp)
        added = len(self._row) - remembered
        if added:
            self._place = np.concatenate((self._place, np.zeros((added, 2))))
            self._seen_s = np.concatenate((self._seen_s, np.zeros(added)))
            self._sure = np.concatenate((self._sure, np.zeros(added, np.bool_)))
            for watch in self._watches.values():
                watch.add(added)

        size = np.array(moment.size_wh, np.float64)
        end = anchors(tracks.xyxy[chosen], anchor)
        start = np.where(row[:, None] < remembered, self._place[row] * size, end)
        self._place[row], self._seen_s[row] = end / size, moment.time_s
        band = dead_band(tracks.xyxy[chosen], moment.size_wh, share)
        return Paths(start, end, band, row, tracks.class_id[chosen])

    def _count(self, zone: Zone, track_id: int, crossed: Crossed) -> Crossing:
        """Add a crossing to its zone's tally."""
        moment, class_id, x_px, y_px = crossed.passage
        direction = Direction.IN if (crossed.side > 0) is not zone.flipped else Direction.OUT
        name = self._names.get(class_id, f"class {class_id}")
        old = self._tallies.get(zone.id, ZoneTally(zone.id))
        by_class = {**old.by_class, name: _plus(old.by_class.get(name, InOut()), direction)}
        self._tallies[zone.id] = replace(old, total=_plus(old.total, direction), by_class=by_class)
        return Crossing(
            zone_id=zone.id,
            zone_name=zone.name,
            track_id=track_id,
            run=moment.run,
            class_name=name,
            direction=direction,
            frame=moment.frame,
            time_s=moment.time_s,
            utc_s=moment.utc_s,
            x_px=x_px,
            y_px=y_px,
        )


def added(tallies: Iterable[ZoneTally], more: Iterable[ZoneTally]) -> tuple[ZoneTally, ...]:
    """``tallies`` with what ``more`` has counted of the same zones; occupancy is left as it is."""
    sums = {tally.zone_id: tally for tally in tallies}
    for tally in more:
        old = sums.get(tally.zone_id, ZoneTally(tally.zone_id))
        names = [*old.by_class, *(name for name in tally.by_class if name not in old.by_class)]
        by_class = {name: old.by_class.get(name, InOut()) + tally.by_class.get(name, InOut()) for name in names}
        stays, stayed_s = old.stays + tally.stays, old.stayed_s + tally.stayed_s
        sums[tally.zone_id] = replace(
            old, total=old.total + tally.total, by_class=by_class, stays=stays, stayed_s=stayed_s
        )
    return tuple(sums.values())


def _plus(counted: InOut, direction: Direction) -> InOut:
    """``counted`` and one more."""
    return counted + (InOut(into=1) if direction is Direction.IN else InOut(out=1))


def rearranged(
    tallies: tuple[ZoneTally, ...], before: tuple[Zone, ...], after: tuple[Zone, ...]
) -> tuple[ZoneTally, ...]:
    """The counts when the zones change while nothing counts: a flipped zone's are swapped, a removed one's go."""
    counter = ZoneCounter({})
    counter.restore(tallies)
    counter.arrange(before)
    counter.arrange(after)
    occupied = {tally.zone_id: tally.occupancy for tally in tallies}
    return tuple(replace(tally, occupancy=occupied.get(tally.zone_id)) for tally in counter.tallies())


@dataclass(frozen=True, slots=True)
class Counted:
    """What zones had counted at a moment, so that it can be given back to them.

    ``zones`` are as they were then; ``epoch`` is the ``Controls.counts_epoch`` to which the counts belong.
    """

    zones: tuple[Zone, ...]
    tallies: tuple[ZoneTally, ...]
    epoch: int

    def of(self, zone_ids: Collection[str]) -> Counted:
        """What these zones had counted."""
        zones = tuple(zone for zone in self.zones if zone.id in zone_ids)
        return replace(self, zones=zones, tallies=tuple(tally for tally in self.tallies if tally.zone_id in zone_ids))

    def for_zones(self, zones: Iterable[Zone]) -> tuple[ZoneTally, ...]:
        """The counts of those of ``zones`` that had any, as the zones are now: in and out of a flipped one swapped."""
        had = {tally.zone_id for tally in self.tallies}
        return rearranged(self.tallies, self.zones, tuple(zone for zone in zones if zone.id in had))
