"""The live page."""

from heatstream.ui import live

live.page()
