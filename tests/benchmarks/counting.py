"""How well lines are counted: HeatStream's rules, each of them left out in turn, beside its peers'.

``python -m tests.benchmarks.counting [--scenes 24] [--seed 1] [--plaza 2000] [--no-parts]`` prints precision, recall
and F1, for in and out apart, and the absolute error of the counts, of: the seed document's rule, Ultralytics'
``ObjectCounter``, supervision's ``LineZone`` (its default, all corners of the box, and the centre), and ours; on the
made-up scenes of ``tests.support.stress``, and on the demo scene's true tracks past lines of any angle. All get the
same tracks.

Ultralytics and the seed's rule call movement to the right or downward "in"; of that and its contrary, each scene takes
what suits them better.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

import numpy as np
import supervision as sv
from shapely.geometry import LineString, Point
from tqdm import tqdm
from ultralytics.solutions.object_counter import ObjectCounter

from heatstream.core import counting, identity
from heatstream.core.counting import ZoneCounter
from heatstream.core.identity import Identities
from heatstream.core.moment import Moment
from heatstream.core.types import Tracks, Zone
from heatstream.demo import PlazaScene
from tests.support.seed_heatmap import SeedHeatmap
from tests.support.stress import KINDS, SIZE, Event, Scene, boxes_of, ours, scene, score

Rule = Callable[[Scene], list[Event]]

#: Above every table.
HEAD = f"{'':38} precision, recall, F1: both, in, out                                 count error"
#: How near an event must be to a true crossing in the demo scene.
REACH_PX = 60.0
#: Who comes back over the line without having been farther behind it has not crossed it, px.
SWAY_PX = 12.0
#: What is set so that a rule of ours is out of force.
PARTS: dict[str, list[tuple[ModuleType, str, float]]] = {
    "lost and found": [(identity, "FOUND", -math.inf)],
    "exchanged numbers": [(identity, "PASSING_S", 0.0)],
    "shadows": [(identity, "SHADOW", 2.0)],
    "ghosts": [(identity, "CONFIRMED", 1)],
    "outer band": [(counting, "OUTER", counting.INNER)],
}


def seed(made: Scene) -> list[Event]:
    """The events of the seed document's rule."""
    (ax, ay), (bx, by) = made.line.round().astype(int).tolist()
    heat, events = SeedHeatmap(((ax, ay), (bx, by))), []
    for frame in sorted(made.frames):
        numbers, boxes = boxes_of(made, frame)
        for number, box in zip(numbers.tolist(), boxes.astype(np.float32), strict=True):
            before = heat.in_counts, heat.out_counts
            heat._count(box, number)
            way = (heat.in_counts - before[0]) - (heat.out_counts - before[1])
            if way:
                x, y = (box[:2] + box[2:]).tolist()
                events.append(Event(way, frame / made.rate_hz, x / 2, y / 2))
    return _the_better_way_around(made, events)


def ultralytics(made: Scene) -> list[Event]:
    """The events of ``ultralytics.solutions.ObjectCounter``'s own rule, given the same tracks instead of a model."""
    counter = ObjectCounter.__new__(ObjectCounter)
    counter.in_count = counter.out_count = 0
    counter.counted_ids, counter.names = set(), {0: "object"}
    counter.classwise_count = defaultdict(lambda: {"IN": 0, "OUT": 0})
    counter.region = [tuple(point) for point in made.line.tolist()]
    counter.LineString, counter.Point, counter.r_s = LineString, Point, LineString(counter.region)
    events, last = [], {}
    for frame in sorted(made.frames):
        for number, x, y, *_ in made.frames[frame]:
            before = counter.in_count, counter.out_count
            counter.count_objects((x, y), number, last.get(number), 0)
            last[number] = (x, y)
            way = (counter.in_count - before[0]) - (counter.out_count - before[1])
            if way:
                events.append(Event(way, frame / made.rate_hz, x, y))
    return _the_better_way_around(made, events)


def _the_better_way_around(made: Scene, events: list[Event]) -> list[Event]:
    swapped = [replace(event, way=-event.way) for event in events]
    return max(events, swapped, key=lambda given: score(made, given)[:, 0].sum())


def supervision(made: Scene, **options: Iterable[sv.Position]) -> list[Event]:
    """The events of supervision's ``LineZone``; its *in* is from right to left."""
    ends = [sv.Point(*point) for point in made.line.tolist()]
    line, events = sv.LineZone(*ends, **options), []
    for frame in range(max(made.frames) + 1):
        numbers, boxes = boxes_of(made, frame)
        given = sv.Detections(boxes, tracker_id=numbers) if len(numbers) else sv.Detections.empty()
        into, out = line.trigger(given)
        for way, which in ((-1, into), (1, out)):
            middles = (boxes[np.flatnonzero(which), :2] + boxes[np.flatnonzero(which), 2:]) / 2
            events += [Event(way, frame / made.rate_hz, *middle) for middle in middles.tolist()]
    return events


def supervision_centre(made: Scene) -> list[Event]:
    """The same by the box's centre."""
    return supervision(made, triggering_anchors=[sv.Position.CENTER])


PEERS: dict[str, Rule] = {
    "seed's rule": seed,
    "ultralytics": ultralytics,
    "supervision": supervision,
    "supervision, centre": supervision_centre,
}


@contextmanager
def without(part: str) -> Iterator[None]:
    """With a rule of ours out of force."""
    before = [(module, name, getattr(module, name)) for module, name, _ in PARTS[part]]
    for module, name, value in PARTS[part]:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def ours_without(part: str) -> Rule:
    """Our events with a rule out of force."""

    def rule(made: Scene) -> list[Event]:
        with without(part):
            return ours(made)

    return rule


def f1(right: int, told: int, true: int) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    precision, recall = right / max(told, 1), right / max(true, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def row(name: str, scores: list[np.ndarray]) -> str:
    """One row of the table; the error of the counts is that of every scene, in and out apart, added up."""
    every = np.array(scores)  # (scenes, 2, 3)
    error = int(np.abs(every[:, :, 1] - every[:, :, 2]).sum())
    into, out = (f1(*every[:, way].sum(axis=0).tolist()) for way in (0, 1))
    both = f1(*every.sum(axis=(0, 1)).tolist())
    cells = "  ".join(" ".join(f"{value:.3f}" for value in part) for part in (both, into, out))
    return f"  {name:<36} {cells}  {error:5d} of {int(every[:, :, 2].sum())}"


def table(title: str, scenes: list[Scene], rules: dict[str, Rule], totals: dict[str, list[np.ndarray]]) -> None:
    """Print what each rule makes of the scenes, and add it to the totals."""
    print(title)
    for name, rule in rules.items():
        scores = [score(made, rule(made)) for made in scenes]
        totals[name] += scores
        print(row(name, scores), flush=True)


def plaza(rng: np.random.Generator, lines: int, frames: int) -> list[Scene]:
    """True tracks of the demo scene past ``lines`` lines of any angle; truth is where their middles cross."""
    demo = PlazaScene(seed=300)
    scale = np.array(SIZE) / demo.size_wh
    middles: dict[int, dict[int, np.ndarray]] = {}
    made = []
    for number in range(lines):
        angle = 2 * np.pi * number / lines
        middle = np.array(SIZE) * rng.uniform((0.25, 0.45), (0.75, 0.85))
        half = rng.uniform(100, 300) * np.array([np.cos(angle), np.sin(angle)])
        made.append(Scene(np.array([middle - half, middle + half]), demo.rate_hz))
    for frame in tqdm(range(frames), desc="plaza", leave=False):
        truth = demo.truth(frame).tracks()
        rows = zip(truth.track_id.tolist(), truth.xyxy.astype(np.float64), truth.class_id.tolist(), strict=True)
        for track, box, kind in rows:
            low, high = box[:2] * scale, box[2:] * scale
            middles.setdefault(track, {})[frame] = (low + high) / 2
            for one in made:
                one.add(frame, track, (low + high) / 2, high - low)
                one.kinds[track] = kind
    for one in made:
        for places in middles.values():
            clear, unclear = _ways_over(places, one.line, demo.rate_hz)
            one.truth += clear
            one.unclear += unclear
    return made


def _ways_over(places: dict[int, np.ndarray], line: np.ndarray, rate_hz: float) -> tuple[list[Event], list[Event]]:
    """Where a path of places by frame crosses a line; apart, to and fro of less than ``SWAY_PX``: a body sways."""
    a, b = line
    clear: list[Event] = []
    unclear: list[Event] = []
    deepest = 0.0  # since the last crossing
    for frame in sorted(places.keys() & {frame + 1 for frame in places}):
        before, after = (_side(places[f], a, b) for f in (frame - 1, frame))
        deepest = max(deepest, abs(before) / float(np.linalg.norm(b - a)))
        if (before < 0) == (after < 0):
            continue
        place = places[frame - 1] + before / (before - after) * (places[frame] - places[frame - 1])
        if not 0 <= (place - a) @ (b - a) <= (b - a) @ (b - a):
            continue
        event = Event(1 if after >= 0 else -1, frame / rate_hz, *place, REACH_PX)
        if clear and clear[-1].way != event.way and deepest < SWAY_PX:
            unclear += [clear.pop(), event]
        else:
            clear.append(event)
        deepest = 0.0
    return clear, unclear


def _side(place: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    return float((b[0] - a[0]) * (place[1] - a[1]) - (b[1] - a[1]) * (place[0] - a[0]))


def step_ms(rng: np.random.Generator, *, tracks: int = 40, steps: int = 400) -> tuple[float, float]:
    """Median milliseconds of one step with 40 walking tracks: who is who, and three lines with two polygons."""
    lines = [Zone(f"l{y}", "", ((0.1, y), (0.9, y + 0.1))) for y in (0.2, 0.4, 0.6)]
    areas = [Zone(f"p{y}", "", ((0.1, y), (0.9, y), (0.8, y + 0.3), (0.2, y + 0.3))) for y in (0.1, 0.5)]
    identities, counter, spent = Identities(), ZoneCounter({}), []
    half = np.array([20.0, 50.0])
    place, pace = rng.uniform(0, 1, (tracks, 2)) * SIZE, rng.normal(0, 3, (tracks, 2))
    for frame in range(steps):
        place += pace
        pace = np.where((place < 0) | (place > SIZE), -pace, pace)
        centre = place + rng.normal(0, 1, place.shape)
        boxes = np.concatenate((centre - half, centre + half), axis=1).astype(np.float32)
        given = Tracks(boxes, np.arange(tracks), np.ones(tracks, np.float32), np.zeros(tracks, np.int64))
        moment = Moment(frame + 1, frame / 25, 1, None, SIZE)
        started = time.perf_counter()
        people = identities.step(given, moment)
        between = time.perf_counter()
        counter.step(people.tracks, moment, (*lines, *areas), confirmed=people.confirmed)
        spent.append((between - started, time.perf_counter() - between))
    identify, count = np.median(spent, axis=0) * 1000
    return float(identify), float(count)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=24, help="scenes of each kind, at as many angles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plaza", type=int, default=2000, help="frames of the demo scene")
    parser.add_argument("--parts", action=argparse.BooleanOptionalAction, default=True, help="also without each rule")
    args = parser.parse_args()
    rules = PEERS | {"heatstream": ours}
    if args.parts:
        rules |= {f"heatstream without {part}": ours_without(part) for part in PARTS}
    totals: dict[str, list[np.ndarray]] = defaultdict(list)
    print(HEAD)
    for title, kind in KINDS.items():
        rng = np.random.default_rng(args.seed)
        scenes = [scene(rng, kind, 2 * np.pi * number / args.scenes) for number in range(args.scenes)]
        table(title, scenes, rules, totals)
    print("all of these")
    for name, scores in totals.items():
        print(row(name, scores))
    if args.plaza:
        scenes = plaza(np.random.default_rng(args.seed), args.scenes, args.plaza)
        table("the demo scene's true tracks", scenes, rules, defaultdict(list))
    identify, count = step_ms(np.random.default_rng(args.seed))
    print(f"one step, 40 tracks: identities {identify:.2f} ms, 5 zones {count:.2f} ms")


if __name__ == "__main__":
    main()
