"""The tables as they are now; ``migrations`` makes them from any earlier version."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table, Text

#: The newest migration: a database that is there already needs no look at the others.
HEAD = "0002"

metadata = MetaData()

#: A camera is its source and its model. ``seen`` is what was last known of the opened source and model, as JSON;
#: ``sealed`` the source's user, password and tokens, encrypted. Times are epoch seconds.
cameras = Table(
    "cameras",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("device", String(32), nullable=False),
    Column("imgsz", Integer),
    Column("tracker", String(32), nullable=False),
    Column("running", Boolean, nullable=False),
    Column("seen", Text, nullable=False),
    Column("created_utc_s", Float, nullable=False),
    Column("used_utc_s", Float, nullable=False),
    Column("sealed", Text, nullable=False, server_default=""),
)

#: What a user has set, zones included: they change together, under one revision, and are read together.
controls = Table(
    "controls",
    metadata,
    Column("camera_id", String(64), ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

#: What was counted, and the place in the video up to which it was: from there the camera goes on.
counts = Table(
    "counts",
    metadata,
    Column("camera_id", String(64), ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("tallies", Text, nullable=False),
    Column("frame_index", Integer, nullable=False),
    Column("time_s", Float, nullable=False),
    Column("run", Integer, nullable=False),
    Column("position_s", Float, nullable=False),
)
