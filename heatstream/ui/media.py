"""Files that the page may open: those of the media folder, and uploads, each in a folder named after its content."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from heatstream.core.errors import AccessError, SourceNotFoundError
from heatstream.core.names import is_text
from heatstream.sources.picture_file import PICTURE_TYPES, is_picture

logger = logging.getLogger(__name__)

#: What counts as a video by its name; whether it is one shows when it is opened.
VIDEO_TYPES = ("mp4", "avi", "mov", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "mts", "wmv", "flv", "ogv", "3gp")
UPLOAD_TYPES = (*VIDEO_TYPES, *PICTURE_TYPES)
#: More files than this make no list that anyone reads.
MOST_FILES = 1000
#: An uploaded file's name is cut to this many characters; file systems take 255 bytes.
LONGEST_STEM = 60


class Listing(NamedTuple):
    """The ``names`` that there are to choose, and how many files and folders were left out as ``ill_named``."""

    names: list[str]
    ill_named: int


def sources_in(folder: Path) -> Listing:
    """The names, relative to ``folder``, of the videos and pictures in it and below, sorted.

    A folder below it with several pictures stands for all of them: it is listed itself, with a slash at its end.
    Hidden ones and links that lead outside are left out, and names that are no text (see ``is_text``).
    """
    names: list[str] = []
    ill_named = 0
    root = folder.resolve()
    for here, folders, files in os.walk(root):
        ill_named += sum(not is_text(name) for name in (*folders, *files))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and is_text(name))
        usable = [path for name in sorted(files) if _is_usable(path := Path(here, name), root)]
        pictures = [path for path in usable if is_picture(path)]
        if len(pictures) > 1 and Path(here) != root:
            names.append(f"{Path(here).relative_to(root).as_posix()}/")
            usable = [path for path in usable if path not in pictures]
        names += [path.relative_to(root).as_posix() for path in usable]
        if len(names) >= MOST_FILES:
            break
    return Listing(sorted(names[:MOST_FILES], key=str.casefold), ill_named)


def _is_usable(path: Path, root: Path) -> bool:
    known = not path.name.startswith(".") and path.suffix.lower().lstrip(".") in UPLOAD_TYPES
    return known and is_text(path.name) and path.resolve().is_relative_to(root) and path.is_file()


def inside(folder: Path, name: str) -> Path:
    """The full path of ``name``, a file or a folder of pictures, in ``folder``, links resolved.

    Raises:
        AccessError: it lies outside the folder.
        SourceNotFoundError: it is not there (any more).
    """
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise AccessError(f"{name!r} lies outside the media folder; only files inside it can be opened.")
    if not (path.is_file() or (name.endswith("/") and path.is_dir())):
        raise SourceNotFoundError(f"{name!r} is no longer in the media folder; choose another file.")
    return path


def _safe_name(name: str) -> str:
    """The last part of ``name`` without what a file system or a terminal may trip over, its type in lower case."""
    last = Path(name.replace("\\", "/")).name
    stem = "".join(char for char in Path(last).stem if char.isprintable()).strip(". ")[:LONGEST_STEM] or "video"
    return stem + Path(last).suffix.lower()


def keep_upload(file: BinaryIO, name: str, *, folder: Path, max_mb: int) -> Path:
    """Store an uploaded file under its own name in ``folder``, in a folder named by a hash of its content.

    Raises:
        AccessError: its type is refused, it is empty or larger than ``max_mb`` megabytes.
    """
    suffix = Path(name).suffix.lower()
    if suffix.lstrip(".") not in UPLOAD_TYPES:
        types = ", ".join(UPLOAD_TYPES)
        raise AccessError(f"{Path(name).name!r} is no video or picture that can be opened here. Use one of: {types}.")
    digest = hashlib.sha256()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{os.getpid()}-{id(file):x}.part"
    size = 0
    try:
        with part.open("wb") as out:
            while block := file.read(1 << 20):
                size += len(block)
                if size > max_mb << 20:  # as Streamlit counts
                    raise AccessError(f"{Path(name).name!r} is larger than {max_mb} MB, the most that can be uploaded.")
                digest.update(block)
                out.write(block)
        if not size:
            raise AccessError(f"{Path(name).name!r} is empty.")
        path = folder / digest.hexdigest()[:20] / _safe_name(name)
        path.parent.mkdir(exist_ok=True)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path.resolve()


def remove_uploads(folder: Path, used: Iterable[str], *, older_than_s: float) -> int:
    """Delete the uploads in ``folder`` that are none of the sources ``used``, and whatever an upload left unfinished.

    Only what has lain there for ``older_than_s`` seconds: a newer one may be about to be started.

    Returns:
        how many were deleted.
    """
    root = folder.resolve()
    kept = {Path(source).resolve() for source in used}
    before_s = time.time() - older_than_s
    found = [path for path in [*root.glob("*/*"), *root.glob(".*.part")] if path.is_file()]
    return sum(_delete(path, root) for path in found if path not in kept and path.stat().st_mtime <= before_s)


def remove_upload(folder: Path, source: str, used: Iterable[str]) -> bool:
    """Delete the upload that ``source`` names, unless it is among those ``used``; True if it was one and is gone."""
    root, path = folder.resolve(), Path(source)
    return source not in used and path.is_file() and path.parent.parent == root and bool(_delete(path, root))


def _delete(path: Path, root: Path) -> int:
    try:
        path.unlink()
    except OSError as error:
        logger.warning("The upload %s could not be deleted: %s", path, error)
        return 0
    if path.parent != root:
        with suppress(OSError):  # the same content may lie there under another name
            path.parent.rmdir()
    return 1
