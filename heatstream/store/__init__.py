"""What lasts over a restart: the database's tables, their migrations, writing and reading."""

from heatstream.store.database import Store, open_store
from heatstream.store.records import CameraRecord, Loaded

__all__ = ["CameraRecord", "Loaded", "Store", "open_store"]
