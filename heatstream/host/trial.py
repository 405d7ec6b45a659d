"""Trying a source in a process of its own, which can be ended at any moment, whatever a decoder does in there."""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from heatstream.core import logs
from heatstream.core.errors import EngineUnavailableError, HeatStreamError, SourceError, SourceTimeoutError
from heatstream.core.settings import settings
from heatstream.core.shrink import shrink
from heatstream.core.types import ImageArray, SourceInfo
from heatstream.output import encode_jpeg
from heatstream.sources import redacted
from heatstream.sources.credentials import Secret, with_credentials

#: A process has this long (seconds) to start and load its libraries, on a busy machine.
START_S = 15.0
#: No more are tried at the same time.
MOST = 4
#: The still is made no wider than this, pixels.
STILL_PX = 960
_NAME = "heatstream-trial"


@dataclass(frozen=True, slots=True)
class Tried:
    """A source that works: what is known of it, its first picture as JPEG, and how long that took, seconds."""

    info: SourceInfo
    jpeg: bytes
    delay_s: float | None


class Trial:
    """Tries ``source``, opened with ``secret``, from now on; ask ``result`` until there is one, then ``close``.

    Raises:
        EngineUnavailableError: as many are being tried as may.
    """

    def __init__(self, source: str, secret: Secret, *, timeout_s: float = 10.0) -> None:
        if sum(child.name == _NAME for child in multiprocessing.active_children()) >= MOST:
            raise EngineUnavailableError(f"{MOST} connections are being tested already; try once more in a moment.")
        self.began_s = time.monotonic()
        self._name = redacted(source)
        self._limit_s = self.began_s + START_S + timeout_s
        context = multiprocessing.get_context("spawn")
        self._answers, theirs = context.Pipe(duplex=False)
        arguments = (theirs, source, secret, timeout_s)
        self._process = context.Process(target=_try, args=arguments, name=_NAME, daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process ends our read

    def result(self) -> Tried | None:
        """What came of it, None as long as nothing did. Does not wait.

        Raises:
            SourceError: the source cannot be used; the message says why.
        """
        try:
            answer: Tried | SourceError | None = self._answers.recv() if self._answers.poll() else None
        except (EOFError, OSError) as error:
            raise SourceError(f"{self._name} made the decoder fail; it cannot be used") from error
        if answer is None and time.monotonic() > self._limit_s:
            raise SourceTimeoutError(f"{self._name} gave no answer in time")
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def close(self) -> None:
        """End the process. Idempotent."""
        self._answers.close()
        if self._process.is_alive():
            self._process.kill()
        self._process.join(1.0)


def _try(answers: Connection, source: str, secret: Secret, timeout_s: float) -> None:
    """The process: one answer, then its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):  # whoever asked may be gone
        signal.alarm(round(START_S + timeout_s))
    logs.configure(settings().log_level)
    from heatstream.sources.probe import probe  # noqa: PLC0415 - nobody else needs to load it

    try:
        found = probe(with_credentials(source, secret), timeout_s=timeout_s)
        answer: Tried | SourceError = Tried(found.info, encode_jpeg(_small(found.still)), found.delay_s)
    except HeatStreamError as error:
        answer = SourceError(secret.masked(str(error)))
    except Exception as error:  # noqa: BLE001 - the outermost frame of a process whose only log is its answer
        answer = SourceError(f"{redacted(source)} cannot be used ({type(error).__name__})")
    answers.send(answer)
    answers.close()


def _small(image: ImageArray) -> ImageArray:
    height, width = image.shape[:2]
    if width <= STILL_PX:
        return image
    return shrink(image, (STILL_PX, max(1, round(height * STILL_PX / width))))
