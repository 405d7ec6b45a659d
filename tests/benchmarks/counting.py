"""How well lines are counted, on made-up tracks whose truth is known: HeatStream's rule beside Ultralytics'.

``python -m tests.benchmarks.counting [--scenes 20] [--seed 1]`` prints precision, recall, F1 and absolute count error
for each kind of scene, then what a step costs. Truth follows from how each walk is built. An event is right if it has
the track and the direction of a true crossing within ``SLACK_S`` of it. Ultralytics calls movement to the right or
downward "in"; of that and its contrary, each scene takes what suits Ultralytics better.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from heatstream.core.counting import ZoneCounter
from heatstream.core.moment import Moment
from heatstream.core.types import POSITION_STEP_PX, Direction, Tracks, Zone

SIZE = (1280, 720)
SLACK_S = 2.5


@dataclass(frozen=True)
class Kind:
    """Ranges that scenes are drawn from: speed in px a frame, frames a second, length of the line in px, and its
    distance from the frame's edge in px (None: in the middle); ``dropout`` is the share of frames without a box.

    ``jitter`` is the standard deviation of the box's place as a share of its size (root of its area), white noise.
    BoT-SORT's boxes of people on two real clips stray by 0.02 to 0.05 from their average over 11 frames, of which a
    part is true movement.
    """

    speed: tuple[float, float] = (2, 12)
    rate_hz: tuple[float, float] = (15, 30)
    length: tuple[float, float] = (250, 450)
    edge: tuple[float, float] | None = None
    dropout: float = 0.05
    jitter: float = 0.025


KINDS = {
    "plain": Kind(),
    "slow (1-2 px a frame)": Kind(speed=(1, 2)),
    "slow, jitter twice as strong": Kind(speed=(1, 2), jitter=0.05),
    "fast (40-80 px a frame)": Kind(speed=(40, 80)),
    "3-6 frames a second": Kind(rate_hz=(3, 6), speed=(10, 60)),
    "dropouts (40 % of frames)": Kind(dropout=0.4),
    "short lines (40-80 px)": Kind(length=(40, 80)),
    "near the edge (12-40 px)": Kind(edge=(12, 40)),
}


@dataclass
class Event:
    """One crossing, true or counted: ``way`` is 1 for in, -1 for out."""

    track: int
    way: int
    time_s: float


@dataclass
class Scene:
    """A line and its tracks: ``frames`` holds (id, x, y, w, h) rows for each frame."""

    line: np.ndarray
    rate_hz: float
    frames: dict[int, list[tuple[int, float, float, float, float]]] = field(default_factory=lambda: defaultdict(list))
    truth: list[Event] = field(default_factory=list)


def walks(rng: np.random.Generator, half: float, box: float, speed: float) -> tuple[np.ndarray, list[int]]:
    """Corners of one walk, (along, across) px from the line's middle, and the ways it crosses, by kind of walk.

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
            corners = [(along[0], -side * reach), (along[1], 4 * clear + 2 * side * speed), (along[0], -side * reach)]
            return np.array(corners), [side, -side]
        case 3:  # past the end
            past = half * 1.15 + box / 6 + 8
            return np.array([(past, -side * reach), (past + 20, side * reach)]), []
        case 4:  # up to the line, and back
            return np.array([(along[0], side * reach), (along[1], clear), (along[0], side * reach)]), []
        case _:  # along the line, close by
            return np.array([(-half - reach, 1.2 * clear), (half + reach, 1.2 * clear)]), []


def scene(rng: np.random.Generator, kind: Kind, angle: float) -> Scene:
    """A line at ``angle`` with twenty walks past it."""
    length, rate_hz = rng.uniform(*kind.length), rng.uniform(*kind.rate_hz)
    along = np.array([np.cos(angle), np.sin(angle)])
    if kind.edge:
        along = np.round(along) if abs(along).max() > 0.8 else np.array([1.0, 0.0])
    right = np.array([-along[1], along[0]])
    middle = np.array(SIZE) / 2
    if kind.edge:
        outward = np.abs(right)
        middle = middle + outward * (np.array(SIZE) / 2 - rng.uniform(*kind.edge))
    made = Scene(np.array([middle - along * length / 2, middle + along * length / 2]), rate_hz)
    for track in range(1, 21):
        box = rng.uniform(30, 160)
        size = np.array([box * 0.6, box * 1.5])
        speed = rng.uniform(*kind.speed)
        corners, ways = walks(rng, length / 2, box, speed)
        first = int(rng.integers(0, 60))
        legs = np.hypot(*np.diff(corners, axis=0).T)
        stops = np.concatenate(([0], np.cumsum(legs)))
        gone = np.arange(0, stops[-1] + speed, speed)
        local = np.stack([np.interp(gone, stops, corners[:, axis]) for axis in (0, 1)], axis=1)
        true = middle + local[:, :1] * along + local[:, 1:] * right
        inside = ((true > 0) & (true < SIZE)).all(axis=1)
        crossed = np.flatnonzero((local[1:, 1] < 0) != (local[:-1, 1] < 0)) + 1
        for step, way in zip(crossed, ways, strict=False):
            if inside[step - 1 : step + 1].all():
                made.truth.append(Event(track, int(way), (first + step) / rate_hz))
        seen = true + rng.normal(0, kind.jitter * np.sqrt(size.prod()), true.shape)
        kept = inside & (rng.random(len(true)) >= kind.dropout)
        for step in np.flatnonzero(kept):
            made.frames[first + int(step)].append((track, *seen[step], *size))
    return made


def ours(made: Scene) -> list[Event]:
    """HeatStream's events."""
    zone = Zone("z", "z", tuple((x / SIZE[0], y / SIZE[1]) for x, y in made.line.tolist()))
    counter, events = ZoneCounter({}), []
    for frame in range(max(made.frames) + 1):
        rows = np.array(made.frames.get(frame, []), np.float64).reshape(-1, 5)
        centre, half = rows[:, 1:3], rows[:, 3:] / 2
        boxes = np.round(np.concatenate((centre - half, centre + half), axis=1) / POSITION_STEP_PX) * POSITION_STEP_PX
        flat = np.zeros(len(rows))
        ids, classes = rows[:, 0].astype(np.int64), flat.astype(np.int64)
        tracks = Tracks(boxes.astype(np.float32), ids, flat.astype(np.float32), classes)
        crossings = counter.step(tracks, Moment(frame + 1, frame / made.rate_hz, 1, None, SIZE), (zone,))
        events += [Event(c.track_id, 1 if c.direction is Direction.IN else -1, c.time_s) for c in crossings]
    return events


def ultralytics(made: Scene) -> list[Event]:
    """The events of ``ultralytics.solutions.ObjectCounter``'s own rule, given the same tracks instead of a model."""
    from shapely.geometry import LineString, Point
    from ultralytics.solutions.object_counter import ObjectCounter

    counter = ObjectCounter.__new__(ObjectCounter)
    counter.in_count = counter.out_count = 0
    counter.counted_ids, counter.names = set(), {0: "object"}
    counter.classwise_count = defaultdict(lambda: {"IN": 0, "OUT": 0})
    counter.region = [tuple(point) for point in made.line.tolist()]
    counter.LineString, counter.Point, counter.r_s = LineString, Point, LineString(counter.region)
    events, last = [], {}
    for frame in sorted(made.frames):
        for track, x, y, *_ in made.frames[frame]:
            before = counter.in_count, counter.out_count
            counter.count_objects((x, y), track, last.get(track), 0)
            last[track] = (x, y)
            way = (counter.in_count - before[0]) - (counter.out_count - before[1])
            if way:
                events.append(Event(track, way, frame / made.rate_hz))
    swapped = [Event(event.track, -event.way, event.time_s) for event in events]
    return max(events, swapped, key=lambda given: score(made, given)[0])


def score(made: Scene, events: list[Event]) -> tuple[int, int, int, int]:
    """Right events, all events, true crossings, and the absolute error of the counts in and out."""
    left = list(made.truth)
    right = 0
    for event in events:
        fits = [t for t in left if t.track == event.track and t.way == event.way]
        fits = [t for t in fits if abs(t.time_s - event.time_s) <= SLACK_S]
        if fits:
            left.remove(min(fits, key=lambda t: abs(t.time_s - event.time_s)))
            right += 1
    error = sum(abs(sum(e.way == way for e in events) - sum(t.way == way for t in made.truth)) for way in (1, -1))
    return right, len(events), len(made.truth), error


def report(name: str, scores: Iterator[tuple[int, int, int, int]]) -> str:
    """One row of the table."""
    right, told, true, error = np.sum(list(scores), axis=0)
    precision, recall = right / max(told, 1), right / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"{name:<42} {precision:9.3f} {recall:7.3f} {f1:7.3f} {error:6d} of {true}"


def step_ms(rng: np.random.Generator, *, tracks: int = 40, steps: int = 400) -> float:
    """Median milliseconds of one step with 40 walking tracks, three lines and two polygons."""
    lines = [Zone(f"l{y}", "", ((0.1, y), (0.9, y + 0.1))) for y in (0.2, 0.4, 0.6)]
    areas = [Zone(f"p{y}", "", ((0.1, y), (0.9, y), (0.8, y + 0.3), (0.2, y + 0.3))) for y in (0.1, 0.5)]
    counter, spent = ZoneCounter({}), []
    half = np.array([20.0, 50.0])
    place, pace = rng.uniform(0, 1, (tracks, 2)) * SIZE, rng.normal(0, 3, (tracks, 2))
    for frame in range(steps):
        place += pace
        pace = np.where((place < 0) | (place > SIZE), -pace, pace)
        centre = place + rng.normal(0, 1, place.shape)
        boxes = np.concatenate((centre - half, centre + half), axis=1).astype(np.float32)
        given = Tracks(boxes, np.arange(tracks), np.ones(tracks, np.float32), np.zeros(tracks, np.int64))
        started = time.perf_counter()
        counter.step(given, Moment(frame + 1, frame / 25, 1, None, SIZE), (*lines, *areas))
        spent.append(time.perf_counter() - started)
    return float(np.median(spent)) * 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=24, help="scenes of each kind, at as many angles")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rules: dict[str, Callable[[Scene], list[Event]]] = {"heatstream": ours, "ultralytics": ultralytics}
    print(f"{'scenes, rule':<42} {'precision':>9} {'recall':>7} {'F1':>7}  count error")
    totals: dict[str, list[tuple[int, int, int, int]]] = {name: [] for name in rules}
    for title, kind in KINDS.items():
        rng = np.random.default_rng(args.seed)
        made = [scene(rng, kind, 2 * np.pi * number / args.scenes) for number in range(args.scenes)]
        for name, rule in rules.items():
            scores = [score(one, rule(one)) for one in made]
            totals[name] += scores
            print(report(f"{title}, {name}", iter(scores)))
    for name, scores in totals.items():
        print(report(f"all, {name}", iter(scores)))
    print(f"one step, 40 tracks, 5 zones: {step_ms(np.random.default_rng(args.seed)):.2f} ms")


if __name__ == "__main__":
    main()
