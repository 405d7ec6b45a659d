"""The people of the demo as rounded parts: standing, walking, running and riding, by the phase of their stride."""

from __future__ import annotations

import math
from typing import NamedTuple

from heatstream.demo.looks import (
    BAG,
    BRIM,
    CROWN,
    HAIR,
    SHIN,
    SHOES,
    SKIN,
    SKIRT,
    SLEEVE,
    THIGH,
    TOP,
    WAIST,
    Build,
)
from heatstream.demo.solids import Ball, Part

#: Bodies are drawn this tall, m, and scaled to a look's height.
BODY_M = 1.75
#: Pictures that a stride, and a turn of wheels, is drawn in.
PHASES = 12


class Pose(NamedTuple):
    """``phase`` is the step in a stride of ``PHASES`` steps, ``gait`` "stand", "walk", "run", "ride" or "drive"."""

    gait: str
    phase: int


def person(build: Build, pose: Pose) -> tuple[Part, ...]:
    """The parts of a person, feet on the ground at the origin, looking ahead."""
    turn = pose.phase * math.tau / PHASES
    if pose.gait == "ride":
        return _rider(build, turn)
    swing = {"stand": 0.05, "walk": 0.40, "run": 0.60}[pose.gait]
    if pose.gait == "stand":
        turn = math.pi / 2
    lean = {"stand": 0.0, "walk": 0.03, "run": 0.12}[pose.gait]
    legs = [_leg(side, swing, turn + (0 if side > 0 else math.pi), pose.gait) for side in (1, -1)]
    drop = min(ball[2] for leg in legs for ball in leg) - 0.035
    parts: list[Part] = []
    for hip, knee, ankle, toe in legs:
        raised = [(a, s, u - drop, r) for a, s, u, r in (hip, knee, ankle, toe)]
        parts += _leg_parts(build, raised[0], raised[1], raised[2], raised[3])
    hip_u = 0.92 - drop
    parts += _torso(build, hip_u, lean)
    shoulder_u = hip_u + 0.50
    for side in (1, -1):
        angle = -swing * 0.9 * math.sin(turn + (0 if side > 0 else math.pi))
        parts += _arm(build, side, (lean * 0.5 / 0.5 * 0.5, shoulder_u), angle, 1.5 if pose.gait == "run" else 0.28)
    parts += _head(build, lean * 0.75, shoulder_u)
    return tuple(parts)


def _leg(side: int, swing: float, turn: float, gait: str) -> tuple[Ball, Ball, Ball, Ball]:
    """Hip, knee, ankle and toe of one leg, hips 0.92 m high."""
    thigh = swing * math.sin(turn) + (0.06 if gait != "stand" else 0.0)
    forward = max(0.0, math.cos(turn - 0.3))
    bend = {"stand": 0.03, "walk": 0.10 + 0.85 * forward**2, "run": 0.30 + 1.35 * forward**2}[gait]
    s = 0.095 * side
    knee = (0.43 * math.sin(thigh), s, 0.92 - 0.43 * math.cos(thigh))
    shin = thigh - bend
    ankle = (knee[0] + 0.42 * math.sin(shin), s, knee[2] - 0.42 * math.cos(shin))
    tip = shin * 0.75
    toe = (ankle[0] + 0.17 * math.cos(tip), s * 1.25, ankle[2] - 0.03 + 0.17 * math.sin(tip))
    return (0.0, s, 0.92, 0.098), (*knee, 0.074), (*ankle, 0.054), (*toe, 0.042)


def _leg_parts(build: Build, hip: Ball, knee: Ball, ankle: Ball, toe: Ball) -> list[Part]:
    thin = 0.86 if build.skirt else 1.0
    heel = (ankle[0], ankle[1], ankle[2] - 0.016, 0.05)
    return [
        Part((hip, knee), THIGH),
        Part(((*knee[:3], knee[3] * thin), (*ankle[:3], ankle[3] * thin)), SHIN),
        Part((heel, toe), SHOES, rise=0.02),
    ]


def _torso(build: Build, hip_u: float, lean: float) -> list[Part]:
    parts = [
        Part(
            (
                (0.0, 0.075, hip_u + 0.02, 0.105),
                (0.0, -0.075, hip_u + 0.02, 0.105),
                (lean * 0.5, 0.055, hip_u + 0.22, 0.105),
                (lean * 0.5, -0.055, hip_u + 0.22, 0.105),
            ),
            WAIST,
        ),
        Part(
            (
                (lean * 0.4, 0.05, hip_u + 0.14, 0.105),
                (lean * 0.4, -0.05, hip_u + 0.14, 0.105),
                (lean, 0.135, hip_u + 0.48, 0.082),
                (lean, -0.135, hip_u + 0.48, 0.082),
                (lean, 0.0, hip_u + 0.52, 0.07),
            ),
            TOP,
            rise=0.01,
        ),
    ]
    if build.skirt:
        ring = [(0.17 * math.cos(a), 0.18 * math.sin(a), hip_u - 0.40, 0.05) for a in _around(6)]
        parts.append(Part(((0.0, 0.06, hip_u + 0.1, 0.1), (0.0, -0.06, hip_u + 0.1, 0.1), *ring), SKIRT, rise=0.14))
    if build.backpack:
        low, high = hip_u + 0.14, hip_u + 0.42
        pack = tuple((lean - 0.19, s, u, 0.085) for s in (-0.07, 0.07) for u in (low, high))
        parts.append(Part(pack, BAG))
    return parts


def _arm(build: Build, side: int, at: tuple[float, float], angle: float, bend: float) -> list[Part]:
    ahead, up = at
    s = 0.205 * side
    shoulder = (ahead, s * 0.9, up - 0.02, 0.066)
    elbow = (ahead + 0.27 * math.sin(angle), s * 1.14, up - 0.02 - 0.27 * math.cos(angle), 0.05)
    fore = angle + bend
    hand = (elbow[0] + 0.24 * math.sin(fore), s * 1.1, elbow[2] - 0.24 * math.cos(fore), 0.044)
    parts = [
        Part((elbow, (*hand[:3], 0.04)), SLEEVE),
        Part((hand, (hand[0], hand[1], hand[2] - 0.04, 0.04)), SKIN),
        Part((shoulder, elbow), TOP, rise=0.01),
    ]
    if build.bag and side < 0:
        base = (hand[0], hand[1] * 1.12, hand[2])
        corners = tuple((base[0] + a, base[1], base[2] - u, 0.035) for a in (-0.13, 0.13) for u in (0.12, 0.33))
        parts.append(Part(corners, BAG, rise=0.02))
    return parts


def _head(build: Build, lean: float, shoulder_u: float) -> list[Part]:
    up = shoulder_u + 0.205
    parts = [
        Part(((lean, 0.0, shoulder_u + 0.03, 0.055), (lean, 0.0, up - 0.03, 0.05)), SKIN),
        Part(((lean + 0.012, 0.0, up + 0.025, 0.098), (lean + 0.03, 0.0, up - 0.045, 0.072)), SKIN, rise=0.02),
        Part(((lean - 0.035, 0.0, up + 0.045, 0.108), (lean - 0.03, 0.0, up, 0.1)), HAIR, rise=0.02),
        Part(((lean - 0.0, 0.0, up + 0.085, 0.085),), HAIR, rise=0.06),
    ]
    if build.long_hair:
        fall = tuple((lean - 0.075, s, up - 0.17, 0.055) for s in (-0.05, 0.05))
        parts.append(Part(((lean - 0.055, 0.0, up + 0.02, 0.105), *fall), HAIR, rise=0.015))
    if build.hat:
        brim = tuple((lean + 0.19 * math.cos(a), 0.19 * math.sin(a), up + 0.075, 0.014) for a in _around(8))
        parts.append(Part(brim, BRIM, rise=0.12))
        parts.append(Part(((lean, 0.0, up + 0.13, 0.1), (lean, 0.0, up + 0.09, 0.11)), CROWN, rise=0.16))
    return parts


def _around(count: int) -> list[float]:
    return [math.tau * step / count for step in range(count)]


#: A bicycle's measures, m: where the wheels, the pedals, the saddle and the bars are (ahead, up).
WHEEL_M = 0.34
REAR, FRONT = (-0.52, WHEEL_M), (0.53, WHEEL_M)
PEDALS, SADDLE, BARS = (-0.06, 0.30), (-0.24, 0.96), (0.40, 1.06)


def _rider(build: Build, turn: float) -> tuple[Part, ...]:
    """A rider on the bicycle of ``vehicles``."""
    hip = (SADDLE[0], SADDLE[1] + 0.06)
    parts: list[Part] = []
    for side in (1, -1):
        crank = turn + (0 if side > 0 else math.pi)
        foot = (PEDALS[0] + 0.16 * math.cos(crank), PEDALS[1] + 0.05 - 0.16 * math.sin(crank))
        knee = _elbow_out(hip, foot, 0.44, 0.44)
        s = 0.1 * side
        parts += _leg_parts(
            build,
            (hip[0], s * 0.9, hip[1], 0.092),
            (knee[0], s * 1.1, knee[1], 0.064),
            (foot[0] - 0.06, s, foot[1] + 0.05, 0.046),
            (foot[0] + 0.09, s, foot[1], 0.036),
        )
    chest = (hip[0] + 0.22, hip[1] + 0.46)
    trunk = tuple((hip[0] + 0.02, s, hip[1] + 0.04, 0.105) for s in (-0.075, 0.075))
    trunk += tuple((chest[0], s, chest[1], 0.085) for s in (-0.13, 0.13))
    parts.append(Part(trunk, TOP, rise=0.03))
    for side in (1, -1):
        elbow = (chest[0] + 0.10, 0.24 * side, chest[1] - 0.24, 0.05)
        hand = (BARS[0], 0.22 * side, BARS[1], 0.044)
        parts.append(Part((elbow, hand), SLEEVE, rise=0.02))
        parts.append(Part(((chest[0], 0.18 * side, chest[1], 0.066), elbow), TOP, rise=0.03))
    parts += _head(build, chest[0] + 0.07, chest[1] + 0.02)
    return tuple(parts)


def _elbow_out(a: tuple[float, float], b: tuple[float, float], first: float, second: float) -> tuple[float, float]:
    """The joint between two limbs of given lengths from ``a`` to ``b`` (ahead, up), bent forward."""
    dx, dz = b[0] - a[0], b[1] - a[1]
    gap = min(math.hypot(dx, dz), first + second - 1e-6)
    along = (first**2 - second**2 + gap**2) / (2 * gap)
    out = math.sqrt(max(first**2 - along**2, 0.0))
    return a[0] + (dx * along - dz * out) / gap, a[1] + (dz * along + dx * out) / gap
