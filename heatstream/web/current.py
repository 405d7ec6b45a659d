"""What this web process has one of: the handle to the engine, and the secrets that sign tickets."""

from __future__ import annotations

import secrets
from functools import cache

from heatstream.core.errors import EngineUnavailableError
from heatstream.core.settings import settings
from heatstream.host.engine_host import EngineHost
from heatstream.web.access import Tickets

_hosts: list[EngineHost] = []


def host() -> EngineHost:
    """The process's engine host.

    Raises:
        EngineUnavailableError: the server has not started one, or has closed it.
    """
    if not _hosts:
        raise EngineUnavailableError("The engine is not running; start the server with “streamlit run app.py”.")
    return _hosts[-1]


def set_host(new: EngineHost | None) -> None:
    """Make ``new`` the process's engine host, None when it is closed; the lifespan calls this."""
    _hosts[:] = [new] if new is not None else []


@cache
def server_id() -> str:
    """What tells this process from one that ran before it or will after it."""
    return secrets.token_hex(8)


@cache
def tickets() -> Tickets:
    """The process's tickets for seeing; their secret is made here and never leaves the process."""
    return Tickets(secrets.token_bytes(32), settings().ticket_s)


@cache
def push_tickets() -> Tickets:
    """The process's tickets for sending pictures, with a secret of their own: whoever sees a camera may not feed it."""
    return Tickets(secrets.token_bytes(32), settings().ticket_s, scope="push")


def issue_ticket(camera_id: str) -> str:
    """A ticket with which a page's component opens this camera's pictures."""
    return tickets().issue(camera_id)


def issue_push_ticket(camera_id: str) -> str:
    """A ticket with which a browser's page sends the pictures of its own camera."""
    return push_tickets().issue(camera_id)
