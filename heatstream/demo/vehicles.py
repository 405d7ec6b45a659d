"""The bicycles and cars of the demo as rounded parts, origin on the ground under their middle, looking ahead."""

from __future__ import annotations

import math
from typing import NamedTuple

from heatstream.demo.figure import BARS, FRONT, PEDALS, REAR, SADDLE, WHEEL_M
from heatstream.demo.solids import Ball, Colour, Part

#: Paint numbers, and the colours (BGR) of all but the first, which is the vehicle's own.
_BODY, _TYRE, _CHROME, _GLASS, _SILL, _RIM, _SPOKE, _FRONT_LIGHT, _REAR_LIGHT = range(9)
_FIXED: tuple[Colour, ...] = (
    *((46, 44, 44), (190, 190, 186), (84, 66, 56), (60, 58, 58), (176, 176, 172), (96, 96, 94)),
    *((214, 240, 250), (48, 44, 196)),
)
_SPOKES = 16

BICYCLE_COLOURS: tuple[Colour, ...] = ((60, 60, 190), (150, 110, 40), (70, 120, 60), (50, 50, 54), (90, 180, 220))
CAR_COLOURS: tuple[Colour, ...] = (
    *((52, 50, 176), (150, 98, 44), (214, 220, 222), (66, 64, 62), (120, 150, 92), (72, 168, 222), (158, 156, 152)),
)


class Kind(NamedTuple):
    """A car's outline, m: ``length``, ``roof`` height; the cabin's foot and top from ``back`` to ``front``."""

    length: float
    roof: float
    cabin: tuple[float, float]
    top: tuple[float, float]


CAR_KINDS = (
    Kind(4.2, 1.46, (-1.85, 1.05), (-1.35, 0.30)),
    Kind(4.6, 1.42, (-1.55, 1.15), (-0.95, 0.35)),
    Kind(4.7, 1.92, (-2.25, 1.75), (-2.15, 1.05)),
)


def paints(colour: Colour) -> tuple[Colour, ...]:
    """The colours by paint number of a vehicle in ``colour``."""
    return (colour, *_FIXED)


def _wheel(at: tuple[float, float], turn: float) -> list[Part]:
    rim = [(at[0] + WHEEL_M * math.cos(a), 0.0, at[1] + WHEEL_M * math.sin(a), 0.028) for a in _angles(_SPOKES)]
    parts = [Part((rim[n - 1], rim[n]), _TYRE, flat=True) for n in range(_SPOKES)]
    hub = (at[0], 0.0, at[1])
    for angle in _angles(6):
        a, b = WHEEL_M * math.cos(angle + turn), WHEEL_M * math.sin(angle + turn)
        parts.append(Part(((*hub, 0.007), (hub[0] + a, 0.0, hub[2] + b, 0.007)), _CHROME, flat=True))
    return parts


def bicycle(turn: float) -> tuple[Part, ...]:
    """A bicycle whose wheels and pedals are turned by ``turn`` radians."""
    crank, saddle, bars = (PEDALS[0], 0.0, PEDALS[1]), (SADDLE[0], 0.0, SADDLE[1] - 0.03), (BARS[0], 0.0, BARS[1])
    neck, seat = (0.36, 0.0, 0.82), (-0.18, 0.0, 0.80)
    rear, front = (REAR[0], 0.0, REAR[1]), (FRONT[0], 0.0, FRONT[1])
    tubes = [(crank, seat), (crank, neck), (seat, neck), (rear, crank), (rear, seat), (neck, front)]
    parts = _wheel(REAR, turn) + _wheel(FRONT, turn)
    parts += [Part(((*a, 0.03), (*b, 0.03)), _BODY, rise=0.01) for a, b in tubes]
    parts.append(Part(((*neck, 0.025), (*bars, 0.025)), _CHROME, rise=0.01))
    parts.append(Part(((BARS[0], -0.24, BARS[1], 0.028), (BARS[0], 0.24, BARS[1], 0.028)), _TYRE, rise=0.02))
    parts.append(Part(((*seat, 0.02), (*saddle, 0.02)), _CHROME))
    parts.append(Part(((SADDLE[0] - 0.1, 0.0, SADDLE[1], 0.05), (SADDLE[0] + 0.1, 0.0, SADDLE[1], 0.03)), _TYRE))
    for side in (1, -1):
        a, b = 0.16 * side * math.cos(turn), -0.16 * side * math.sin(turn)
        end = (crank[0] + a, 0.1 * side, crank[2] + b)
        parts.append(Part(((crank[0], 0.1 * side, crank[2], 0.018), (*end, 0.024)), _CHROME, rise=0.02))
    return tuple(parts)


def car(kind: Kind, turn: float) -> tuple[Part, ...]:
    """A car whose wheels are turned by ``turn`` radians."""
    half, side = kind.length / 2, 0.84
    parts: list[Part] = []
    belt = 0.88
    low = _box((-half + 0.12, half - 0.12), (side, 0.40), 0.10)
    mid = _box((-half + 0.12, half - 0.16), (side, belt - 0.16), 0.12)
    parts.append(Part(low + mid, _BODY, rise=-0.4))
    bottom = _box(kind.cabin, (side - 0.04, belt), 0.05)
    top = _box(kind.top, (side - 0.20, kind.roof - 0.05), 0.05)
    parts.append(Part(bottom + top, _GLASS, rise=-0.2, flat=True))
    roof = _box((kind.top[0] - 0.03, kind.top[1] + 0.03), (side - 0.19, kind.roof - 0.03), 0.045)
    parts.append(Part(roof, _BODY, rise=0.5))
    for s in (1, -1):
        parts += _side(kind, s * side, belt)
        for ahead in (-half * 0.62, half * 0.64):
            parts += _car_wheel(ahead, s * (side + 0.06), turn)
        parts.append(
            Part(
                ((half - 0.05, s * 0.62, 0.66, 0.075), (half - 0.05, s * 0.72, 0.66, 0.07)),
                _FRONT_LIGHT,
                rise=0.6,
                facing=(1.0, 0.0),
            )
        )
        parts.append(
            Part(
                ((-half + 0.05, s * 0.66, 0.72, 0.07), (-half + 0.05, s * 0.74, 0.66, 0.07)),
                _REAR_LIGHT,
                rise=0.6,
                facing=(-1.0, 0.0),
            )
        )
    return tuple(parts)


def _side(kind: Kind, s: float, belt: float) -> list[Part]:
    """Pillars, window frames and sill of one side at ``s`` m to the left."""
    inner = s * 0.78
    parts = [
        Part(((foot, s * 0.97, belt, 0.045), (top, inner, kind.roof - 0.06, 0.04)), _BODY, rise=0.1, facing=(0.0, s))
        for foot, top in zip(kind.cabin, kind.top, strict=True)
    ]
    middle, high = sum(kind.cabin) / 2 + 0.05, sum(kind.top) / 2
    parts.append(
        Part(((middle, s * 0.97, belt, 0.035), (high, inner, kind.roof - 0.06, 0.03)), _BODY, rise=0.1, facing=(0.0, s))
    )
    half = kind.length / 2 - 0.7
    parts.append(
        Part(((-half, s * 1.1, 0.34, 0.03), (half, s * 1.1, 0.34, 0.03)), _SILL, rise=0.1, flat=True, facing=(0.0, s))
    )
    return parts


def _car_wheel(ahead: float, s: float, turn: float) -> list[Part]:
    face = (0.0, s)
    tyre = tuple((ahead + 0.29 * math.cos(a), s, 0.32 + 0.29 * math.sin(a), 0.03) for a in _angles(14))
    rim = tuple((ahead + 0.17 * math.cos(a), s, 0.32 + 0.17 * math.sin(a), 0.02) for a in _angles(10))
    parts = [Part(tyre, _TYRE, rise=0.6, flat=True, facing=face), Part(rim, _RIM, rise=0.62, flat=True, facing=face)]
    for a in _angles(3):
        c, d = 0.17 * math.cos(a + turn), 0.17 * math.sin(a + turn)
        spoke: tuple[Ball, ...] = ((ahead - c, s, 0.32 - d, 0.014), (ahead + c, s, 0.32 + d, 0.014))
        parts.append(Part(spoke, _SPOKE, rise=0.64, flat=True, facing=face))
    return parts


def _box(ahead: tuple[float, float], side_up: tuple[float, float], radius: float) -> tuple[Ball, ...]:
    side, up = side_up
    return tuple((a, s, up, radius) for a in ahead for s in (-side, side))


def _angles(count: int) -> list[float]:
    return [math.tau * step / count for step in range(count)]
