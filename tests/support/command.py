"""``python -m heatstream`` in a process of its own, for what only that shows: signals, process titles, a real start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.browser import ROOT

HEATSTREAM = (sys.executable, "-m", "heatstream")


def in_a_process(*arguments: str | Path, timeout_s: float = 100) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [*HEATSTREAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False, cwd=ROOT)
