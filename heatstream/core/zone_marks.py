"""Zones on a picture: the line or outline, the arrow that shows which way is in, and the plate with the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.geometry import inside_polygon
from heatstream.core.lettering import BOLD, INK, SOFT, WHITE, Box, Colour, Lettering, halo_line, plain
from heatstream.core.types import ImageArray, Zone, ZoneKind, ZoneTally, ZoneUse

#: BGR; the first is the seed document's region colour, a little lighter.
ZONE_COLOURS: tuple[Colour, ...] = (
    *((255, 70, 255), (255, 225, 60), (60, 225, 255), (120, 255, 120), (80, 150, 255), (255, 160, 160)),
)

#: The outline and plate of a mask, BGR.
MASK: Colour = (215, 215, 215)

Floats = npt.NDArray[np.float64]


def zone_colour(number: int) -> Colour:
    """The zones' colour of this number (from 0), BGR; after the last the first comes again."""
    return ZONE_COLOURS[number % len(ZONE_COLOURS)]


def numbered(zones: Iterable[Zone]) -> list[tuple[int, Zone]]:
    """Each zone behind the number of its colour: its own, or its place in the list (from 0)."""
    return [(place if zone.colour is None else zone.colour, zone) for place, zone in enumerate(zones)]


def coloured(zones: Iterable[Zone]) -> tuple[Zone, ...]:
    """``zones``, each with the colour that it has now for its own: it keeps that when others come or go before it."""
    return tuple(replace(zone, colour=number) for number, zone in numbered(zones))


def free_colour(zones: Iterable[Zone], wanted: int | None = None) -> int:
    """The number of the colour that the fewest of ``zones`` have: the ``wanted`` one if it is among those, else the
    first."""
    taken = Counter(number % len(ZONE_COLOURS) for number, _ in numbered(zones))
    numbers = list(range(len(ZONE_COLOURS)))
    if wanted is not None:
        numbers.insert(0, wanted % len(ZONE_COLOURS))
    return min(numbers, key=lambda number: taken[number])


def in_direction(zone: Zone, size_wh: tuple[int, int]) -> tuple[Floats, Floats]:
    """Where the arrow starts (2,), in pixels of ``size_wh``, and the unit vector (2,) along which a crossing is *in*.

    A line's arrow stands on its middle and points to its right as seen walking from the first to the second point on
    the screen; a polygon's stands on the middle of its longest edge and points inside. ``flipped`` turns it round.
    """
    points = np.asarray(zone.points, np.float64) * size_wh
    ends = np.roll(points, -1, axis=0)
    edge = 0 if zone.kind is ZoneKind.LINE else int(np.argmax(np.hypot(*(ends - points).T)))
    start, end = points[edge], ends[edge]
    along = end - start
    right = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    middle = (start + end) / 2
    if zone.kind is ZoneKind.POLYGON and not inside_polygon((middle + right)[None], points)[0]:
        right = -right
    return middle, -right if zone.flipped else right


def draw_zones(image: ImageArray, zones: Iterable[Zone]) -> None:
    """Draw each zone with its arrow; ``image`` is drawn on."""
    size_wh = image.shape[1], image.shape[0]
    lettering = Lettering(image)
    thickness = lettering.line_px + 1
    for number, zone in numbered(zones):
        points = np.asarray(zone.points, np.float64) * size_wh
        if zone.use is not ZoneUse.COUNT:
            _draw_mask(image, points, thickness)
            continue
        colour = zone_colour(number)
        halo_line(image, points, colour, thickness, closed=zone.kind is ZoneKind.POLYGON)
        if zone.kind is ZoneKind.LINE:
            for point in points:
                at = tuple(np.rint(point * 16).astype(int).tolist())
                cv2.circle(image, at, (2 * thickness + 1) * 16, INK, -1, cv2.LINE_AA, 4)
                cv2.circle(image, at, 2 * thickness * 16, colour, -1, cv2.LINE_AA, 4)
        middle, direction = in_direction(zone, size_wh)
        _draw_arrow(image, middle, direction * 2.2 * lettering.size_px, colour, thickness)


def _draw_mask(image: ImageArray, points: Floats, thickness: int) -> None:
    """A mask's outline, dashed and grey: nothing is counted there."""
    dash = 5.0 * thickness
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        length = float(np.hypot(*(end - start)))
        for at in np.arange(0, length, 2 * dash):
            ends = start + (end - start) * np.array([[at], [min(at + dash, length)]]) / max(length, 1e-9)
            halo_line(image, ends, MASK, thickness)


def draw_tallies(
    image: ImageArray, zones: Iterable[Zone], tallies: Mapping[str, ZoneTally], *, counts: bool = True
) -> None:
    """A plate with the name and, if ``counts``, the figures of each zone; ``tallies`` by zone id. Drawn on ``image``.

    A plate stands on the out side of a line or over a polygon, inside the picture and clear of the plates before it.
    """
    lettering = Lettering(image)
    taken: list[Box] = []
    for number, zone in numbered(zones):
        is_mask = zone.use is not ZoneUse.COUNT
        texts = [(plain(zone.name), WHITE, BOLD)]
        if is_mask:
            texts += [("heat only here" if zone.use is ZoneUse.HEAT_ONLY else "no heat here", SOFT, 400)]
        elif counts:
            tally = tallies.get(zone.id, ZoneTally(zone.id))
            texts += [("in", SOFT, 400), (str(tally.total.into), WHITE, BOLD)]
            texts += [("out", SOFT, 400), (str(tally.total.out), WHITE, BOLD)]
            if tally.occupancy is not None:
                texts += [("now", SOFT, 400), (str(tally.occupancy), WHITE, BOLD)]
        texts = [part for part in texts if part[0]]
        if texts:
            taken.append(_draw_plate(lettering, image, zone, texts, (MASK if is_mask else zone_colour(number), taken)))


def _draw_plate(
    lettering: Lettering,
    image: ImageArray,
    zone: Zone,
    texts: list[tuple[str, Colour, int]],
    style: tuple[Colour, list[Box]],
) -> Box:
    colour, taken = style
    size_px = lettering.size_px
    pad = size_px // 2
    # A figure stands close to its word, words and name further apart.
    gaps = [size_px // 3 if weight == 400 else round(size_px * 0.8) for _, _, weight in texts[:-1]] + [0]
    widths = [lettering.width(text, weight=weight) for text, _, weight in texts]
    width, height = sum(widths) + sum(gaps) + 2 * pad + pad // 2, round(size_px * 1.8)
    x, y, *_ = box = _place(zone, (width, height), image, taken)
    lettering.plate(box, INK)
    stripe = max(2, size_px // 5)
    cv2.rectangle(image, (x, y + height // 5), (x + stripe - 1, y + height - 1 - height // 5), colour, -1)
    left, baseline = x + pad + pad // 2, y + round(height / 2 + 0.36 * size_px)
    for (text, ink, weight), advance, gap in zip(texts, widths, gaps, strict=True):
        lettering.write(text, (left, baseline), ink, weight=weight)
        left += advance + gap
    return box


def _place(zone: Zone, plate_wh: tuple[int, int], image: ImageArray, taken: list[Box]) -> Box:
    """The plate's box near its zone, inside the picture, moved down past plates that stand there already."""
    width, height = plate_wh
    picture_wh = image.shape[1], image.shape[0]
    if zone.kind is ZoneKind.LINE:
        middle, direction = in_direction(zone, picture_wh)
        reach = abs(direction[0]) * width / 2 + abs(direction[1]) * height / 2 + 0.4 * height
        centre = middle - direction * reach
    else:
        points = np.asarray(zone.points, np.float64) * picture_wh
        centre = np.array([points[:, 0].mean(), points[:, 1].min() - 0.8 * height])
    left = int(np.clip(centre[0] - width / 2, 0, max(picture_wh[0] - width, 0)))
    top = int(np.clip(centre[1] - height / 2, 0, max(picture_wh[1] - height, 0)))
    for x, y, other_width, other_height in sorted(taken, key=lambda box: box[1]):
        if left < x + other_width and x < left + width and top < y + other_height and y < top + height:
            top = y + other_height + 2
    return left, top, width, height


def _draw_arrow(image: ImageArray, start: Floats, reach: Floats, colour: Colour, thickness: int) -> None:
    """An arrow with a filled head from ``start`` along ``reach`` (2,) px."""
    length = float(np.hypot(*reach))
    unit = reach / max(length, 1e-9)
    side = np.array([-unit[1], unit[0]]) * length * 0.3
    tip, neck = start + reach, start + reach * 0.55
    head = np.array([tip, neck + side, neck - side])
    halo_line(image, np.array([start, neck]), colour, thickness)
    fixed = [np.rint(head * 16).astype(np.int32)]
    cv2.polylines(image, fixed, True, INK, 3, cv2.LINE_AA, 4)
    cv2.fillPoly(image, fixed, colour, cv2.LINE_AA, 4)
