"""The secret of a camera's source, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add its column; no camera of before has one."""
    with op.batch_alter_table("cameras") as cameras:
        cameras.add_column(sa.Column("sealed", sa.Text, nullable=False, server_default=""))
