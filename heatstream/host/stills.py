"""Single pictures that were asked of the engine and have not come yet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from heatstream.core.errors import EngineUnavailableError
from heatstream.engine.messages import AskStill, Look, Still

_LATE = "The engine did not send a picture in time; try once more."


class Stills:
    """Each question has a future, which ends with a JPEG or with ``EngineUnavailableError``; from any thread."""

    def __init__(self, send: Callable[[AskStill], bool]) -> None:
        self._send = send
        self._futures: dict[int, Future[bytes]] = {}
        self._requests = 0
        self._lock = threading.Lock()

    def ask(self, camera_id: str, look: Look) -> Future[bytes]:
        """Ask for a JPEG of the newest frame."""
        future: Future[bytes] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it, so its end can always be set
        with self._lock:
            self._requests += 1
            request_id = self._requests
            self._futures[request_id] = future
        if not self._send(AskStill(request_id, camera_id, look)):
            self._end(request_id, "The engine is starting; try once more in a moment.")
        return future

    def take(self, still: Still) -> None:
        """Hand over what the engine has answered."""
        if still.jpeg is None:
            self._end(still.request_id, still.error)
        elif future := self._taken(still.request_id):
            future.set_result(still.jpeg)

    def lose(self) -> None:
        """The engine is gone, and nothing will be answered."""
        with self._lock:
            waiting = tuple(self._futures)
        for request_id in waiting:
            self._end(request_id, "The engine stopped; it is being started again.")

    def _taken(self, request_id: int) -> Future[bytes] | None:
        with self._lock:
            return self._futures.pop(request_id, None)

    def _end(self, request_id: int, why: str) -> None:
        if future := self._taken(request_id):
            future.set_exception(EngineUnavailableError(why))


def wait(future: Future[bytes], timeout_s: float) -> bytes:
    """What comes of a question, for a thread that can wait.

    Raises:
        EngineUnavailableError: there is no picture, or none in time.
    """
    try:
        return future.result(timeout_s)
    except TimeoutError as error:
        raise EngineUnavailableError(_LATE) from error


async def arrival(future: Future[bytes], timeout_s: float) -> bytes:
    """As ``wait``, for a coroutine."""
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), timeout_s)
    except TimeoutError as error:
        raise EngineUnavailableError(_LATE) from error
