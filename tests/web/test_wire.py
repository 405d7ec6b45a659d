"""The messages that viewers get."""

from __future__ import annotations

import json
import struct
import time

from heatstream.core.controls import Controls
from heatstream.core.types import CameraState, InOut, Packet, Snapshot, SourceInfo, Zone, ZoneTally, ZoneUse
from heatstream.web.wire import picture_message, status_message, zones_json

TALLY = ZoneTally("z1", InOut(3, 1), {"person": InOut(2, 1), "dog": InOut(1, 0)}, occupancy=2, stays=4, stayed_s=50.5)
TALLY_JSON = {
    "zone_id": "z1",
    "in": 3,
    "out": 1,
    "by_class": {"person": {"in": 2, "out": 1}, "dog": {"in": 1, "out": 0}},
    "occupancy": 2,
    "stays": 4,
    "stayed_s": 50.5,
}


def test_a_picture_travels_with_the_figures_of_its_own_frame() -> None:
    packet = Packet("cam", 7, 0.28, 100.0, 100.1, (4, 3), b"\xff\xd8jpeg", tallies=(TALLY,), present={"person": 5})
    message = picture_message(packet)
    (length,) = struct.unpack(">I", message[:4])
    header = json.loads(message[4 : 4 + length])
    assert message[4 + length :] == b"\xff\xd8jpeg"
    assert abs(header.pop("sent_s") - time.time()) < 5
    assert header == {
        "index": 7,
        "time_s": 0.28,
        "read_s": 100.0,
        "published_s": 100.1,
        "width": 4,
        "height": 3,
        "tallies": [TALLY_JSON],
        "present": {"person": 5},
    }


def test_a_status_tells_state_figures_zones_and_a_ticket() -> None:
    snapshot = Snapshot(
        "cam",
        CameraState.RECONNECTING,
        "nothing answers",
        time.time() + 30.0,
        source=SourceInfo("gate", (4, 3), duration_s=9.5, live=True),
        tallies=(TALLY,),
        dropped=4,
        seekable=True,
        heat_top_s=2.5,
    )
    zones = (Zone("z1", "Door", ((0, 0), (1, 1))), Zone("z2", "Yard", ((0, 0), (1, 1), (1, 0))))
    controls = Controls(zones=zones, speed=2.0, loop=False)
    status = json.loads(status_message(snapshot, controls=controls, engine="running", skipped=2, ticket="t", mark="m"))
    assert status["type"] == "status"
    assert (status["state"], status["reason"]) == ("reconnecting", "nothing answers")
    assert 25 < status["next_try_s"] <= 30
    assert status["tallies"] == [TALLY_JSON]
    assert status["zones"] == [
        {"id": "z1", "name": "Door", "kind": "line", "flipped": False, "color": "#ff46ff"},
        {"id": "z2", "name": "Yard", "kind": "polygon", "flipped": False, "color": "#3ce1ff"},
    ]
    assert (status["duration_s"], status["live"], status["label"]) == (9.5, True, "gate")
    assert (status["dropped"], status["skipped"], status["heat_top_s"]) == (4, 2, 2.5)
    assert (status["paused"], status["loop"], status["target_speed"], status["seekable"]) == (False, False, 2.0, True)
    assert (status["engine"], status["ticket"], status["mark"]) == ("running", "t", "m")


def test_an_area_that_does_not_count_has_no_figures_and_the_others_keep_their_colours() -> None:
    corners = ((0, 0), (1, 1), (1, 0))
    mask = Zone("z1", "Road", corners, use=ZoneUse.HEAT_NEVER)
    assert zones_json((mask, Zone("z2", "Yard", corners))) == [
        {"id": "z2", "name": "Yard", "kind": "polygon", "flipped": False, "color": "#3ce1ff"}
    ]


def test_a_status_before_the_source_is_open_has_no_duration() -> None:
    status = json.loads(
        status_message(
            Snapshot("cam", CameraState.CONNECTING),
            controls=Controls(),
            engine="starting",
            skipped=0,
            ticket="",
            mark="",
        )
    )
    assert status["duration_s"] is None
    assert not status["live"]
