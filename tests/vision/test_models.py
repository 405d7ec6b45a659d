"""What a model's name stands for, which paths are trusted, and how a download fails."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from heatstream.core.errors import AccessError, ModelNotFoundError, ModelUnusableError, UntrustedModelError
from heatstream.core.settings import Settings, settings
from heatstream.vision import library, models
from heatstream.vision.models import available_models, confine_model, resolve_model

MOTION_CHOICE = ("motion", "Motion (no model needed)")
DEMO_CHOICE = ("demo", "Demo detector (people, bicycles, cars of the demo scene)")


def _put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    return path


def _behind_proxy(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")


def test_lists_what_lies_in_the_model_folder(config: Settings) -> None:
    for name in ("b.pt", "A.onnx", "c.engine", "d.csv", "readme.txt", "notes.md", ".hidden"):
        _put(config.model_dir / name)
    for name in ("e_openvino_model", "folder"):
        (config.model_dir / name).mkdir()
    assert [(choice.text, choice.label) for choice in available_models()] == [
        ("A.onnx", "A (ONNX)"),
        ("b.pt", "b (PyTorch)"),
        ("c.engine", "c (TensorRT)"),
        ("d.csv", "d (stored tracks)"),
        ("e_openvino_model", "e (OpenVINO)"),
        MOTION_CHOICE,
        DEMO_CHOICE,
    ]


def test_lists_motion_and_the_demos_model_without_a_model_folder(config: Settings) -> None:
    config.model_dir.rmdir()
    assert [(choice.text, choice.label) for choice in available_models()] == [MOTION_CHOICE, DEMO_CHOICE]


def test_demo_is_the_bundled_model_whatever_lies_in_the_model_folder(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = _put(config.model_dir / "demo.pt")
    assert resolve_model("demo") == models._BUNDLED
    assert resolve_model("demo").is_dir()
    assert confine_model(" demo ") == "demo"
    assert resolve_model("demo.pt") == mine
    monkeypatch.setenv("HEATSTREAM_MODEL", "demo")
    settings.cache_clear()
    assert resolve_model("auto") == models._BUNDLED


@pytest.mark.usefixtures("config")
def test_without_the_bundled_model_demo_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_BUNDLED", Path("nowhere").resolve())
    assert [choice.text for choice in available_models()] == ["motion"]
    with pytest.raises(ModelNotFoundError, match="train_demo"):
        resolve_model("demo")


@pytest.mark.parametrize("text", ["best.pt", "best", "./sub/../best.pt"])
def test_a_name_means_the_model_folder(config: Settings, text: str) -> None:
    _put(Path("best.pt"))
    (config.model_dir / "sub").mkdir()
    kept = _put(config.model_dir / "best.pt")
    assert resolve_model(text) == kept


def test_auto_means_the_setting(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = _put(config.model_dir / "mine.onnx")
    monkeypatch.setenv("HEATSTREAM_MODEL", "mine.onnx")
    settings.cache_clear()
    assert resolve_model("auto") == kept


def test_an_official_name_is_kept_in_the_model_folder_and_never_taken_from_here(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.prepare()
    from ultralytics.utils import downloads

    asked: list[str] = []

    def fetch(url: str, file: Path, **_: object) -> None:
        asked.append(url)
        _put(Path(file))

    monkeypatch.setattr(downloads, "is_url", lambda *_args, **_kwargs: True)
    monkeypatch.setattr(downloads, "safe_download", fetch)
    _put(Path("yolov8n.pt"))
    assert resolve_model("yolov8n.pt") == config.model_dir / "yolov8n.pt"
    assert resolve_model("yolov8n") == config.model_dir / "yolov8n.pt"
    assert len(asked) == 1, "fetched once"
    assert asked[0].startswith("https://github.com/ultralytics/assets/")
    assert asked[0].endswith("/yolov8n.pt")


@pytest.mark.usefixtures("config")
def test_a_failing_download_says_at_once_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _behind_proxy(monkeypatch, port)  # nobody listens there any more: connections are refused
    library.prepare()
    begun = time.monotonic()
    with pytest.raises(ModelNotFoundError) as failure:
        resolve_model("yolov8n.pt")
    assert time.monotonic() - begun < 10  # the library would try for a minute
    for hint in ("yolov8n.pt", str(settings().model_dir), "HEATSTREAM_MODEL", "connection", "motion"):
        assert hint in str(failure.value)
    assert list(settings().model_dir.iterdir()) == []


@pytest.mark.usefixtures("config")
def test_a_network_that_never_answers_is_given_up_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    library.prepare()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _behind_proxy(monkeypatch, silent.getsockname()[1])
        begun = time.monotonic()
        with pytest.raises(ModelNotFoundError, match=r"github\.com"):
            resolve_model("yolov8n.pt")
    assert 2 < time.monotonic() - begun < 20  # the library would wait for 30 s


def test_a_download_that_breaks_off_is_reported(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    library.prepare()
    from ultralytics.utils import downloads

    def fetch(**_: object) -> None:
        raise ConnectionError("the line went dead")

    monkeypatch.setattr(downloads, "is_url", lambda *_args, **_kwargs: True)
    monkeypatch.setattr(downloads, "safe_download", fetch)
    with pytest.raises(ModelNotFoundError, match="the line went dead"):
        resolve_model("yolov8n.pt")


@pytest.mark.parametrize("text", ["nothing.onnx", "/nowhere/best.pt", "no/such_openvino_model", "https://host/best.pt"])
@pytest.mark.usefixtures("config")
def test_nothing_there(text: str) -> None:
    with pytest.raises(ModelNotFoundError, match="HEATSTREAM_MODEL"):
        resolve_model(text)


@pytest.mark.usefixtures("config")
def test_other_files_are_no_models() -> None:
    _put(Path("picture.jpg"))
    Path("folder").mkdir()
    for name in ("picture.jpg", "folder"):
        with pytest.raises(ModelUnusableError, match="_openvino_model"):
            resolve_model(name)


@pytest.mark.parametrize("suffix", [".pt", ".PT"])
@pytest.mark.usefixtures("config")
def test_a_pickle_elsewhere_wants_trust(suffix: str) -> None:
    path = _put(Path(f"best{suffix}").resolve())
    for text in (str(path), f"./best{suffix}", f"best{suffix}"):
        with pytest.raises(UntrustedModelError, match="--trust"):
            resolve_model(text)
        assert resolve_model(text, trust=True) == path


@pytest.mark.usefixtures("config")
def test_what_runs_no_code_may_lie_anywhere() -> None:
    path = _put(Path("best.onnx").resolve())
    assert resolve_model(str(path)) == resolve_model("./best.onnx") == path


def test_a_link_out_of_the_model_folder_is_no_trusted_pickle(config: Settings) -> None:
    (config.model_dir / "link.pt").symlink_to(_put(Path("evil.pt").resolve()))
    with pytest.raises(UntrustedModelError):
        resolve_model("link.pt")


def test_a_linked_model_folder_is_the_model_folder(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = _put(config.model_dir / "best.pt")
    Path("link").symlink_to(config.model_dir)
    monkeypatch.setenv("HEATSTREAM_MODEL_DIR", "link")
    settings.cache_clear()
    assert resolve_model("best.pt") == kept
    assert confine_model("best.pt") == "best.pt"


def test_pages_may_name_only_what_lies_in_the_model_folder(config: Settings) -> None:
    _put(config.model_dir / "best.onnx")
    _put(config.model_dir / "sub" / "deep.onnx")
    _put(Path("mine.onnx"))
    (config.model_dir / "link.onnx").symlink_to(Path("mine.onnx").resolve())
    assert confine_model("auto") == "auto"
    assert confine_model(" best.onnx ") == "best.onnx"
    assert confine_model(str(config.model_dir / "best.onnx")) == "best.onnx"
    assert resolve_model(confine_model("sub/deep.onnx")) == config.model_dir / "sub" / "deep.onnx"
    assert confine_model("yolo11n.pt") == "yolo11n.pt"
    outside = ("../elsewhere/mine.onnx", str(Path("mine.onnx").resolve()), "link.onnx", "/etc/passwd", "sub/../../x.pt")
    for text in (*outside, "..", "~/x.pt"):
        with pytest.raises((AccessError, ModelNotFoundError)):
            confine_model(text)
    for text in outside:
        with pytest.raises(AccessError, match="folder"):
            confine_model(text)
    with pytest.raises(ModelNotFoundError):
        confine_model("missing.onnx")
