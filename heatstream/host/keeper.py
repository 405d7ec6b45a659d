"""Writes what changes of the cameras to the database, off the request path, and says so where it cannot."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from heatstream.core.errors import StoreError
from heatstream.engine.worker import Worker
from heatstream.store import CameraRecord, Store

logger = logging.getLogger(__name__)

#: Changes are gathered for this long, seconds. With the engine's 0.2 s between two reports and a write's few
#: milliseconds, what was counted is in the database well within two seconds.
WRITE_PERIOD_S = 1.0
#: Where only the place in the video has moved on and nothing was counted, it is written this often, seconds.
PLACE_PERIOD_S = 5.0


class Keeper:
    """Owns the store between ``start`` and ``close``; ``put`` may be called from any thread and returns at once.

    Of each camera only the newest record waits, so what waits stays small however long a write fails; it is tried
    again until it succeeds. Without ``open_store`` nothing is kept.
    """

    def __init__(self, open_store: Callable[[], Store] | None = None) -> None:
        self._open_store = open_store
        self._store: Store | None = None
        self._unread = ""
        self._failing = ""
        self._lock = threading.Lock()
        self._waiting: dict[str, CameraRecord | None] = {}
        self._written: dict[str, tuple[CameraRecord, float]] = {}
        self._worker = Worker("keeper", self._run)

    @property
    def trouble(self) -> str:
        """What is wrong with keeping, for people; empty if nothing is."""
        return " ".join(filter(None, (self._failing, self._unread)))

    def start(self) -> tuple[CameraRecord, ...]:
        """Open the database and return what it holds, last used first; without a usable one go on in ``trouble``."""
        if self._open_store is None:
            return ()
        try:
            self._store = self._open_store()
            loaded = self._store.load()
        except StoreError as error:
            self._failing = (
                f"{error} Put this right, then start HeatStream again; "
                "until then cameras, zones and counts are not kept over a restart."
            )
            logger.error("%s", self._failing)
            self._close_store()
            return ()
        if loaded.complaints:
            self._unread = " ".join(loaded.complaints)
            logger.error("%s: %s", self._store.name, self._unread)
        self._worker.start()
        return loaded.records

    def put(self, camera_id: str, record: CameraRecord | None) -> None:
        """Keep a camera as it is now, or forget it if None."""
        if self._store is not None:
            with self._lock:
                self._waiting[camera_id] = record

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, then close the database. Idempotent."""
        self._worker.stop(timeout_s)
        if not self._worker.alive:
            self._close_store()

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    # The thread

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(WRITE_PERIOD_S):
            self._write(self._due(time.monotonic()))
        self._write(self._due(float("inf")))

    def _due(self, now_s: float) -> dict[str, CameraRecord | None]:
        """Take what is to be written now."""
        with self._lock:
            due = {key: record for key, record in self._waiting.items() if self._is_due(key, record, now_s)}
            for key in due:
                del self._waiting[key]
        return due

    def _is_due(self, camera_id: str, record: CameraRecord | None, now_s: float) -> bool:
        before, written_s = self._written.get(camera_id, (None, 0.0))
        if record is None or before is None or now_s - written_s >= PLACE_PERIOD_S:
            return True
        return _besides_place(record) != _besides_place(before)

    def _write(self, changes: dict[str, CameraRecord | None]) -> None:
        store = self._store
        if not changes or store is None:
            return
        try:
            store.write(changes)
        except StoreError as error:
            with self._lock:
                self._waiting = {**changes, **self._waiting}
            trouble = f"{error} Changes and counts are not saved at the moment; this is tried again and again."
            if trouble != self._failing:
                logger.error("%s", trouble)
            self._failing = trouble
            return
        if self._failing:
            logger.warning("Changes and counts are saved again")
            self._failing = ""
        now_s = time.monotonic()
        for camera_id, record in changes.items():
            if record is None:
                self._written.pop(camera_id, None)
            else:
                self._written[camera_id] = record, now_s


def _besides_place(record: CameraRecord) -> tuple[object, ...]:
    """What must be written soon: all that lasts, but for the place in the video."""
    shot = record.snapshot
    return record.controls, record.running, record.used_utc_s, shot.tallies, shot.source, shot.model_label
