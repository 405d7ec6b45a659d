"""The command line: ``python -m heatstream run SOURCE``."""

from heatstream.cli.main import main

__all__ = ["main"]
