"""Sources and track streams made of numbers, for tests of what lies between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np

from heatstream.core.controls import DetectControls
from heatstream.core.errors import SourceError
from heatstream.core.types import Frame, SourceInfo, Tracks

SIZE_WH = (160, 120)


class StubSource:
    """``frames`` grey pictures at 25 Hz; ``pause_s`` makes it slow, ``dies_at`` makes it fail at that frame.

    ``damaged_tail`` is the damage that it finds behind its last frame.
    """

    def __init__(
        self,
        frames: int = 20,
        *,
        pause_s: float = 0.0,
        dies_at: int | None = None,
        start_s: float = 0.0,
        size_wh: tuple[int, int] = SIZE_WH,
        damaged_tail: int = 0,
        live: bool = False,
    ) -> None:
        self.info = SourceInfo("stub", size_wh, rate_hz=25.0, duration_s=None if live else frames / 25, live=live)
        self.damaged = 0
        self.position_s = start_s
        self.closed = threading.Event()
        self._frames, self._pause_s, self._dies_at = frames, pause_s, dies_at
        self._damaged_tail = damaged_tail
        self._first = round(start_s * 25)

    def frames(self) -> Iterator[Frame]:
        """Frames with index from 1 and times from 0."""
        for number in range(self._first, self._frames):
            if self._pause_s and self.closed.wait(self._pause_s):
                return
            if number + 1 == self._dies_at:
                raise SourceError("the stub source died")
            width, height = self.info.size_wh
            image = np.full((height, width, 3), number % 200, np.uint8)
            image.flags.writeable = False
            self.position_s = number / 25
            index = number - self._first
            yield Frame(image, index + 1, index / 25, read_s=time.time())
        self.damaged = self._damaged_tail

    def close(self) -> None:
        """End a slow wait."""
        self.closed.set()

    def __enter__(self) -> StubSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class WalkerTracks:
    """One person who walks 8 px to the right each frame of a run, starting at x = 4."""

    label = "walker"

    def __init__(self) -> None:
        self.names = {0: "person", 2: "car"}
        self.closed = False
        self._run, self._steps = 0, 0

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """The person's box; a 10 x 20 px one."""
        if frame.run != self._run:
            self._run, self._steps = frame.run, 0
        x = 4.0 + 8 * self._steps
        self._steps += 1
        return Tracks(
            np.array([[x - 5, 50, x + 5, 70]], np.float32),
            np.array([1], np.int64),
            np.array([0.9], np.float32),
            np.array([0], np.int64),
        )

    def reset(self) -> None:
        """Start again at the left."""
        self._steps = 0

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
