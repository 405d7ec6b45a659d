"""Cameras, their controls and their counts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "cameras",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("imgsz", sa.Integer),
        sa.Column("tracker", sa.String(32), nullable=False),
        sa.Column("running", sa.Boolean, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("created_utc_s", sa.Float, nullable=False),
        sa.Column("used_utc_s", sa.Float, nullable=False),
    )
    op.create_table(
        "controls",
        _camera_id(),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "counts",
        _camera_id(),
        sa.Column("tallies", sa.Text, nullable=False),
        sa.Column("frame_index", sa.Integer, nullable=False),
        sa.Column("time_s", sa.Float, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("position_s", sa.Float, nullable=False),
    )


def _camera_id() -> sa.Column[str]:
    return sa.Column("camera_id", sa.String(64), sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
