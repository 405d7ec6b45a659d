"""The demo scene: a pure function of seed, crowd and frame, whose truth fits its pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from heatstream.core.counting import ZoneCounter
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import touches_edge, validate_zone
from heatstream.core.moment import Moment
from heatstream.core.types import Direction, FloatArray, ZoneKind
from heatstream.demo import CLASS_NAMES, PlazaScene, Truth, suggested_zones
from heatstream.demo.scenery import backdrop

WIDTH, HEIGHT = PlazaScene.size_wh
#: Two minutes, every fifth frame, as the walks of one scene.
FRAMES = range(500, 3500, 5)


@dataclass(frozen=True)
class Sight:
    box: FloatArray
    visible: float
    class_id: int


def sights(truth: Truth) -> dict[int, Sight]:
    rows = zip(truth.track_id.tolist(), truth.xyxy, truth.visible.tolist(), truth.class_id.tolist(), strict=True)
    return {track: Sight(box, visible, class_id) for track, box, visible, class_id in rows}


@pytest.fixture(scope="module")
def walk() -> list[Truth]:
    scene = PlazaScene(seed=3, crowd=24)
    return [scene.truth(index) for index in FRAMES]


def test_a_picture_is_what_the_signature_says() -> None:
    scene = PlazaScene()
    image = scene.render(0)
    assert image.shape == (540, 960, 3)
    assert image.dtype == np.uint8
    assert (scene.size_wh, scene.rate_hz, scene.seed, scene.crowd) == ((960, 540), 25.0, 1, 24)
    image[:] = 0  # the caller's own: the next picture is whole again
    assert scene.render(0).any()


def test_any_order_gives_the_same_as_one_after_another() -> None:
    first, second = PlazaScene(seed=7, crowd=12), PlazaScene(seed=7, crowd=12)
    indices = [*list(range(300, 330)), 5000, 0, 90000]
    pictures = {index: first.render(index) for index in indices}
    for index in reversed(indices):
        assert np.array_equal(second.render(index), pictures[index]), index
        ours, theirs = second.truth(index), first.truth(index)
        for field in ("xyxy", "track_id", "class_id", "visible"):
            assert np.array_equal(getattr(ours, field), getattr(theirs, field)), (index, field)


def test_truth_before_or_after_the_picture_changes_neither() -> None:
    first, second = PlazaScene(seed=2), PlazaScene(seed=2)
    truth = first.truth(777)
    picture = first.render(777)
    assert np.array_equal(second.render(777), picture)
    assert np.array_equal(second.truth(777).visible, truth.visible)


def test_seeds_and_crowds_differ() -> None:
    pictures = [PlazaScene(seed, crowd).render(400) for seed, crowd in ((1, 24), (2, 24), (1, 10))]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert (pictures[one] != pictures[other]).mean() > 0.01


def test_it_has_no_end() -> None:
    scene = PlazaScene(seed=1, crowd=24)
    for index in (10_000_000, 10_000_001, 1_000_000_000):
        assert len(scene.truth(index)) >= 8
        assert (scene.render(index) != backdrop().image).any()
    near, next_frame = sights(scene.truth(10_000_000)), sights(scene.truth(10_000_001))
    assert len(near.keys() & next_frame.keys()) >= 0.8 * len(near)


@pytest.mark.parametrize(("seed", "crowd"), [(-1, 24), (2**31, 24), (1, 0), (1, 81)])
def test_values_out_of_range_are_refused(seed: int, crowd: int) -> None:
    with pytest.raises(ControlsError, match="the demo's"):
        PlazaScene(seed, crowd)


def test_there_are_no_frames_before_the_first() -> None:
    with pytest.raises(ControlsError, match="numbered from 0"):
        PlazaScene().render(-1)


def test_truth_has_the_right_types_and_lies_in_the_frame(walk: list[Truth]) -> None:
    for truth in walk:
        assert truth.xyxy.dtype == np.float32
        assert truth.xyxy.shape == (len(truth), 4)
        assert truth.track_id.dtype == truth.class_id.dtype == np.int64
        assert truth.visible.dtype == np.float32
        assert len(set(truth.track_id.tolist())) == len(truth)
        assert set(truth.class_id.tolist()) <= set(CLASS_NAMES)
        assert (truth.xyxy[:, :2] >= 0).all()
        assert (truth.xyxy[:, 2] <= WIDTH).all()
        assert (truth.xyxy[:, 3] <= HEIGHT).all()
        assert (truth.xyxy[:, 2:] > truth.xyxy[:, :2]).all()
        assert ((truth.visible >= 0) & (truth.visible <= 1)).all()


def test_the_crowd_is_about_as_large_as_asked_for() -> None:
    for crowd in (6, 24, 60):
        scene = PlazaScene(seed=5, crowd=crowd)
        people = [np.count_nonzero(scene.truth(index).class_id == 0) for index in range(0, 15_000, 500)]
        assert 0.75 * crowd <= np.mean(people) <= 1.35 * crowd + 1.5


def test_every_class_is_seen_and_cyclists_ride_what_they_ride(walk: list[Truth]) -> None:
    seen = Counter(class_id for truth in walk for class_id in truth.class_id.tolist())
    assert set(seen) == {0, 1, 2}
    for truth in walk:
        rows = sights(truth)
        for track, sight in rows.items():
            middle = (sight.box[0] + sight.box[2]) / 2
            if sight.class_id == 1 and 40 < middle < WIDTH - 40:
                rider = rows[track + 1]
                assert rider.class_id == 0
                assert abs((rider.box[0] + rider.box[2]) / 2 - middle) < 12
                assert rider.box[1] < sight.box[1]


def test_people_are_as_tall_as_perspective_makes_them(walk: list[Truth]) -> None:
    heights, feet = [], []
    for truth in walk:
        whole = (truth.class_id == 0) & (truth.visible > 0.9) & (truth.xyxy[:, 3] < HEIGHT - 1) & (truth.xyxy[:, 1] > 0)
        heights += (truth.xyxy[whole, 3] - truth.xyxy[whole, 1]).tolist()
        feet += truth.xyxy[whole, 3].tolist()
    assert min(heights) >= 25
    assert 100 <= max(heights) <= 150
    assert np.corrcoef(heights, feet)[0, 1] > 0.8


def test_boxes_fit_what_is_drawn() -> None:
    """Beyond the shadows, which only darken a little, all that differs from the backdrop lies in the boxes."""
    scene = PlazaScene(seed=11, crowd=8)
    empty = backdrop()
    for index in range(0, 4000, 250):
        changed = np.abs(scene.render(index).astype(int) - empty.image).max(axis=2)
        truth = scene.truth(index)
        outside = changed.copy()
        for x1, y1, x2, y2 in np.rint(truth.xyxy).astype(int).tolist():
            # A sprite's edge pixels that are less than half covered lie beside the box.
            outside[max(y1 - 2, 0) : y2 + 2, max(x1 - 2, 0) : x2 + 2] = 0
        assert (outside <= empty.shade.max(axis=2).astype(int) + 1).all()


def test_boxes_are_tight_around_who_stands_alone(walk: list[Truth]) -> None:
    """At each edge of the box of somebody fully visible some pixel differs strongly from the backdrop."""
    scene = PlazaScene(seed=3, crowd=24)
    empty = backdrop().image.astype(int)
    checked = 0
    for index, truth in zip(FRAMES[::20], walk[::20], strict=True):
        changed = np.abs(scene.render(index).astype(int) - empty).max(axis=2) > 6
        for box, visible in zip(np.rint(truth.xyxy).astype(int), truth.visible, strict=True):
            x1, y1, x2, y2 = box.tolist()
            if visible < 1:
                continue
            checked += 1
            part = changed[y1:y2, x1:x2]
            assert part[:2].any()
            assert part[-2:].any()
            assert part[:, :2].any()
            assert part[:, -2:].any()
    assert checked > 100


def test_visible_shares_are_plausible(walk: list[Truth]) -> None:
    shares = np.concatenate([truth.visible for truth in walk])
    assert 0.35 < (shares > 0.95).mean() < 0.9
    assert 0.02 < (shares < 0.4).mean() < 0.5
    at_edge = [
        (box[3] - box[1], visible)
        for truth in walk
        for box, visible, class_id in zip(truth.xyxy, truth.visible, truth.class_id, strict=True)
        if class_id == 0 and box[3] >= HEIGHT and 100 < box[0] < WIDTH - 100
    ]
    assert len(at_edge) > 50
    assert all(visible < 0.5 for height, visible in at_edge if height < 45)


def test_standing_things_hide_who_walks_behind_them(walk: list[Truth]) -> None:
    """Somebody whose box no other box touches, well inside the frame, can be hidden by nothing else."""
    hidden = 0
    for truth in walk:
        for row in range(len(truth)):
            x1, y1, x2, y2 = truth.xyxy[row].tolist()
            if truth.visible[row] > 0.6 or x1 < 5 or y1 < 5 or x2 > WIDTH - 5 or y2 > HEIGHT - 5:
                continue
            others = np.delete(truth.xyxy, row, axis=0)
            apart = (others[:, 2] < x1) | (others[:, 0] > x2) | (others[:, 3] < y1) | (others[:, 1] > y2)
            hidden += bool(apart.all())
    assert hidden >= 50


def test_people_are_hidden_for_a_moment_and_seen_again(walk: list[Truth]) -> None:
    """Some are hidden for the most part in the picture's middle, and were seen well before and after."""
    history: dict[int, list[float]] = {}
    for truth in walk:
        for track, sight in sights(truth).items():
            if sight.class_id == 0:
                history.setdefault(track, []).append(sight.visible)
    hidden = 0
    for shares in history.values():
        low = int(np.argmin(shares))
        if shares[low] < 0.4 and max(shares[:low], default=0) > 0.9 and max(shares[low:]) > 0.9:
            hidden += 1
    assert hidden >= 5


@pytest.mark.parametrize("seed", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_ids_are_stable_and_nobody_jumps_or_pops_up_in_the_open(seed: int) -> None:
    scene = PlazaScene(seed, crowd=24)
    before = sights(scene.truth(1000))
    for index in range(1001, 1800):
        now = sights(scene.truth(index))
        for track in now.keys() ^ before.keys():
            sight = now.get(track) or before[track]
            x1, y1, x2, y2 = sight.box.tolist()
            at_edge = x1 <= 8 or y1 <= 4 or x2 >= WIDTH - 8 or y2 >= HEIGHT - 4
            assert at_edge or sight.visible < 0.05, (index, track, sight)
        for track in now.keys() & before.keys():
            moved = (now[track].box - before[track].box).reshape(2, 2).mean(axis=0)
            assert np.abs(moved).max() < 16, (index, track)
            assert now[track].class_id == before[track].class_id
        before = now


def test_some_stop_and_go_on(walk: list[Truth]) -> None:
    places: dict[int, list[tuple[float, float]]] = {}
    for truth in walk:
        for track, sight in sights(truth).items():
            places.setdefault(track, []).append(((sight.box[0] + sight.box[2]) / 2, sight.box[3]))
    stopped = 0
    for way in places.values():
        steps = np.abs(np.diff(np.array(way), axis=0)).max(axis=1) if len(way) > 1 else np.empty(0)
        still = "".join("s" if step < 1 else "g" for step in steps)
        stopped += "g" in still.partition("ssssssssss")[0] and "g" in still.partition("ssssssssss")[2]
    assert stopped >= 10


def test_the_suggested_zones_can_be_used() -> None:
    line, polygon = suggested_zones()
    for zone in (line, polygon):
        validate_zone(zone)
        assert not touches_edge(zone)
    assert (line.name, line.kind) == ("Crossing", ZoneKind.LINE)
    assert (polygon.name, polygon.kind) == ("Fountain", ZoneKind.POLYGON)
    assert line.id != polygon.id


def test_many_cross_the_line_in_both_directions_and_some_linger_at_the_fountain() -> None:
    scene = PlazaScene(seed=6, crowd=24)
    counter = ZoneCounter(CLASS_NAMES)
    crossings = Counter()
    inside = []
    shares = []
    seconds = 60
    for step in range(seconds * 5):
        truth = scene.truth(step * 5)
        moment = Moment(step + 1, step / 5, 1, None, scene.size_wh)
        rows = sights(truth)
        for event in counter.step(truth.tracks(), moment, suggested_zones()):
            crossings[event.zone_name, event.direction] += 1
            if event.zone_name == "Crossing" and event.track_id in rows:
                shares.append(rows[event.track_id].visible)
        inside.append(counter.tallies()[1].occupancy)
    for direction in Direction:
        assert 15 <= crossings["Crossing", direction] / (seconds / 60) <= 60
        assert crossings["Fountain", direction] > 5
    assert np.mean(inside) > 2
    assert np.mean([share > 0.4 for share in shares]) > 0.85
