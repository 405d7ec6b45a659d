"""What both commands are told about counting: zones as people type them, the rule, and where results go."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from heatstream.cli.numbers import number
from heatstream.core.controls import Anchor, CountControls
from heatstream.core.errors import ControlsError
from heatstream.core.geometry import zone_from_points
from heatstream.core.names import is_text
from heatstream.core.types import Point, Zone


@dataclass(frozen=True, slots=True)
class ZoneText:
    """A zone as typed: a name (empty: a numbered one is given) and points in pixels or 0-1."""

    name: str
    points: tuple[Point, ...]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    command.add_argument(
        "--line",
        action="append",
        type=_line,
        default=[],
        metavar="[NAME=]x1,y1,x2,y2",
        help="a counting line, in pixels of the source, or 0-1 where all are at most 1; may be repeated",
    )
    command.add_argument(
        "--polygon",
        action="append",
        type=_polygon,
        default=[],
        metavar="[NAME=]x1,y1,x2,y2,x3,y3,...",
        help="a counting polygon; may be repeated",
    )
    command.add_argument("--anchor", choices=[a.value for a in Anchor], default="center", help="default: center")
    command.add_argument("--once", action="store_true", help="count a track at most once at each zone")
    command.add_argument(
        "--dead-band",
        type=number,
        metavar="SHARE",
        help="dead band on each side of a zone, as a share (0-0.1) of the picture's shorter side "
        "(default: by each object's size)",
    )
    command.add_argument("--events", type=Path, metavar="EVENTS.csv", help="write each crossing as a row")
    command.add_argument("--json", action="store_true", help="print the result as one line of JSON")


def counting(arguments: argparse.Namespace) -> CountControls:
    """The rule asked for.

    Raises:
        ControlsError: the dead band is out of its range.
    """
    return CountControls(once=arguments.once, band=arguments.dead_band)


def placed(lines: tuple[ZoneText, ...], polygons: tuple[ZoneText, ...], size_wh: tuple[int, int]) -> tuple[Zone, ...]:
    """The zones in 0-1 of a picture of ``size_wh``.

    Raises:
        ControlsError: two have the same name, or a zone cannot be counted at.
    """
    zones: list[Zone] = []
    for kind, texts in (("line", lines), ("polygon", polygons)):
        for place, text in enumerate(texts, start=1):
            name = text.name or f"{kind}-{place}"
            if any(zone.name == name for zone in zones):
                raise ControlsError(f"two zones are called {name!r}; give each a name of its own")
            zones.append(zone_from_points(name, text.points, size_wh))
    return tuple(zones)


def _zone(text: str) -> ZoneText:
    name, equals, numbers = text.rpartition("=")
    try:
        values = [float(value) for value in numbers.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not [NAME=]x1,y1,x2,y2,...") from None
    if equals and not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name before '='")
    if not is_text(name):
        raise argparse.ArgumentTypeError(f"{text!r} has a name that is not in UTF-8")
    if len(values) % 2:
        raise argparse.ArgumentTypeError(f"{text!r} has {len(values)} numbers; each point needs x and y")
    return ZoneText(name.strip(), tuple(zip(values[::2], values[1::2], strict=True)))


def _line(text: str) -> ZoneText:
    zone = _zone(text)
    if len(zone.points) != 2:
        raise argparse.ArgumentTypeError(f"{text!r}: a line has 2 points (4 numbers), not {len(zone.points)}")
    return zone


def _polygon(text: str) -> ZoneText:
    zone = _zone(text)
    if len(zone.points) < 3:
        raise argparse.ArgumentTypeError(f"{text!r}: a polygon has at least 3 points (6 numbers)")
    return zone
