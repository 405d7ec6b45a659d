"""Who may ask: the names this server answers to, where a request may come from, and signed tickets for pictures."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from heatstream.core.errors import AccessError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def _split_host(netloc: str) -> tuple[str, int | None]:
    """Lower-case host name and port of ``name``, ``name:port`` or ``[ipv6]:port``; ("", None) if it is none of them."""
    try:
        parts = urlsplit(f"//{netloc}")
        if parts.username is not None or parts.path or parts.query or parts.fragment:
            return "", None
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Doors:
    """What a request may say of where it goes (Host) and of the page it comes from (Origin).

    ``names`` are lower-case host names the server answers to; ``origins`` are further ``name`` or ``name:port`` that
    pages may come from (a proxy's public name); ``any_ip``: any IP address as Host will do, since the server listens
    beyond this machine and an address cannot be rebound as a name can.
    """

    names: frozenset[str] = LOOPBACK_NAMES
    origins: frozenset[str] = frozenset()
    any_ip: bool = False

    @classmethod
    def of(cls, *, bound: str, public: Iterable[str] = (), listed: Iterable[str] = ()) -> Doors:
        """Doors of a server bound to the address ``bound`` ("" for all interfaces), known by the ``public`` names
        and by those that its owner ``listed`` (``name`` or ``name:port``)."""
        listed = frozenset(name.lower() for name in listed)
        names = {_split_host(name.lower())[0] for name in (bound, *public, *listed)} - {"", "0.0.0.0", "::"}  # noqa: S104
        try:
            beyond = not ipaddress.ip_address(bound).is_loopback
        except ValueError:
            beyond = bound.lower() != "localhost"
        return cls(names=LOOPBACK_NAMES | names, origins=listed, any_ip=beyond)

    def check(self, headers: Headers) -> None:
        """Look at a request's Host and Origin.

        Raises:
            AccessError: one of them is missing or foreign; the message says which, and how to allow it.
        """
        hosts = headers.getlist("host")
        name, port = _split_host(hosts[0]) if len(hosts) == 1 else ("", None)
        if not name or not (name in self.names or (self.any_ip and _is_ip(name))):
            raise AccessError(
                f"This server does not answer to the name {name[:100]!r}; "
                "if the name is yours, list it in HEATSTREAM_ALLOWED_HOSTS."
            )
        for origin in headers.getlist("origin"):
            self._check_origin(origin, (name, port))

    def _check_origin(self, origin: str, host: tuple[str, int | None]) -> None:
        scheme, _, netloc = origin.partition("://")
        default = {"http": 80, "https": 443}.get(scheme.lower())
        name, port = _split_host(netloc) if default else ("", None)
        same = name == host[0] and (port or default) == (host[1] or default)
        listed = name if port in (None, default) else f"{name}:{port}"
        if not name or not (same or listed in self.origins):
            raise AccessError(
                f"This server does not answer to pages of {origin[:100]!r}; "
                "if the page is yours, list its host in HEATSTREAM_ALLOWED_HOSTS."
            )


class Guard:
    """ASGI middleware that answers 403 to every request and WebSocket that ``doors`` refuses."""

    def __init__(self, app: ASGIApp, doors: Callable[[], Doors]) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] in {"http", "websocket"}:
            try:
                self._doors().check(Headers(scope=scope))
            except AccessError as error:
                await refuse(scope, receive, send, PlainTextResponse(f"{error}\n", 403))
                return
        await self._app(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send, response: PlainTextResponse) -> None:
    """Send ``response`` to a request, or to a WebSocket in place of accepting it."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})  # which servers turn into a bare 403
    else:
        await response(scope, receive, send)


class Tickets:
    """Signed permissions for one camera, good for ``life_s`` seconds after they were issued.

    What they allow is ``scope``: a ticket of one scope is none in another.
    """

    def __init__(self, secret: bytes, life_s: float, *, scope: str = "picture") -> None:
        self.life_s = life_s
        self._signer = URLSafeTimedSerializer(secret, salt=f"heatstream-{scope}")

    def issue(self, camera_id: str) -> str:
        """A ticket for a camera, fit for a URL."""
        return self._signer.dumps(camera_id)

    def check(self, ticket: str, camera_id: str) -> None:
        """Accept a ticket or raise.

        Raises:
            AccessError: the ticket is missing, forged, too old, or another camera's.
        """
        try:
            issued_for = self._signer.loads(ticket, max_age=int(self.life_s))
        except SignatureExpired:
            raise AccessError("The permission that this page had has expired; reload the page for a new one.") from None
        except BadSignature:
            raise AccessError("This address has no valid ticket; open the camera from its page.") from None
        if issued_for != camera_id:
            raise AccessError("This ticket is for another camera; open this one from its page.")
