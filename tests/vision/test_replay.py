"""Stored tracks come back exactly, by a run's frames, and bad rows are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from heatstream.core.controls import DetectControls
from heatstream.core.errors import ClosedError, OutputError, TracksFileError
from heatstream.core.types import Frame, Tracks
from heatstream.vision.coco import COCO_NAMES
from heatstream.vision.replay import ReplayTracks, TracksFile, read_tracks


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_text(text)
    return path


def _frame(index: int, run: int = 1) -> Frame:
    return Frame(np.zeros((100, 200, 3), np.uint8), index, index / 25, run)


def test_rows_become_tracks(tmp_path: Path) -> None:
    tracks = read_tracks(_file(tmp_path, "1,3,10.03,20,30,40,0.5,2\n2,3,11,20,30,40,1\n2,4,0.5,1,2,3,-1,-1,-1,-1\n"))
    assert sorted(tracks) == [1, 2]
    assert tracks[1].xyxy.tolist() == [[10.0, 20.0, 40.0, 60.0]]
    assert (tracks[1].track_id.tolist(), tracks[1].class_id.tolist()) == ([3], [2])
    assert tracks[1].confidence.tolist() == [0.5]
    assert tracks[2].xyxy.tolist() == [[11.0, 20.0, 41.0, 60.0], [0.5, 1.0, 2.5, 4.0]]
    assert (tracks[2].class_id.tolist(), tracks[2].confidence.tolist()) == ([0, 0], [1.0, 1.0])
    kinds = [getattr(tracks[2], name).dtype for name in ("xyxy", "track_id", "confidence", "class_id")]
    assert kinds == [np.float32, np.int64, np.float32, np.int64]


def test_headings_empty_lines_and_spaces_are_passed_over(tmp_path: Path) -> None:
    text = "\ufeffframe,id,left,top,width,height,conf\n\n 1, 2, 3, 4, 5, 6, 1\n\n"
    assert read_tracks(_file(tmp_path, text))[1].xyxy.tolist() == [[3, 4, 8, 10]]
    assert read_tracks(_file(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,2,3,4,5,6", "found 6 values"),
        ("frame,id,left,top,width,height,conf", "frame must be a number"),
        ("x,2,3,4,5,6,1", "frame must be a number, not 'x'"),
        ("0,2,3,4,5,6,1", "frame must be a whole number from 1"),
        ("1.5,2,3,4,5,6,1", "frame must be a whole number"),
        ("1,-1,3,4,5,6,1", "id must be a whole number from 1"),
        ("1,2,nan,4,5,6,1", "left must be a finite number"),
        ("1,2,3,inf,5,6,1", "top must be a finite number"),
        ("1,2,3,4,0,6,1", "width and height must be more than 0"),
        ("1,2,3,4,5,-6,1", "width and height must be more than 0"),
        ("1,2,3,4,5,6,1.5", "conf must lie between 0 and 1"),
        ("1,2,3,4,5,6,1,80", "class must be a number of COCO"),
        ("1,2,3,4,5,6,1,0.5", "class must be a number of COCO"),
        ("1,2,3,4,5,6,1,person", "class must be a number, not 'person'"),
        ("1,1,3,4,5,6,1", "track 1 is there twice in frame 1"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = _file(tmp_path, f"1,1,3,4,5,6,1\n\n{row}\n")
    with pytest.raises(TracksFileError) as failure:
        read_tracks(path)
    assert f"{path}, line 3: " in str(failure.value)
    assert message in str(failure.value)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(TracksFileError, match="cannot be read"):
        read_tracks(tmp_path / "missing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(TracksFileError, match="cannot be read"):
        read_tracks(tmp_path / "binary.csv")


def test_each_run_starts_at_the_files_first_frame(tmp_path: Path) -> None:
    stream = ReplayTracks(_file(tmp_path, "1,1,0,0,9,9,1\n2,2,0,0,9,9,1\n4,4,0,0,9,9,1\n"))
    steps = [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (8, 2), (9, 2)]
    ids = [stream.step(_frame(index, run), DetectControls()).track_id.tolist() for index, run in steps]
    assert ids == [[1], [2], [], [4], [1], [2], [4], []]
    stream.reset()
    assert stream.step(_frame(10, 2), DetectControls()).track_id.tolist() == [1]
    assert stream.names[0] == "person"
    assert stream.label == "tracks (stored tracks)"


def test_boxes_stay_within_the_picture_and_the_confidence_counts(tmp_path: Path) -> None:
    rows = "1,1,-5,-5,10,10,1\n1,2,195,95,50,50,0.5\n1,3,300,10,5,5,1\n1,4,10,10,5,5,0.29\n"
    stream = ReplayTracks(_file(tmp_path, rows))
    tracks = stream.step(_frame(1), DetectControls(confidence=0.3, classes=("car",)))
    assert tracks.track_id.tolist() == [1, 2]
    assert tracks.xyxy.tolist() == [[0, 0, 5, 5], [195, 95, 200, 100]]
    assert stream.step(_frame(1), DetectControls(confidence=0.2)).track_id.tolist() == [1, 2, 4]


@st.composite
def _tracks(draw: st.DrawFn) -> Tracks:
    ids = draw(st.lists(st.integers(1, 2**40), min_size=1, max_size=5, unique=True))
    corner, side = st.integers(0, 7680 * 16), st.integers(1, 4096 * 16)
    boxes = [(x, y, x + w, y + h) for x, y, w, h in draw(_lists(st.tuples(corner, corner, side, side), ids))]
    return Tracks(
        xyxy=np.array(boxes, np.float32) / 16,
        track_id=np.array(ids, np.int64),
        confidence=np.array(draw(_lists(st.floats(0, 1, width=32), ids)), np.float32),
        class_id=np.array(draw(_lists(st.sampled_from(sorted(COCO_NAMES)), ids)), np.int64),
    )


def _lists(elements: st.SearchStrategy[Any], ids: list[int]) -> st.SearchStrategy[list[Any]]:
    return st.lists(elements, min_size=len(ids), max_size=len(ids))


@hypothesis_settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.dictionaries(st.integers(1, 10**6), _tracks(), max_size=4))
def test_what_is_written_comes_back_exactly(tmp_path: Path, frames: dict[int, Tracks]) -> None:
    path = tmp_path / "written.csv"
    with TracksFile(path) as file:
        for number, tracks in frames.items():
            file.write(number, tracks)
    again = read_tracks(path)
    assert again.keys() == frames.keys()
    for number, tracks in frames.items():
        for name in ("xyxy", "track_id", "confidence", "class_id"):
            np.testing.assert_array_equal(getattr(again[number], name), getattr(tracks, name))


def test_a_closed_or_impossible_file_refuses(tmp_path: Path) -> None:
    file = TracksFile(tmp_path / "a.csv")
    file.write(1, Tracks())
    file.close()
    file.close()
    with pytest.raises(ClosedError):
        file.write(2, Tracks())
    with pytest.raises(OutputError, match="cannot be written"):
        TracksFile(tmp_path / "no" / "folder.csv")
