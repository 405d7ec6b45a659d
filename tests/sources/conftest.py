"""What tests of sources have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heatstream.core.settings import settings


@pytest.fixture
def private_networks_closed() -> Iterator[None]:
    """Addresses of private networks may not be opened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEATSTREAM_ALLOW_PRIVATE_URLS", "off")
        settings.cache_clear()
        yield
    settings.cache_clear()
