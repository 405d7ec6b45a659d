"""The houses at the far side of the demo plaza: plaster, shop windows, awnings and doors with depth."""

from __future__ import annotations

from heatstream.demo.canvas import Canvas, Colour
from heatstream.demo.layout import DOOR_M, DOORS, WALL_Y

_TOP_M = 8.5
#: Houses from left to right: their right edge, m, and the plaster's colour.
_HOUSES: tuple[tuple[float, Colour], ...] = (
    (-9.6, (150, 176, 206)),
    (-3.6, (150, 196, 226)),
    (3.2, (176, 188, 196)),
    (11.6, (128, 158, 208)),
    (18.2, (190, 208, 214)),
    (25.6, (140, 186, 218)),
    (33.0, (166, 182, 186)),
    (60.0, (150, 172, 206)),
)
_AWNINGS: tuple[Colour, ...] = ((70, 78, 178), (110, 124, 62), (64, 140, 204), (128, 92, 60), (90, 110, 190))
_STONE: Colour = (150, 160, 170)
_GLASS: Colour = (120, 104, 88)


def _scaled(colour: Colour, factor: float) -> Colour:
    blue, green, red = (min(factor * channel, 250) for channel in colour)
    return blue, green, red


def _wall(canvas: Canvas, x: tuple[float, float], z: tuple[float, float], colour: Colour, out: float = 0.0) -> None:
    """A rectangle on the wall, ``out`` m before it."""
    y = WALL_Y - out
    canvas.polygon([(x[0], y, z[0]), (x[1], y, z[0]), (x[1], y, z[1]), (x[0], y, z[1])], colour)


def paint_inside(canvas: Canvas) -> None:
    """What is seen through the open doors."""
    for door in DOORS:
        x0, x1, y = door - 1.4, door + 1.4, WALL_Y + 1.8
        canvas.polygon([(x0, WALL_Y, 0.0), (x1, WALL_Y, 0.0), (x1, y, 0.0), (x0, y, 0.0)], (86, 100, 116))
        canvas.polygon([(x0, y, 0.0), (x1, y, 0.0), (x1, y, 2.6), (x0, y, 2.6)], (52, 58, 68))
        canvas.polygon(
            [(door - 0.6, y, 0.9), (door + 0.6, y, 0.9), (door + 0.6, y, 2.0), (door - 0.6, y, 2.0)], (74, 120, 160)
        )


def paint_wall(canvas: Canvas) -> None:
    """The houses without their awnings; the doors stay open for who goes through."""
    left = -40.0
    for right, plaster in _HOUSES:
        pieces = [left, *sorted(edge for door in DOORS if left < door < right for edge in _edges(door)), right]
        for start, end in zip(pieces[::2], pieces[1::2], strict=True):
            _wall(canvas, (start, end), (0.0, 2.3), plaster)
        _wall(canvas, (left, right), (2.3, _TOP_M), plaster)
        left = right


def paint_details(canvas: Canvas) -> None:
    """Windows, shops and awnings."""
    left = -14.5
    for number, (right, plaster) in enumerate(_HOUSES[:-1]):
        low = max(left, -14.5)
        _house(canvas, (low, right), plaster, number)
        left = right


def _house(canvas: Canvas, span: tuple[float, float], plaster: Colour, number: int) -> None:
    left, right = span
    darker = _scaled(plaster, 0.80)
    lighter = _scaled(plaster, 1.12)
    doors = [door for door in DOORS if left < door < right]
    _plinth(canvas, span, doors)
    awning = _AWNINGS[number % len(_AWNINGS)]
    edges = [left + 0.35, *sorted(edge for door in doors for edge in (door - 1.05, door + 1.05)), right - 0.35]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > 1.4:
            _shop(canvas, (start, end), awning, number)
    for door in doors:
        _wall(canvas, (door - 0.95, door + 0.95), (2.3, 2.52), lighter, 0.05)
        for edge in _edges(door):
            _wall(canvas, (edge - 0.1, edge + 0.1), (0.0, 2.4), lighter, 0.05)
    _wall(canvas, span, (3.72, 3.9), lighter, 0.1)
    _wall(canvas, span, (3.62, 3.72), darker, 0.02)
    count = max(int((right - left) / 1.9), 1)
    for n in range(count):
        middle = left + (right - left) * (n + 0.5) / count
        _window(canvas, middle, 4.45, lighter, number)
    _wall(canvas, (right - 0.09, right + 0.09), (0.0, _TOP_M), darker, 0.03)


def _edges(door: float) -> tuple[float, float]:
    return door - DOOR_M / 2, door + DOOR_M / 2


def _plinth(canvas: Canvas, span: tuple[float, float], doors: list[float]) -> None:
    edges = [span[0], *(edge for door in sorted(doors) for edge in _edges(door)), span[1]]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        _wall(canvas, (start, end), (0.0, 0.45), _STONE, 0.04)


def _window(canvas: Canvas, middle: float, sill: float, frame: Colour, number: int) -> None:
    shutter: Colour = ((120, 128, 84), (96, 84, 70), (112, 130, 140))[number % 3]
    _wall(canvas, (middle - 0.52, middle + 0.52), (sill - 0.1, sill + 1.9), frame, 0.04)
    _wall(canvas, (middle - 0.42, middle + 0.42), (sill, sill + 1.8), (132, 108, 84), 0.05)
    _wall(canvas, (middle - 0.42, middle - 0.1), (sill + 0.5, sill + 1.8), (190, 170, 148), 0.05)
    _wall(canvas, (middle - 0.03, middle + 0.03), (sill, sill + 1.8), frame, 0.06)
    for side in (-1, 1):
        inner, outer = middle + side * 0.54, middle + side * 0.88
        _wall(canvas, (min(inner, outer), max(inner, outer)), (sill - 0.05, sill + 1.85), shutter, 0.06)
    _wall(canvas, (middle - 0.5, middle + 0.5), (sill - 0.32, sill - 0.08), (70, 96, 92), 0.2)
    for n in range(7):
        spot = middle - 0.42 + n * 0.14
        _wall(
            canvas, (spot - 0.05, spot + 0.06), (sill - 0.14, sill + 0.04), ((80, 70, 206), (120, 90, 220))[n % 2], 0.22
        )


def _shop(canvas: Canvas, span: tuple[float, float], awning: Colour, number: int) -> None:
    left, right = span
    _wall(canvas, span, (0.4, 2.9), (82, 86, 92), 0.05)
    panes = max(round((right - left) / 1.5), 1)
    width = (right - left - 0.16) / panes
    for n in range(panes):
        x0 = left + 0.12 + n * width
        x1 = x0 + width - 0.08
        _wall(canvas, (x0, x1), (0.55, 2.7), _GLASS, 0.06)
        _wall(canvas, (x0, x1), (0.55, 1.35), (96, 132, 168), 0.06)
        for item in range(3):
            spot = x0 + (x1 - x0) * (item + 0.5) / 3
            tint = ((90, 150, 210), (170, 180, 190), (100, 110, 180), (130, 160, 120))[(n + item + number) % 4]
            _wall(canvas, (spot - 0.12, spot + 0.12), (0.6, 1.0 + 0.25 * ((n * 3 + item) % 3)), tint, 0.07)
        y = WALL_Y - 0.08
        corners = [(x0 + 0.1, y, 2.6), (x0 + 0.4, y, 2.6), (x0 + 0.15, y, 1.4), (x0 + 0.02, y, 1.4)]
        canvas.polygon(corners, (170, 158, 142))
    _wall(canvas, span, (2.95, 3.5), _scaled(awning, 0.55), 0.06)
    _sign(canvas, span, number)
    _awning(canvas, span, awning)


def _sign(canvas: Canvas, span: tuple[float, float], number: int) -> None:
    """Something like letters."""
    x = span[0] + 0.6
    n = number * 5
    while x < span[1] - 0.7:
        width = 0.12 + 0.09 * ((n * 7) % 4)
        if n % 6:
            _wall(canvas, (x, x + width), (3.1, 3.36), (190, 220, 236), 0.1)
        x += width + 0.09
        n += 1


def _awning(canvas: Canvas, span: tuple[float, float], colour: Colour) -> None:
    """A striped awning over one shop, with a scalloped hem."""
    stripes = max(round((span[1] - span[0]) / 0.42) // 2 * 2 + 1, 3)
    width = (span[1] - span[0]) / stripes
    front, high, low = WALL_Y - 1.15, 3.0, 2.42
    for n in range(stripes):
        x0, x1 = span[0] + n * width, span[0] + (n + 1) * width
        tint = colour if n % 2 == 0 else (222, 232, 238)
        canvas.polygon([(x0, WALL_Y, high), (x1, WALL_Y, high), (x1, front, low), (x0, front, low)], tint)
        hem = _scaled(tint, 0.82)
        middle = (x0 + x1) / 2
        corners = [(x0, front, low), (x1, front, low), (x1, front, low - 0.2), (middle, front, low - 0.3)]
        canvas.polygon([*corners, (x0, front, low - 0.2)], hem)
