"""No log has a password in it, whoever wrote it there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from heatstream.core.logs import without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("open 'rtsp://anna:word@cam/1' failed", "open 'rtsp://cam/1' failed"),
        ("a http://cam/v?token=word b HTTPS://me@x/y?z#word", "a http://cam/v b HTTPS://x/y"),
        ("rtsp://me:w@rd@cam and rtsp://cam/1", "rtsp://cam and rtsp://cam/1"),
        ("nothing: a@b.example", "nothing: a@b.example"),
    ],
)
def test_credentials_leave_a_text(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_the_log_of_a_process_has_none_even_in_a_traceback() -> None:
    program = (
        "import logging; from heatstream.core import logs; logs.configure('INFO');"
        "logging.info('opening %s', 'rtsp://anna:sesame@cam/1');\n"
        "try: raise OSError('no route: rtsp://anna:sesame@cam/1?token=sesame')\n"
        "except OSError: logging.exception('it failed')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "opening rtsp://cam/1" in done.stderr
    assert "OSError: no route: rtsp://cam/1" in done.stderr
    assert "sesame" not in done.stderr
