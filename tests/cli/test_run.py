"""``python -m heatstream run`` on real clips with the real model, and every way to get it wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import pytest

from heatstream.cli import main
from tests.support.browser import ROOT
from tests.support.command import HEATSTREAM, in_a_process

Heatstream = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clip(media_dir: Path) -> Path:
    return media_dir / "pets-walk-480x360.mp4"


@pytest.fixture
def model(models_dir: Path) -> Path:
    return models_dir / "yolov8n_320_int8_openvino_model"


@pytest.mark.media
def test_a_real_clip_gives_video_events_heat_and_json(clip: Path, model: Path, tmp_path: Path) -> None:
    out, events, picture = tmp_path / "out.mp4", tmp_path / "events.csv", tmp_path / "heat.png"
    done = in_a_process(
        "run", clip, "--model", model, "--max-frames", "200", "--line", "gate=240,360,240,0",
        "--polygon", "0.2,0.2,0.8,0.2,0.8,0.9,0.2,0.9", "--classes", "person", "--output", out,
        "--events", events, "--heatmap", picture, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)
    assert result["frames"] == 200
    assert result["seconds"] > 0
    assert result["fps"] == pytest.approx(200 / result["seconds"], rel=0.02)
    assert set(result["zones"]) == {"gate", "polygon-1"}
    gate = result["zones"]["gate"]
    assert gate["in"] + gate["out"] > 0

    with events.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["zone", "track_id", "class_name", "direction", "frame", "time_s", "x", "y"]
    for zone, counts in result["zones"].items():
        for direction in ("in", "out"):
            assert sum(row["zone"] == zone and row["direction"] == direction for row in rows) == counts[direction]
            assert counts["by_class"].get("person", {direction: 0})[direction] == counts[direction]
    assert all(1 <= int(row["frame"]) <= 200 for row in rows)

    with av.open(str(out)) as video:
        stream = video.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (480, 360)
        assert sum(1 for _ in video.decode(stream)) == 200
    heat = cv2.imread(str(picture))
    assert heat is not None
    assert heat.shape == (360, 480, 3)
    assert heat.std() > 1


@pytest.mark.media
@pytest.mark.slow
def test_a_reversed_line_swaps_in_and_out(heatstream: Heatstream, clip: Path, model: Path) -> None:
    done = heatstream(
        "run", clip, "--model", model, "--max-frames", "150", "--json",
        "--line", "a=240,360,240,0", "--line", "b=240,0,240,360",
    )  # fmt: skip
    zones = json.loads(done.stdout)["zones"]
    assert (zones["a"]["in"], zones["a"]["out"]) == (zones["b"]["out"], zones["b"]["in"])
    assert zones["a"]["in"] + zones["a"]["out"] > 0


@pytest.mark.media
def test_without_json_people_can_read_the_result(heatstream: Heatstream, clip: Path, model: Path) -> None:
    done = heatstream("run", clip, "--model", model, "--max-frames", "5", "--line", "gate=0.5,0,0.5,1")
    assert done.returncode == 0, done.stderr
    assert "5 frames" in done.stdout
    assert "gate: 0 in, 0 out" in done.stdout


@pytest.mark.media
def test_damage_is_told_beside_the_result(heatstream: Heatstream, clip: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    for place in range(60_000, len(data) - 2_000, 20_000):
        data[place : place + 300] = bytes(300)
    (tmp_path / "damaged.mp4").write_bytes(data)
    (tmp_path / "tracks.csv").write_text("1,1,10,10,20,40,0.9\n")
    done = heatstream("run", tmp_path / "damaged.mp4", "--model", tmp_path / "tracks.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] > 300
    assert re.search(r"warning: \d+ places of the file are damaged and were left out\n$", done.stderr)


@pytest.mark.media
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([signal.SIGINT, signal.SIGINT], id="Ctrl-C twice"),
        pytest.param([signal.SIGTERM], id="SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_an_interrupt_closes_everything_and_still_prints(
    clip: Path, model: Path, tmp_path: Path, sent: list[signal.Signals]
) -> None:
    out, events = tmp_path / "out.mp4", tmp_path / "events.csv"
    command = [*HEATSTREAM, "run", clip, "--model", model, "--output", out, "--json"]
    command += ["--events", events, "--line", "240,360,240,0"]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        deadline = time.monotonic() + 60
        while not any(part.stat().st_size for part in tmp_path.glob(".*.part")) and time.monotonic() < deadline:
            time.sleep(0.05)  # until the first pictures are in the file
        assert time.monotonic() < deadline
        for number in sent:
            process.send_signal(number)
            time.sleep(0.1)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    result = json.loads(stdout)
    assert 0 < result["frames"] < 795
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == result["frames"]
    assert events.read_text().startswith("zone,track_id,class_name,direction,frame,time_s,x,y")


def refused(heatstream: Heatstream, *arguments: str | Path) -> str:
    done = heatstream(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_missing_file_is_one_clear_line(heatstream: Heatstream, tmp_path: Path) -> None:
    assert "nothing-here.mp4" in refused(heatstream, "run", tmp_path / "nothing-here.mp4")


def test_a_file_that_is_no_video_is_one_clear_line(heatstream: Heatstream, tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("Dear Sir or Madam, " * 50)
    assert "letter.mp4" in refused(heatstream, "run", tmp_path / "letter.mp4")


@pytest.mark.media
def test_a_missing_model_is_one_clear_line(heatstream: Heatstream, clip: Path) -> None:
    assert "no-such-model.onnx" in refused(heatstream, "run", clip, "--model", "no-such-model.onnx")


@pytest.mark.media
def test_an_unknown_class_names_those_that_exist(heatstream: Heatstream, clip: Path, model: Path) -> None:
    assert "person" in refused(heatstream, "run", clip, "--model", model, "--classes", "unicorn")


@pytest.mark.media
def test_an_output_that_cannot_be_written_is_one_clear_line(
    heatstream: Heatstream, clip: Path, model: Path, tmp_path: Path
) -> None:
    assert "nowhere" in refused(heatstream, "run", clip, "--model", model, "--output", tmp_path / "nowhere" / "out.mp4")


@pytest.mark.parametrize("option", ["--output", "--events", "--heatmap"])
@pytest.mark.parametrize("url", [False, True])
def test_the_source_is_never_overwritten(
    option: str, url: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"precious")
    (tmp_path / "link.mp4").symlink_to(source)
    assert main(["run", source.as_uri() if url else str(source), option, str(tmp_path / "link.mp4")]) == 2
    assert "would overwrite" in capsys.readouterr().err
    assert source.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--alpha", "1.5"], "alpha"),
        (["--alpha", "nan"], "alpha"),
        (["--colormap", "PINKISH"], "PINKISH"),
        (["--line", "1,2,3"], "1,2,3"),
        (["--line", "1,2,3,x"], "1,2,3,x"),
        (["--line", "1,2,3,4,5,6"], "2 points"),
        (["--polygon", "1,2,3,4"], "3 points"),
        (["--half-life", "-1"], "-1"),
        (["--half-life", "2", "--decay-factor", "0.9"], "not allowed"),
        (["--decay-factor", "1.5"], "decay"),
        (["--conf", "2"], "confidence"),
        (["--iou", "-1"], "IoU"),
        (["--tracker", "magic"], "magic"),
        (["--max-frames", "0"], "at least 1"),
        (["--max-frames", "many"], "'many' is no whole number"),
        (["--half-life", "long"], "'long' is no number"),
        (["--conf", "high"], "'high' is no number"),
        (["--heatmap", "nowhere/heat.png"], "nowhere"),
        (["--output", "same.mp4", "--heatmap", "./same.mp4"], "same file"),
        (["--device", "toaster"], "toaster"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_bad_arguments_are_one_clear_line(arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["run", "clip.mp4", *arguments])
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert part in said.err


@pytest.mark.media
@pytest.mark.parametrize(
    ("zone", "part"),
    [
        (["--line", "10,10,10,10"], "line"),
        (["--line", "0,0,9999,10"], "9999"),
        (["--polygon", "0,0,100,100,100,0,0,100"], "cross"),
        (["--line", "a=1,2,30,40", "--line", "a=1,20,30,40"], "'a'"),
    ],
)
def test_zones_that_make_no_sense_are_one_clear_line(
    heatstream: Heatstream, clip: Path, model: Path, zone: list[str], part: str
) -> None:
    assert part in refused(heatstream, "run", clip, "--model", model, *zone)


def test_help_and_version_print_and_end_well(heatstream: Heatstream) -> None:
    for call, *arguments in ((heatstream, "--help"), (heatstream, "run", "--help"), (in_a_process, "--version")):
        done = call(*arguments)
        assert done.returncode == 0
        assert done.stdout


def test_the_environment_is_checked(tmp_path: Path) -> None:
    environment = dict(os.environ, HEATSTREAM_TICKET_S="soon")
    command = [sys.executable, "-c", "from heatstream.core.settings import settings; settings()"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert "HEATSTREAM_TICKET_S" in done.stderr
