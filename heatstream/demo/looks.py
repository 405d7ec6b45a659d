"""What the people of the demo wear: colours (BGR) and what they carry, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from heatstream.demo.solids import Colour

_SKINS: tuple[Colour, ...] = (
    (172, 196, 233),
    (150, 178, 222),
    (128, 158, 206),
    (96, 128, 180),
    (66, 94, 142),
    (48, 68, 104),
)
_HAIRS: tuple[Colour, ...] = (
    (30, 34, 44),
    (38, 52, 76),
    (48, 76, 116),
    (92, 144, 188),
    (128, 178, 212),
    (60, 72, 140),
    (168, 172, 178),
)
_TOPS: tuple[Colour, ...] = (
    *((228, 236, 240), (196, 214, 230), (60, 152, 216), (84, 96, 210), (60, 60, 178), (150, 116, 52), (176, 146, 78)),
    *((128, 136, 44), (72, 110, 76), (90, 56, 40), (120, 80, 56), (58, 50, 46), (148, 126, 182), (98, 128, 226)),
    *((86, 176, 226), (110, 60, 104), (196, 178, 158), (70, 84, 64)),
)
_BOTTOMS: tuple[Colour, ...] = (
    *((110, 78, 50), (86, 60, 40), (146, 112, 80), (46, 42, 40), (60, 60, 62), (128, 162, 190), (152, 178, 198)),
    *((78, 84, 92), (52, 66, 88), (196, 206, 212), (66, 80, 70)),
)
_SHOES: tuple[Colour, ...] = ((40, 38, 38), (224, 228, 230), (50, 70, 104), (70, 70, 190))
_BAGS: tuple[Colour, ...] = ((44, 66, 130), (48, 52, 60), (60, 90, 60), (50, 110, 190), (130, 90, 50), (90, 140, 190))


#: What parts of a person are painted with: the numbers that ``Look.paints`` gives colours to.
SKIN, HAIR, TOP, SLEEVE, WAIST, THIGH, SHIN, SHOES, SKIRT, BAG, BRIM, CROWN = range(12)


class Build(NamedTuple):
    """The parts of a look that shape the outline."""

    skirt: bool = False
    backpack: bool = False
    bag: bool = False
    hat: bool = False
    long_hair: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One person's looks; ``number`` tells the looks in one scene apart, ``height_m`` is the standing height.

    ``paints`` are the colours (BGR) by paint number.
    """

    number: int
    build: Build
    height_m: float
    paints: tuple[Colour, ...]


def make_look(rng: np.random.Generator, number: int, *, child: bool = False) -> Look:
    """A look drawn by chance."""
    draw = rng.random(6)
    # Few outlines, many colours: outlines are what takes time to draw.
    skirt, hat = bool(draw[0] < 0.28), bool(draw[1] < 0.12)
    build = Build(
        skirt=skirt,
        backpack=bool(draw[2] < 0.16),
        bag=bool(draw[2] > 0.74),
        hat=hat,
        long_hair=(skirt and not hat) or bool(draw[1] > 0.75),
    )
    skin, top, bottom = _pick(rng, _SKINS), _pick(rng, _TOPS), _pick(rng, _BOTTOMS)
    if skirt and draw[3] < 0.6:
        bottom = top
    bare_legs = bool(draw[5] < 0.2)
    paints = {
        SKIN: skin,
        HAIR: _pick(rng, _HAIRS),
        TOP: top,
        SLEEVE: skin if draw[4] < 0.55 else top,
        WAIST: bottom if skirt else top,
        THIGH: skin if skirt else bottom,
        SHIN: skin if skirt or bare_legs else bottom,
        SHOES: _pick(rng, _SHOES),
        SKIRT: bottom,
        BAG: _pick(rng, _BAGS),
        BRIM: (150, 196, 220),
        CROWN: (160, 206, 230),
    }
    return Look(
        number=number,
        build=build,
        height_m=float(rng.uniform(1.12, 1.4) if child else rng.uniform(1.6, 1.88)),
        paints=tuple(paints[paint] for paint in sorted(paints)),
    )


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """One of ``colours``, a little lighter or darker."""
    base = np.array(colours[int(rng.integers(len(colours)))]) * rng.uniform(0.9, 1.08) + rng.uniform(-7, 7, 3)
    blue, green, red = np.clip(base, 16, 245).astype(int).tolist()
    return blue, green, red
