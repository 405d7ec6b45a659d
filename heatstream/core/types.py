"""The values that travel between floors: frames, detections, tracks, zones, crossings, packets, snapshots.

Conventions: images are BGR uint8 (H, W, 3); boxes are ``xyxy`` float32 in pixels of their frame; zone points are
normalised 0-1 (x to the right, y down); times end in ``_s``. Media time (``time_s``) drives all logic; wall-clock
times are only shown and stored. Frozen does not freeze arrays: a shared array is ``writeable=False``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

ImageArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
Point = tuple[float, float]

#: What is remembered of a track that is out of sight, seconds: when it comes back later it is a new one. A little more
#: than the tracker's own 2 s, which it may overstep by a frame: whom it finds again must not be a stranger here.
MEMORY_S = 2.5
#: As ``MEMORY_S``, for a track that no frame in between could have shown, since the stream had a gap or is that slow.
GAP_S = 10.0
#: Box coordinates are rounded to this many pixels before anything is counted, so that stored tracks count alike.
POSITION_STEP_PX = 1 / 16


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    ``image`` is BGR uint8 (H, W, 3), read-only. ``index`` counts a camera's frames from 1 and never restarts, nor does
    ``time_s`` (media seconds since the first frame, from timestamps; looping continues it). ``run`` starts at 1 and
    grows when tracks must start afresh (a loop, a reconnect). ``utc_s`` is the wall-clock time of the scene in epoch
    seconds or None if unknown; ``read_s`` is ``time.time()`` when the frame was decoded, for latency figures only.
    """

    image: ImageArray
    index: int
    time_s: float
    run: int = 1
    utc_s: float | None = None
    read_s: float = 0.0

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


def _empty_boxes() -> FloatArray:
    return np.empty((0, 4), np.float32)


def _empty_floats() -> FloatArray:
    return np.empty(0, np.float32)


def _empty_ints() -> IntArray:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Detections:
    """What a detector sees in one frame: ``xyxy`` (N, 4) px, ``confidence`` (N,) 0-1, ``class_id`` (N,) int64."""

    xyxy: FloatArray = field(default_factory=_empty_boxes)
    confidence: FloatArray = field(default_factory=_empty_floats)
    class_id: IntArray = field(default_factory=_empty_ints)

    def __len__(self) -> int:
        return len(self.xyxy)


@dataclass(frozen=True, slots=True)
class Tracks:
    """The objects followed in one frame.

    ``xyxy`` (N, 4) float32 px, rounded to ``POSITION_STEP_PX``; ``track_id`` (N,) int64, unique in one frame and one
    run (trackers restart at 1); ``confidence`` (N,) float32; ``class_id`` (N,) int64.
    """

    xyxy: FloatArray = field(default_factory=_empty_boxes)
    track_id: IntArray = field(default_factory=_empty_ints)
    confidence: FloatArray = field(default_factory=_empty_floats)
    class_id: IntArray = field(default_factory=_empty_ints)

    def __len__(self) -> int:
        return len(self.xyxy)

    def select(self, mask: npt.NDArray[np.bool_]) -> Tracks:
        """The rows where ``mask`` (N,) is true."""
        return Tracks(self.xyxy[mask], self.track_id[mask], self.confidence[mask], self.class_id[mask])


class ZoneKind(StrEnum):
    """What a zone is."""

    LINE = "line"
    POLYGON = "polygon"


class Direction(StrEnum):
    """Which way a zone was crossed.

    For a line from A to B, *in* is a crossing from its left to its right as seen walking from A to B on the screen (a
    line drawn left to right counts downward as in). For a polygon, *in* is entering.
    """

    IN = "in"
    OUT = "out"


class ZoneUse(StrEnum):
    """What a zone is for: counting, or telling heat where it may gather (lines only count).

    With any ``heat_only`` polygons, heat gathers inside them alone; it never gathers inside a ``heat_never`` polygon.
    """

    COUNT = "count"
    HEAT_ONLY = "heat_only"
    HEAT_NEVER = "heat_never"


@dataclass(frozen=True, slots=True)
class Zone:
    """A line (two points) or polygon (three or more, not closed), in normalised 0-1 coordinates.

    ``id`` stays with the zone for its life, ``name`` is what people call it. ``flipped`` swaps in and out. ``colour``
    is the number of its colour (see ``zone_marks``); None gives it that of its place among the zones.
    """

    id: str
    name: str
    points: tuple[Point, ...]
    flipped: bool = False
    use: ZoneUse = ZoneUse.COUNT
    colour: int | None = None

    @property
    def kind(self) -> ZoneKind:
        """A line has two points, a polygon more."""
        return ZoneKind.LINE if len(self.points) == 2 else ZoneKind.POLYGON


@dataclass(frozen=True, slots=True)
class Crossing:
    """One counted passage of one track over a line or a polygon's edge.

    ``frame`` and ``time_s`` (media seconds) are those of the step in which the anchor passed; ``x_px``, ``y_px`` is
    the place of passing in pixels of that frame.
    """

    zone_id: str
    zone_name: str
    track_id: int
    run: int
    class_name: str
    direction: Direction
    frame: int
    time_s: float
    utc_s: float | None
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class InOut:
    """Crossings in and out."""

    into: int = 0
    out: int = 0

    def __add__(self, other: InOut) -> InOut:
        return InOut(self.into + other.into, self.out + other.out)


@dataclass(frozen=True, slots=True)
class ZoneTally:
    """What a zone has counted since its last reset: ``total`` and the same ``by_class`` name.

    A polygon also has its ``occupancy``, how many are inside now (None for a line), and the completed ``stays`` inside
    it with their seconds ``stayed_s`` in all: their mean dwell is the quotient.
    """

    zone_id: str
    total: InOut = InOut()
    by_class: Mapping[str, InOut] = field(default_factory=dict)
    occupancy: int | None = None
    stays: int = 0
    stayed_s: float = 0.0


class CameraState(StrEnum):
    """What a camera is doing; one that is ``stopped`` is known with all its settings and counts, but does not run."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    PAUSED = "paused"
    ENDED = "ended"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of an opened source.

    ``rate_hz`` and ``duration_s`` come from timestamps, not from what the container claims; None where unknown.
    ``live`` sources cannot wait: frames that come too fast are dropped and counted. ``waits_for`` says in words what
    a live source waits for while it gives no frames, empty where that is not known. A ``picture`` is all there is: it
    ends after its one frame and never loops.
    """

    label: str
    size_wh: tuple[int, int]
    rate_hz: float | None = None
    duration_s: float | None = None
    codec: str = ""
    live: bool = False
    start_utc_s: float | None = None
    waits_for: str = ""
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture of ``size_wh`` pixels and the figures of that same frame.

    ``published_s`` is ``time.time()`` at encoding; ``fits`` are the widths asked for that this picture serves (see
    ``heatstream.output.fit``; 0 is the whole picture).
    """

    camera_id: str
    index: int
    time_s: float
    read_s: float
    published_s: float
    size_wh: tuple[int, int]
    jpeg: bytes
    fits: tuple[int, ...] = (0,)
    tallies: tuple[ZoneTally, ...] = ()
    present: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A camera's state at one moment, as a value.

    ``reason`` explains the state in words for people (why it failed, what is being waited for). ``processed_hz`` is
    the recent rate of frames analysed, ``speed`` media seconds per wall-clock second (None for live sources);
    ``dropped`` counts frames that were never analysed, ``damaged`` those that could not be decoded; ``latency_s`` is
    from taking a frame up (live: from its decoding) to publishing it; ``present`` counts people and things in view by
    class; ``heat_top_s`` is the value at the top of the heat scale in object-seconds. ``revision`` is that of the
    Controls in force. ``position_s`` is the place in a file, while ``time_s`` and ``run`` go on when it loops;
    ``seekable`` tells whether the camera can jump to another place, ``model_failed`` whether a
    camera that has failed did so because of its model. ``next_try_utc_s`` is when one that reconnects opens its source
    again, by this machine's clock; None while it is at it.
    """

    camera_id: str
    state: CameraState
    reason: str = ""
    next_try_utc_s: float | None = None
    source: SourceInfo | None = None
    model_label: str = ""
    class_names: tuple[str, ...] = ()
    index: int = 0
    time_s: float = 0.0
    run: int = 0
    position_s: float = 0.0
    seekable: bool = False
    model_failed: bool = False
    processed_hz: float = 0.0
    speed: float | None = None
    dropped: int = 0
    damaged: int = 0
    latency_s: float = 0.0
    tallies: tuple[ZoneTally, ...] = ()
    present: Mapping[str, int] = field(default_factory=dict)
    heat_top_s: float = 0.0
    revision: int = 0
