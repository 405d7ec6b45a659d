"""What makes a camera: its source and its model. Equal specs are one camera."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from heatstream.vision import ModelSpec


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """``source`` as ``open_source`` takes it, ``model`` as detection takes it."""

    source: str
    model: ModelSpec

    @property
    def id(self) -> str:
        """A short name that is the same for equal specs and fit for a URL."""
        return f"cam-{hashlib.sha256(repr(self).encode()).hexdigest()[:10]}"
