"""Which models there are, and what a model's name stands for: the model folder, official names, trusted paths."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from heatstream.core.errors import AccessError, ModelNotFoundError, ModelUnusableError, UntrustedModelError
from heatstream.core.names import is_text
from heatstream.core.settings import Settings, settings
from heatstream.vision import library

AUTO = "auto"
#: The name of the detector that comes with HeatStream, for the demo scene alone.
DEMO = "demo"
#: The name of what finds moving things without a model.
MOTION = "motion"
_logger = logging.getLogger(__name__)
_OPENVINO = "_openvino_model"
#: Bytes, as file systems have it.
_LONGEST_NAME = 255
_TRACKS = dict.fromkeys((".csv", ".txt"), "stored tracks")
_FILE_KINDS = {".pt": "PyTorch", ".onnx": "ONNX", ".engine": "TensorRT", **_TRACKS}
_PICKLES = {".pt"}
_BUNDLED = Path(__file__).resolve().parents[2] / "assets" / f"{DEMO}{_OPENVINO}"
_DEMO_CHOICE = "Demo detector (people, bicycles, cars of the demo scene)"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model to offer: ``text`` goes into ``ModelSpec.model``, ``label`` is for people."""

    text: str
    label: str


_MOTION_CHOICE = ModelChoice(MOTION, "Motion (no model needed)")


def available_models(config: Settings | None = None) -> list[ModelChoice]:
    """The models that lie in the model folder, by name; at the end what finds motion, and the demo's detector."""
    folder = (config or settings()).model_dir
    paths = [path for path in folder.iterdir() if is_text(path.name)] if folder.is_dir() else []
    entries = sorted(paths, key=lambda path: path.name.lower())
    found = [(path, kind) for path in entries if (kind := model_kind(path)) and path.suffix.lower() != ".txt"]
    listed = [ModelChoice(path.name, f"{model_title(path)} ({kind})") for path, kind in found]
    return [*listed, _MOTION_CHOICE, *([ModelChoice(DEMO, _DEMO_CHOICE)] if _BUNDLED.is_dir() else [])]


def model_kind(path: Path) -> str:
    """What kind of model ``path`` holds by its name, in words; empty if none that can be used."""
    if path.is_dir():
        return "OpenVINO" if path.name.endswith(_OPENVINO) else ""
    return _FILE_KINDS.get(path.suffix.lower(), "")


def model_title(path: Path) -> str:
    """The name of the model at ``path`` without what only tells its kind."""
    return path.name.removesuffix(_OPENVINO) if path.name.endswith(_OPENVINO) else path.stem


def is_motion(text: str) -> bool:
    """Whether ``text``, as ``ModelSpec.model`` has it, stands for finding motion, for which there is no model."""
    return (settings().model if text.strip() == AUTO else text).strip() == MOTION


def is_tracks_file(path: Path) -> bool:
    """Whether ``path`` is named like a file of stored tracks."""
    return path.suffix.lower() in _TRACKS


def confine_model(text: str) -> str:
    """Check a model's name that came from a page or another program: nothing outside the model folder.

    Allowed are ``auto``, ``demo``, ``motion``, a bare name (of the model folder, or official), and a path that lies in
    the model folder with symlinks resolved. Returns what to put into ``ModelSpec.model``. Downloads nothing, imports
    nothing slow.

    Raises:
        AccessError: a path outside the model folder.
        ModelNotFoundError: a path in the model folder where nothing is.
    """
    name = text.strip()
    require_name(name)
    folder = settings().model_dir
    if name in (AUTO, DEMO, MOTION) or (_is_bare(name) and name.endswith(".pt") and not (folder / name).exists()):
        return name
    path = Path(name) if Path(name).is_absolute() else folder / name
    if not _inside(path, folder):
        raise AccessError(f"the model must lie in the folder {folder.resolve()}; copy it there and choose it again")
    if not path.exists():
        raise ModelNotFoundError(f"there is no model {name!r} in the folder {folder}; {_advice(folder)}")
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else name


def require_name(text: str) -> None:
    """See that a file can have this name or path.

    Raises:
        ModelNotFoundError: none can, since it is too long.
    """
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in Path(text).parts):
        raise ModelNotFoundError(f"there is no model {text[:40]!r}...: no file can have so long a name")


def resolve_model(text: str, *, trust: bool = False) -> Path:
    """The file or folder that ``text`` stands for, absolute; an official model is downloaded if need be.

    In this order: ``auto`` is the setting ``model``; ``demo`` is the detector that comes along for the demo scene; a
    name in the model folder; an official name, which is downloaded into the model folder (and never taken from the
    current directory); a path. A pickle (``.pt``) runs code when it is loaded, so it must lie in the model folder,
    symlinks resolved, unless ``trust``.

    Raises:
        ModelNotFoundError: there is nothing, or the download failed.
        ModelUnusableError: it is no kind of model that can be used.
        UntrustedModelError: a pickle outside the model folder.
    """
    config = settings()
    name = (config.model if text.strip() == AUTO else text).strip()
    require_name(name)
    path = _bundled() if name == DEMO else _find(name, config.model_dir)
    if not model_kind(path):
        raise ModelUnusableError(
            f"{path} is no model of a kind that can be used: a folder ending in {_OPENVINO}, "
            f"or a file ending in {', '.join(sorted(_FILE_KINDS.keys() - _TRACKS.keys()))}"
        )
    if path.suffix.lower() in _PICKLES and not trust and not _inside(path, config.model_dir):
        raise UntrustedModelError(
            f"{path} can run code when it is loaded and lies outside the model folder. "
            f"If you trust it, copy it into {config.model_dir} (command line: or add --trust)"
        )
    return path.resolve()


def _bundled() -> Path:
    if not _BUNDLED.is_dir():
        raise ModelNotFoundError(
            f"the demo's detector is missing: there is no folder {_BUNDLED}; get it back from the repository, "
            "or make it with “python -m heatstream.tools.train_demo”"
        )
    return _BUNDLED


def _find(name: str, folder: Path) -> Path:
    if _is_bare(name):
        kept = folder / name
        if kept.exists():
            return kept
        if not kept.suffix and kept.with_suffix(".pt").exists():
            return kept.with_suffix(".pt")
        if (official := f"{name.removesuffix('.pt')}.pt") in _official_names():
            return _download(official, folder)
    elif not Path(name).is_absolute() and (folder / name).exists() and _inside(folder / name, folder):
        return folder / name
    path = Path(name).expanduser()
    if not path.exists():
        raise ModelNotFoundError(f"there is no model {name!r}: no official name, no file, no folder. {_advice(folder)}")
    return path


def _download(name: str, folder: Path) -> Path:
    """Fetch an official model; fails within seconds where github.com cannot be reached."""
    library.prepare()
    from ultralytics.utils import downloads  # noqa: PLC0415 - slow

    site = f"https://github.com/{downloads.GITHUB_ASSETS_REPO}"
    reason = "github.com cannot be reached"
    # The library waits up to 30 s for a connection; this asks for 3 s first.
    if downloads.is_url(site, check=True):
        _logger.info("downloading %s into %s", name, folder)
        try:
            downloads.attempt_download_asset(folder.resolve() / name, retry=1, progress=False)
        except (OSError, MemoryError) as error:
            reason = " ".join(str(error).split())
    if not (folder / name).is_file():
        raise ModelNotFoundError(
            f"{name} is not in the model folder and could not be downloaded ({reason}). {_advice(folder, name)}"
        )
    return folder / name


def _advice(folder: Path, name: str = "the model") -> str:
    return (
        f"Put {name} into {folder.resolve()}, choose another model (HEATSTREAM_MODEL names the automatic one), "
        f"check the internet connection, or use “{MOTION}”, which finds whatever moves and needs no model"
    )


@cache
def _official_names() -> frozenset[str]:
    library.prepare()
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES  # noqa: PLC0415 - slow

    return frozenset(name for name in GITHUB_ASSETS_NAMES if name.endswith(".pt"))


def _is_bare(name: str) -> bool:
    return Path(name).name == name and name not in {"", ".", ".."}


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
