"""How the demo scene is named as a source: ``demo://plaza?seed=1&crowd=24``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from heatstream.core.errors import SourceError
from heatstream.demo.plaza import MAX_CROWD, MAX_SEED

_SCHEME = "demo://"
_USAGE = (
    f"write demo://plaza, or demo://plaza?seed=1&crowd=24 with a seed of 0 to {MAX_SEED} and 1 to {MAX_CROWD} people"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Which scene is meant."""

    seed: int = 1
    crowd: int = 24


def is_demo(source_text: str) -> bool:
    """Whether a source's text names a demo scene, be it a right one or not."""
    return source_text.strip().lower().startswith(_SCHEME)


def parse_address(source_text: str) -> Address:
    """The scene that a text for which ``is_demo`` is true names.

    Raises:
        SourceError: there is no such scene or option, or a value is out of range; the message says what to write.
    """
    text = source_text.strip()
    try:
        parts = urlsplit(text)
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise SourceError(f"{text} cannot be read; {_USAGE}") from None
    if parts.netloc.lower() != "plaza" or parts.path not in ("", "/") or parts.fragment:
        name = (parts.netloc + parts.path).strip("/")
        raise SourceError(f"there is no demo scene called {name!r}; {_USAGE}")
    limits = {"seed": (0, MAX_SEED), "crowd": (1, MAX_CROWD)}
    values: dict[str, int] = {}
    for name, value in options:
        if name not in limits:
            raise SourceError(f"the demo scene has no option {name!r}; {_USAGE}")
        if name in values:
            raise SourceError(f"the demo scene's {name} is given twice; {_USAGE}")
        low, high = limits[name]
        if not (value.isascii() and value.isdecimal() and len(value) <= 10 and low <= int(value) <= high):
            raise SourceError(f"the demo scene's {name} must be a whole number from {low} to {high}, not {value!r}")
        values[name] = int(value)
    return Address(**values)
