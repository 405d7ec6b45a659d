"""What goes over the wire to a viewer: pictures with their figures, and the camera's status, as messages."""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Iterable
from typing import Any

from heatstream.core.controls import Controls
from heatstream.core.types import Packet, Snapshot, Zone, ZoneTally, ZoneUse
from heatstream.core.zone_marks import numbered, zone_colour
from heatstream.host.engine_host import EngineHost


def tallies_json(tallies: Iterable[ZoneTally]) -> list[dict[str, Any]]:
    """Tallies as JSON values: zone_id, in, out, by_class {name: {in, out}}, occupancy, stays, stayed_s."""
    return [
        {
            "zone_id": tally.zone_id,
            "in": tally.total.into,
            "out": tally.total.out,
            "by_class": {name: {"in": count.into, "out": count.out} for name, count in tally.by_class.items()},
            "occupancy": tally.occupancy,
            "stays": tally.stays,
            "stayed_s": tally.stayed_s,
        }
        for tally in tallies
    ]


def picture_message(packet: Packet) -> bytes:
    """A picture: the header's length (uint32, big-endian), the header (JSON), the JPEG.

    ``sent_s`` is this machine's clock, by which a viewer can tell how far off its own is.
    """
    header = json.dumps(
        {
            "index": packet.index,
            "time_s": packet.time_s,
            "read_s": packet.read_s,
            "published_s": packet.published_s,
            "sent_s": time.time(),
            "width": packet.size_wh[0],
            "height": packet.size_wh[1],
            "tallies": tallies_json(packet.tallies),
            "present": dict(packet.present),
        }
    ).encode()
    return b"".join((struct.pack(">I", len(header)), header, packet.jpeg))


def zones_json(zones: Iterable[Zone]) -> list[dict[str, Any]]:
    """The zones that count as JSON values: id, name, kind, whether they are flipped, and the colour (``#rrggbb``) in
    which the picture shows them."""
    values: list[dict[str, Any]] = []
    for number, zone in numbered(zones):
        if zone.use is not ZoneUse.COUNT:
            continue
        blue, green, red = zone_colour(number)
        color = f"#{red:02x}{green:02x}{blue:02x}"
        values.append(
            {"id": zone.id, "name": zone.name, "kind": zone.kind.value, "flipped": zone.flipped, "color": color}
        )
    return values


def page_mark(host: EngineHost, camera_id: str) -> str:
    """A short text that changes when what a camera's page shows outside of its live picture may have changed.

    Raises:
        UnknownCameraError: there is no such camera.
    """
    snapshot = host.snapshot(camera_id)
    source = snapshot.source
    shown = (
        *(host.trouble, host.locked(camera_id), host.controls(camera_id).revision),
        *(snapshot.state, snapshot.class_names, snapshot.model_label),
        *((source.rate_hz, source.size_wh) if source else ()),
    )
    return f"{zlib.crc32(repr(shown).encode()):08x}"


def status_message(snapshot: Snapshot, *, controls: Controls, engine: str, skipped: int, ticket: str, mark: str) -> str:
    """A camera's status: the snapshot's figures, the zones they are of, what was set for playing, the engine's state,
    how many pictures this viewer has ``skipped`` because newer ones came, its newest ``ticket``, and the ``page_mark``
    by which it knows whether its page is still right."""
    source = snapshot.source
    return json.dumps(
        {
            "type": "status",
            "state": snapshot.state,
            "reason": snapshot.reason,
            "next_try_s": max(0.0, snapshot.next_try_utc_s - time.time()) if snapshot.next_try_utc_s else None,
            "index": snapshot.index,
            "processed_hz": snapshot.processed_hz,
            "speed": snapshot.speed,
            "dropped": snapshot.dropped,
            "damaged": snapshot.damaged,
            "skipped": skipped,
            "latency_s": snapshot.latency_s,
            "tallies": tallies_json(snapshot.tallies),
            "present": dict(snapshot.present),
            "zones": zones_json(controls.zones),
            "paused": controls.paused,
            "loop": controls.loop,
            "target_speed": controls.speed,
            "seekable": snapshot.seekable,
            "heat_top_s": snapshot.heat_top_s,
            "position_s": snapshot.position_s,
            "duration_s": source.duration_s if source else None,
            "live": bool(source and source.live),
            "picture": bool(source and source.picture),
            "model_failed": snapshot.model_failed,
            "label": source.label if source else "",
            "model": snapshot.model_label,
            "engine": engine,
            "ticket": ticket,
            "mark": mark,
            "sent_s": time.time(),
        }
    )
