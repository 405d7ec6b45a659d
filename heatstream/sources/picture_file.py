"""One picture from a file: safely, upright, no larger than can be worked with."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from heatstream.core.errors import SourceError, SourceNotFoundError, SourceUnreadableError
from heatstream.core.types import ImageArray

#: What counts as a picture by its name; whether it is one shows when it is read.
PICTURE_TYPES: Final = ("jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff")
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
#: A telephone's 50 megapixels and 8K video (33) fit; decoded it is 190 MB, of which there are several copies at work.
MAX_PIXELS: Final = 64_000_000
#: The longest side, pixels: OpenCV's geometry has 16 bits for it.
MAX_SIDE_PX: Final = 32_767
#: Whatever Pillow raises on a file that is not what it says.
_FAILURES = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, OverflowError, TypeError, struct.error)


def is_picture(path: Path) -> bool:
    """Whether ``path`` is named like a picture that can be read."""
    return path.suffix.lower().lstrip(".") in PICTURE_TYPES


def read_picture(path: Path) -> ImageArray:
    """The picture in the file ``path``, BGR uint8 (H, W, 3), read-only, turned upright by its EXIF data.

    Of several in one file it is the first. Transparency is left out; 16 bits become 8.

    Raises:
        SourceNotFoundError: there is no such file.
        SourceUnreadableError: it is no picture of a known format, damaged, or too large.
        SourceError: it may not be read.
    """
    try:
        if not path.is_file():
            raise _missing(path)
        with Image.open(path, formats=_FORMATS) as picture:
            _check_size(path, picture.size)
            image = _pixels(ImageOps.exif_transpose(picture))
    except SourceError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise SourceUnreadableError(f"{path} is too large; {_limit()}") from error
    except (UnidentifiedImageError, ImportError) as error:
        # Ultralytics, once imported, replaces Pillow's open by one that wants another package for what it cannot tell.
        raise SourceUnreadableError(
            f"{path} is no picture that can be read ({', '.join(_FORMATS)}); it is another kind of file, or damaged"
        ) from error
    except PermissionError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    except _FAILURES as error:
        raise SourceUnreadableError(f"{path} cannot be read as a picture: it is damaged or cut off") from error
    image.flags.writeable = False
    return image


def _missing(path: Path) -> SourceError:
    if path.exists():
        return SourceUnreadableError(f"{path} is not a regular file; choose a picture")
    return SourceNotFoundError(f"{path} does not exist; check the path")


def _check_size(path: Path, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    if width * height > MAX_PIXELS or max(size_wh) > MAX_SIDE_PX:
        raise SourceUnreadableError(f"{path} is too large: {width}x{height} pixels; {_limit()}")


def _limit() -> str:
    return f"make it smaller, at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE_PX} pixels a side"


def _pixels(picture: Image.Image) -> ImageArray:
    if picture.mode.startswith("I"):  # grey, up to 16 bits in a pixel
        grey = (np.asarray(picture).astype(np.uint32).clip(0, 65_535) >> 8).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)
