"""The writer: in time, without repeating itself, and loud when it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from heatstream.core.controls import Controls
from heatstream.core.errors import StoreUnavailableError
from heatstream.core.types import CameraState, InOut, Snapshot, ZoneTally
from heatstream.host import keeper as module
from heatstream.host.keeper import Keeper
from heatstream.store import CameraRecord, Loaded, Store, open_store
from heatstream.vision import ModelSpec


def record(camera_id: str = "cam-1", *, into: int = 0, index: int = 1) -> CameraRecord:
    tallies = (ZoneTally("z", InOut(into, 0)),)
    shot = Snapshot(camera_id, CameraState.STOPPED, index=index, position_s=index / 25, tallies=tallies)
    return CameraRecord("a.mp4", ModelSpec("auto"), Controls(), shot, True, 1.0, 2.0)


class SlowStore:
    """Remembers what is written; while ``broken`` it refuses."""

    name = "the test's database"

    def __init__(self) -> None:
        self.broken = False
        self.refused = 0
        self.closed = False
        self.writes: list[dict[str, CameraRecord | None]] = []

    def load(self) -> Loaded:
        return Loaded((record("known"),), ("The settings of camera cam-7 cannot be read.",))

    def write(self, changes: Mapping[str, CameraRecord | None]) -> None:
        if self.broken:
            self.refused += 1
            raise StoreUnavailableError("The disk is full.")
        self.writes.append(dict(changes))

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_PERIOD_S", 0.05)


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def keeper(store: SlowStore) -> Iterator[Keeper]:
    keeper = Keeper(lambda: store)  # type: ignore[arg-type,return-value]
    assert keeper.start() == (record("known"),)
    yield keeper
    keeper.close()


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_only_the_newest_of_each_camera_is_written(keeper: Keeper, store: SlowStore) -> None:
    for into in range(100):
        keeper.put("cam-1", record(into=into))
        keeper.put("cam-2", record("cam-2", into=into))
    keeper.put("cam-2", None)
    until(lambda: any("cam-1" in write for write in store.writes))
    keeper.close()
    last = {key: value for write in store.writes for key, value in write.items()}
    assert last == {"cam-1": record(into=99), "cam-2": None}
    assert len(store.writes) < 10
    assert store.closed


def test_a_count_is_written_soon_and_a_mere_place_seldom(
    keeper: Keeper, store: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.put("cam-1", record())
    until(lambda: len(store.writes) == 1)
    keeper.put("cam-1", record(index=2))
    time.sleep(0.3)
    assert len(store.writes) == 1
    keeper.put("cam-1", record(index=3, into=1))
    until(lambda: len(store.writes) == 2)
    assert store.writes[-1] == {"cam-1": record(index=3, into=1)}
    keeper.put("cam-1", replace(record(index=4, into=1), controls=Controls(revision=1)))
    until(lambda: len(store.writes) == 3)
    monkeypatch.setattr(module, "PLACE_PERIOD_S", 0.1)
    keeper.put("cam-1", replace(record(index=5, into=1), controls=Controls(revision=1)))
    until(lambda: len(store.writes) == 4)


def test_the_periods_keep_counts_durable_within_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert module.WRITE_PERIOD_S <= 1.0


def test_what_could_not_be_written_is_said_and_written_later(keeper: Keeper, store: SlowStore) -> None:
    assert keeper.trouble == "The settings of camera cam-7 cannot be read."
    store.broken = True
    keeper.put("cam-1", record(into=1))
    keeper.put("cam-2", record("cam-2"))
    until(lambda: store.refused >= 2)
    assert "The disk is full." in keeper.trouble
    assert "not saved" in keeper.trouble
    keeper.put("cam-1", record(into=2))
    keeper.put("cam-2", None)
    store.broken = False
    until(lambda: bool(store.writes))
    assert store.writes == [{"cam-1": record(into=2), "cam-2": None}]
    until(lambda: "disk" not in keeper.trouble)


def test_the_end_writes_what_waits(keeper: Keeper, store: SlowStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_PERIOD_S", 60.0)
    time.sleep(0.1)
    keeper.put("cam-1", record())
    keeper.close()
    keeper.close()
    assert store.writes == [{"cam-1": record()}]
    assert store.closed


def test_without_a_database_that_can_be_opened_it_says_so_and_nothing_else_fails(tmp_path: Path) -> None:
    (tmp_path / "heatstream.db").write_bytes(b"no database" * 1000)
    keeper = Keeper(lambda: open_store("", tmp_path))
    assert keeper.start() == ()
    assert "damaged" in keeper.trouble
    assert "start HeatStream again; until then" in keeper.trouble
    assert "not kept over a restart" in keeper.trouble
    keeper.put("cam-1", record())
    keeper.close()
    assert (tmp_path / "heatstream.db").read_bytes() == b"no database" * 1000


def test_it_is_legal_to_keep_nothing() -> None:
    keeper = Keeper()
    assert keeper.start() == ()
    keeper.put("cam-1", record())
    keeper.close()
    assert keeper.trouble == ""


def test_a_real_file_has_what_was_put(tmp_path: Path) -> None:
    def opened() -> Store:
        return open_store("", tmp_path)

    keeper = Keeper(opened)
    keeper.start()
    keeper.put("cam-1", record(into=3))
    keeper.close()
    with opened() as store:
        assert store.load().records == (record(into=3),)
