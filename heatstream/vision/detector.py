"""Frame -> Detections by Ultralytics YOLO; one loaded network serves every camera of the process."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from heatstream.core.errors import ClosedError, ModelUnusableError
from heatstream.core.settings import settings
from heatstream.core.types import Detections, ImageArray
from heatstream.vision import library
from heatstream.vision.boxes import clip
from heatstream.vision.models import model_kind, model_title, resolve_model
from heatstream.vision.spec import ModelSpec, normal_device

#: Most boxes in one frame: the library's default of 8.4.190, named because defaults change.
MAX_DETECTIONS: Final = 300
_DEFAULT_IMGSZ = 640
_OPENVINO_DATA = "metadata.yaml"
# Whatever the library and the runtimes below it raise on a file that is not what its name says.
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    pickle.PickleError,
)


class Detector(Protocol):
    """Finds objects in pictures."""

    @property
    def names(self) -> Mapping[int, str]:
        """Class names by id."""

    @property
    def label(self) -> str:
        """The model in words for people."""

    def detect(self, image: ImageArray, *, confidence: float, iou: float) -> Detections:
        """The objects in ``image``, BGR uint8 (H, W, 3), which is only read.

        Kept are boxes of more than ``confidence`` (0-1); of two boxes of one class that overlap by more than ``iou``
        (0-1) the surer one.

        Raises:
            ClosedError: after ``close``.
        """

    def close(self) -> None:
        """Let go of the network; idempotent."""


@dataclass(frozen=True, slots=True)
class _Key:
    path: Path
    device: str
    imgsz: int | None


class _Network:
    """A loaded network and how many use it. ``run`` is thread-safe."""

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.users = 1
        self._lock = threading.Lock()
        self._model = _load(key)
        predictor = self._model.predictor
        self.names: dict[int, str] = {int(k): str(v) for k, v in predictor.model.names.items()}
        self._threads = library.torch_threads() if predictor.model.format == "pt" else 1
        side = "x".join(str(n) for n in sorted(set(predictor.imgsz), reverse=True))
        self.label = f"{model_title(key.path)} ({model_kind(key.path)}, {side} px, {predictor.device})"

    def run(self, image: ImageArray, confidence: float, iou: float) -> Detections:
        """``YOLO.predict``; what it does around its steps costs 0.1 to 0.3 of 40 ms (2025-11), not worth a way around.

        The library locks its own steps, but not the change of thresholds before them.
        """
        import torch  # noqa: PLC0415 - slow, and loaded by now

        with self._lock:
            if torch.get_num_threads() != self._threads:
                torch.set_num_threads(self._threads)
            found = self._model.predict(image, conf=confidence, iou=iou, **_options(self.key))
            rows = found[0].boxes.data.cpu().numpy()
        rows = rows[np.isfinite(rows).all(axis=1)]
        return Detections(
            xyxy=clip(rows[:, :4].astype(np.float32), (image.shape[1], image.shape[0])),
            confidence=rows[:, 4].astype(np.float32),
            class_id=rows[:, 5].astype(np.int64),
        )


class _YoloDetector:
    """One user's hold on a network."""

    def __init__(self, network: _Network) -> None:
        self._network: _Network | None = network
        self.names: Mapping[int, str] = network.names
        self.label = network.label

    def detect(self, image: ImageArray, *, confidence: float, iou: float) -> Detections:
        network = self._network
        if network is None:
            raise ClosedError(f"the detector {self.label} is closed")
        return network.run(image, confidence, iou)

    def close(self) -> None:
        network, self._network = self._network, None
        if network is not None:
            _release(network)


_networks: dict[_Key, _Network] = {}
_networks_lock = threading.Lock()
_load_lock = threading.Lock()  # its own, so that closing one detector need not wait for another to load


def load_detector(spec: ModelSpec, *, trust: bool = False) -> Detector:
    """A detector for ``spec``, warmed up. Equal models on equal devices share one network until their last ``close``.

    Takes seconds for the first detector of a process. ``trust`` allows a pickle outside the model folder.

    Raises:
        ModelNotFoundError, UntrustedModelError: see ``resolve_model``.
        ModelUnusableError: it cannot be loaded, finds nothing that has boxes, or the device is not there.
    """
    device = spec.device if spec.device != "auto" else settings().device
    key = _Key(resolve_model(spec.model, trust=trust), _available_device(normal_device(device)), spec.imgsz)
    with _load_lock:
        network = _share(key)
        if network is None:
            network = _Network(key)
            with _networks_lock:
                _networks[key] = network
    return _YoloDetector(network)


def _share(key: _Key) -> _Network | None:
    with _networks_lock:
        network = _networks.get(key)
        if network is not None:
            network.users += 1
        return network


def _release(network: _Network) -> None:
    with _networks_lock:
        network.users -= 1
        if not network.users:
            del _networks[network.key]


def _available_device(device: str) -> str:
    library.prepare()
    import torch  # noqa: PLC0415 - slow

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda:0" if count else "cpu"
    if device.startswith("cuda:") and int(device.removeprefix("cuda:")) >= count:
        raise ModelUnusableError(f"device {device}: this machine has {count} CUDA devices; choose auto or cpu")
    if device == "mps" and not torch.backends.mps.is_available():
        raise ModelUnusableError("device mps: this machine has no Apple GPU; choose auto or cpu")
    return device


def _options(key: _Key) -> dict[str, Any]:
    """Everything that ``YOLO.predict`` is told, in full, but for the thresholds."""
    return {
        "imgsz": key.imgsz or _DEFAULT_IMGSZ,
        "device": key.device,
        "max_det": MAX_DETECTIONS,
        "agnostic_nms": False,
        "classes": None,
        "quantize": None,  # full precision unless the model was exported otherwise
        "augment": False,
        "save": False,
        "verbose": False,
    }


def _load(key: _Key) -> Any:
    """The library's model for ``key``, after a first picture."""
    library.prepare()
    from ultralytics import YOLO  # noqa: PLC0415 - slow

    side = key.imgsz or _DEFAULT_IMGSZ
    blank = np.zeros((side, side, 3), np.uint8)

    def load() -> tuple[Any, Any]:
        model = YOLO(str(key.path), task=_task(key.path))
        return model, model.predict(blank, conf=0.3, iou=0.5, **_options(key))

    try:
        model, found = library.apart(load)
    except _FAILURES as error:
        text = " ".join(str(error).split())[:300] or type(error).__name__
        raise ModelUnusableError(f"the model {key.path} cannot be loaded: {text}") from error
    if found[0].boxes is None:
        raise ModelUnusableError(f"the model {key.path} finds no boxes (its task is {model.task}); choose a detector")
    made_for = "x".join(str(n) for n in model.predictor.imgsz)
    if key.imgsz is not None and set(model.predictor.imgsz) != {key.imgsz}:
        raise ModelUnusableError(
            f"the model {key.path} was exported for pictures of {made_for} pixels and cannot take {key.imgsz}; "
            "leave the image size out, or export it again"
        )
    return model


def _task(path: Path) -> str | None:
    """What an exported model does, by the file beside it; a ``.pt`` knows itself."""
    if path.suffix.lower() == ".pt":
        return None
    if (path / _OPENVINO_DATA).is_file():
        from ultralytics.utils import YAML  # noqa: PLC0415 - slow

        return str(YAML.load(path / _OPENVINO_DATA).get("task", "detect"))
    return "detect"
