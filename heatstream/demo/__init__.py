"""The demo scene: a rendered town square with exact truth, for the first look, for training and for tests."""

from heatstream.demo.address import Address, is_demo, parse_address
from heatstream.demo.layout import suggested_zones
from heatstream.demo.plaza import MAX_CROWD, MAX_SEED, PlazaScene
from heatstream.demo.truth import CLASS_NAMES, Truth

__all__ = [
    "CLASS_NAMES",
    "MAX_CROWD",
    "MAX_SEED",
    "Address",
    "PlazaScene",
    "Truth",
    "is_demo",
    "parse_address",
    "suggested_zones",
]
