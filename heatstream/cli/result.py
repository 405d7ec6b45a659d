"""What a command prints when it is done: for people, or as one line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from heatstream.core.types import Zone, ZoneTally


def print_result(
    frames: int, seconds: float, zones: Iterable[Zone], tallies: Iterable[ZoneTally], *, as_json: bool
) -> None:
    """Print how much was done in how many ``seconds``, and what each zone has counted."""
    names = {zone.id: zone.name for zone in zones}
    found = {
        names[tally.zone_id]: {
            "in": tally.total.into,
            "out": tally.total.out,
            "by_class": {name: {"in": both.into, "out": both.out} for name, both in tally.by_class.items()},
        }
        for tally in tallies
    }
    fps = frames / seconds if seconds else 0.0
    if as_json:
        result = {"frames": frames, "seconds": round(seconds, 3), "fps": round(fps, 2), "zones": found}
        sys.stdout.write(json.dumps(result) + "\n")
        return
    sys.stdout.write(f"{frames} frames in {seconds:.1f} s ({fps:.1f} frames a second)\n")
    for name, zone in found.items():
        sys.stdout.write(f"{name}: {zone['in']} in, {zone['out']} out\n")
