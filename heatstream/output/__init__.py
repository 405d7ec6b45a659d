"""Where pictures and crossings go: JPEG for viewers, H.264 files, CSV events."""

from heatstream.output.events import COLUMNS, EventsWriter
from heatstream.output.jpeg import encode_jpeg
from heatstream.output.png import encode_png
from heatstream.output.video import VideoQuality, VideoWriter

__all__ = ["COLUMNS", "EventsWriter", "VideoQuality", "VideoWriter", "encode_jpeg", "encode_png"]
