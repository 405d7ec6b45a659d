"""The six examples of the seed document run as they stand, but for the import, on a real clip with a real model."""

from __future__ import annotations

import os
import re
import textwrap
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from heatstream import solutions
from heatstream.core.controls import Anchor
from heatstream.core.counting import ZoneCounter
from heatstream.core.geometry import zone_from_points
from heatstream.core.moment import Moment
from heatstream.core.types import ImageArray, Tracks
from heatstream.solutions.inputs import seen_in
from heatstream.vision import library

pytestmark = pytest.mark.media

TITLES = ["Heatmap", "Line Counting", "Polygon Counting", "Region Counting", "Im0", "Specific Classes"]
LINE = [(20, 400), (1080, 404)]


@pytest.fixture(scope="module")
def examples(media_dir: Path) -> dict[str, str]:
    """The examples of the document by title, with the one change: where ``solutions`` comes from."""
    found = list(media_dir.parent.glob("seed-*.md"))
    if not found:
        pytest.skip("shared data missing: no seed document in ../shared")
    text = found[0].read_text("utf-8")
    blocks = re.findall(r'^    === "([^"]+)"\s*\n\s*```python\n(.*?)^ *```$', text, re.DOTALL | re.MULTILINE)
    old = "from ultralytics import YOLO, solutions\n"
    new = "from ultralytics import YOLO\nfrom heatstream import solutions\n"
    assert all(block.count(old) == 1 for _, block in blocks)
    return {title: textwrap.dedent(block).replace(old, new) for title, block in blocks}


def _frames(clip: Path, step: int, most: int) -> list[ImageArray]:
    """Every ``step``-th picture of a clip."""
    capture = cv2.VideoCapture(str(clip))
    frames: list[ImageArray] = []
    while len(frames) < most and capture.grab():
        found, image = capture.retrieve()
        assert found
        frames.append(image)
        for _ in range(step - 1):
            capture.grab()
    capture.release()
    return frames


def _prepare(folder: Path, frames: list[ImageArray], rate_hz: float) -> None:
    """Put a video and a picture where the examples look for them."""
    video, picture = folder / "path/to/video/file.mp4", folder / "path/to/image.png"
    video.parent.mkdir(parents=True)
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter_fourcc(*"mp4v"), rate_hz, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()
    assert cv2.imwrite(str(picture), frames[0])


def _execute(code: str, names: dict[str, Any]) -> None:
    """Run an example, whose networks must not spoil the main thread for signals (see ``library.apart``)."""
    library.apart(lambda: exec(compile(code, "example", "exec"), names))


def _run(code: str, model: Path) -> dict[str, Any]:
    """Run an example with the small model instead of a download; its names."""
    code, replaced = re.subn(r'YOLO\("yolov8[ns]\.pt"\)', f'YOLO({str(model)!r}, task="detect")', code)
    assert replaced == 1
    names: dict[str, Any] = {}
    with pytest.warns(RuntimeWarning, match="no window can be shown") as caught:
        _execute(code, names)
    assert len([w for w in caught if w.category is RuntimeWarning]) == 1
    return names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder for the example, and no display."""
    library.prepare()
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_document_has_six_examples(examples: dict[str, str]) -> None:
    assert list(examples) == TITLES


@pytest.mark.parametrize("title", TITLES)
def test_an_example_runs_as_it_stands(
    title: str, examples: dict[str, str], folder: Path, media_dir: Path, models_dir: Path
) -> None:
    frames = _frames(media_dir / "plaza-crowd-1280x720.avi", 4, 10)
    _prepare(folder, frames, 12.5)
    names = _run(examples[title], models_dir / "yolov8n_320_int8_openvino_model")

    heat = names["heatmap_obj"].heatmap
    assert heat.shape == (720, 1280)
    assert heat.dtype == np.float32
    assert heat.max() > 0
    if title == "Im0":
        written = cv2.imread("ultralytics_output.png")
        assert np.array_equal(written, names["im0"])
        assert np.abs(written.astype(int) - frames[0]).max() > 50
        return
    written = _frames(folder / "heatmap_output.avi", 1, 99)
    assert len(written) == len(frames)
    changed = np.abs(written[-1].astype(int) - frames[-1]).max(axis=2) > 60
    assert 0.001 < changed.mean() < 0.5
    counted = names["heatmap_obj"].class_wise_count
    if title == "Specific Classes":
        assert set(counted) <= {"person", "car"}
    elif title != "Heatmap":
        row = written[-1][400 if title == "Line Counting" else 380, 20].astype(int)
        assert np.abs(row - (255, 0, 255)).max() < 90, "the region is drawn"


@pytest.mark.parametrize(
    "tracker", ["botsort.yaml", pytest.param("bytetrack.yaml", marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_the_line_example_counts_what_the_core_counts(
    tracker: str,
    examples: dict[str, str],
    folder: Path,
    media_dir: Path,
    models_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _prepare(folder, _frames(media_dir / "plaza-crowd-1280x720.avi", 5, 999), 10)
    followed: list[Tracks] = []
    generate = solutions.Heatmap.generate_heatmap

    def record(self: solutions.Heatmap, im0: ImageArray, tracks: Any) -> ImageArray:
        followed.append(seen_in(tracks).tracks)
        return generate(self, im0, tracks)

    monkeypatch.setattr(solutions.Heatmap, "generate_heatmap", record)
    usual = "persist=True, show=False"
    assert examples["Line Counting"].count(usual) == 1
    table = f"{usual}, tracker={tracker!r}, conf=0.35, iou=0.5, classes=[0]"
    code = examples["Line Counting"].replace(usual, table)
    heatmap = _run(code, models_dir / "yolov8n_320_int8_openvino_model")["heatmap_obj"]

    # The example's line, 15 px longer at each end.
    zone = zone_from_points("line", [(5, 400 - 4 * 15 / 1060), (1095, 404 + 4 * 15 / 1060)], (1280, 720))
    counter = ZoneCounter({})
    for number, tracks in enumerate(followed, 1):
        counter.step(tracks, Moment(number, number / 25, 1, None, (1280, 720)), (zone,), Anchor.CENTER)
    total = counter.tallies()[0].total
    assert (heatmap.in_counts, heatmap.out_counts) == (total.into, total.out)
    assert min(heatmap.in_counts, heatmap.out_counts) > 2
    assert heatmap.class_wise_count == {"person": {"IN": total.into, "OUT": total.out}}
    assert all((tracks.class_id == 0).all() and (tracks.confidence >= 0.35).all() for tracks in followed)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("clip", ["cars-topdown-768x432.mp4", "pets-walk-480x360.mp4"])
@pytest.mark.parametrize("title", ["Line Counting", "Polygon Counting", "Region Counting"])
def test_an_example_runs_on_a_smaller_video_than_its_points_were_made_for(
    title: str, clip: str, examples: dict[str, str], folder: Path, media_dir: Path, models_dir: Path
) -> None:
    frames = _frames(media_dir / clip, 4, 30)
    _prepare(folder, frames, 6)
    model = models_dir / "yolov8n_320_int8_openvino_model"
    code = re.sub(r'YOLO\("yolov8n\.pt"\)', f'YOLO({str(model)!r}, task="detect")', examples[title])
    names: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _execute(code, names)
    assert any("count_reg_pts" in str(warning.message) for warning in caught)
    assert names["heatmap_obj"].heatmap.max() > 0
    assert len(_frames(folder / "heatmap_output.avi", 1, 99)) == len(frames)


def test_the_arguments_are_those_of_the_table(examples: dict[str, str], media_dir: Path) -> None:
    text = next(media_dir.parent.glob("seed-*.md")).read_text("utf-8")
    table = text.partition("### Arguments `Heatmap()`")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)` +\| .+? +\| `(.+?)` +\|", table, re.MULTILINE)
    assert len(rows) == 17
    made = solutions.Heatmap()
    for name, default in rows:
        assert getattr(made, name) == eval(default, {"cv2": cv2}), name
    maps = re.findall(r"`cv::(COLORMAP_\w+)`", text)
    assert len(maps) == 22
    for name in maps:
        assert solutions.Heatmap(colormap=getattr(cv2, name)).colormap == getattr(cv2, name)


def test_no_display_is_needed_nor_looked_for_unless_asked(folder: Path) -> None:
    assert "DISPLAY" not in os.environ
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solutions.Heatmap().generate_heatmap(np.zeros((40, 60, 3), np.uint8), [])
