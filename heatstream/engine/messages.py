"""What the web process and an engine process say to each other: values only, over one pipe each way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heatstream.core.controls import Controls
from heatstream.core.types import Crossing, Packet, Snapshot, ZoneTally
from heatstream.sources.credentials import NO_SECRET, Secret, with_credentials
from heatstream.sources.inlets import SentPicture
from heatstream.vision import ModelSpec


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a camera goes on that ran before: in the file, in media time and index, and with its counts."""

    position_s: float = 0.0
    index: int = 0
    time_s: float = 0.0
    run: int = 0
    tallies: tuple[ZoneTally, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """Start a camera; ``source`` is without what is secret in it."""

    camera_id: str
    source: str
    model: ModelSpec
    controls: Controls
    resume: Resume = Resume()
    secret: Secret = NO_SECRET

    @property
    def address(self) -> str:
        """The source as it is to be opened, never to be shown."""
        return with_credentials(self.source, self.secret)


@dataclass(frozen=True, slots=True)
class Stop:
    """End a camera."""

    camera_id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """New controls for a camera, from its next frame on."""

    camera_id: str
    controls: Controls


@dataclass(frozen=True, slots=True)
class Watch:
    """The widths in which people look at a camera (see ``heatstream.output.fit``); without any nothing is drawn."""

    camera_id: str
    fits: frozenset[int]


@dataclass(frozen=True, slots=True)
class Seek:
    """Go on from another place in the file, in a new run; heat, counts and media time go on."""

    camera_id: str
    position_s: float


@dataclass(frozen=True, slots=True)
class TryNow:
    """Open a source that is lost at once, not when its wait is over."""

    camera_id: str


@dataclass(frozen=True, slots=True)
class AddCounts:
    """Count earlier tallies in, by zone id: a reset or a zone's deletion was taken back."""

    camera_id: str
    tallies: tuple[ZoneTally, ...]


class Look(StrEnum):
    """How a still is drawn: as the viewers see it, without anything on it, or with legend, name and time on it; these
    as JPEG. ``PNG`` is what the viewers see, without loss."""

    SHOWN = "shown"
    PLAIN = "plain"
    STAMPED = "stamped"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class AskStill:
    """Ask for a camera's newest frame as one JPEG, or PNG."""

    request_id: int
    camera_id: str
    look: Look


@dataclass(frozen=True, slots=True)
class Push:
    """A picture for a camera whose source is a browser's; answered by ``Taken`` unless a newer one overtakes it."""

    camera_id: str
    number: int
    picture: SentPicture


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End all cameras and the process."""


Command = Open | Stop | Apply | Watch | Seek | TryNow | AddCounts | AskStill | Push | Shutdown


@dataclass(frozen=True, slots=True)
class Alive:
    """The engine process runs; sent once a second."""

    pid: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """What a camera has just counted."""

    camera_id: str
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Still:
    """The answer to ``AskStill``; ``jpeg`` (or PNG) is None where there is no picture, and ``error`` says why."""

    request_id: int
    jpeg: bytes | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The picture of the ``Push`` with this number is being decoded: the next one may come."""

    number: int


Report = Alive | Packet | Snapshot | Crossed | Still | Taken
