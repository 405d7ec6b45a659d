"""Training from the first picture to a loaded detector, and every way to ask for it wrongly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from heatstream.core.types import InOut
from heatstream.demo import CLASS_NAMES
from heatstream.tools.check_demo import Boxes, Passages, Report, Score
from heatstream.tools.demo_card import Training, card, short_of, summary
from heatstream.tools.demo_frames import draw_examples
from heatstream.tools.demo_network import Course, export, learn
from heatstream.tools.train_demo import main
from heatstream.vision import ModelSpec, load_detector

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Converting a tensor")
def test_a_short_course_makes_a_detector_that_loads(tmp_path: Path) -> None:
    model = learn(draw_examples(1, 8), Course(epochs=1, batch=4))
    assert sum(values.numel() for values in model.parameters()) < 600_000
    folder = tmp_path / "short_openvino_model"
    folder.mkdir()
    (folder / "old.xml").write_text("an older model")
    (tmp_path / "scratch").mkdir()
    export(model, folder, scratch=tmp_path / "scratch")
    assert sorted(path.suffix for path in folder.iterdir()) == [".bin", ".xml", ".yaml"]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000
    for path in folder.iterdir():
        assert str(tmp_path).encode() not in path.read_bytes()
        assert b"/home/" not in path.read_bytes()
    detector = load_detector(ModelSpec(str(folder), device="cpu"))
    try:
        assert detector.names == CLASS_NAMES
        assert "512x288" in detector.label
        detector.detect(np.zeros((540, 960, 3), np.uint8), confidence=0.3, iou=0.5)
    finally:
        detector.close()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--pictures", "3"], "at least 16"),
        (["--epochs", "few"], "'few' is no whole number"),
        (["--seed", "-1"], "at least 0"),
        (["--out", "model"], "_openvino_model"),
        (["--out", "nowhere/demo_openvino_model"], "a folder that exists"),
        (["--check", "--out", "none_openvino_model"], "none_openvino_model"),
        (["--fast"], "--fast"),
    ],
)
def test_bad_arguments_are_one_clear_line(arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert part in said.err


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    out, scratch = tmp_path / "demo_openvino_model", tmp_path / "tmp"
    scratch.mkdir()
    environment = dict(os.environ, TMPDIR=str(scratch), HEATSTREAM_DATA_DIR=str(tmp_path / "data"))
    command = [sys.executable, "-m", "heatstream.tools.train_demo", "--out", str(out)]
    command = ["env", "--default-signal=INT", *command]  # shells have what runs in the background ignore it
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        deadline = time.monotonic() + 60
        while not list(scratch.glob("train-demo-*")) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130, said
    assert said.rstrip().endswith("train_demo: interrupted")
    assert "Traceback" not in said
    assert not out.exists()
    assert list(scratch.iterdir()) == []


def _report(person: Score, counted: InOut) -> Report:
    good = Score(96, 4, 4)
    return Report(
        Boxes({"person": person, "bicycle": good, "car": good}, pictures=800, median_ms=8.0),
        Passages(true=InOut(100, 110), counted=counted, frames=18_000),
    )


def test_what_misses_an_aim_is_named() -> None:
    good = _report(Score(950, 50, 50), InOut(103, 107))
    assert short_of(good) == []
    poor = _report(Score(949, 51, 10), InOut(104, 110))
    assert short_of(poor) == [
        "person: recall 0.949 is below 0.95",
        "crossings in: 104 counted of 100, more than 3% off",
    ]
    assert len(short_of(_report(Score(), InOut(100, 110)))) == 2, "nothing said and nothing there is not good"


def test_the_card_and_the_summary_tell_the_figures() -> None:
    report = _report(Score(950, 50, 50), InOut(103, 107))
    text = card(Training(pictures=2400, epochs=8, seed=7, parameters=470_009, minutes=21.3), report)
    for part in (
        "470,009",
        "2,400",
        "--seed 7",
        "21 minutes",
        "| person | 1,000 | 0.950 | 0.950 |",
        "| in | 100 | 103 |",
    ):
        assert part in text
    assert "crossings in: 103 of 100, out: 107 of 110" in summary(report)
