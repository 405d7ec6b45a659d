"""Where frames come from: one protocol, one module for each kind of source, one function that chooses."""

from heatstream.sources.base import OpenOptions, Source, redacted
from heatstream.sources.file import FileSource, local_path
from heatstream.sources.opening import open_source

__all__ = ["FileSource", "OpenOptions", "Source", "local_path", "open_source", "redacted"]
