"""What makes a camera: its source and its model. Equal specs are one camera."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from heatstream.sources.base import is_url
from heatstream.vision import ModelSpec

#: Addresses of these kinds never carry a secret.
_OPEN_SCHEMES = ("demo://", "file://", "webcam://")


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

    @property
    def secret(self) -> bool:
        """Whether the source is a network address that carries a password or a token: it is never stored."""
        if not is_url(self.source) or self.source.lower().startswith(_OPEN_SCHEMES):
            return False
        try:
            parts = urlsplit(self.source)
        except ValueError:
            return True
        return "@" in parts.netloc or bool(parts.query)
