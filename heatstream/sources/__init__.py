"""Where frames come from: one protocol, one module for each kind of source, one function that chooses."""

from heatstream.sources.base import OpenOptions, Source, redacted
from heatstream.sources.file import FileSource, local_path
from heatstream.sources.opening import open_source
from heatstream.sources.picture_file import PICTURE_TYPES, is_picture
from heatstream.sources.pictures import pictures_in, split_rate

__all__ = [
    "PICTURE_TYPES",
    "FileSource",
    "OpenOptions",
    "Source",
    "is_picture",
    "local_path",
    "open_source",
    "pictures_in",
    "redacted",
    "split_rate",
]
