"""What went wrong with a network stream, in words that say what to do, and as the error class that fits.

Libraries' own messages carry the address with its password: they are never passed on, nor kept as a cause.
"""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import HTTPException
from urllib.error import HTTPError, URLError

import av

from heatstream.core.errors import (
    HeatStreamError,
    SourceError,
    SourceNotFoundError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnreachableError,
    SourceUnreadableError,
)

_REFUSED = {401, 403, 407}
_NOT_THERE = {404, 410, 454}


def by_status(name: str, status: int, *, with_password: bool) -> SourceError:
    """The error for a server's answer ``status`` (HTTP's and RTSP's numbers agree)."""
    if status in _REFUSED:
        if status == 403:
            return SourceRefusedError(f"{name} is forbidden to this user (403); check what the user may see")
        if with_password:
            return SourceRefusedError(f"{name} refused the user name or the password ({status}); check both")
        return SourceRefusedError(f"{name} wants a user name and a password ({status}); give both")
    if status in _NOT_THERE:
        return SourceNotFoundError(f"the server answers, but has no {name} ({status}); check the path in the address")
    if status >= 500:
        return SourceUnreachableError(
            f"{name} does not work at the moment: the server says {status}; look at the camera"
        )
    return SourceError(f"{name} cannot be used: the server says {status}; check the address")


def late(name: str, limit_s: float) -> SourceTimeoutError:
    """The error for a source that did not open in its time."""
    return SourceTimeoutError(
        f"{name} gave no picture within {limit_s:g} seconds; check that the camera is on and the address is right"
    )


def silent(name: str, limit_s: float) -> SourceTimeoutError:
    """The error for an open source from which nothing comes any more."""
    return SourceTimeoutError(f"{name} has sent no picture for {limit_s:g} seconds; check the camera and the network")


def no_video(name: str, *, sound: bool = False) -> SourceUnreadableError:
    """The error for something that is there, but shows no picture."""
    what = "sound but no pictures" if sound else "no pictures that can be decoded"
    return SourceUnreadableError(f"{name} has {what}; give the address of a video stream")


def explained(name: str, error: Exception, *, with_password: bool, overdue: SourceError) -> HeatStreamError:
    """The error for what FFmpeg or a socket raised while ``name`` was being opened or read; ``overdue`` if too late."""
    if isinstance(error, HTTPError):
        return by_status(name, error.code, with_password=with_password)
    if isinstance(error, (av.error.HTTPClientError, av.error.HTTPServerError)):
        return by_status(name, _status(error), with_password=with_password)
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, UnicodeError):  # what the resolver says of a name that no machine can have
        error = socket.gaierror()
    if isinstance(error, (av.ExitError, TimeoutError)):
        return overdue
    if isinstance(error, OSError) and not isinstance(error, HeatStreamError):
        return _by_socket(name, error)
    if isinstance(error, (EOFError, HTTPException)):
        return SourceUnreachableError(f"{name} has ended the connection; check the camera")
    return error if isinstance(error, HeatStreamError) else no_video(name)


def _status(error: Exception) -> int:
    if isinstance(error, av.error.HTTPServerError):
        return 500
    names: dict[type[Exception], int] = {
        av.error.HTTPUnauthorizedError: 401,
        av.error.HTTPForbiddenError: 403,
        av.error.HTTPNotFoundError: 404,
        av.error.HTTPOtherClientError: 454,  # of the rest, RTSP servers say "no such session" (454) of a missing path
    }
    return next((status for kind, status in names.items() if isinstance(error, kind)), 400)


def _by_socket(name: str, error: OSError) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return SourceError(
            f"{name}: the server's certificate is not trusted ({error.verify_message}); name its authority in "
            "SSL_CERT_FILE, or use http:// in a network that you trust"
        )
    if isinstance(error, socket.gaierror):
        return SourceUnreachableError(f"{name}: no machine has this name; check the address and the name server")
    if error.errno == errno.ECONNREFUSED:
        return SourceUnreachableError(
            f"{name}: nothing answers at this port; check port and address, and look at the camera"
        )
    if error.errno in (errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return SourceUnreachableError(
            f"{name} cannot be reached; check the address, the cable and that the camera is on"
        )
    return SourceUnreachableError(f"{name}: the connection failed; check the address and look at the camera")
