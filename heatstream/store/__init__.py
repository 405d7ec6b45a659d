"""What lasts over a restart: the database's tables, their migrations, writing and reading."""

from heatstream.store.database import Store, open_store
from heatstream.store.records import CameraRecord, Loaded
from heatstream.store.vault import Vault

__all__ = ["CameraRecord", "Loaded", "Store", "Vault", "open_store"]
