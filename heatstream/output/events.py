"""Crossings to a CSV file, one row for each, as they happen."""

from __future__ import annotations

import csv
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from heatstream.core.errors import ClosedError, OutputError
from heatstream.core.types import Crossing

COLUMNS = ("zone", "track_id", "class_name", "direction", "frame", "time_s", "x", "y")

#: A spreadsheet runs a cell that begins so as a formula (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class EventsWriter:
    """Writes ``path``, UTF-8 CSV with the columns ``COLUMNS``; a file from before is replaced.

    ``zone`` is the zone's name, ``frame`` counts from 1, ``time_s`` is media seconds to three decimals, ``x`` and
    ``y`` are pixels to one decimal. Names that a spreadsheet would take for a formula get a leading apostrophe, and
    carriage returns become spaces. Each
    row is in the file when ``write`` returns. Methods may be called from several threads.

    Raises:
        OutputError: the file cannot be written there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        try:
            self._file = self._path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise self._failure(error) from error
        self._rows = csv.writer(self._file, lineterminator="\n")
        try:
            self._append(COLUMNS)
        except OutputError:
            self.close()
            raise

    def write(self, crossing: Crossing) -> None:
        """Append one crossing.

        Raises:
            ClosedError: the writer was closed.
            OutputError: the file cannot be written any further.
        """
        self._append(
            (
                _text(crossing.zone_name),
                crossing.track_id,
                _text(crossing.class_name),
                crossing.direction.value,
                crossing.frame,
                f"{crossing.time_s:.3f}",
                f"{crossing.x_px:.1f}",
                f"{crossing.y_px:.1f}",
            )
        )

    def _append(self, row: tuple[object, ...]) -> None:
        with self._lock:
            if self._file.closed:
                raise ClosedError(f"{self._path} was closed")
            try:
                self._rows.writerow(row)
                self._file.flush()
            except OSError as error:
                raise self._failure(error) from error

    def close(self) -> None:
        """Close the file; idempotent.

        Raises:
            OutputError: what was left could not be written.
        """
        with self._lock:
            try:
                self._file.close()
            except OSError as error:
                raise self._failure(error) from error

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"{self._path} cannot be written: {error.strerror or error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _text(name: str) -> str:
    """``name`` as a cell: no formula, and no carriage return, which the csv module writes without quotes."""
    return ("'" if name.startswith(_FORMULA_STARTS) else "") + name.replace("\r", " ")
