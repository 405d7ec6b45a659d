"""A named thread with start, stop and a kept error: the only place where HeatStream makes threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from heatstream.core.errors import HeatStreamError

logger = logging.getLogger(__name__)


class Worker:
    """Runs ``target(stop)`` once in a thread of its own; ``target`` returns soon after ``stop`` is set.

    An exception that leaves ``target`` is logged, kept in ``error`` and handed to ``on_error``.
    """

    def __init__(
        self,
        name: str,
        target: Callable[[threading.Event], None],
        *,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self.name = name
        self.error: Exception | None = None
        self.stopping = threading.Event()
        self._target = target
        self._on_error = on_error
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Set the stop event without waiting, so that several workers can end at the same time."""
        self.stopping.set()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Ask the thread to end and wait for it. Legal before start, twice, and from the thread itself.

        Returns:
            whether it ended within ``timeout_s`` seconds; a failure is logged with the thread's name.
        """
        self.ask_to_stop()
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout_s)
        if thread.is_alive():
            logger.error("The thread %s did not end within %.1f s", self.name, timeout_s)
        return not thread.is_alive()

    def _run(self) -> None:
        try:
            self._target(self.stopping)
        except Exception as error:
            if isinstance(error, HeatStreamError):
                logger.warning("%s: %s", self.name, error)
            else:
                logger.exception("The thread %s failed", self.name)
            self.error = error
            if self._on_error is not None:
                self._on_error(error)
