"""``run`` on a picture, on a folder of pictures, and with motion in place of a model."""

from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from heatstream.cli import main


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """A dark box that walks to the right through noise: 60 pictures, of which one is broken."""
    folder, rng = tmp_path / "walk", np.random.default_rng(1)
    folder.mkdir()
    for number in range(60):
        image = np.full((120, 160, 3), 150.0)
        x = 4 * (number - 30)
        image[40:80, max(0, x) : max(0, x + 20)] = 30
        noisy = (image + rng.normal(0, 2, image.shape)).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), noisy)
    (folder / "7.png").write_bytes(b"broken")
    return folder


def test_a_folder_is_counted_by_motion(sequence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, heat, events = tmp_path / "out.mp4", tmp_path / "heat.png", tmp_path / "events.csv"
    outputs = ["--output", str(out), "--heatmap", str(heat), "--events", str(events), "--json"]
    line = ["--line", "Gate=0.5,1,0.5,0", "--classes", "motion"]
    code = main(["run", f"{sequence}?rate=20", "--model", "motion", *line, *outputs])
    told = capsys.readouterr()
    assert code == 0
    result = json.loads(told.out)
    assert result["frames"] == 59
    assert result["zones"]["Gate"] == {"in": 1, "out": 0, "by_class": {"motion": {"in": 1, "out": 0}}}
    assert "1 places of the file are damaged" in told.err
    (row,) = events.read_text().splitlines()[1:]
    assert row.split(",")[2:4] == ["motion", "in"]
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 59
    warm = cv2.imread(str(heat))
    assert warm is not None
    assert warm[50:70, 60:100].max() > 100, "warm where it walked"
    assert warm[:30].max() == 0


@pytest.mark.media
def test_a_picture_gives_a_picture(media_dir: Path, models_dir: Path, tmp_path: Path, capsys) -> None:
    capture = cv2.VideoCapture(str(media_dir / "plaza-crowd-1280x720.avi"))
    _, image = capture.read()
    capture.release()
    source, out, heat = tmp_path / "plaza.jpg", tmp_path / "out.png", tmp_path / "heat.png"
    cv2.imwrite(str(source), image)
    model = str(models_dir / "yolov8n_320_int8_openvino_model")
    assert main(["run", str(source), "--model", model, "--output", str(out), "--heatmap", str(heat), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 1
    drawn, warm = cv2.imread(str(out)), cv2.imread(str(heat))
    assert drawn is not None
    assert warm is not None
    assert drawn.shape == warm.shape == (720, 1280, 3)
    changed = np.abs(drawn.astype(int) - cv2.imread(str(source))).max(axis=2) > 30
    assert changed[:600].mean() > 0.005, "boxes"
    assert (warm[:600].max(axis=2) > 100).mean() > 0.002, "heat under them"


def test_a_picture_can_be_a_video_of_one_frame(tmp_path: Path) -> None:
    source, out = tmp_path / "a.png", tmp_path / "a.mp4"
    cv2.imwrite(str(source), np.full((48, 64, 3), 99, np.uint8))
    assert main(["run", str(source), "--model", "motion", "--output", str(out)]) == 0
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 1


@pytest.mark.parametrize(
    ("source", "output", "words"),
    [
        ("a.png", "a.png", "would overwrite what is read"),
        ("walk", "walk/3.png", "would overwrite what is read"),
        ("a.png", "nothing/out.png", "name a file in a folder that exists"),
        ("walk", "out.png", "does not name a video that can be written"),
        ("walk?rate=0", "out.mp4", "the rate must be more than 0"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    sequence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, output: str, words: str
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((48, 64, 3), np.uint8))
    before = (sequence / "3.png").read_bytes()
    assert main(["run", str(tmp_path / source), "--model", "motion", "--output", str(tmp_path / output)]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.count("\n") == 1
    assert (sequence / "3.png").read_bytes() == before
