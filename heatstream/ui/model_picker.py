"""Choosing what detects: one quiet line that names a good choice, and opens to another one and how it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from heatstream.core.errors import HeatStreamError, ModelNotFoundError
from heatstream.core.settings import settings
from heatstream.ui.names import escaped
from heatstream.vision.models import (
    AUTO,
    DEMO,
    MOTION,
    ModelChoice,
    available_models,
    confine_model,
    is_tracks_file,
    require_name,
)
from heatstream.vision.official import is_official_name
from heatstream.vision.spec import ModelSpec

OFFICIAL = "\0official"
TRACKERS = {"botsort": "BoT-SORT", "bytetrack": "ByteTrack"}
DEVICES = {"auto": "Automatic", "cpu": "CPU", "0": "First GPU (CUDA 0)"}
IMAGE_SIZES = {0: "The model's own", 320: "320", 480: "480", 640: "640", 960: "960", 1280: "1280"}
_CHOICE = "model-choice"


def choose_model() -> ModelSpec | None:
    """The widgets; the chosen model, or None while the choice is incomplete or nothing that can be had."""
    # The demo's detector knows the demo scene only, which comes with it and does not ask.
    choices = {choice.text: choice for choice in available_models(settings()) if choice.text != DEMO}
    offered = [AUTO, *choices, OFFICIAL]
    if st.session_state.get(_CHOICE) not in offered:
        st.session_state[_CHOICE] = default_model(choices)
    picked = st.session_state[_CHOICE]
    with st.expander(f"Detector: {_label(picked, choices)}", key="detector"):
        picked = st.selectbox(
            "Model",
            offered,
            format_func=lambda value: _label(value, choices),
            key=_CHOICE,
            help="What finds objects in the picture. Larger models see more and need more time.",
        )
        typed = _typed() if picked == OFFICIAL else None
        more = _more()
    if picked == OFFICIAL and not typed:
        return None
    try:
        model = usable_model(typed or picked)
    except HeatStreamError as error:
        st.error(escaped(str(error)))
        return None
    return ModelSpec(model, device=more.device, imgsz=more.imgsz, tracker=more.tracker)


def default_model(choices: dict[str, ModelChoice]) -> str:
    """What to begin with: the automatic model if it is here, else one that is, else the automatic one, downloaded."""
    automatic, folder = settings().model, settings().model_dir
    if (folder / automatic).exists() or Path(automatic).exists():
        return AUTO
    models = [text for text in choices if text != MOTION and not is_tracks_file(Path(text))]
    return min(models, key=lambda text: (not text.startswith("yolov8n"), text.lower()), default=AUTO)


def usable_model(text: str) -> str:
    """A model's name or path from the page, completed and checked as far as that goes without loading it.

    Raises:
        AccessError: it is a path that leads outside the model folder.
        ModelNotFoundError: it is neither in the model folder nor an official name.
    """
    text = text.strip()
    require_name(f"{text}.pt")
    folder = settings().model_dir
    if text == AUTO:
        automatic = settings().model
        if automatic not in (DEMO, MOTION) and not (
            (folder / automatic).exists() or Path(automatic).exists() or is_official_name(automatic)
        ):
            raise ModelNotFoundError(
                f"There is no model “{automatic}”, which is the automatic one here. Choose another under “Detector”, "
                f"put it into {folder.resolve()}, or let HEATSTREAM_MODEL name one that exists."
            )
        return AUTO
    if text == MOTION:
        return MOTION
    name = confine_model(text if "." in text or (folder / text).exists() else f"{text}.pt")
    if Path(name).name == name and not (folder / name).exists() and not is_official_name(name):
        raise ModelNotFoundError(
            f"There is no model “{text}”: no file of the model folder, and no detector that Ultralytics offers. "
            "Names look like yolov8s, yolo11n or rtdetr-l."
        )
    return name


def _typed() -> str:
    return st.text_input(
        "Name of the Ultralytics model",
        placeholder="for example yolov8s",
        key="model-name",
        help="It is downloaded into the model folder when it is first used; that needs an internet connection.",
    ).strip()


def _label(value: str, choices: dict[str, ModelChoice]) -> str:
    if value == AUTO:
        return f"{Path(settings().model).stem} (automatic)"
    if value == OFFICIAL:
        return "another one, by name …"
    return choices[value].label


@dataclass(frozen=True, slots=True)
class _More:
    """How the model runs, as ``ModelSpec`` takes it."""

    device: str
    imgsz: int | None
    tracker: str


def _more() -> _More:
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
