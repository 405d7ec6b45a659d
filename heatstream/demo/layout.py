"""Where everything stands on the demo plaza, in metres of the world that ``view`` describes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heatstream.core.types import Zone
from heatstream.demo.view import SIZE_WH, project, world

#: Shadows fall along this bearing; a thing 1 m high throws one of ``SHADOW_M``.
SUN_BEARING = math.radians(64.0)
SHADOW_M = 1.45

#: Bands along x, by y: the cycle lane across the plaza, the street, and the wall of the houses.
LANE_Y = (29.2, 31.6)
STREET_Y = (37.6, 43.2)
WALL_Y = 46.0
ZEBRA_X = (3.2, 7.2)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: trunk at ``x``, ``y``; a crown of ``radius`` with its middle ``crown_z`` high, all m."""

    x: float
    y: float
    crown_z: float
    radius: float


FOUNTAIN = (*world(1.8, 22.4), 2.5)
PILLAR = (*world(-4.6, 24.0), 0.62)
KIOSK = (*world(10.2, 25.6), 1.5)
TREES = (
    Tree(*world(-6.6, 12.6), 3.7, 1.75),
    Tree(*world(-9.6, 27.0), 3.7, 1.7),
    Tree(*world(-12.2, 34.0), 3.9, 1.8),
    Tree(*world(14.6, 34.0), 3.9, 1.9),
    Tree(*world(7.6, 34.6), 3.9, 1.7),
    Tree(*world(-5.2, 34.6), 3.7, 1.6),
    Tree(*world(9.6, 17.4), 3.7, 1.6),
)
#: Lamp posts (x, y) and benches (x, y, bearing of their front).
LAMPS = (world(-7.4, 19.6), world(6.3, 20.0), world(-1.4, 33.4), world(11.4, 33.2))
BENCHES = (
    (*world(-2.6, 25.2), math.radians(120)),
    (*world(5.9, 25.4), math.radians(-110)),
    (*world(-7.6, 22.6), math.radians(90)),
)
PLANTERS = (world(-8.6, 16.6), world(7.9, 21.6), world(-2.2, 28.0), world(6.4, 28.2))
#: Café parasols (x, y) before the street.
PARASOLS = (world(-9.4, 31.0), world(-7.0, 31.8), world(-11.6, 30.2))

#: Middles of the doors in the wall, x, and their width, m.
DOORS = (-7.2, -1.2, 8.6, 14.6, 22.4)
DOOR_M = 1.5


@dataclass(frozen=True, slots=True)
class Block:
    """A round piece of ground on which nobody walks: middle and radius, m."""

    x: float
    y: float
    radius: float


BLOCKS = (
    Block(*FOUNTAIN[:2], FOUNTAIN[2] + 0.2),
    Block(*PILLAR[:2], PILLAR[2] + 0.15),
    Block(*KIOSK[:2], KIOSK[2] + 0.5),
    *(Block(tree.x, tree.y, 0.55) for tree in TREES),
    *(Block(x, y, 0.2) for x, y in LAMPS),
    *(Block(x, y, 0.75) for x, y, _ in BENCHES),
    *(Block(x, y, 0.75) for x, y in PLANTERS),
    *(Block(x, y, 1.0) for x, y in PARASOLS),
)


def suggested_zones() -> tuple[Zone, ...]:
    """A line that people cross often, "Crossing", and a polygon around the fountain where they linger, "Fountain"."""
    ends = project([(*world(-4.7, 15.1), 0.9), (*world(4.7, 15.1), 0.9)])
    x, y, radius = FOUNTAIN
    turns = [math.tau * (step + 0.5) / 10 for step in range(10)]
    ring = project([(x + (radius + 2.6) * math.sin(turn), y + (radius + 2.6) * math.cos(turn), 0.8) for turn in turns])
    size = SIZE_WH
    line = tuple((round(float(px / size[0]), 4), round(float(py / size[1]), 4)) for px, py in ends)
    polygon = tuple((round(float(px / size[0]), 4), round(float(py / size[1]), 4)) for px, py in ring)
    return Zone("demo-crossing", "Crossing", line), Zone("demo-fountain", "Fountain", polygon)
