"""``python -m heatstream.tools.paint_demo`` paints the demo scene's backdrop and saves it beside the demo's model."""

from __future__ import annotations

import sys

from heatstream.demo.backdrop import painted
from heatstream.demo.scenery import SCENERY, save


def main() -> None:
    """Paint and save it."""
    save(painted(), SCENERY)
    sys.stdout.write(f"{SCENERY}: {SCENERY.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
