"""The database: opening it, and every read and write. Methods may be called from any thread."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Select,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from heatstream.core.errors import StoreCorruptError, StoreError, StoreUnavailableError, StoreVersionError
from heatstream.store.records import CameraRecord, Loaded, Row, camera_row, controls_row, counts_row, record_of
from heatstream.store.schema import cameras, controls, counts
from heatstream.store.upgrade import upgrade

logger = logging.getLogger(__name__)

#: How long a write waits for another program that has locked the file, seconds.
BUSY_S = 2.0
#: How long opening waits for a server that is just ending, seconds.
OWNER_WAIT_S = 3.0
FILE_NAME = "heatstream.db"


def open_store(url: str, folder: Path) -> Store:
    """Open the database ``url`` (an SQLAlchemy URL), or the file ``heatstream.db`` in ``folder`` if it is empty, and
    bring its tables to this version. A file is made where there is none, and belongs to one server at a time.

    Raises:
        StoreUnavailableError: it cannot be opened, or another server uses it.
        StoreVersionError: a newer version has written it, or another program.
        StoreCorruptError: the file is damaged. It is left as it is.
    """
    try:
        place = make_url(url) if url else URL.create("sqlite", database=str((folder / FILE_NAME).absolute()))
    except ArgumentError as error:
        raise StoreUnavailableError("HEATSTREAM_DATABASE_URL is no database's URL.") from error
    if place.get_backend_name() == "sqlite" and place.database in {None, "", ":memory:"}:
        raise StoreUnavailableError("HEATSTREAM_DATABASE_URL names a database in memory, which keeps nothing.")
    return Store(place)


class Store:
    """Owns the connections; a context manager. Every method raises the leaves of ``StoreError``."""

    def __init__(self, place: URL) -> None:
        self.name = place.render_as_string(hide_password=True)
        self._owner: sqlite3.Connection | None = None
        self._engine: Engine | None = None
        try:
            with self._clearly():
                if place.get_backend_name() == "sqlite":
                    path = Path(str(place.database)).absolute()
                    self.name = str(path)
                    if not _is_uri(place):
                        path.parent.mkdir(parents=True, exist_ok=True)
                        self._owner = _own(path)
                self._engine = _connect(place)
                with self._engine.begin() as connection:
                    upgrade(connection)
        except BaseException:
            self.close()
            raise

    def load(self) -> Loaded:
        """Every camera that is kept. What of one cannot be read has its default, and is named among the complaints."""
        with self._begin() as connection:
            rows = _rows(connection, select(cameras).order_by(cameras.c.used_utc_s.desc()))
            set_by_users = {row["camera_id"]: row for row in _rows(connection, select(controls))}
            counted = {row["camera_id"]: row for row in _rows(connection, select(counts))}
        records, complaints = [], []
        for row in rows:
            try:
                record, unread = record_of(row, set_by_users.get(row["id"]), counted.get(row["id"]))
            except StoreCorruptError as error:
                complaints.append(str(error))
            else:
                records.append(record)
                complaints += unread
        return Loaded(tuple(records), tuple(complaints))

    def write(self, changes: Mapping[str, CameraRecord | None]) -> None:
        """Keep each camera as it is now, and forget those that are None; all of it or, after an error, nothing."""
        with self._begin() as connection:
            for camera_id, record in changes.items():
                if record is None:
                    connection.execute(delete(cameras).where(cameras.c.id == camera_id))
                else:
                    _put(connection, cameras, "id", camera_row(record))
                    _put(connection, controls, "camera_id", controls_row(record))
                    _put(connection, counts, "camera_id", counts_row(record))

    def close(self) -> None:
        """Give everything back. Idempotent."""
        engine, self._engine = self._engine, None
        owner, self._owner = self._owner, None
        if engine is not None:
            engine.dispose()
        if owner is not None:
            owner.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        engine = self._engine
        if engine is None:
            raise StoreUnavailableError(f"The database {self.name} has been closed.")
        with self._clearly(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _clearly(self) -> Iterator[None]:
        """Turn what the libraries raise into an error that names the database and what to do."""
        try:
            yield
        except StoreVersionError as error:
            raise StoreVersionError(
                f"The database {self.name} cannot be used: {error}. It is left as it is; "
                "update HeatStream, or name another folder in HEATSTREAM_DATA_DIR."
            ) from error
        except StoreError:
            raise
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreUnavailableError(f"The database {self.name} needs a driver that is missing: {error}.") from error
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> StoreError:
        why = " ".join(str(getattr(error, "orig", None) or error).split())
        if "not a database" in why or "malformed" in why:
            return StoreCorruptError(
                f"The database {self.name} is damaged ({why}). It is left as it is; put a copy of it back, "
                "or move it away to begin with an empty one."
            )
        if "locked" in why:
            return StoreUnavailableError(f"The database {self.name} is locked by another program.")
        return StoreUnavailableError(f"The database {self.name} cannot be used ({why}).")


def _is_uri(place: URL) -> bool:
    """Whether SQLite itself reads an address (``file:...`` with ``uri=true``), whose path only it can tell."""
    return "uri" in place.query and str(place.database).startswith("file:")


def _connect(place: URL) -> Engine:
    if place.get_backend_name() != "sqlite":
        return create_engine(place, pool_pre_ping=True)
    engine = create_engine(place, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we begin transactions ourselves: the driver leaves tables out of them
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _own(path: Path) -> sqlite3.Connection:
    """Hold a lock beside the file for as long as it is open; the system lifts it when the process dies.

    Raises:
        StoreUnavailableError: another server holds it.
    """
    owner = sqlite3.connect(path.with_name(f"{path.name}-owner"), timeout=OWNER_WAIT_S, check_same_thread=False)
    try:
        owner.isolation_level = None
        owner.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        owner.close()
        if "locked" not in str(error):
            raise
        raise StoreUnavailableError(
            f"The database {path} is in use by another HeatStream server. End that one, "
            "or give this one a folder of its own (HEATSTREAM_DATA_DIR)."
        ) from error
    return owner


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _put(connection: Connection, table: Table, key: str, row: Row) -> None:
    """Change the row of this key, or add it; on every kind of database."""
    changed = connection.execute(update(table).where(table.c[key] == row[key]).values(dict(row)))
    if not changed.rowcount:
        connection.execute(insert(table).values(dict(row)))
