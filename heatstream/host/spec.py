"""What makes a camera: its source and its model. Equal specs are one camera."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from heatstream.sources.credentials import Secret, split_secret
from heatstream.vision import ModelSpec


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """``source`` as ``open_source`` takes it, ``model`` as detection takes it."""

    source: str
    model: ModelSpec

    @property
    def id(self) -> str:
        """A short name that is the same for equal specs, in every later version too, and fit for a URL."""
        model = self.model
        parts = [self.source, model.model, model.device, model.imgsz, model.tracker]
        return f"cam-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]}"

    def split(self) -> tuple[CameraSpec, Secret]:
        """The camera as it is known, shown and stored, and what was secret in its source's text."""
        source, secret = split_secret(self.source)
        return (replace(self, source=source), secret) if secret else (self, secret)
