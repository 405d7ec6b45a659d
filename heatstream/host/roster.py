"""The cameras' memory: what is kept of each one, running or stopped, in the order of use."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from heatstream.core.controls import Controls
from heatstream.core.errors import TooManyCamerasError, UnknownCameraError, VaultError
from heatstream.core.types import CameraState, Snapshot
from heatstream.host.spec import CameraSpec
from heatstream.sources.addresses import is_network
from heatstream.sources.credentials import NO_SECRET, Secret
from heatstream.store import CameraRecord, Vault

logger = logging.getLogger(__name__)

#: Of the cameras that do not run, the ones used last are kept, this many.
MOST_STOPPED = 200
WAITING = "waiting for the engine"
#: Stands for a secret that could not be encrypted, and was not kept.
UNSEALED = "-"


@dataclass(slots=True)
class Kept:
    """What is remembered of a camera, enough to go on with it.

    ``secret`` is what its source needs besides its address, None if that was stored and cannot be read any more;
    ``sealed`` is the same, encrypted.
    """

    spec: CameraSpec
    controls: Controls
    snapshot: Snapshot
    secret: Secret | None = field(default=NO_SECRET, repr=False)
    sealed: str = field(default="", repr=False)
    running: bool = False
    created_utc_s: float = field(default_factory=time.time)
    used_utc_s: float = field(default_factory=time.time)
    viewer_left_s: float = field(default_factory=time.monotonic)
    pushed_s: float = float("-inf")  # when a browser last sent a picture for it, monotonic
    why_locked: str = ""

    @property
    def live(self) -> bool:
        """Whether the source cannot wait, as far as is known; a network camera that was never open may be so."""
        source = self.snapshot.source
        return source.live if source is not None else is_network(self.spec.source)

    def begin(self, reason: str = WAITING) -> None:
        """Note that it runs from now on."""
        self.running = True
        self.viewer_left_s = time.monotonic()
        self.snapshot = replace(self.snapshot, state=CameraState.CONNECTING, reason=reason)

    def take(self, report: Snapshot) -> None:
        """Note what the engine says of it. What a camera that is only opening cannot know yet stays as it was."""
        before = self.snapshot
        if report.revision < self.controls.revision:  # counts that do not follow the last change of zones yet
            report = replace(report, tallies=before.tallies)
        if not report.index:
            report = replace(report, index=before.index, time_s=before.time_s, run=before.run)
        if report.source is None:
            report = replace(report, source=before.source, seekable=before.seekable)
        if not report.model_label:
            report = replace(report, model_label=before.model_label, class_names=before.class_names)
        self.snapshot = report

    def end(self, reason: str) -> None:
        """Note that it does not run any more; what was counted and the place in the video stay."""
        self.running = False
        self.snapshot = replace(
            self.snapshot,
            state=CameraState.STOPPED,
            reason=reason,
            processed_hz=0.0,
            speed=None,
            present={},
            heat_top_s=0.0,
        )

    def lock(self, why: str = "") -> None:
        """Note that it cannot run, since its secret is lost."""
        self.why_locked = why or self.why_locked
        self.snapshot = replace(self.snapshot, state=CameraState.FAILED, reason=self.why_locked)

    def record(self) -> CameraRecord:
        """It as the database keeps it."""
        return CameraRecord(
            source=self.spec.source,
            model=self.spec.model,
            controls=self.controls,
            snapshot=self.snapshot,
            running=self.running,
            created_utc_s=self.created_utc_s,
            used_utc_s=self.used_utc_s,
            sealed=self.sealed,
        )


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A camera that was removed, with all that brings it back."""

    record: CameraRecord
    secret: Secret | None = field(default=None, repr=False)


class Roster:
    """All cameras that are known. Its owner has a lock for all but ``get`` and ``find``, which may be called any time.

    ``put`` takes each camera that changed, None for one that is forgotten; ``most_running`` may run at a time;
    ``vault`` encrypts secrets, which without one are not kept.
    """

    def __init__(
        self, put: Callable[[str, CameraRecord | None], None], *, most_running: int, vault: Vault | None = None
    ) -> None:
        self.trouble = ""
        self._put = put
        self._vault = vault
        self._most_running = most_running
        self._cameras: dict[str, Kept] = {}
        self._used_utc_s = 0.0

    def get(self, camera_id: str) -> Kept:
        """What is kept of a camera.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        try:
            return self._cameras[camera_id]
        except KeyError:
            raise UnknownCameraError(f"No camera {camera_id} is known here; choose a source to start one.") from None

    def find(self, camera_id: str) -> Kept | None:
        """What is kept of a camera, None if there is none of this id."""
        return self._cameras.get(camera_id)

    def all(self) -> tuple[Kept, ...]:
        """Every camera, the last used one first."""
        return tuple(sorted(self._cameras.values(), key=lambda kept: kept.used_utc_s, reverse=True))

    def running(self) -> tuple[Kept, ...]:
        """The cameras that are to run, the last used one first."""
        return tuple(kept for kept in self.all() if kept.running)

    def require_room(self) -> None:
        """See that one more camera may run.

        Raises:
            TooManyCamerasError: as many run as may.
        """
        if not self.has_room():
            raise TooManyCamerasError(
                f"{self._most_running} cameras run already, and no more may at the same time. "
                "Stop one of them first (HEATSTREAM_MAX_CAMERAS sets the limit)."
            )

    def has_room(self) -> bool:
        """Whether one more camera may run."""
        return len(self.running()) < self._most_running

    def add(self, spec: CameraSpec, controls: Controls, secret: Secret = NO_SECRET) -> Kept:
        """Know a new camera, which does not run yet."""
        kept = Kept(spec, controls, Snapshot(spec.id, CameraState.STOPPED, revision=controls.revision))
        self.entrust(kept, secret)
        self._cameras[spec.id] = kept
        return kept

    def entrust(self, kept: Kept, secret: Secret) -> None:
        """Note with what a camera's source is opened from now on. Where it cannot be kept, ``trouble`` says so."""
        kept.secret, kept.sealed = secret, UNSEALED if secret else ""
        if not secret or self._vault is None:
            return
        try:
            kept.sealed = self._vault.seal(secret.to_text())
            self.trouble = ""
        except VaultError as error:
            self.trouble = f"Passwords of cameras are not kept over a restart: {error}."
            logger.error("%s", self.trouble)

    def fill(self, records: Iterable[CameraRecord]) -> None:
        """Know the cameras of a database, the last used one first: live ones that ran run again, the others do not."""
        records = tuple(records)
        for record in records:
            self.bring_back(record)
        for record in records:
            kept = self.get(record.id)
            if record.running and kept.live and kept.secret is not None and self.has_room():
                kept.begin()

    def bring_back(self, record: CameraRecord, secret: Secret | None = None) -> Kept:
        """Know a camera again as it was when its record was made; it does not run yet.

        ``secret`` is needed only where it was not kept.
        """
        kept = Kept(
            CameraSpec(record.source, record.model),
            record.controls,
            record.snapshot,
            created_utc_s=record.created_utc_s,
            used_utc_s=record.used_utc_s,
            sealed=record.sealed,
        )
        kept.end("")
        try:
            kept.secret = secret or self._unsealed(record.sealed)
        except VaultError as error:
            kept.secret = None
            kept.lock(f"The password of this camera cannot be read any more: enter it again. {error}.")
            logger.warning("Camera %s: %s", record.id, kept.why_locked)
        self._cameras[record.id] = kept
        self._used_utc_s = max(self._used_utc_s, kept.used_utc_s)
        return kept

    def _unsealed(self, sealed: str) -> Secret:
        if not sealed:
            return NO_SECRET
        if self._vault is None or sealed == UNSEALED:
            raise VaultError("It was not kept")
        try:
            return Secret.from_text(self._vault.unseal(sealed))
        except ValueError as error:
            raise VaultError("What was kept is no password") from error

    def use(self, kept: Kept) -> None:
        """Make it the one used last, and keep it as it is now."""
        self._used_utc_s = max(time.time(), math.nextafter(self._used_utc_s, math.inf))  # whatever clocks do
        kept.used_utc_s = self._used_utc_s
        self.save(kept)

    def save(self, kept: Kept) -> None:
        """Keep a camera as it is now."""
        self._put(kept.spec.id, kept.record())

    def remove(self, camera_id: str) -> Kept:
        """Forget a camera.

        Raises:
            UnknownCameraError: there is none of this id.
        """
        kept = self.get(camera_id)
        del self._cameras[camera_id]
        self._put(camera_id, None)
        return kept

    def thin_out(self) -> tuple[str, ...]:
        """Forget the stopped cameras that are too many, those used longest ago; returns their ids."""
        stopped = [kept.spec.id for kept in self.all() if not kept.running]
        surplus = tuple(stopped[MOST_STOPPED:])
        for camera_id in surplus:
            logger.warning("Camera %s is forgotten: %d used later are stopped, too", camera_id, MOST_STOPPED)
            self.remove(camera_id)
        return surplus
