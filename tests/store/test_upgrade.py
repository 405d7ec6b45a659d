"""The tables' versions: the steps lead to the tables that the code uses, wholly or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from heatstream.core.errors import StoreUnavailableError
from heatstream.core.types import InOut
from heatstream.store import database, open_store, upgrade
from heatstream.store.schema import HEAD, metadata

#: A database of the first version, as SQLite's ``.dump`` tells it.
FIRST_VERSION = Path(__file__).with_name("version_0001.sql")


def test_the_steps_lead_to_the_tables_of_the_code(tmp_path: Path) -> None:
    open_store("", tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'heatstream.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_newest_step_is_the_one_that_the_code_expects() -> None:
    folder = Path(upgrade.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "heatstream.db").touch()
    with open_store("", tmp_path) as store:
        assert store.load().records == ()


def test_the_cameras_of_the_first_version_are_there_after_the_step(tmp_path: Path) -> None:
    path = tmp_path / "heatstream.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(FIRST_VERSION.read_text("utf-8"))
    with open_store("", tmp_path) as store:
        loaded = store.load()
    (record,) = loaded.records
    assert (record.id, record.source, record.sealed) == ("cam-92636b0648", "/ü.mp4", "")
    assert (record.controls.zones[0].name, record.snapshot.tallies[0].total) == ("Gate", InOut(3, 1))
    assert loaded.complaints == ()


def test_an_upgrade_that_is_cut_off_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(connection: object) -> None:
        upgrade.upgrade(connection)  # type: ignore[arg-type]
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(database, "upgrade", cut_off)
        with pytest.raises(StoreUnavailableError, match="the power went"):
            open_store("", tmp_path)
    with closing(sqlite3.connect(tmp_path / "heatstream.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    with open_store("", tmp_path) as store:
        assert store.load().records == ()


def test_opening_what_is_up_to_date_changes_nothing(tmp_path: Path) -> None:
    open_store("", tmp_path).close()
    before = (tmp_path / "heatstream.db").read_bytes()
    open_store("", tmp_path).close()
    assert (tmp_path / "heatstream.db").read_bytes() == before
