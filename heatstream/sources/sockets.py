"""Connections that can be given up at any time, for what is read without FFmpeg's own network code."""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
from collections.abc import Callable

from heatstream.sources.interrupt import Patience

#: How often a wait looks whether it is to end, seconds.
_STEP_S = 0.1


class _Patient:
    """Mixed into a socket: reading waits for as long as ``waits()`` lasts, then raises ``TimeoutError``."""

    waits: Callable[[], Patience]

    def recv_into(self, *arguments: object) -> int:
        while True:
            try:
                return super().recv_into(*arguments)  # type: ignore[misc, no-any-return]
            except TimeoutError:
                if self.waits().over:
                    raise


class PatientSocket(_Patient, socket.socket):
    """A plain connection."""


class PatientTlsSocket(_Patient, ssl.SSLSocket):
    """An encrypted connection."""


def connect(host: str, port: int, waits: Callable[[], Patience]) -> PatientSocket:
    """Connect to the first of the host's addresses that answers; each wait lasts as long as ``waits()`` of that time.

    Raises:
        OSError: none answers (``TimeoutError`` when the time is up).
    """
    failure: OSError = TimeoutError(errno.ETIMEDOUT, "timed out")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = PatientSocket(family, kind, protocol)
        made.waits = waits
        try:
            made.setblocking(False)
            _finish(made, made.connect_ex(address), waits())
            made.settimeout(_STEP_S)
        except OSError as error:
            made.close()
            failure = error
            continue
        return made
    raise failure


def encrypted(plain: PatientSocket, context: ssl.SSLContext, host: str) -> PatientTlsSocket:
    """The TLS connection to ``host`` over ``plain``, which belongs to it from now on.

    Raises:
        OSError: there is none (``ssl.SSLCertVerificationError`` where the certificate is not trusted).
    """
    context.sslsocket_class = PatientTlsSocket
    waits = plain.waits
    made = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    assert isinstance(made, PatientTlsSocket)
    made.waits = waits
    while True:
        try:
            made.do_handshake()
        except TimeoutError:
            if waits().over:
                made.close()
                raise
        except OSError:
            made.close()
            raise
        else:
            return made


def _finish(made: socket.socket, code: int, patience: Patience) -> None:
    while code == errno.EINPROGRESS:
        if patience.over:
            raise TimeoutError(errno.ETIMEDOUT, "timed out")
        if select.select([], [made], [], _STEP_S)[1]:
            code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
