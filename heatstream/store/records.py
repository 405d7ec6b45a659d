"""A camera as the database keeps it, to rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from heatstream.core.controls import Controls
from heatstream.core.errors import ControlsError, StoreCorruptError
from heatstream.core.portable import controls_from_json, controls_to_json
from heatstream.core.types import CameraState, Snapshot, SourceInfo, ZoneTally
from heatstream.vision import ModelSpec

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """All that lasts of a camera.

    Of ``snapshot`` these last: what is known of source and model, the counts, and index, time, run and position, from
    which it goes on. ``running`` is whether it is wanted to run; ``used_utc_s`` orders cameras by their last use;
    ``sealed`` is the source's secret, encrypted, empty if it has none.
    """

    source: str
    model: ModelSpec
    controls: Controls
    snapshot: Snapshot
    running: bool
    created_utc_s: float
    used_utc_s: float
    sealed: str = ""

    @property
    def id(self) -> str:
        """The camera's id."""
        return self.snapshot.camera_id


@dataclass(frozen=True, slots=True)
class Loaded:
    """The cameras of a database, last used first, and a sentence about each one that could not be read whole."""

    records: tuple[CameraRecord, ...]
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was last known of a camera's source and model."""

    source: SourceInfo | None = None
    model_label: str = ""
    class_names: tuple[str, ...] = ()
    seekable: bool = False


@cache
def _seen() -> TypeAdapter[_Seen]:
    return TypeAdapter(_Seen)


@cache
def _tallies() -> TypeAdapter[tuple[ZoneTally, ...]]:
    return TypeAdapter(tuple[ZoneTally, ...])


def camera_row(record: CameraRecord) -> Row:
    """The row of ``cameras``."""
    shot = record.snapshot
    seen = _Seen(shot.source, shot.model_label, shot.class_names, shot.seekable)
    return {
        "id": record.id,
        "source": record.source,
        "model": record.model.model,
        "device": record.model.device,
        "imgsz": record.model.imgsz,
        "tracker": record.model.tracker,
        "running": record.running,
        "seen": _seen().dump_json(seen).decode(),
        "created_utc_s": record.created_utc_s,
        "used_utc_s": record.used_utc_s,
        "sealed": record.sealed,
    }


def controls_row(record: CameraRecord) -> Row:
    """The row of ``controls``."""
    return {
        "camera_id": record.id,
        "revision": record.controls.revision,
        "body": controls_to_json(record.controls),
    }


def counts_row(record: CameraRecord) -> Row:
    """The row of ``counts``."""
    shot = record.snapshot
    return {
        "camera_id": record.id,
        "tallies": _tallies().dump_json(shot.tallies).decode(),
        "frame_index": shot.index,
        "time_s": shot.time_s,
        "run": shot.run,
        "position_s": shot.position_s,
    }


def record_of(camera: Row, controls: Row | None, counts: Row | None) -> tuple[CameraRecord, list[str]]:
    """A camera from its rows, and what of it could not be read: that has its default then.

    Raises:
        StoreCorruptError: not even its source and model can be used.
    """
    camera_id, complaints = str(camera["id"]), []
    try:
        model = ModelSpec(camera["model"], camera["device"], camera["imgsz"], camera["tracker"])
    except ControlsError as error:
        raise StoreCorruptError(f"The camera {camera_id} cannot be read: {error}.") from error
    try:
        seen = _seen().validate_json(camera["seen"])
    except ValidationError:
        seen = _Seen()  # it is learnt anew when the source is opened
    set_by_user = Controls()
    try:
        if controls is not None:
            set_by_user = controls_from_json(controls["body"])
    except ControlsError as error:
        complaints.append(f"The settings and zones of camera {camera_id} cannot be read ({error}).")
    snapshot = Snapshot(
        camera_id,
        CameraState.STOPPED,
        source=seen.source,
        model_label=seen.model_label,
        class_names=seen.class_names,
        seekable=seen.seekable,
        revision=set_by_user.revision,
    )
    try:
        if counts is not None:
            snapshot = _counted(snapshot, counts)
    except ValidationError:
        complaints.append(f"The counts of camera {camera_id} cannot be read.")
    return (
        CameraRecord(
            source=camera["source"],
            model=model,
            controls=set_by_user,
            snapshot=snapshot,
            running=bool(camera["running"]),
            created_utc_s=camera["created_utc_s"],
            used_utc_s=camera["used_utc_s"],
            sealed=camera["sealed"],
        ),
        complaints,
    )


def _counted(snapshot: Snapshot, counts: Row) -> Snapshot:
    return replace(
        snapshot,
        tallies=_tallies().validate_json(counts["tallies"]),
        index=counts["frame_index"],
        time_s=counts["time_s"],
        run=counts["run"],
        position_s=counts["position_s"],
    )
