"""Which addresses may be opened: a list of schemes, and no host of a private network where that is switched off."""

from __future__ import annotations

import ipaddress
import os
import socket
from urllib.parse import urlsplit

from heatstream.core.errors import AccessError, SourceError, SourceUnreachableError
from heatstream.sources.base import is_url, redacted

_SCHEMES = ("rtsp", "rtsps", "http", "https")


def check_address(text: str, *, operator: bool = False) -> None:
    """See that the network address ``text`` may be opened; to be called again for every redirect.

    Raises:
        AccessError: its scheme is none that may be opened, or its host lies in a private network and may not be.
        SourceError: it is no address.
        SourceUnreachableError: its host must be looked up to know, and is not known.
    """
    if not is_url(text):
        return
    parts = urlsplit(text)
    if parts.scheme.lower() not in _SCHEMES:
        raise AccessError(f"{redacted(text)} is no address that can be opened; use rtsp, rtsps, http or https")
    if not parts.hostname:
        raise SourceError(f"{redacted(text)} names no host; write for example rtsp://192.168.1.20/stream1")
    if operator or os.environ.get("HEATSTREAM_ALLOW_PRIVATE_URLS", "on").lower() not in ("off", "0", "false", "no"):
        return
    try:
        found = socket.getaddrinfo(parts.hostname, None)
    except OSError:
        raise SourceUnreachableError(
            f"the host {parts.hostname} is not known in this network; check its name"
        ) from None
    if not all(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]).is_global for answer in found):
        raise AccessError(f"{parts.scheme}://{parts.hostname} lies in a private network, and none may be opened here")


def pinned(text: str, *, operator: bool = False) -> str:
    """``text`` as it is to be connected to, so that a second lookup of its name cannot lead elsewhere."""
    check_address(text, operator=operator)
    return text
