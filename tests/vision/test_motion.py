"""Finding what moves without a model: rendered scenes with known truth, and the real clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from heatstream.core.controls import Controls, DetectControls
from heatstream.core.errors import ClosedError
from heatstream.core.settings import Settings, settings
from heatstream.core.types import Detections, Frame, ImageArray, Zone
from heatstream.engine.pipeline import Pipeline
from heatstream.sources import open_source
from heatstream.vision import ModelSpec, Tracker, motion, open_tracks
from heatstream.vision.motion import MotionDetector, MotionTracks

WIDTH, HEIGHT = 320, 240
#: A body of 24 x 48 px, larger than the least object.
BODY_WH = (24, 48)
Box = tuple[float, float, float, float]
Clip = Callable[[str, int], list[ImageArray]]


def walker(time_s: float, *, speed_px_s: float = 40.0) -> Box:
    """Where somebody who walks to the right is, who enters at 2 s."""
    x = (time_s - 2.0) * speed_px_s - BODY_WH[0]
    return x, 100.0, x + BODY_WH[0], 100.0 + BODY_WH[1]


class Scene:
    """A noisy wall, with dark bodies in front of it. The noise comes from a stock: making it anew takes longer than
    everything else."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self._noise = self._rng.normal(0, 3, (16, HEIGHT, WIDTH, 3)).astype(np.float32)
        coarse = self._rng.integers(90, 170, (HEIGHT // 8, WIDTH // 8, 3)).astype(np.uint8)
        self._wall = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR).astype(np.float32)

    def picture(self, *boxes: Box, light: float = 1.0, shade: Box | None = None) -> ImageArray:
        image = self._wall * light
        if shade is not None:
            x1, y1, x2, y2 = (round(edge) for edge in shade)
            image[y1:y2, x1:x2] *= 0.7
        for box in boxes:
            x1, y1, x2, y2 = (max(0, round(edge)) for edge in box)
            image[y1:y2, x1:x2] = (30, 40, 50)
        noisy = image + self._noise[self._rng.integers(len(self._noise))]
        return noisy.clip(0, 255).astype(np.uint8)


def seconds(begin_s: float, end_s: float, rate_hz: float = 25.0) -> Iterator[float]:
    yield from (begin_s + i / rate_hz for i in range(round((end_s - begin_s) * rate_hz)))


def iou(one: Box, other: Box) -> float:
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (one, other)]
    return across * down / (sum(areas) - across * down)


def watched(detector: MotionDetector, scene: Scene, until_s: float, *, rate_hz: float = 25.0) -> None:
    """Have the detector learn the empty scene."""
    for time_s in seconds(0, until_s, rate_hz):
        assert len(detector.detect(scene.picture(), time_s)) == 0


@pytest.mark.parametrize("rate_hz", [25.0, 5.0])
def test_a_walker_is_boxed_and_an_empty_scene_is_not(rate_hz: float) -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 2.0, rate_hz=rate_hz)
    for time_s in seconds(3.0, 8.0, rate_hz):
        truth = walker(time_s)
        found = detector.detect(scene.picture(truth), time_s)
        assert len(found) == 1, time_s
        assert iou(tuple(found.xyxy[0].tolist()), truth) > 0.75
        assert found.confidence[0] > 0.9
        assert found.class_id.tolist() == [0]


def test_two_people_are_two_and_specks_are_nobody() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 10.0, rate_hz=5.0)
    specks = [(float(x), 20.0, float(x) + 2, 22.0) for x in range(10, 300, 20)]
    for time_s in seconds(10.0, 12.0):
        x = 40 + 30 * (time_s - 10.0)
        people = (x, 60.0, x + 20, 100.0), (200 - x / 2, 150.0, 220 - x / 2, 200.0)
        found = detector.detect(scene.picture(*people, *specks), time_s)
        assert len(found) == 2, time_s
        for person in people:
            assert max(iou(tuple(box), person) for box in found.xyxy.tolist()) > 0.7


def test_a_body_in_pieces_is_one_and_two_bodies_above_each_other_are_two() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 2.0)
    head, legs = (100.0, 80.0, 112.0, 90.0), (96.0, 98.0, 116.0, 140.0)
    found = detector.detect(scene.picture(head, legs), 2.04)
    assert len(found) == 1
    assert iou(tuple(found.xyxy[0].tolist()), (96.0, 80.0, 116.0, 140.0)) > 0.8
    above, below = (200.0, 40.0, 224.0, 88.0), (200.0, 108.0, 224.0, 156.0)
    assert len(detector.detect(scene.picture(above, below), 2.08)) == 2


def test_a_shadow_does_not_widen_the_box() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 2.0)
    body = (100.0, 80.0, 124.0, 128.0)
    shadow = (124.0, 110.0, 170.0, 128.0)
    (found,) = detector.detect(scene.picture(body, shade=shadow), 2.04).xyxy.tolist()
    assert iou(tuple(found), body) > 0.75


@pytest.mark.parametrize("rate_hz", [25.0, 5.0])
def test_what_stands_still_becomes_background_in_the_same_time_at_any_rate(rate_hz: float) -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 45.0, rate_hz=5.0)
    parked = (150.0, 100.0, 190.0, 160.0)
    seen = [bool(len(detector.detect(scene.picture(parked), t))) for t in seconds(45.0, 63.0, rate_hz)]
    assert 10.0 < sum(seen) / rate_hz < 16.0, "about 13 s"
    assert not any(seen[-round(3 * rate_hz) :])


def test_who_leaves_in_time_leaves_no_ghost() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 20.0)
    standing = (150.0, 100.0, 174.0, 148.0)
    assert all(len(detector.detect(scene.picture(standing), t)) == 1 for t in seconds(20.0, 28.0))
    assert not any(len(detector.detect(scene.picture(), t)) for t in seconds(28.2, 32.0))


def test_sudden_light_gives_no_boxes_and_is_learnt() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 4.0)
    for time_s in seconds(4.0, 6.0):
        assert len(detector.detect(scene.picture(light=1.4), time_s)) == 0, time_s
    body = (100.0, 80.0, 124.0, 128.0)
    assert len(detector.detect(scene.picture(body, light=1.4), 6.0)) == 1, "and then it sees again"


def test_another_size_and_a_reset_begin_anew() -> None:
    scene, detector = Scene(), MotionDetector()
    watched(detector, scene, 4.0)
    body = (100.0, 80.0, 124.0, 128.0)
    half = cv2.resize(scene.picture(body), (WIDTH // 2, HEIGHT // 2)).astype(np.uint8)
    assert len(detector.detect(half, 4.0)) == 0
    assert len(detector.detect(scene.picture(body), 4.04)) == 0
    for time_s in seconds(4.08, 5.3):
        assert len(detector.detect(scene.picture(), time_s)) <= 1  # the body that was there at first is missed
    assert len(detector.detect(scene.picture((20.0, 80.0, 44.0, 128.0)), 5.4)) >= 1
    detector.reset()
    assert len(detector.detect(scene.picture(body), 5.44)) == 0


def test_large_pictures_are_looked_at_smaller_and_boxes_are_theirs() -> None:
    scene, detector = Scene(), MotionDetector()
    body = (100.0, 80.0, 124.0, 128.0)

    def large(image: ImageArray) -> ImageArray:
        return cv2.resize(image, (6 * WIDTH, 6 * HEIGHT), interpolation=cv2.INTER_NEAREST).astype(np.uint8)

    for time_s in seconds(0, 2.0, 10.0):
        detector.detect(large(scene.picture()), time_s)
    (found,) = detector.detect(large(scene.picture(body)), 2.1).xyxy.tolist()
    assert iou(tuple(found), tuple(6 * edge for edge in body)) > 0.8  # type: ignore[arg-type]


def test_the_asked_confidence_is_the_share_of_a_box_that_moves() -> None:
    scene = Scene()
    tracks = MotionTracks(Tracker("bytetrack", rate_hz=25.0))
    # A frame around nothing fills little of its box: 1 - (80 x 80) / (96 x 96), over what a body fills.
    hollow = [(50.0, 50.0, 146.0, 58.0), (50.0, 138.0, 146.0, 146.0)]
    hollow += [(50.0, 50.0, 58.0, 146.0), (138.0, 50.0, 146.0, 146.0)]
    frames = [Frame(scene.picture(), i + 1, t) for i, t in enumerate(seconds(0, 2.0))]
    shown = Frame(scene.picture(*hollow), len(frames) + 1, 2.0)
    share = (1 - 80**2 / 96**2) / motion.FULL_SHARE
    for asked, expected in ((share - 0.08, 1), (share + 0.12, 0)):
        tracks.reset()
        for frame in frames:
            assert len(tracks.step(frame, DetectControls(confidence=asked))) == 0
        found: list[int] = []
        for again in range(3):
            frame = Frame(shown.image, shown.index + again, shown.time_s + again / 25)
            found.append(len(tracks.step(frame, DetectControls(confidence=asked))))
        assert found[-1] == expected, asked


def test_a_new_run_learns_anew_and_ids_start_over() -> None:
    scene, tracks = Scene(), MotionTracks(Tracker("botsort", rate_hz=25.0))
    index = 0
    for run in (1, 2):
        ids: set[int] = set()
        for time_s in seconds(0, 5.0):
            index += 1
            frame = Frame(scene.picture(walker(time_s)), index, (run - 1) * 5 + time_s, run)
            found = tracks.step(frame, DetectControls())
            assert time_s > 1.0 or not len(found), "nothing in the first second of a run"
            ids |= set(found.track_id.tolist())
        assert ids == {1}
    tracks.close()
    tracks.close()
    with pytest.raises(ClosedError):
        tracks.step(Frame(scene.picture(), 1, 0.0), DetectControls())


def test_it_is_a_model_by_name_and_by_the_setting(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (config.model_dir / "motion.pt").write_bytes(b"weights")  # of the same name, but not what is meant
    stream = open_tracks(ModelSpec(" motion "), rate_hz=25.0)
    assert isinstance(stream, MotionTracks)
    assert dict(stream.names) == {0: "motion"}
    assert stream.label == "Motion (no model)"
    monkeypatch.setenv("HEATSTREAM_MODEL", "motion")
    settings.cache_clear()
    assert isinstance(open_tracks(ModelSpec("auto"), rate_hz=25.0), MotionTracks)


def test_an_empty_picture_has_no_boxes() -> None:
    boxes, areas = motion._objects(np.zeros((40, 60), np.uint8))
    assert boxes.shape == (0, 4)
    assert areas.shape == (0,)
    assert isinstance(MotionDetector().detect(np.zeros((1, 1, 3), np.uint8), 0.0), Detections)


@pytest.mark.media
@pytest.mark.parametrize(
    ("name", "line", "into", "out"),
    [
        # What YOLOv8n (INT8, 640 px) counts with the same tracker: cars 2 in, 2 out; pets 15 in, 13 out. On PETS people
        # who walk close together are one moving thing, so that motion counts fewer: 14 in, 12 out (2026-11).
        ("cars-topdown-768x432.mp4", ((0.0, 0.5), (1.0, 0.5)), range(2, 3), range(2, 3)),
        pytest.param(
            "pets-walk-480x360.mp4",
            ((0.45, 0.3), (0.45, 0.7)),
            range(13, 17),
            range(8, 14),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_real_clips_are_counted_nearly_as_by_a_network(
    media_dir: Path, name: str, line: tuple[tuple[float, float], tuple[float, float]], into: range, out: range
) -> None:
    controls = Controls(zones=(Zone("z", "Line", line),))
    with open_source(str(media_dir / name)) as source:
        pipeline = Pipeline(open_tracks(ModelSpec("motion"), rate_hz=source.info.rate_hz or 25.0), controls=controls)
        for frame in source.frames():
            pipeline.view(frame, pipeline.track(frame, controls), controls)
    (tally,) = pipeline.tallies
    assert tally.total.into in into
    assert tally.total.out in out
    assert pipeline.heat_top_s > 0
