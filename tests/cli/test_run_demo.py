"""``run demo://plaza``: no file, no model named, nothing to download."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from heatstream.cli import main


def test_the_demo_runs_with_the_detector_made_for_it(heatstream: Callable[..., CompletedProcess[str]]) -> None:
    done = heatstream(
        "run", "demo://plaza?seed=5", "--max-frames", "50", "--json", "--line", "0.2,0.64,0.8,0.64",
        "--classes", "person", "bicycle", "car",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["frames"] == 50
    assert set(result["zones"]) == {"line-1"}


def test_an_unknown_class_is_told_those_of_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "demo://plaza", "--classes", "dog"]) == 2
    assert "it knows: person, bicycle, car" in capsys.readouterr().err


def test_a_named_model_is_taken_for_the_demo_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "demo://plaza", "--model", "missing.onnx"]) == 2
    assert "missing.onnx" in capsys.readouterr().err


def test_help_tells_what_the_demo_uses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "demo://plaza" in said
    assert "for demo:// demo" in said
