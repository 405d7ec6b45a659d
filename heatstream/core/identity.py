"""Who is who in spite of a tracker's faults, so that these do not become faults of counts and heat.

Four rules, each with its bound; times are media time, lengths are in sizes (the side of a square of a box's area):

* *Lost and found*: a track that ends and one that begins where the first would be by now, at constant velocity, are
  the same object (as SORT predicts: Bewley and others, "Simple online and realtime tracking", 2016).
* *Exchanged numbers*: two tracks that should have passed each other, and part as if both had turned back at once,
  have exchanged their numbers. If one of them was counted meanwhile, it was so with the other's number, and they stay
  exchanged: giving the numbers back would count both again.
* *Shadows*: a box that appears on an older one of its class is a second box of the same object, until they part.
* *Ghosts*: who was seen in fewer than ``CONFIRMED`` frames may be nobody.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from heatstream.core.geometry import Bools, Floats
from heatstream.core.moment import Moment, remembered
from heatstream.core.types import Crossing, IntArray, Tracks

#: In how many frames an object must be seen before it counts.
CONFIRMED = 3
#: How far from where it is expected an object may be found again: at once, and more for each second that it was lost.
FOUND = 0.5
FOUND_PER_S = 0.5
#: By which factor the sizes of boxes may differ that could be of the same object.
GROWN = 1.6
#: Two objects pass each other while they are nearer than this, which takes no more than so many seconds. Who have
#: exchanged numbers part contrary to what is expected, but for this share of it.
NEAR = 1.0
PASSING_S = 1.5
CONTRARY = 0.35
#: A newborn box that shares this much (IoU) with an older one's is its shadow, until they share less than the other.
#: When the older one has not been seen for so many seconds, its shadow is what is left of it.
SHADOW = 0.5
PARTED = 0.3
LEFT_S = 0.3
#: Velocity is averaged over about this time, seconds, and the size, which shrinks when one goes behind something, too.
STEADY_S = 0.25
GROWING_S = 1.0


class People(NamedTuple):
    """Who is there: ``tracks`` with lasting ids and without shadows, and whether (N,) each was seen often enough."""

    tracks: Tracks
    confirmed: Bools


class _Seen(NamedTuple):
    """A track in this frame: the tracker's number, its middle and size px, its class."""

    number: int
    x: float
    y: float
    size: float
    class_id: int


@dataclass(slots=True)
class _Life:
    """One object: its id, where and when it was last seen, px and s, its velocity px/s, its size px, its class."""

    key: int
    x: float
    y: float
    size: float
    class_id: int
    seen_s: float
    vx: float = 0.0
    vy: float = 0.0
    times: int = 1  # in how many frames it was seen
    elder: int | None = None  # the id of the object whose shadow it is
    counted_s: float = -math.inf  # when it was counted last

    def expected(self, time_s: float) -> tuple[float, float]:
        dt_s = time_s - self.seen_s
        return self.x + self.vx * dt_s, self.y + self.vy * dt_s

    def see(self, one: _Seen, time_s: float) -> None:
        dt_s = time_s - self.seen_s
        if dt_s > 0:
            share = max(1 / self.times, -math.expm1(-dt_s / STEADY_S))
            self.vx += share * ((one.x - self.x) / dt_s - self.vx)
            self.vy += share * ((one.y - self.y) / dt_s - self.vy)
            self.size += max(1 / self.times, -math.expm1(-dt_s / GROWING_S)) * (one.size - self.size)
        self.x, self.y, self.class_id, self.seen_s = one.x, one.y, one.class_id, time_s
        self.times += 1


class _Encounter(NamedTuple):
    """When two objects came near each other, and what they were like then."""

    began_s: float
    one: _Life
    other: _Life


class Identities:
    """Remembers the objects of the last ``MEMORY_S`` seconds, by the numbers that the tracker calls them now."""

    def __init__(self) -> None:
        self._lives: dict[int, _Life] = {}
        self._encounters: dict[tuple[int, int], _Encounter] = {}
        self._run = 0
        self._time_s = 0.0  # of the last frame

    def __len__(self) -> int:
        """How many objects are remembered."""
        return len(self._lives)

    def step(self, tracks: Tracks, moment: Moment) -> People:
        """Take one frame's tracks; their ids become those that a tracker without faults would have given.

        An object keeps the first number that the tracker called it; where that is taken by now, it has one that the
        tracker gave to another and that is free. A new run forgets everybody. Boxes that are not finite, and the later
        ones of a number that appears twice, are left out.
        """
        time_s = moment.time_s
        if moment.run != self._run:
            self._run = moment.run
            self._lives.clear()
            self._encounters.clear()
        self._forget(time_s)
        self._time_s = time_s
        tracks = _usable(tracks)
        seen = _seen(tracks)
        for one in seen:
            life = self._lives.get(one.number)
            if life is None:
                self._lives[one.number] = _Life(self._free(one.number), *one[1:], time_s)
            else:
                life.see(one, time_s)
        parted = self._tell_shadows(seen, tracks.xyxy.astype(np.float64))
        fresh = [one for one in seen if one.number in parted or self._lives[one.number].times == 1]
        self._find(fresh, {one.number for one in seen}, moment)
        lives = [self._lives[one.number] for one in seen]
        self._meet(lives, time_s)
        keys: IntArray = np.array([life.key for life in lives], np.int64)
        bodies = np.array([life.elder is None for life in lives], np.bool_)
        confirmed = np.array([life.times >= CONFIRMED for life in lives], np.bool_)
        return People(replace(tracks, track_id=keys).select(bodies), confirmed[bodies])

    def note(self, crossings: Iterable[Crossing], time_s: float) -> None:
        """Remember who was counted just now."""
        ids = {crossing.track_id for crossing in crossings}
        for life in self._lives.values():
            if life.key in ids:
                life.counted_s = time_s

    def _forget(self, time_s: float) -> None:
        for number, life in list(self._lives.items()):
            if not remembered(life.seen_s, time_s, self._time_s):
                del self._lives[number]

    def _free(self, number: int) -> int:
        """``number``, or if an object has that for its id, the first free one of those that replaced each other."""
        called = {life.key: number for number, life in self._lives.items()}
        while number in called:
            number = called[number]
        return number

    def _tell_shadows(self, seen: list[_Seen], boxes: Floats) -> set[int]:
        """See who is whose shadow; the numbers of those who no longer are. A shadow whose object is gone becomes it."""
        lives, parted = self._lives, set()
        for i, one in enumerate(seen):
            life = lives[one.number]
            if life.times > CONFIRMED or life.elder is not None:
                continue
            older = [
                j
                for j, other in enumerate(seen)
                if other.class_id == one.class_id
                and lives[other.number].elder is None
                and (lives[other.number].times, -j) > (life.times, -i)
            ]
            shared = _iou(boxes[i], boxes[older])
            if shared.max(initial=0.0) >= SHADOW:
                life.elder = lives[seen[older[int(shared.argmax())]].number].key
        place = {lives[one.number].key: i for i, one in enumerate(seen)}
        called = {life.key: number for number, life in lives.items()}
        for i, one in enumerate(seen):
            shadow = lives[one.number]
            if shadow.elder is None:
                continue
            elder = lives.get(called.get(shadow.elder, -1))
            if shadow.elder in place:
                if _iou(boxes[i], boxes[[place[shadow.elder]]])[0] >= PARTED:
                    continue
                parted.add(one.number)
            elif elder is not None and shadow.seen_s - elder.seen_s <= LEFT_S:
                continue
            elif elder is not None:
                self._become(one, called[elder.key], shadow.seen_s)
                place[elder.key] = i
            shadow.elder = None
        return parted

    def _become(self, one: _Seen, lost: int, time_s: float) -> None:
        """Go on with the life of the object that was called ``lost`` as ``one``."""
        life = self._lives.pop(lost)
        life.see(one, time_s)
        self._lives[one.number] = life

    def _find(self, fresh: list[_Seen], present: set[int], moment: Moment) -> None:
        """Give those who have just appeared the lives of lost objects that should be there, the best fits first."""
        lives, (width, height) = self._lives, moment.size_wh
        fits = []
        for number, life in lives.items():
            x, y = life.expected(moment.time_s)
            inside = 0 <= x <= width and 0 <= y <= height
            if number in present or life.elder is not None or life.times < CONFIRMED or not inside:
                continue
            reach = (FOUND + FOUND_PER_S * (moment.time_s - life.seen_s)) * life.size
            for one in fresh:
                fit = lives[one.number].elder is None and _similar(life, lives[one.number])
                if fit and (astray := math.hypot(one.x - x, one.y - y)) <= reach:
                    fits.append((astray / life.size, one, number))
        for _, one, lost in sorted(fits):
            if lost in lives and one.number in present:
                present.remove(one.number)
                self._become(one, lost, moment.time_s)

    def _meet(self, lives: list[_Life], time_s: float) -> None:
        """Follow those who pass each other, and see when they part whether they are still who they were."""
        grown = [life for life in lives if life.times >= CONFIRMED and life.elder is None]
        places = np.array([(life.x, life.y) for life in grown]).reshape(-1, 2)
        reach = NEAR * np.array([life.size for life in grown])
        distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        close = np.triu(distance < np.maximum(reach[:, None], reach[None]), 1)
        near = {_pair(grown[i], grown[j]) for i, j in np.argwhere(close).tolist()}
        by_key = {life.key: life for life in grown}
        for pair in self._encounters.keys() - near:
            met, one, other = self._encounters[pair], by_key.get(pair[0]), by_key.get(pair[1])
            if time_s - met.began_s > PASSING_S:
                del self._encounters[pair]
            elif one and other:
                del self._encounters[pair]
                counted = max(one.counted_s, other.counted_s) >= met.began_s
                if not counted and _exchanged(met, one, other, time_s):
                    one.key, other.key = other.key, one.key
        for pair in near - self._encounters.keys():
            met = _Encounter(time_s, *(replace(by_key[key]) for key in pair))
            if _will_pass(met):
                self._encounters[pair] = met


def _pair(one: _Life, other: _Life) -> tuple[int, int]:
    return min(one.key, other.key), max(one.key, other.key)


def _will_pass(met: _Encounter) -> bool:
    """Whether two who have come near each other could be of one kind, and will soon have passed each other."""
    apart = met.other.x - met.one.x, met.other.y - met.one.y
    speed = met.other.vx - met.one.vx, met.other.vy - met.one.vy
    far_px = 2 * NEAR * max(met.one.size, met.other.size)
    approaching = apart[0] * speed[0] + apart[1] * speed[1] < 0
    return _similar(met.one, met.other) and approaching and math.hypot(*speed) * PASSING_S >= far_px


def _exchanged(met: _Encounter, one: _Life, other: _Life, time_s: float) -> bool:
    """Whether each of two who have passed each other is where the other should be."""
    (x, y), (u, v) = met.one.expected(time_s), met.other.expected(time_s)
    wanted, found = (u - x, v - y), (other.x - one.x, other.y - one.y)
    off = math.hypot(found[0] + wanted[0], found[1] + wanted[1])
    return off <= CONTRARY * math.hypot(*wanted)


def _similar(one: _Life, other: _Life) -> bool:
    """Whether two could be boxes of one object, by class and size."""
    return one.class_id == other.class_id and 1 / GROWN <= one.size / other.size <= GROWN


def _usable(tracks: Tracks) -> Tracks:
    """Those of finite boxes, each number once."""
    finite = np.flatnonzero(np.isfinite(tracks.xyxy).all(axis=1))
    first = np.unique(tracks.track_id[finite], return_index=True)[1]
    if len(first) == len(tracks):
        return tracks
    mask = np.zeros(len(tracks), np.bool_)
    mask[finite[first]] = True
    return tracks.select(mask)


def _seen(tracks: Tracks) -> list[_Seen]:
    boxes = tracks.xyxy.astype(np.float64)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    sizes = np.maximum(np.sqrt(sides.prod(axis=1)), 1.0)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    return [
        _Seen(*row)
        for row in zip(
            tracks.track_id.tolist(), *middles.T.tolist(), sizes.tolist(), tracks.class_id.tolist(), strict=True
        )
    ]


def _iou(box: Floats, others: Floats) -> Floats:
    """How much of their union ``box`` (4,) shares with each of ``others`` (N, 4)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.maximum(high - low, 0.0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    return np.asarray(shared / np.maximum(areas - shared, 1e-9))
