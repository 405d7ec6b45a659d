"""What is asked of the vision floor: model, device, image size and tracker, named in full."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from heatstream.core.errors import ControlsError

TRACKERS: Final = ("botsort", "bytetrack")
_DEVICE = re.compile(r"auto|cpu|mps|\d{1,3}|cuda:\d{1,3}")
_IMGSZ_STEP_PX = 32  # the stride of YOLO's coarsest detection layer


def normal_device(text: str) -> str:
    """``text`` as ``auto``, ``cpu``, ``mps`` or ``cuda:N``.

    Raises:
        ControlsError: it is none of these, nor the number of a CUDA device.
    """
    device = text.strip().lower()
    if not _DEVICE.fullmatch(device):
        raise ControlsError(f"the device must be auto, cpu, mps, or a CUDA device's number like 0, not {text!r}")
    return f"cuda:{device}" if device.isdigit() else device


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and how to run it.

    ``model``: ``auto``, an official name, a file or folder of the model folder, a path, a file of stored tracks
    (``.csv``, ``.txt``), or ``motion`` for whatever moves, without a model. ``device``: cpu, mps, ``N`` or ``cuda:N``;
    auto is the setting ``device``, and if that is auto too the first CUDA device, else the processor. ``imgsz``: side
    of the network's input in pixels, a multiple of 32 from 32 to 4096, or None for what the model was exported for
    (640 if it does not say).
    ``tracker``: botsort or bytetrack.

    Raises:
        ControlsError: a field is outside its range.
    """

    model: str
    device: str = "auto"
    imgsz: int | None = None
    tracker: str = "botsort"

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise ControlsError("no model is named; give a name, a path, or auto")
        normal_device(self.device)
        size = self.imgsz
        if size is not None and not (_IMGSZ_STEP_PX <= size <= 4096 and size % _IMGSZ_STEP_PX == 0):
            raise ControlsError(f"the image size must be a multiple of 32 from 32 to 4096, not {size}")
        if self.tracker not in TRACKERS:
            raise ControlsError(f"the tracker must be one of {', '.join(TRACKERS)}, not {self.tracker!r}")
