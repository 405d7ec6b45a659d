"""The command line, called in this process: to start one for each call takes longer than what most tests look at."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from heatstream.cli import main


@pytest.fixture(autouse=True)
def kept_handlers() -> Iterator[None]:
    """The command line takes signals over; give them back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def heatstream(capfd: pytest.CaptureFixture[str]) -> Callable[..., CompletedProcess[str]]:
    """``heatstream("run", clip, "--json")``: its exit code and all that it printed, by libraries in C too."""

    def call(*arguments: str | Path) -> CompletedProcess[str]:
        texts = list(map(str, arguments))
        capfd.readouterr()
        try:
            code = main(texts)
        except SystemExit as ended:  # how argparse ends
            code = ended.code if isinstance(ended.code, int) else 0
        out, err = capfd.readouterr()
        return CompletedProcess(texts, code, out, err)

    return call
