"""Where people of the demo come from and go to: the picture's edges, the doors of the houses, and stops between."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatstream.demo.layout import DOORS, FOUNTAIN, STREET_Y, WALL_Y, ZEBRA_X
from heatstream.demo.paths import Place
from heatstream.demo.view import half_width, world


@dataclass(frozen=True, slots=True)
class Route:
    """A way through ``places``; ``stop`` is where to stop for a while, looking at ``facing`` (both x, y, m)."""

    places: tuple[Place, ...]
    stop: Place | None = None
    facing: Place | None = None


def make_route(rng: np.random.Generator, party: int) -> Route:
    """A route drawn by chance for ``party`` people; half of all ways lead over the suggested line."""
    # More than two do not fit through a door side by side.
    kind = rng.random() if party < 3 else rng.choice((0.1, 0.5, 0.6, 0.8))
    if kind < 0.27:
        places, stop, facing = _near_edge(rng) + _side(rng, 18.0, 34.0), None, None
    elif kind < 0.46:
        places, stop, facing = _near_edge(rng) + _door(rng), None, None
    elif kind < 0.70:
        places, stop, facing = _past_fountain(rng)
    elif kind < 0.84:
        left, right = _edge(rng, -1, 15.5, 27.0), _edge(rng, 1, 15.5, 27.0)
        places, stop, facing = [left, right], None, None
    elif kind < 0.92:
        places, stop, facing = _side(rng, 18.0, 27.0) + _door(rng), None, None
    else:
        places, stop, facing = _pavement(rng)
    if stop is None and party > 1 and kind < 0.46 and rng.random() < 0.4:
        stop = _open_place(rng)
        places = [places[0], stop, *places[1:]]
    if rng.random() < 0.5:
        places = places[::-1]
    return Route(tuple(places), stop, facing)


def _near_edge(rng: np.random.Generator) -> list[Place]:
    """Through the picture's lower edge and over the line."""
    lateral = float(rng.uniform(-3.9, 3.9))
    return [world(lateral * 0.9, 6.9), world(lateral * 0.95 + float(rng.uniform(-0.4, 0.4)), 16.3)]


def _edge(rng: np.random.Generator, side: int, near: float, far: float) -> Place:
    """Just out of the picture at its left (-1) or right (1) edge."""
    deep = float(rng.uniform(near, far))
    # Shadows fall to the right: on the left there must be room for them, too.
    return world(side * (half_width(deep) + (3.0 if side < 0 else 1.7)), deep)


def _side(rng: np.random.Generator, near: float, far: float) -> list[Place]:
    return [_edge(rng, -1 if rng.random() < 0.5 else 1, near, far)]


def _door(rng: np.random.Generator) -> list[Place]:
    """Over the zebra crossing and through a door, to where the wall hides everything."""
    door = DOORS[int(rng.choice(len(DOORS), p=(0.1, 0.26, 0.3, 0.24, 0.1)))]
    x = float(rng.uniform(ZEBRA_X[0] + 0.5, ZEBRA_X[1] - 0.5))
    aside = 2.8 if rng.random() < 0.5 else -2.8
    return [
        (x, STREET_Y[0] - 0.9),
        (x, STREET_Y[1] + 0.5),
        (door, WALL_Y - 0.9),
        (door, WALL_Y + 1.0),
        (door + aside, WALL_Y + 1.3),
    ]


def _past_fountain(rng: np.random.Generator) -> tuple[list[Place], Place, Place]:
    """From the lower edge to the fountain, a stop, and away over the square or back."""
    x, y, radius = FOUNTAIN
    turn = math.radians(float(rng.choice((-1, 1)) * rng.uniform(75, 180))) + math.radians(10)
    out = radius + float(rng.uniform(0.8, 1.7))
    stop = (x + out * math.sin(turn), y + out * math.cos(turn))
    end = _near_edge(rng)[::-1] if rng.random() < 0.35 else _side(rng, 18.0, 30.0)
    return [*_near_edge(rng), stop, *end], stop, (x, y)


def _pavement(rng: np.random.Generator) -> tuple[list[Place], Place, Place]:
    """Along the shops, with a stop before a window."""
    y = float(rng.uniform(44.0, 45.0))
    x = float(rng.uniform(-6.0, 24.0))
    stop = (x, 45.2)
    if rng.random() < 0.5:
        return [(-18.0, y), (x - 2.5, y), stop, (x + 2.5, y), (36.0, y)], stop, (x, WALL_Y)
    door = DOORS[int(rng.integers(len(DOORS)))]
    inside = [(door, WALL_Y - 0.9), (door, WALL_Y + 1.0), (door + 2.8, WALL_Y + 1.3)]
    start = -18.0 if door > x else 36.0
    return [(start, y), stop, *inside], stop, (x, WALL_Y)


def _open_place(rng: np.random.Generator) -> Place:
    """Somewhere on the open square before the fountain."""
    return world(float(rng.uniform(-4.0, 5.0)), float(rng.uniform(17.0, 19.0)))
