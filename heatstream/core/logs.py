"""The log of a process of ours: no address in it, whoever wrote it there, has a password or a token."""

from __future__ import annotations

import logging
import re

_USERINFO = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s'\"<>]*@", re.IGNORECASE)
_QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s'\"<>?]*)\?[^\s'\"<>]*", re.IGNORECASE)


def without_credentials(text: str) -> str:
    """``text`` in which every URL has lost its user, password and query."""
    return _QUERY.sub(r"\1", _USERINFO.sub(r"\1", text))


class _Formatter(logging.Formatter):
    """Also what a traceback says goes through here."""

    def format(self, record: logging.LogRecord) -> str:
        return without_credentials(super().format(record))


def configure(level: str) -> None:
    """Write what is logged from ``level`` on to standard error, unless logging has been set up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
