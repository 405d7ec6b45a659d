"""Choosing what detects: a model, and under "More" where it runs, how tracks are made and how large it sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from heatstream.core.errors import HeatStreamError
from heatstream.core.settings import settings
from heatstream.vision.models import AUTO, ModelChoice, available_models, confine_model
from heatstream.vision.spec import ModelSpec

OFFICIAL = "\0official"
TRACKERS = {"botsort": "BoT-SORT", "bytetrack": "ByteTrack"}
DEVICES = {"auto": "Automatic", "cpu": "CPU", "0": "First GPU (CUDA 0)"}
IMAGE_SIZES = {0: "The model's own", 320: "320", 480: "480", 640: "640", 960: "960", 1280: "1280"}


def choose_model() -> ModelSpec | None:
    """The widgets; the chosen model, or None while the choice is incomplete."""
    choices = {choice.text: choice for choice in available_models(settings())}
    picked = st.selectbox(
        "Model",
        [AUTO, *choices, OFFICIAL],
        format_func=lambda value: _label(value, choices),
        key="model-choice",
        help="What finds objects in the picture. Larger models see more and need more time.",
    )
    model = _official() if picked == OFFICIAL else picked
    more = _more()
    return ModelSpec(model, device=more.device, imgsz=more.imgsz, tracker=more.tracker) if model else None


def official_name(text: str) -> str:
    """A typed model name, completed and checked: only names, nothing outside the model folder.

    Raises:
        AccessError: it is a path that leads outside the model folder.
        ModelNotFoundError: it is a path to nothing.
    """
    text = text.strip()
    return confine_model(text if "." in text else f"{text}.pt")


def _official() -> str:
    text = st.text_input(
        "Name of the Ultralytics model",
        placeholder="for example yolov8s.pt",
        key="model-name",
        help="It is downloaded into the model folder when it is first used; that needs an internet connection.",
    )
    if not text.strip():
        return ""
    try:
        return official_name(text)
    except HeatStreamError as error:
        st.error(str(error))
        return ""


def _label(value: str, choices: dict[str, ModelChoice]) -> str:
    if value == AUTO:
        return f"Automatic: {Path(settings().model).name}"
    if value == OFFICIAL:
        return "Another Ultralytics model, by name …"
    return choices[value].label


@dataclass(frozen=True, slots=True)
class _More:
    """What stands under "More", as ``ModelSpec`` takes it."""

    device: str
    imgsz: int | None
    tracker: str


def _more() -> _More:
    with st.expander("More"):
        left, middle, right = st.columns(3)
        device = left.selectbox("Runs on", list(DEVICES), format_func=DEVICES.__getitem__, key="model-device")
        tracker = middle.selectbox(
            "Tracker",
            list(TRACKERS),
            format_func=TRACKERS.__getitem__,
            key="model-tracker",
            help="How boxes of one frame are joined with those of the next.",
        )
        imgsz = right.selectbox(
            "Image size",
            list(IMAGE_SIZES),
            format_func=IMAGE_SIZES.__getitem__,
            key="model-imgsz",
            help="The size in pixels at which the model sees the picture. Smaller is faster and misses small objects.",
        )
    return _More(device, imgsz or None, tracker)
