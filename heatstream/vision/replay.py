"""Stored tracks as a model: a MOT csv file is read and played back, and tracks are written as one."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np

from heatstream.core.controls import DetectControls
from heatstream.core.errors import ClosedError, OutputError, TracksFileError
from heatstream.core.types import Frame, Tracks
from heatstream.vision.boxes import clip, quantise
from heatstream.vision.coco import COCO_NAMES

_NAMES = ("frame", "id", "left", "top", "width", "height", "conf", "class")
_REQUIRED = 7
#: Whole numbers up to here are told apart.
_LARGEST = 2**53


class _Row(NamedTuple):
    frame: int
    track_id: int
    xyxy: tuple[float, float, float, float]
    confidence: float
    class_id: int


class ReplayTracks:
    """The tracks of a file instead of a detector and tracker; rows below the asked confidence are left out.

    The n-th frame of a run (by its index) shows the tracks of frame n in the file, so a looping source starts over.
    """

    names: Mapping[int, str] = COCO_NAMES

    def __init__(self, path: Path) -> None:
        self._tracks = read_tracks(path)
        self._run: int | None = None
        self._first = 0
        self.label = f"{path.stem} (stored tracks)"

    def step(self, frame: Frame, detect: DetectControls) -> Tracks:
        """The stored tracks of ``frame``, boxes within the picture, without those that lie outside it."""
        if frame.run != self._run:
            self._run, self._first = frame.run, frame.index
        tracks = self._tracks.get(frame.index - self._first + 1)
        if tracks is None:
            return Tracks()
        boxes = clip(tracks.xyxy, frame.size_wh)
        seen = (boxes[:, 2:] > boxes[:, :2]).all(axis=1) & (tracks.confidence >= detect.confidence)
        return Tracks(boxes, tracks.track_id, tracks.confidence, tracks.class_id).select(seen)

    def reset(self) -> None:
        """The next frame is the file's first."""
        self._run = None

    def close(self) -> None:
        """Nothing to let go of."""


def read_tracks(path: Path) -> dict[int, Tracks]:
    """The tracks of a MOT csv file by frame number, boxes rounded to ``POSITION_STEP_PX``.

    Rows are ``frame,id,left,top,width,height,conf[,class]``: frames and ids from 1, pixels, confidence 0-1 (-1, as
    MOTChallenge's result files have it, is 1), class by COCO's numbers (absent or -1: a person). Further columns are
    ignored, and so are empty lines and a heading.

    Raises:
        TracksFileError: the file cannot be read, or a row does not follow this; names the line.
    """
    rows: dict[int, dict[int, _Row]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            for cells in reader:
                if not any(cell.strip() for cell in cells) or (reader.line_num == 1 and cells[0].strip() == _NAMES[0]):
                    continue
                try:
                    row = _parse(cells)
                    if row.track_id in rows.setdefault(row.frame, {}):
                        raise ValueError(f"track {row.track_id} is there twice in frame {row.frame}")
                except ValueError as error:
                    raise TracksFileError(f"{path}, line {reader.line_num}: {error}") from None
                rows[row.frame][row.track_id] = row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TracksFileError(f"{path}: the stored tracks cannot be read ({error})") from error
    return {frame: _gather(list(tracks.values())) for frame, tracks in rows.items()}


def _parse(cells: list[str]) -> _Row:
    if len(cells) < _REQUIRED:
        raise ValueError(f"expected {','.join(_NAMES[:_REQUIRED])}[,class], found {len(cells)} values")
    values = {name: _number(name, cell) for name, cell in zip(_NAMES, cells, strict=False)}
    for name in ("frame", "id"):
        if not 1 <= values[name] <= _LARGEST or values[name] % 1:
            raise ValueError(f"{name} must be a whole number from 1 to {_LARGEST:,}, not {cells[_NAMES.index(name)]}")
    if values["width"] <= 0 or values["height"] <= 0:
        raise ValueError(f"width and height must be more than 0, not {values['width']:g} and {values['height']:g}")
    confidence = 1.0 if values["conf"] == -1 else values["conf"]
    if not 0 <= confidence <= 1:
        raise ValueError(f"conf must lie between 0 and 1, not {confidence:g}")
    kind = values.get("class", -1)
    if kind != -1 and kind not in COCO_NAMES:
        raise ValueError(f"class must be a number of COCO from 0 to {len(COCO_NAMES) - 1}, not {kind:g}")
    left, top = values["left"], values["top"]
    box = (left, top, left + values["width"], top + values["height"])
    return _Row(int(values["frame"]), int(values["id"]), box, confidence, max(int(kind), 0))


def _number(name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {cell.strip()!r}") from None
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {cell.strip()!r}")
    return value


def _gather(rows: list[_Row]) -> Tracks:
    return Tracks(
        xyxy=quantise(np.array([row.xyxy for row in rows], np.float32)),
        track_id=np.array([row.track_id for row in rows], np.int64),
        confidence=np.array([row.confidence for row in rows], np.float32),
        class_id=np.array([row.class_id for row in rows], np.int64),
    )


class TracksFile:
    """Writes tracks as a MOT csv file that ``read_tracks`` gives back exactly; a context manager.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("w", encoding="ascii", newline="\n")
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error

    def write(self, frame: int, tracks: Tracks) -> None:
        """Add the tracks of frame number ``frame``, from 1 in its run.

        Raises:
            ClosedError: after ``close``.
            OutputError: the disk takes no more.
        """
        if self._file.closed:
            raise ClosedError(f"{self._path} is closed")
        columns = zip(tracks.track_id, tracks.xyxy.astype(np.float64), tracks.confidence, tracks.class_id, strict=True)
        # A 16th needs four decimals; nine significant digits give a float32 back exactly.
        lines = [
            f"{frame},{track_id},{x1:.4f},{y1:.4f},{x2 - x1:.4f},{y2 - y1:.4f},{confidence:.9g},{class_id}\n"
            for track_id, (x1, y1, x2, y2), confidence, class_id in columns
        ]
        try:
            self._file.writelines(lines)
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror or error}") from error

    def close(self) -> None:
        """Finish the file; idempotent.

        Raises:
            OutputError: the disk takes no more.
        """
        try:
            self._file.close()
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror or error}") from error

    def __enter__(self) -> TracksFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
