"""User and password for a network source, from a file: a command line can be read by everybody on the machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from heatstream.core.errors import ControlsError
from heatstream.sources.addresses import is_network
from heatstream.sources.credentials import split_secret, with_credentials


def logged_in(source: str, file: Path | None) -> str:
    """``source`` with the user and the password that ``file`` has in its first line, ``user:password``.

    Raises:
        ControlsError: the file cannot be read, or the source is none that has a password.
    """
    if file is None:
        return source
    if not is_network(source):
        raise ControlsError("--login is for the address of a network camera")
    try:
        line = file.read_text("utf-8-sig").splitlines()[0]
    except (OSError, UnicodeError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it has no line of text"
        raise ControlsError(f"the login cannot be read from {file}: {reason}") from error
    if not line.strip():
        raise ControlsError(f"the login cannot be read from {file}: its first line is empty")
    user, _, password = line.partition(":")
    shown, secret = split_secret(source)
    return with_credentials(shown, replace(secret, user=user, password=password))
