"""The picture of the demo on the start page."""

from __future__ import annotations

import cv2
import numpy as np

from heatstream.demo import PlazaScene
from heatstream.ui.first_visit import DEMO, STILL, STILL_INDEX
from heatstream.ui.names import source_name


def test_the_start_page_shows_the_scene_as_it_is() -> None:
    """Whoever redraws the square saves this picture anew."""
    shown, scene = cv2.imread(str(STILL)), PlazaScene().render(STILL_INDEX)
    assert shown.shape == scene.shape
    assert np.abs(shown.astype(int) - scene).mean() < 12


def test_demo_scenes_are_told_apart_by_their_options() -> None:
    assert source_name(DEMO.source) == "Demo scene"
    assert source_name("demo://plaza?seed=3&crowd=40") == "Demo scene (seed 3, crowd 40)"
