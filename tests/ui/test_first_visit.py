"""The picture of the demo on the start page."""

from __future__ import annotations

import cv2
import numpy as np

from heatstream.demo import PlazaScene
from heatstream.ui.first_visit import STILL, STILL_INDEX


def test_the_start_page_shows_the_scene_as_it_is() -> None:
    """Whoever redraws the square saves this picture anew."""
    shown, scene = cv2.imread(str(STILL)), PlazaScene().render(STILL_INDEX)
    assert shown.shape == scene.shape
    assert np.abs(shown.astype(int) - scene).mean() < 12
