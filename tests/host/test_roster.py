"""The cameras' memory: order, limits, what an opening camera cannot know, and what runs again after a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatstream.core.controls import Controls
from heatstream.core.counting import rearranged
from heatstream.core.errors import TooManyCamerasError, UnknownCameraError
from heatstream.core.types import CameraState, InOut, Snapshot, SourceInfo, Zone, ZoneTally
from heatstream.host import roster as module
from heatstream.host.roster import Kept, Roster
from heatstream.host.spec import CameraSpec
from heatstream.store import CameraRecord
from heatstream.vision import ModelSpec

FILE = SourceInfo("square.mp4", (640, 360), 25.0, 60.0)
LIVE = replace(FILE, live=True, duration_s=None)
DOOR = Zone("door", "Door", ((0.1, 0.5), (0.9, 0.5)))
HALL = Zone("hall", "Hall", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4)))


def spec(name: str) -> CameraSpec:
    return CameraSpec(name, ModelSpec("auto"))


def record(name: str, *, source: SourceInfo | None, running: bool, used_utc_s: float = 1.0) -> CameraRecord:
    shot = Snapshot(spec(name).id, CameraState.STOPPED, source=source, index=5)
    return CameraRecord(name, ModelSpec("auto"), Controls(), shot, running, 0.5, used_utc_s)


class Puts(list[tuple[str, CameraRecord | None]]):
    """What the roster gave away to be kept."""

    def __call__(self, camera_id: str, record: CameraRecord | None) -> None:
        self.append((camera_id, record))


def started(roster: Roster, name: str) -> Kept:
    roster.require_room()
    kept = roster.add(spec(name), Controls())
    kept.begin()
    roster.use(kept)
    return kept


def names(cameras: tuple[Kept, ...]) -> list[str]:
    return [kept.spec.source for kept in cameras]


def test_cameras_come_in_the_order_of_their_last_use_even_if_the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatstream.host.roster.time.time", lambda: 5.0)
    roster = Roster(Puts(), most_running=9)
    for name in ("a", "b", "c"):
        started(roster, name)
    assert names(roster.all()) == ["c", "b", "a"]
    roster.use(roster.get(spec("a").id))
    assert names(roster.all()) == ["a", "c", "b"]


def test_no_more_run_than_may() -> None:
    roster = Roster(Puts(), most_running=2)
    first = started(roster, "a")
    started(roster, "b")
    with pytest.raises(TooManyCamerasError, match=r"2 cameras run already.*HEATSTREAM_MAX_CAMERAS"):
        started(roster, "c")
    first.end("")
    started(roster, "c")
    assert names(roster.running()) == ["c", "b"]


def test_of_the_stopped_the_last_used_are_kept_and_none_that_runs_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STOPPED", 2)
    puts = Puts()
    roster = Roster(puts, most_running=9)
    for name in "abcd":
        started(roster, name)
    for name in "bcd":
        roster.get(spec(name).id).end("")
    assert roster.thin_out() == (spec("b").id,)
    assert names(roster.all()) == ["d", "c", "a"]
    assert puts[-1] == (spec("b").id, None)
    assert roster.thin_out() == ()


def test_live_cameras_that_ran_run_again_and_all_others_are_stopped() -> None:
    roster = Roster(Puts(), most_running=2)
    roster.fill(
        [
            record("live stopped", source=LIVE, running=False, used_utc_s=9),
            record("file", source=FILE, running=True, used_utc_s=8),
            record("live", source=LIVE, running=True, used_utc_s=7),
            record("never opened", source=None, running=True, used_utc_s=6),
            record("rtsp://127.0.0.1/never", source=None, running=True, used_utc_s=5),
            record("live 3", source=LIVE, running=True, used_utc_s=4),
        ]
    )
    assert names(roster.all()) == [
        "live stopped",
        "file",
        "live",
        "never opened",
        "rtsp://127.0.0.1/never",
        "live 3",
    ]
    assert names(roster.running()) == ["live", "rtsp://127.0.0.1/never"], "it may yet be reached"
    assert roster.get(spec("live").id).snapshot.state is CameraState.CONNECTING
    assert roster.get(spec("file").id).snapshot.state is CameraState.STOPPED
    assert roster.get(spec("file").id).snapshot.index == 5


def test_a_removed_camera_is_unknown_and_comes_back_as_it_was() -> None:
    puts = Puts()
    roster = Roster(puts, most_running=2)
    kept = started(roster, "a")
    kept.controls = Controls(zones=(DOOR,), revision=4)
    kept.snapshot = replace(kept.snapshot, index=7, source=FILE, processed_hz=25.0)
    was = roster.remove(kept.spec.id).record()
    assert puts[-1] == (kept.spec.id, None)
    with pytest.raises(UnknownCameraError, match="choose a source"):
        roster.get(kept.spec.id)
    back = roster.bring_back(was)
    assert (back.controls, back.created_utc_s, back.running) == (kept.controls, kept.created_utc_s, False)
    assert (back.snapshot.index, back.snapshot.state) == (7, CameraState.STOPPED)
    assert back.snapshot.processed_hz == 0


def test_an_opening_camera_keeps_what_it_cannot_know_yet() -> None:
    kept = Kept(spec("a"), Controls(revision=3), Snapshot("c", CameraState.STOPPED))
    counted = (ZoneTally("door", InOut(4, 2)),)
    full = Snapshot(
        "c",
        CameraState.LIVE,
        source=FILE,
        model_label="yolov8n",
        class_names=("person",),
        index=9,
        time_s=0.4,
        run=2,
        position_s=0.3,
        tallies=counted,
        revision=3,
    )
    kept.take(full)
    assert kept.snapshot == full
    opening = Snapshot("c", CameraState.CONNECTING, "opening", position_s=0.3, tallies=counted, revision=3)
    kept.take(opening)
    assert kept.snapshot == replace(full, state=CameraState.CONNECTING, reason="opening")


def test_counts_from_before_a_change_do_not_undo_it() -> None:
    kept = Kept(spec("a"), Controls(revision=4), Snapshot("c", CameraState.LIVE, tallies=()))
    late = Snapshot("c", CameraState.LIVE, source=FILE, index=9, tallies=(ZoneTally("door", InOut(4, 2)),), revision=3)
    kept.take(late)
    assert (kept.snapshot.index, kept.snapshot.tallies) == (9, ())
    kept.take(replace(late, revision=4))
    assert kept.snapshot.tallies == late.tallies


def test_counts_follow_zones_that_change_while_nothing_counts() -> None:
    line = ZoneTally("door", InOut(5, 2), {"person": InOut(4, 0), "car": InOut(1, 2)})
    area = ZoneTally("hall", InOut(3, 1), {"person": InOut(3, 1)}, occupancy=2)
    both = (DOOR, HALL)
    assert rearranged((line, area), both, both) == (line, area)
    swapped = ZoneTally("door", InOut(2, 5), {"person": InOut(0, 4), "car": InOut(2, 1)})
    assert rearranged((line, area), both, (replace(DOOR, flipped=True), HALL)) == (swapped, area)
    assert rearranged((line, area), both, (HALL,)) == (area,)
    moved = replace(DOOR, points=((0.2, 0.5), (0.9, 0.5)), name="Gate")
    assert rearranged((line, area), both, (moved, HALL)) == (line, area)


def test_an_id_is_the_same_in_every_version() -> None:
    assert CameraSpec("demo://plaza", ModelSpec("demo")).id == "cam-2c539c7736"
    assert CameraSpec("/ü.mp4", ModelSpec("yolov8n.pt", "cuda:0", 320, "bytetrack")).id == "cam-92636b0648"
