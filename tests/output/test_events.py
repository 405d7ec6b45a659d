"""Crossings as CSV."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heatstream.core.errors import ClosedError, OutputError
from heatstream.core.types import Crossing, Direction
from heatstream.output import COLUMNS, EventsWriter

CROSSING = Crossing("id-1", "door", 7, 1, "person", Direction.IN, 12, 0.44, None, 100.04, 99.96)


def test_columns_and_formats(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    with EventsWriter(path) as events:
        events.write(CROSSING)
        events.write(replace(CROSSING, direction=Direction.OUT, time_s=1234.5678, frame=30864))
    assert path.read_text() == (
        "zone,track_id,class_name,direction,frame,time_s,x,y\n"
        "door,7,person,in,12,0.440,100.0,100.0\n"
        "door,7,person,out,30864,1234.568,100.0,100.0\n"
    )


def test_each_row_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    events = EventsWriter(path)
    assert path.read_text().splitlines() == [",".join(COLUMNS)]
    for number in range(1, 4):
        events.write(CROSSING)
        assert len(path.read_text().splitlines()) == 1 + number
    events.close()


def test_a_file_from_before_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("old\n" * 100)
    EventsWriter(path).close()
    assert path.read_text().splitlines() == [",".join(COLUMNS)]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_names_are_no_formulas(tmp_path: Path, name: str) -> None:
    path = tmp_path / "events.csv"
    with EventsWriter(path) as events:
        events.write(replace(CROSSING, zone_name=name, class_name=name))
    with path.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["zone"] == row["class_name"] == "'" + name.replace("\r", " ")


@example(name="a\r\nb")
@example(name='a"b,c\nd')
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_read_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("events") / "events.csv"
    with EventsWriter(path) as events:
        events.write(replace(CROSSING, zone_name=name))
    with path.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["zone"].removeprefix("'") == name.replace("\r", " ").removeprefix("'")
    assert row["direction"] == "in"


def test_closing_twice_and_use_after(tmp_path: Path) -> None:
    events = EventsWriter(tmp_path / "events.csv")
    events.close()
    events.close()
    with pytest.raises(ClosedError):
        events.write(CROSSING)


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for path, reason in {
        tmp_path / "missing" / "events.csv": "No such file or directory",
        tmp_path: "Is a directory",
        Path("/dev/full"): "No space left on device",
    }.items():
        with pytest.raises(OutputError, match=f"{path} cannot be written: {reason}"):
            EventsWriter(path)
