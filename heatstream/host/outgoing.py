"""Commands on their way to an engine: a queue, and beside it a place for each camera's newest picture."""

from __future__ import annotations

import threading
from collections import deque

from heatstream.core.errors import ClosedError
from heatstream.engine.messages import Command, Push


class Outgoing:
    """At most ``capacity`` commands wait, the oldest is dropped beyond that; of pictures, one for each camera.

    Commands go before pictures, which can be as many and as large as a browser sends them.
    """

    def __init__(self, capacity: int) -> None:
        self._commands: deque[Command] = deque(maxlen=capacity)
        self._pictures: dict[str, Push] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, command: Command) -> None:
        """Take ``command``, which replaces a picture of the same camera that still waits; never blocks."""
        with self._changed:
            if self._closed:
                return
            if isinstance(command, Push):
                self._pictures[command.camera_id] = command
            else:
                self._commands.append(command)
            self._changed.notify()

    def get(self) -> Command:
        """The next command; waits for one.

        Raises:
            ClosedError: closed, and nothing is left.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._commands or self._pictures) or self._closed)
            if self._commands:
                return self._commands.popleft()
            if self._pictures and not self._closed:
                return self._pictures.pop(next(iter(self._pictures)))
            raise ClosedError("no more commands are sent")

    def close(self) -> None:
        """No more: the receiver gets the commands that are left, no pictures, and then ``ClosedError``. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
