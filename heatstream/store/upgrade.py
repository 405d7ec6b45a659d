"""Brings a database to the tables of this version, whatever earlier version it has, in one transaction."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, inspect, text

from heatstream.core.errors import StoreVersionError
from heatstream.store.schema import HEAD

_VERSIONS = "alembic_version"


def version(connection: Connection) -> str | None:
    """The version that the database says it has; None for an empty one.

    Raises:
        StoreVersionError: it has tables, but none that tells a version.
    """
    tables = inspect(connection).get_table_names()
    if _VERSIONS in tables:
        return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608 - a constant
    if tables:
        raise StoreVersionError("it holds another program's tables")
    return None


def upgrade(connection: Connection) -> None:
    """Take the steps that are missing; the caller commits.

    Raises:
        StoreVersionError: the database is of a later version, or another program's.
    """
    now = version(connection)
    if now == HEAD:
        return
    # Imported only where there is something to do: it takes half a second.
    from alembic import command, config, script  # noqa: PLC0415

    folder = str(files("heatstream.store") / "migrations")
    if now is not None and now not in {step.revision for step in script.ScriptDirectory(folder).walk_revisions()}:
        raise StoreVersionError(f"a newer version of HeatStream has written it (version {now}, this one knows {HEAD})")
    steps = config.Config()
    steps.set_main_option("script_location", folder.replace("%", "%%"))
    steps.attributes["connection"] = connection
    command.upgrade(steps, "head")
