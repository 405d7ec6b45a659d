"""The database as a file: what is written is read again, and a file that cannot be used is left as it is."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from heatstream.core.controls import Controls, HeatControls
from heatstream.core.errors import StoreCorruptError, StoreError, StoreUnavailableError, StoreVersionError
from heatstream.core.types import CameraState, InOut, Snapshot, SourceInfo, Zone, ZoneTally
from heatstream.store import CameraRecord, Store, database, open_store
from heatstream.vision import ModelSpec

LINE = Zone("z1", "Tür · 門", ((0.1, 0.2), (0.9, 1 / 3)), flipped=True, colour=0)
AREA = Zone("z2", "Area", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4)), colour=1)


def camera(camera_id: str = "cam-1", *, used_utc_s: float = 20.0, into: int = 3) -> CameraRecord:
    tallies = (
        ZoneTally("z1", InOut(into, 2), {"person": InOut(into, 1), "car": InOut(0, 1)}),
        ZoneTally("z2", InOut(1, 1), {"person": InOut(1, 1)}, occupancy=4),
    )
    return CameraRecord(
        source=f"/videos/{camera_id}.mp4",
        model=ModelSpec("yolov8n.pt", "cpu", 320, "bytetrack"),
        controls=Controls(HeatControls(half_life_s=math.inf), zones=(LINE, AREA), speed=2.0, revision=7),
        snapshot=Snapshot(
            camera_id,
            CameraState.STOPPED,
            source=SourceInfo("square.mp4", (1280, 720), 25.0, 60.0, "h264", start_utc_s=1e9),
            model_label="yolov8n",
            class_names=("person", "car"),
            index=1234,
            time_s=49.36,
            run=3,
            position_s=11.5,
            seekable=True,
            tallies=tallies,
            revision=7,
        ),
        running=True,
        created_utc_s=10.5,
        used_utc_s=used_utc_s,
        sealed="gAAAA-not-for-reading",
    )


def raw(path: Path, *statements: str) -> None:
    """Change the file as another program would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heatstream.db"


def test_what_is_written_is_read_again_by_the_next_program(tmp_path: Path, path: Path) -> None:
    with open_store("", tmp_path / "new" / "folder") as store:
        assert store.load().records == ()
        store.write({"cam-1": camera(), "cam-2": camera("cam-2", used_utc_s=30.0)})
        store.write({"cam-1": camera(into=4)})
    with open_store("", tmp_path / "new" / "folder") as store:
        loaded = store.load()
        assert loaded.records == (camera("cam-2", used_utc_s=30.0), camera(into=4))
        assert loaded.complaints == ()
        with closing(sqlite3.connect(store.name)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert not path.exists()


def test_an_empty_camera_without_anything_known_is_kept_too(tmp_path: Path) -> None:
    bare = CameraRecord("a", ModelSpec("auto"), Controls(), Snapshot("c", CameraState.STOPPED), False, 1.0, 2.0)
    with open_store("", tmp_path) as store:
        store.write({"c": bare})
        assert store.load().records == (bare,)


def test_a_forgotten_camera_is_gone_with_its_controls_and_counts(tmp_path: Path, path: Path) -> None:
    with open_store("", tmp_path) as store:
        store.write({"cam-1": camera(), "cam-2": camera("cam-2")})
        store.write({"cam-1": None, "cam-9": None})
        assert [record.id for record in store.load().records] == ["cam-2"]
    with closing(sqlite3.connect(path)) as connection:
        for table, column in (("cameras", "id"), ("controls", "camera_id"), ("counts", "camera_id")):
            assert connection.execute(f"SELECT {column} FROM {table}").fetchall() == [("cam-2",)]


def test_a_write_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with open_store("", tmp_path) as store:
        store.write({"cam-1": camera()})
        impossible = replace(camera("cam-2"), created_utc_s=None)  # type: ignore[arg-type]
        with pytest.raises(StoreUnavailableError, match="NOT NULL"):
            store.write({"cam-1": camera(into=99), "cam-2": impossible})
        assert store.load().records == (camera(),)


def test_two_threads_write_and_read_at_once(tmp_path: Path) -> None:
    failures: list[StoreError | AssertionError] = []

    def work(store: Store, name: str) -> None:
        try:
            for number in range(40):
                store.write({f"{name}-{number}": camera(f"{name}-{number}"), "both": camera("both", into=number)})
                assert len(store.load().records) > number
        except (StoreError, AssertionError) as error:
            failures.append(error)

    with open_store("", tmp_path) as store:
        threads = [threading.Thread(target=work, args=(store, name)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        loaded = store.load()
        assert len(loaded.records) == 81
        assert next(one for one in loaded.records if one.id == "both") == camera("both", into=39)


def test_a_locked_database_is_said_to_be_and_works_again_when_it_is_free(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.2)
    with open_store("", tmp_path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError, match=r"heatstream\.db is locked"):
                store.write({"cam-1": camera()})
        store.write({"cam-1": camera()})
        assert store.load().records == (camera(),)


def test_one_server_at_a_time_uses_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OWNER_WAIT_S", 0.2)
    with open_store("", tmp_path), pytest.raises(StoreUnavailableError, match="another HeatStream server"):
        open_store("", tmp_path)
    open_store("", tmp_path).close()


def test_options_in_an_address_take_nothing_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OWNER_WAIT_S", 0.2)
    url = f"sqlite:///{tmp_path / 'new' / 'folder.db'}?timeout=3"
    with open_store(url, tmp_path), pytest.raises(StoreUnavailableError, match="another HeatStream server"):
        open_store(url, tmp_path)
    assert (tmp_path / "new" / "folder.db").is_file()


def test_a_killed_server_holds_nothing_and_leaves_what_it_wrote(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from heatstream.store import open_store;"
        "from tests.store.test_database import camera; store = open_store('', Path(sys.argv[1]));"
        "store.write({'cam-1': camera()}); print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    with open_store("", tmp_path) as store:
        assert store.load().records == (camera(),)


# Files that cannot be used


def refused(tmp_path: Path, path: Path, kind: type[StoreError], words: str) -> None:
    """Opening is refused with these words, and the file stays as it is."""
    before = path.read_bytes()
    with pytest.raises(kind, match=words) as error:
        open_store("", tmp_path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, path: Path) -> None:
    path.write_bytes(b"these are my holiday notes\n" * 400)
    refused(tmp_path, path, StoreCorruptError, "damaged")


def test_a_damaged_database_is_left_alone(tmp_path: Path, path: Path) -> None:
    with open_store("", tmp_path) as store:
        store.write({f"cam-{number}": camera(f"cam-{number}") for number in range(50)})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    assert len(data) > 40_000
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreCorruptError, match="damaged"), open_store("", tmp_path) as store:
        store.load()
    assert path.read_bytes()[8192:] == data[8192:]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, path: Path) -> None:
    with open_store("", tmp_path) as store:
        store.write({"cam-1": camera()})
    raw(path, "UPDATE alembic_version SET version_num = '9999'")
    refused(tmp_path, path, StoreVersionError, r"newer version of HeatStream.*9999")
    raw(path, "UPDATE alembic_version SET version_num = '0002'")
    with open_store("", tmp_path) as store:
        assert store.load().records == (camera(),)


def test_another_programs_database_is_left_alone(tmp_path: Path, path: Path) -> None:
    raw(path, "CREATE TABLE recipes (name TEXT)", "PRAGMA journal_mode = WAL")
    refused(tmp_path, path, StoreVersionError, "another program")


def test_a_read_only_database_is_refused(tmp_path: Path, path: Path) -> None:
    open_store("", tmp_path).close()
    raw(path, "PRAGMA journal_mode = DELETE")
    with pytest.raises(StoreUnavailableError, match="readonly"):
        open_store(f"sqlite:///file:{path}?mode=ro&uri=true", tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreUnavailableError, match=r"unable to open|readonly"):
        open_store("", folder)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError, match=r"file/data/heatstream\.db cannot be used"):
        open_store("", tmp_path / "file" / "data")
    (tmp_path / "heatstream.db").mkdir()
    with pytest.raises(StoreUnavailableError, match="unable to open"):
        open_store("", tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_names_no_lasting_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreUnavailableError, match="HEATSTREAM_DATABASE_URL"):
        open_store(url, tmp_path)


def test_a_missing_driver_is_named_and_the_password_is_not(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="driver") as error:
        open_store("firebird://me:secret@db.example/heat", tmp_path)
    assert "secret" not in str(error.value)


def test_a_file_named_by_an_address_is_used(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'else where.db'}", tmp_path) as store:
        store.write({"cam-1": camera()})
    assert (tmp_path / "else where.db").is_file()
    assert not (tmp_path / "heatstream.db").exists()


def test_what_cannot_be_read_of_one_camera_is_named_and_harms_no_other(tmp_path: Path, path: Path) -> None:
    with open_store("", tmp_path) as store:
        store.write({f"cam-{number}": camera(f"cam-{number}", used_utc_s=-number) for number in range(5)})
    raw(
        path,
        "UPDATE controls SET body = '{\"speed\": 900}' WHERE camera_id = 'cam-0'",
        "UPDATE counts SET tallies = '[' WHERE camera_id = 'cam-1'",
        "UPDATE cameras SET seen = 'x' WHERE id = 'cam-2'",
        "UPDATE cameras SET tracker = 'dog' WHERE id = 'cam-3'",
    )
    with open_store("", tmp_path) as store:
        loaded = store.load()
    by_id = {record.id: record for record in loaded.records}
    assert list(by_id) == ["cam-0", "cam-1", "cam-2", "cam-4"]
    assert by_id["cam-0"].controls == Controls()
    assert by_id["cam-0"].snapshot.tallies == camera().snapshot.tallies
    assert by_id["cam-1"].snapshot.tallies == ()
    assert by_id["cam-1"].controls.zones == (LINE, AREA)
    assert by_id["cam-2"].snapshot.source is None
    assert by_id["cam-4"] == camera("cam-4", used_utc_s=-4)
    assert [("cam-0" in text, "cam-1" in text, "cam-3" in text) for text in loaded.complaints] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store("", tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        store.load()
