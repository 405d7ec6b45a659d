"""The demo camera: a pinhole camera on a building that looks down on a plane measured in metres.

World: x to the right along the far houses, y away from the camera, z up; the camera stands above the origin. Bearings
are clockwise from +y, in radians. "Lateral" and "deep" are the ground axes of the camera itself.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIZE_WH = (960, 540)
RATE_HZ = 25.0
#: Height of the camera above the ground, m; its bearing and its pitch downward, radians; focal length, px.
HEIGHT_M = 7.5
BEARING = math.radians(10.0)
PITCH = math.radians(19.0)
FOCAL_PX = 950.0

_SIN_B, _COS_B = math.sin(BEARING), math.cos(BEARING)
_SIN_P, _COS_P = math.sin(PITCH), math.cos(PITCH)
_RIGHT = np.array([_COS_B, -_SIN_B, 0.0])
_FORWARD = np.array([_SIN_B * _COS_P, _COS_B * _COS_P, -_SIN_P])
_UP = np.array([_SIN_B * _SIN_P, _COS_B * _SIN_P, _COS_P])
_EYE = np.array([0.0, 0.0, HEIGHT_M])


def project(points: npt.ArrayLike) -> Floats:
    """Pixels (..., 2) of world points (..., 3) in metres; points must lie in front of the camera."""
    offset = np.asarray(points, np.float64) - _EYE
    depth = offset @ _FORWARD
    x = SIZE_WH[0] / 2 + FOCAL_PX * (offset @ _RIGHT) / depth
    y = SIZE_WH[1] / 2 - FOCAL_PX * (offset @ _UP) / depth
    return np.stack((x, y), axis=-1)


def ground_depth(x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
    """How far points on the ground lie in front of the camera, m along the ground."""
    return np.asarray(x) * _SIN_B + np.asarray(y) * _COS_B


def ground_at(pixels: npt.ArrayLike) -> Floats:
    """World (x, y) (..., 2) of the ground under pixels (..., 2); far away at and above the horizon."""
    pixels = np.asarray(pixels, np.float64)
    a = (pixels[..., 0] - SIZE_WH[0] / 2) / FOCAL_PX
    b = (SIZE_WH[1] / 2 - pixels[..., 1]) / FOCAL_PX
    ray = _FORWARD + a[..., None] * _RIGHT + b[..., None] * _UP
    reach = HEIGHT_M / np.maximum(-ray[..., 2], 1e-3)
    return np.asarray(ray[..., :2] * reach[..., None])


def world(lateral: float, deep: float) -> tuple[float, float]:
    """World (x, y) of the ground point ``lateral`` m to the right and ``deep`` m in front of the camera."""
    return lateral * _COS_B + deep * _SIN_B, -lateral * _SIN_B + deep * _COS_B


def half_width(deep: float) -> float:
    """Half the width of the visible ground, m, at ``deep`` m in front of the camera."""
    return SIZE_WH[0] / 2 / FOCAL_PX * (deep * _COS_P + HEIGHT_M * _SIN_P)
