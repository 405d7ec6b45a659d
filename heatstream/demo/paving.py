"""The ground of the demo plaza: paving stones, the cycle lane, the street and its marks, painted pixel by pixel."""

from __future__ import annotations

import numpy as np

from heatstream.core.types import ImageArray
from heatstream.demo.canvas import SIZE_FINE, Mask, noise, pixel_centres
from heatstream.demo.layout import FOUNTAIN, LANE_Y, STREET_Y, WALL_Y, ZEBRA_X
from heatstream.demo.view import ground_at

_SAND = np.array((172, 202, 222), np.float32)
_BAND = np.array((136, 168, 198), np.float32)
_ROSE = np.array((146, 170, 210), np.float32)
_LANE = np.array((98, 112, 172), np.float32)
_ASPHALT = np.array((124, 122, 122), np.float32)
_PAINT = np.array((226, 234, 238), np.float32)
_KERB = np.array((186, 198, 206), np.float32)


def _cells(x: Mask, y: Mask) -> Mask:
    """A number 0-1 for each whole (x, y), as if by chance."""
    mixed = np.sin(np.floor(x) * 127.1 + np.floor(y) * 311.7).astype(np.float64) * 43758.5453
    return np.asarray(mixed - np.floor(mixed), np.float32)


def _between(value: Mask, low: float, high: float, soft: Mask) -> Mask:
    """1 where ``value`` lies between the limits, with edges ``soft`` wide."""
    return np.asarray(np.clip((value - low) / soft + 0.5, 0, 1) * np.clip((high - value) / soft + 0.5, 0, 1))


def _joints(u: Mask, v: Mask, soft: Mask) -> Mask:
    """How much of a joint between unit stones there is at (u, v); fades where stones become smaller than pixels."""
    gap = np.minimum(np.abs(u - np.rint(u)), np.abs(v - np.rint(v)))
    return np.asarray(np.clip(1 - gap / np.maximum(soft, 0.035), 0, 1) * np.clip(0.05 / soft, 0, 1), np.float32)


def paint_ground(rng: np.random.Generator) -> ImageArray:
    """The ground in full sun, in the canvas's size."""
    ground = ground_at(pixel_centres()).astype(np.float32)
    x, y = ground[..., 0], ground[..., 1]
    step = np.abs(np.gradient(y, axis=0)).astype(np.float32)  # metres a pixel, along the coarser axis
    colour = np.empty((*x.shape, 3), np.float32)
    colour[:] = _SAND
    # Stones of 1.2 m x 0.8 m in shifted rows; bands of darker stone every 6 m; rings around the fountain.
    row = np.floor(y / 0.8)
    u, v = x / 1.2 + 0.5 * (row % 2), y / 0.8
    colour *= (0.955 + 0.085 * _cells(u, v))[..., None]
    joint = _joints(u, v, step / 0.8)
    bands = np.maximum(_between((x + 3) % 6.0, 0.0, 0.7, step * 0.5), _between((y + 1.0) % 6.0, 0.0, 0.7, step))
    colour += (bands * 0.75)[..., None] * (_BAND - colour)
    radius = np.hypot(x - FOUNTAIN[0], y - FOUNTAIN[1])
    for inner, outer, tint in ((0, 6.0, _SAND), (3.0, 3.7, _BAND), (4.2, 4.9, _ROSE), (5.5, 6.0, _BAND)):
        inside = _between(radius, inner, outer, step)
        colour += inside[..., None] * (tint * (0.96 + 0.07 * _cells(radius / 0.6, y * 0 + 3))[..., None] - colour)
    joint *= np.where(radius < 6.0, 0.25, 1.0)
    colour *= (1 - 0.15 * joint)[..., None]
    for low, high, tint in (
        (LANE_Y[0] - 0.2, LANE_Y[1] + 0.2, _KERB),
        (*LANE_Y, _LANE),
        (STREET_Y[0] - 0.3, STREET_Y[1] + 0.3, _KERB),
        (*STREET_Y, _ASPHALT),
    ):
        colour += _between(y, low, high, step)[..., None] * (tint - colour)
    middle = (STREET_Y[0] + STREET_Y[1]) / 2
    dash = _between(x % 3.0, 0.0, 1.6, step * 0.5) * _between(y, middle - 0.1, middle + 0.1, step)
    lane_middle = (LANE_Y[0] + LANE_Y[1]) / 2
    dash += _between(x % 2.0, 0.0, 1.0, step * 0.5) * _between(y, lane_middle - 0.05, lane_middle + 0.05, step) * 0.8
    across = _between(x, *ZEBRA_X, step * 0.5)
    dash *= 1 - across
    stripes = _between((x - ZEBRA_X[0]) % 1.0, 0.0, 0.5, step * 0.4) * _between(
        y, STREET_Y[0] + 0.3, STREET_Y[1] - 0.3, step
    )
    colour += np.clip(dash + stripes * across, 0, 1)[..., None] * 0.85 * (_PAINT - colour)
    colour *= _worn(rng, x, y)[..., None]
    return np.asarray(np.clip(colour, 0, 255), np.uint8)


def _worn(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    """Brightness from stains and unevenness that lie on the ground, smaller far away, and a little grain."""
    size = 512
    total = np.ones(x.shape, np.float32)
    for cell, metres, strength in ((32.0, 0.08, 0.018), (8.0, 0.05, 0.016), (2.0, 0.03, 0.012)):
        texture = noise(rng, (size, size), cell)
        column = (np.clip(x, -200, 200) / metres).astype(np.int32) % size
        line = (np.clip(y, -200, 200) / metres).astype(np.int32) % size
        fade = np.clip(1.4 - y / (metres * 1200), 0, 1)
        total += strength * texture[line, column] * fade
    grain = rng.standard_normal((SIZE_FINE[1], SIZE_FINE[0])).astype(np.float32)
    return np.asarray(total + 0.012 * grain - 0.02 * np.clip((y - WALL_Y) / 40, 0, 1), np.float32)
