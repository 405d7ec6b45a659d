"""HeatStream: where do people go, and how many cross? Live heatmaps and counts from any camera."""

__version__ = "0.1.0"
