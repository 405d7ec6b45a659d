"""Hand-over between two threads: a slot for the newest value, or a short queue that makes the sender wait."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

from heatstream.core.errors import ClosedError

T = TypeVar("T")


class Mailbox(Generic[T]):
    """At most ``capacity`` items. When full, ``put`` waits, or with ``newest_wins`` drops the oldest and counts it."""

    def __init__(self, capacity: int = 1, *, newest_wins: bool = False) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._newest_wins = newest_wins
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def keep_newest(self) -> None:
        """From now on hold one item, the newest; what is there already counts as dropped when the next one comes."""
        with self._changed:
            self._capacity, self._newest_wins = 1, True

    def put(self, item: T) -> bool:
        """Hand ``item`` over; waits while full unless the newest wins. False if the mailbox was closed instead."""
        with self._changed:
            while len(self._items) >= self._capacity and not self._closed:
                if self._newest_wins:
                    self._items.popleft()
                    self.dropped += 1
                else:
                    self._changed.wait()
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float | None = None) -> T | None:
        """The oldest item, or None after ``timeout_s`` seconds (None: no limit).

        Raises:
            ClosedError: the mailbox was closed and is empty.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._closed:
                raise ClosedError("the mailbox is closed")
            return None

    def close(self) -> None:
        """No more items: senders give up, the receiver gets what is left and then ``ClosedError``. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
