"""Alembic runs this for each upgrade, on the connection that ``heatstream.store.upgrade`` hands it."""

from alembic import context

from heatstream.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
