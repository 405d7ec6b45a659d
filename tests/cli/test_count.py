"""``count``: stored tracks in, crossings out; and what it says of what it cannot use."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from heatstream.cli.main import main

SIZE = ["--size", "1000x500", "--fps", "10"]
GATE = ["--line", "gate=500,500,500,0"]


def write(path: Path, rows: list[tuple[float, ...]]) -> Path:
    path.write_text("\n".join(",".join(f"{value:g}" for value in row) for row in rows) + "\n", "utf-8")
    return path


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    """A person who walks to the right and back, and a car that goes to the left; rows in no order."""
    to_and_fro = [100 + 40 * i for i in range(20)] + [860 - 40 * i for i in range(20)]
    rows = [(i + 1, 1, x - 20, 200, 40, 90, 0.9, 0) for i, x in enumerate(to_and_fro)]
    rows += [(i + 1, 2, 860 - 40 * i, 300, 80, 60, 0.8, 2) for i in range(20)]
    return write(tmp_path / "tracks.csv", sorted(rows, key=lambda row: (row[2] * 7919) % 101))


def test_tracks_are_counted_by_zone_and_class(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yard = ["--polygon", "yard=600,0,1000,0,1000,500,600,500"]
    assert main(["count", str(tracks), *SIZE, *GATE, *yard, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["frames"] == 40
    assert result["zones"]["gate"] == {
        "in": 1,
        "out": 2,
        "by_class": {"person": {"in": 1, "out": 1}, "car": {"in": 0, "out": 1}},
    }
    assert (result["zones"]["yard"]["in"], result["zones"]["yard"]["out"]) == (1, 2)


def test_the_rule_can_be_chosen(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["count", str(tracks), *SIZE, *GATE, "--once", "--json"])
    gate = json.loads(capsys.readouterr().out)["zones"]["gate"]
    assert (gate["in"], gate["out"]) == (1, 1)
    low = ["--line", "low=0,310,1000,310", "--line", "feet=0,280,1000,280"]
    main(["count", str(tracks), *SIZE, *low, "--anchor", "bottom", "--dead-band", "0.1"])
    assert capsys.readouterr().out.splitlines()[1:] == ["low: 0 in, 0 out", "feet: 0 in, 0 out"]


@pytest.mark.parametrize("rate_hz", [25.0, 1.0, 0.39, 0.15])
def test_however_few_pictures_a_second_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rate_hz: float
) -> None:
    path = write(tmp_path / "slow.csv", [(i + 1, 1, 100 + 40 * i, 200, 40, 90, 0.9, 0) for i in range(20)])
    assert main(["count", str(path), "--size", "1000x500", "--fps", str(rate_hz), *GATE, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["zones"]["gate"]["in"] == 1


def test_frames_may_be_numbered_by_their_time(tracks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[float(cell) for cell in line.split(",")] for line in tracks.read_text("utf-8").splitlines()]
    rows += [[10**12 + row[0], 100 + row[1], *row[2:]] for row in rows]
    path = write(tmp_path / "late.csv", [])
    path.write_text("\n".join(",".join(f"{value:.15g}" for value in row) for row in rows), "utf-8")
    assert main(["count", str(path), *SIZE, *GATE, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["frames"] == 10**12 + 40
    assert (result["zones"]["gate"]["in"], result["zones"]["gate"]["out"]) == (2, 4)


def test_events_are_written(tracks: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    assert main(["count", str(tracks), *SIZE, *GATE, "--events", str(events)]) == 0
    with events.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["track_id"], row["class_name"], row["direction"]) for row in rows) == [
        ("1", "person", "in"),
        ("1", "person", "out"),
        ("2", "car", "out"),
    ]
    assert all(float(row["time_s"]) == pytest.approx((int(row["frame"]) - 1) / 10) for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv", *SIZE], "missing.csv: the stored tracks cannot be read"),
        (["missing.csv", *SIZE, "--events", "{tracks}"], "missing.csv: the stored tracks cannot be read"),
        (["{tracks}", *SIZE, "--events", "x" * 300], "File name too long"),
        (["{tracks}", *SIZE, "--line", "\udce9=1,2,3,4", "--events", "e.csv"], "not in UTF-8"),
        (["{large}", *SIZE], "large.csv, line 1: id must be a whole number from 1"),
        (["{tracks}", "--size", "1000", "--fps", "10"], "'1000' is no size such as 1280x720"),
        (["{tracks}", "--size", "0x10", "--fps", "10"], "is no size"),
        (["{tracks}", "--size", "10x10", "--fps", "0"], "must be more than 0"),
        (["{tracks}", *SIZE, "--dead-band", "0.5"], "between 0 and 0.1"),
        (["{tracks}", *SIZE, "--line", "1,2,3"], "each point needs x and y"),
        (["{tracks}", *SIZE, "--events", "{tracks}"], "would overwrite the tracks"),
        (["{bad}", *SIZE], "bad.csv, line 2: id must be a whole number from 1"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    arguments: list[str],
    message: str,
    tracks: Path,
    tmp_path: Path,
    heatstream: Callable[..., CompletedProcess[str]],
) -> None:
    bad = write(tmp_path / "bad.csv", [(1, 1, 0, 0, 9, 9, 1), (2, -1, 0, 0, 9, 9, 1)])
    large = tmp_path / "large.csv"
    large.write_text(f"1,{2**63},0,0,9,9,1\n", "utf-8")
    filled = [text.format(tracks=tracks, bad=bad, large=large) for text in arguments]
    done = heatstream("count", *filled)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
