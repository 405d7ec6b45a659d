"""Ultralytics made quiet and private: set up here, once, before anything imports it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from heatstream.core.settings import settings

T = TypeVar("T")

_lock = threading.Lock()
_threads: list[int] = []


def prepare() -> None:
    """Call before any import of Ultralytics; takes seconds the first time, then nothing.

    No telemetry, no installing at run time, no lines on standard output; its settings lie under the data folder and
    its weights go to the model folder. Warnings go to the logger ``ultralytics`` like anybody's.
    """
    with _lock:
        if _threads:
            return
        config = settings()
        os.environ["YOLO_CONFIG_DIR"] = str(config.data_dir.resolve())
        os.environ["YOLO_AUTOINSTALL"] = "false"
        os.environ["YOLO_VERBOSE"] = "false"
        # Keeps it from looking for a connection at import, sending events, and retrying a failed download for a
        # minute. A download asked for is still tried (ultralytics 8.4.190, utils/downloads.py).
        os.environ["YOLO_OFFLINE"] = "true"

        import torch  # noqa: PLC0415 - takes more than a second
        from ultralytics.utils import LOGGER, SETTINGS  # noqa: PLC0415

        wanted = {
            "sync": False,
            "weights_dir": str(config.model_dir.resolve()),
            "runs_dir": str((config.data_dir / "runs").resolve()),
            "datasets_dir": str((config.data_dir / "datasets").resolve()),
        }
        if any(SETTINGS.get(key) != value for key, value in wanted.items()):
            SETTINGS.update(wanted)
        for handler in list(LOGGER.handlers):
            LOGGER.removeHandler(handler)
        LOGGER.propagate = True
        LOGGER.setLevel(logging.WARNING)
        _threads.append(torch.get_num_threads())


def apart(load: Callable[[], T]) -> T:
    """``load()`` in a thread of its own, which is over when this returns; for whatever may compile an OpenVINO network.

    OpenVINO's CPU plugin gives the thread that compiles another stack for its signals, and takes that memory away when
    the network goes. Of two networks the first to go leaves the thread with a stack that is no more: the next signal,
    a Ctrl-C, then ends the process with a segmentation fault (openvino 2026.4.1, its ``SigAltStackSetup``).
    """
    with ThreadPoolExecutor(1, thread_name_prefix="load") as thread:
        return thread.submit(load).result()


def torch_threads() -> int:
    """How many threads PyTorch uses on this machine by its own choice, one for each core.

    Ultralytics lowers it to cores - 1: on 2 cores a YOLOv8n ``.pt`` then takes 78 ms a frame instead of 46 (2025-11).
    """
    prepare()
    return _threads[0]


def warm_up() -> None:
    """Import all that detecting and tracking need, seconds of work, so that the first camera need not wait for it."""
    prepare()
    import openvino  # noqa: F401, PLC0415
    import torchvision  # noqa: F401, PLC0415
    import ultralytics.engine.predictor  # noqa: PLC0415
    import ultralytics.trackers  # noqa: F401, PLC0415
    from ultralytics import YOLO  # noqa: F401, PLC0415
