"""Made-up tracks past a line whose truth is known, with one fault of trackers at a time, for judging counters.

Truth follows from how each walk is built: who crosses, which way, when and where. A tracker's numbers may change hands,
so an event is judged by its way, its time and its place, not by its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from heatstream.core.moment import Moment
from heatstream.core.track_counter import TrackCounter
from heatstream.core.types import POSITION_STEP_PX, Direction, Tracks, Zone

SIZE = (1280, 720)
#: An event may come so much earlier or later than the true crossing.
SLACK_S = 2.5
#: A scene's people, and the seconds in which they come.
PEOPLE = 20
SPREAD_S = 12.0
#: No two share more than this (IoU) with each other, unless they pass each other on purpose: of more, a detector's
#: non-maximum suppression would leave one.
MOST_SHARED = 0.4
#: Width and height of a box, in shares of its scale.
SHAPE = np.array([0.6, 1.5])


@dataclass(frozen=True)
class Kind:
    """What scenes are like, and what their tracker does wrong.

    Ranges: ``speed`` in px a frame, ``rate_hz``, ``length`` of the line in px, ``edge``: its distance from the frame's
    edge in px (None: in the middle). ``jitter`` is the standard deviation of the box's place as a share of its size
    (root of its area), white noise: BoT-SORT's boxes of people on two real clips stray by 0.02 to 0.05 from their
    average over 11 frames, of which a part is true movement. ``dropout`` is the share of frames without a box;
    ``hidden`` people are lost at the line for 0.2 to 1.2 s, and ``renumbered`` are those of them who come back under
    a new number; ``switches`` a second give a track a new number at once; ``doubled`` people have a second box for
    a while again and again; ``ghosts`` a second are there for one or two frames, on both sides of the line;
    ``standing`` people stop on the line for some seconds; ``swapped`` people come in pairs from both sides, meet at
    the line, and exchange their numbers there.
    """

    speed: tuple[float, float] = (2, 12)
    rate_hz: tuple[float, float] = (15, 30)
    length: tuple[float, float] = (250, 450)
    edge: tuple[float, float] | None = None
    jitter: float = 0.025
    dropout: float = 0.05
    hidden: float = 0.0
    renumbered: float = 0.0
    switches: float = 0.0
    doubled: float = 0.0
    ghosts: float = 0.0
    standing: float = 0.0
    swapped: float = 0.0


CLEAN = Kind(jitter=0, dropout=0)
KINDS = {
    "clean": CLEAN,
    "clean, slow (1-2 px a frame)": Kind(speed=(1, 2), jitter=0, dropout=0),
    "clean, fast (40-80 px a frame)": Kind(speed=(40, 80), jitter=0, dropout=0),
    "clean, 3-6 frames a second": Kind(rate_hz=(3, 6), speed=(10, 60), jitter=0, dropout=0),
    "clean, short lines (40-80 px)": Kind(length=(40, 80), jitter=0, dropout=0),
    "clean, near the edge (12-40 px)": Kind(edge=(12, 40), jitter=0, dropout=0),
    "jitter and dropouts of 5 %": Kind(),
    "the same, slow": Kind(speed=(1, 2)),
    "the same, slow, twice the jitter": Kind(speed=(1, 2), jitter=0.05),
    "the same, fast": Kind(speed=(40, 80)),
    "the same, 3-6 frames a second": Kind(rate_hz=(3, 6), speed=(10, 60)),
    "the same, short lines": Kind(length=(40, 80)),
    "the same, near the edge": Kind(edge=(12, 40)),
    "dropouts of 40 %": Kind(dropout=0.4),
    "hidden at the line, same number": Kind(hidden=0.7),
    "hidden at the line, new number": Kind(hidden=0.7, renumbered=1),
    "new numbers (one in 2 s)": Kind(switches=0.5),
    "flickering second boxes": Kind(doubled=0.7),
    "ghosts (5 a second)": Kind(ghosts=5),
    "standing on the line": Kind(standing=0.7),
    "pairs who exchange numbers": Kind(swapped=1),
}


@dataclass
class Event:
    """One crossing, true or counted: ``way`` is 1 for in, -1 for out; a counted one must be within ``reach`` px."""

    way: int
    time_s: float
    x: float
    y: float
    reach: float = 0.0


@dataclass
class Scene:
    """A line (2, 2) px and its tracks: ``frames`` holds (number, x, y, w, h) rows for each frame.

    ``unclear`` are ways over the line so shallow that they may be counted or not; ``kinds`` the classes of the numbers
    that are of another than 0.
    """

    line: np.ndarray
    rate_hz: float
    size_wh: tuple[int, int] = SIZE
    frames: dict[int, list[tuple[int, float, float, float, float]]] = field(default_factory=lambda: defaultdict(list))
    truth: list[Event] = field(default_factory=list)
    unclear: list[Event] = field(default_factory=list)
    kinds: dict[int, int] = field(default_factory=dict)

    def add(self, frame: int, number: int, middle: np.ndarray, size: np.ndarray) -> None:
        """Put a box into ``frame``."""
        self.frames[frame].append((number, *middle.tolist(), *size.tolist()))


@dataclass
class Walk:
    """Where somebody is in each frame: (N, 2) px, along and across the line from its middle; and the ways crossed."""

    box: float
    speed: float
    local: np.ndarray
    ways: list[int]


def corners(rng: np.random.Generator, half: float, box: float, speed: float) -> tuple[np.ndarray, list[int]]:
    """Corners of one walk, and the ways it crosses, by kind of walk.

    Walks that should not count come no closer than a sixth of the box to the line or its end. Walks that should are
    seen for at least two frames on both sides.
    """
    reach = rng.uniform(80, 250) + 2 * speed
    side = rng.choice([-1, 1])
    along = rng.uniform(-0.85, 0.85, 2) * half
    clear = side * max(box / 6, 8)
    match rng.integers(6):
        case 0 | 1:  # straight through
            return np.array([(along[0], -side * reach), (along[1], side * reach)]), [side]
        case 2:  # through, and back
            turn = (along[1], 4 * clear + 2 * side * speed)
            return np.array([(along[0], -side * reach), turn, (along[0], -side * reach)]), [side, -side]
        case 3:  # past the end
            past = half * 1.15 + box / 6 + 8
            return np.array([(past, -side * reach), (past + 20, side * reach)]), []
        case 4:  # up to the line, and back
            return np.array([(along[0], side * reach), (along[1], clear), (along[0], side * reach)]), []
        case _:  # along the line, close by
            return np.array([(-half - reach, 1.2 * clear), (half + reach, 1.2 * clear)]), []


def walk(rng: np.random.Generator, kind: Kind, half: float, rate_hz: float) -> Walk:
    """Somebody's walk alone."""
    box, speed = rng.uniform(30, 160), rng.uniform(*kind.speed)
    if rng.random() < kind.standing:
        side, stop = rng.choice([-1, 1]), rng.uniform(-0.85, 0.85) * half
        reach, on = rng.uniform(80, 250), rng.uniform(0.01, 0.03) * box
        goes_through = rng.random() < 0.5
        goal = (stop, side * reach if goes_through else -side * reach)
        way_in = _paced(np.array([(stop, -side * reach), (stop, -side * on)]), speed)
        way_out = _paced(np.array([(stop, -side * on), goal]), speed)
        pause = np.repeat(way_in[-1:], int(rng.uniform(2, 5) * rate_hz), axis=0)
        return Walk(box, speed, np.concatenate((way_in, pause, way_out)), [side] if goes_through else [])
    points, ways = corners(rng, half, box, speed)
    return Walk(box, speed, _paced(points, speed), ways)


def pair(rng: np.random.Generator, kind: Kind, half: float) -> tuple[Walk, Walk]:
    """Two of one size and pace who come from both sides and pass each other near the line, in the same frame."""
    box, speed = rng.uniform(30, 160), rng.uniform(*kind.speed)
    along, beside = rng.uniform(-0.7, 0.7) * half, rng.uniform(0, 0.5) * box
    reach, off = rng.uniform(80, 250) + 2 * speed, rng.uniform(-0.3, 0.3) * box
    one = np.array([(along, -reach + off), (along, reach + off)])
    other = np.array([(along + beside, reach + off), (along + beside, -reach + off)])
    return Walk(box, speed, _paced(one, speed), [1]), Walk(box, speed, _paced(other, speed), [-1])


def _paced(points: np.ndarray, speed: float) -> np.ndarray:
    """A way (N, 2) along ``points``, ``speed`` px a step."""
    stops = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    gone = np.arange(0, stops[-1] + speed, speed)
    return np.stack([np.interp(gone, stops, points[:, axis]) for axis in (0, 1)], axis=1)


def scene(rng: np.random.Generator, kind: Kind, angle: float) -> Scene:
    """A line at ``angle`` with the walks of ``PEOPLE`` past it."""
    length, rate_hz = rng.uniform(*kind.length), rng.uniform(*kind.rate_hz)
    along = np.array([np.cos(angle), np.sin(angle)])
    if kind.edge:
        along = np.round(along) if abs(along).max() > 0.8 else np.array([1.0, 0.0])
    right = np.array([-along[1], along[0]])
    middle = np.array(SIZE) / 2
    if kind.edge:
        middle = middle + np.abs(right) * (np.array(SIZE) / 2 - rng.uniform(*kind.edge))
    made = Scene(np.array([middle - along * length / 2, middle + along * length / 2]), rate_hz)
    tracker = _Tracker(made, kind, rng)
    people = 0
    while people < PEOPLE:
        swapped = rng.random() < kind.swapped
        walks = pair(rng, kind, length / 2) if swapped else (walk(rng, kind, length / 2, rate_hz),)
        begun = tracker.free_time(walks)
        if swapped:
            tracker.follow_pair(walks, begun)
        else:
            tracker.follow(walks[0], begun)
        people += len(walks)
    tracker.see_ghosts()
    return made


class _Tracker:
    """Puts what a faulty tracker tells of walks into a scene."""

    def __init__(self, made: Scene, kind: Kind, rng: np.random.Generator) -> None:
        self.made, self.kind, self.rng = made, kind, rng
        self.numbers = iter(range(1, 1_000_000))
        self.middle = made.line.mean(axis=0)
        self.half = float(np.hypot(*(made.line[1] - made.line[0]))) / 2
        self.along = (made.line[1] - self.middle) / self.half
        self.right = np.array([-self.along[1], self.along[0]])
        self.there: dict[int, list[np.ndarray]] = defaultdict(list)  # true boxes, by frame

    def places(self, one: Walk) -> np.ndarray:
        """Where somebody is, (N, 2) px of the frame."""
        return self.middle + one.local[:, :1] * self.along + one.local[:, 1:] * self.right

    def boxes(self, one: Walk) -> np.ndarray:
        """Somebody's true boxes (N, 4)."""
        true, half = self.places(one), one.box * np.array([0.3, 0.75])
        return np.concatenate((true - half, true + half), axis=1)

    def free_time(self, walks: Sequence[Walk]) -> int:
        """A frame to begin in, in which nobody would walk within somebody else, if there is one."""
        for _ in range(40):
            begun = int(self.rng.uniform(0, SPREAD_S) * self.made.rate_hz)
            if not any(self.covered(one, begun) for one in walks):
                break
        for one in walks:
            for step, box in enumerate(self.boxes(one)):
                self.there[begun + step].append(box)
        return begun

    def covered(self, one: Walk, begun: int) -> bool:
        """Whether somebody would share more than ``MOST_SHARED`` with those who are there."""
        for step, box in enumerate(self.boxes(one)):
            for other in self.there.get(begun + step, ()):
                sides = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
                areas = (box[2:] - box[:2]).prod() + (other[2:] - other[:2]).prod()
                if (sides > 0).all() and sides.prod() > MOST_SHARED * (areas - sides.prod()):
                    return True
        return False

    def walked(self, one: Walk, begun: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Note what is true of a walk; its places (N, 2), which of them are in the frame, and where it crosses."""
        true = self.places(one)
        inside = ((true > 0) & (true < SIZE)).all(axis=1)
        crossed = np.flatnonzero((one.local[1:, 1] < 0) != (one.local[:-1, 1] < 0)) + 1
        for step, way in zip(crossed.tolist(), one.ways, strict=False):
            if inside[step - 1 : step + 1].all():
                reach = 1.5 * one.box + 2 * one.speed
                self.made.truth.append(Event(int(way), (begun + step) / self.made.rate_hz, *true[step].tolist(), reach))
        return true, inside, crossed

    def follow(self, one: Walk, begun: int) -> None:
        """Somebody alone."""
        kind, rng, rate_hz = self.kind, self.rng, self.made.rate_hz
        true, inside, crossed = self.walked(one, begun)
        size = one.box * SHAPE
        stray = np.sqrt(size.prod())
        seen = true + rng.normal(0, kind.jitter * stray, true.shape)
        kept = inside & (rng.random(len(true)) >= kind.dropout)
        number = np.full(len(true), next(self.numbers))
        for step in range(1, len(true)):
            if rng.random() < kind.switches / rate_hz:
                number[step:] = next(self.numbers)
        if len(crossed) and rng.random() < kind.hidden:
            lost = max(2, int(rng.uniform(0.2, 1.2) * rate_hz))
            begin = max(3, int(crossed[0]) - int(rng.integers(0, lost + 1)))
            kept[begin : begin + lost] = False
            if rng.random() < kind.renumbered:
                number[begin:] = next(self.numbers)
        for step in np.flatnonzero(kept).tolist():
            self.made.add(begun + step, int(number[step]), seen[step], size)
        if rng.random() < kind.doubled:
            second, off = 0, np.zeros(2)
            for step in np.flatnonzero(inside).tolist():
                if second == 0 and rng.random() < 0.15:
                    second, off = next(self.numbers), rng.normal(0, 0.06, 2) * stray
                elif rng.random() < 0.25:
                    second = 0
                if second:
                    place = true[step] + off + rng.normal(0, kind.jitter * stray, 2)
                    self.made.add(begun + step, second, place, size * rng.uniform(0.92, 1.08))

    def follow_pair(self, both: Sequence[Walk], begun: int) -> None:
        """Two who exchange their numbers where they are nearest to each other."""
        walked = [self.walked(one, begun) for one in both]
        size = both[0].box * SHAPE
        swap = int(np.hypot(*(walked[0][0] - walked[1][0]).T).argmin()) + 1
        numbers = next(self.numbers), next(self.numbers)
        for i, (true, inside, _) in enumerate(walked):
            seen = true + self.rng.normal(0, self.kind.jitter * np.sqrt(size.prod()), true.shape)
            for step in np.flatnonzero(inside & (self.rng.random(len(true)) >= self.kind.dropout)).tolist():
                self.made.add(begun + step, numbers[i if step < swap else 1 - i], seen[step], size)

    def see_ghosts(self) -> None:
        """Boxes of nobody, for a frame or two, from one side of the line to the other."""
        for frame in range(1, max(self.made.frames, default=0)):
            if self.rng.random() >= self.kind.ghosts / self.made.rate_hz:
                continue
            box, number = self.rng.uniform(30, 160), next(self.numbers)
            where = self.middle + self.rng.uniform(-0.85, 0.85) * self.half * self.along
            off = self.rng.uniform(0.15, 0.5) * box * self.rng.choice([-1, 1])
            for step in range(int(self.rng.integers(1, 3))):
                self.made.add(frame + step, number, where + (off if step else -off) * self.right, box * SHAPE)


def boxes_of(made: Scene, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (N,) and boxes (N, 4) of a frame, positions rounded as HeatStream stores them."""
    rows = np.array(made.frames.get(frame, []), np.float64).reshape(-1, 5)
    centre, half = rows[:, 1:3], rows[:, 3:] / 2
    boxes = np.concatenate((centre - half, centre + half), axis=1)
    return rows[:, 0].astype(np.int64), np.round(boxes / POSITION_STEP_PX) * POSITION_STEP_PX


def ours(made: Scene) -> list[Event]:
    """HeatStream's events."""
    zone = Zone("z", "z", tuple((x / made.size_wh[0], y / made.size_wh[1]) for x, y in made.line.tolist()))
    counter, crossings = TrackCounter({}), []
    for frame in range(max(made.frames) + 1):
        numbers, boxes = boxes_of(made, frame)
        kinds = np.array([made.kinds.get(number, 0) for number in numbers.tolist()], np.int64)
        tracks = Tracks(boxes.astype(np.float32), numbers, np.zeros(len(numbers), np.float32), kinds)
        moment = Moment(frame + 1, frame / made.rate_hz, 1, None, made.size_wh)
        crossings += counter.step(tracks, moment, (zone,)).crossings
    crossings += counter.finish()
    ways = {Direction.IN: 1, Direction.OUT: -1}
    return [Event(ways[one.direction], one.time_s, one.x_px, one.y_px) for one in crossings]


def score(made: Scene, events: list[Event]) -> np.ndarray:
    """(2, 3): for in and for out, right events, all events, true crossings.

    An event is right if it is of the way of a true crossing, within ``SLACK_S`` and ``reach`` of it; of several the
    nearest, and each crossing once. One that is not right, but fits an unclear crossing, is left out.
    """
    right = _matched(made.truth, events)
    others = [event for number, event in enumerate(events) if number not in right]
    unclear = _matched(made.unclear, others)
    wrong = [event for number, event in enumerate(others) if number not in unclear]
    result = np.zeros((2, 3), int)
    for row, way in enumerate((1, -1)):
        found = sum(events[number].way == way for number in right)
        told = found + sum(event.way == way for event in wrong)
        result[row] = found, told, sum(event.way == way for event in made.truth)
    return result


def _matched(crossings: list[Event], events: list[Event]) -> set[int]:
    """Which of ``events`` are the crossings, each of them once, the nearest first."""
    fits = []
    for i, true in enumerate(crossings):
        for j, event in enumerate(events):
            late_s, off = abs(event.time_s - true.time_s), float(np.hypot(event.x - true.x, event.y - true.y))
            if event.way == true.way and late_s <= SLACK_S and off <= true.reach:
                fits.append((late_s / SLACK_S + off / true.reach, i, j))
    found: set[int] = set()
    used: set[int] = set()
    for _, i, j in sorted(fits):
        if i not in found and j not in used:
            found.add(i)
            used.add(j)
    return used
