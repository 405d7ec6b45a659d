"""Browsers' pictures that were handed to the engine and that no source has taken yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from heatstream.engine.messages import Push, Taken
from heatstream.sources.inlets import SentPicture


class Pushes:
    """Each picture has a future that says whether it was taken; of a camera's pictures only the newest waits.

    From any thread.
    """

    def __init__(self, send: Callable[[Push], bool]) -> None:
        self._send = send
        self._waiting: dict[str, tuple[int, Future[bool]]] = {}  # by camera
        self._number = 0
        self._lock = threading.Lock()

    def offer(self, camera_id: str, picture: SentPicture) -> Future[bool]:
        """Hand a picture over; the one before it, if it still waits, was not taken."""
        future: Future[bool] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it, so its end can always be set
        with self._lock:
            self._number += 1
            number = self._number
            _, overtaken = self._waiting.get(camera_id, (0, None))
            self._waiting[camera_id] = number, future
        if overtaken is not None:
            overtaken.set_result(False)
        if not self._send(Push(camera_id, number, picture)):
            self._end(number, taken=False)
        return future

    def take(self, taken: Taken) -> None:
        """Note what the engine has taken."""
        self._end(taken.number, taken=True)

    def lose(self) -> None:
        """The engine is gone, and takes nothing of what waits."""
        with self._lock:
            numbers = [number for number, _ in self._waiting.values()]
        for number in numbers:
            self._end(number, taken=False)

    def _end(self, number: int, *, taken: bool) -> None:
        with self._lock:
            found = [(camera_id, future) for camera_id, (one, future) in self._waiting.items() if one == number]
            for camera_id, _ in found:
                del self._waiting[camera_id]
        for _, future in found:
            future.set_result(taken)
