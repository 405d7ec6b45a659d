"""What ``app.py`` gives to Streamlit's server: our routes, the guard in front of everything, and the lifespan."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import cache
from types import FrameType
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from heatstream.core.settings import private_urls, settings
from heatstream.host.engine_host import EngineHost
from heatstream.host.hub import Hub
from heatstream.store import Vault, open_store
from heatstream.web import current, push, stream
from heatstream.web.access import Doors, Guard

logger = logging.getLogger(__name__)

#: The engine has this long (seconds) to end by itself when the server ends.
ENGINE_END_S = 2.0
#: And clients that read nothing have this long (whole seconds) to take their last bytes.
CLIENTS_END_S = 1
#: The server hears of a signal this long (seconds) after its viewers have: an answer under way still gets through.
VIEWERS_END_S = 0.1


@cache
def doors() -> Doors:
    """Where requests may go and come from, by Streamlit's configuration and ``HEATSTREAM_ALLOWED_HOSTS``."""
    public = str(config.get_option("browser.serverAddress") or "").partition("/")[0]
    bound = str(config.get_option("server.address") or "")
    return Doors.of(bound=bound, public=[public], listed=settings().extra_hosts)


def middleware() -> list[Middleware]:
    """The guard, for Streamlit's own pages and WebSocket as well."""
    return [Middleware(Guard, doors=doors)]


def routes() -> list[BaseRoute]:
    """Everything under ``/heatstream``; it carries its own guard, so that it is never served without one."""
    return [
        Mount(
            "/heatstream",
            routes=[
                WebSocketRoute("/ws/{camera_id}", stream.live),
                Route("/ws/{camera_id}", stream.explain),
                WebSocketRoute("/push/{camera_id}", push.receive),
                Route("/push/{camera_id}", push.explain),
                Route("/mjpeg/{camera_id}", stream.mjpeg),
                Route("/snapshot/{camera_id}.jpg", stream.snapshot),
                Route("/snapshot/{camera_id}.png", stream.snapshot),
                Route("/server", _server),
            ],
            middleware=middleware(),
        )
    ]


async def _server(_request: Request) -> PlainTextResponse:
    """``/server``: which process this is, for pages that outlive theirs."""
    return PlainTextResponse(current.server_id(), headers={"Cache-Control": "no-store"})


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the engine with the server and end it, its viewers first, when the server ends."""
    async with lifespan_with(_lasting_host)(_app) as state:
        yield state


def _lasting_host() -> EngineHost:
    """An engine host whose cameras, controls and counts are kept in the database that the settings name."""
    kept = settings()
    vault = Vault(kept.data_dir, kept.secret_key.get_secret_value())
    return EngineHost(lambda: open_store(kept.database_url, kept.data_dir), vault)


def lifespan_with(make_host: Callable[[], EngineHost]) -> Callable[[Any], AbstractAsyncContextManager[dict[str, Any]]]:
    """A lifespan around another engine host."""

    @asynccontextmanager
    async def around(_app: Any) -> AsyncIterator[dict[str, Any]]:
        with private_urls(not doors().any_ip):  # before the engine process is started, which takes it over
            async with _running(make_host()) as state:
                yield state

    return around


@asynccontextmanager
async def _running(host: EngineHost) -> AsyncIterator[dict[str, Any]]:
    host.start(asyncio.get_running_loop())
    current.set_host(host)
    config.set_option("server.maxUploadSize", settings().max_upload_mb)  # else Streamlit's own limit holds
    # Else the first page that a new server draws is made from the folder ``pages`` instead of by ``st.navigation``: one
    # that has outlived the last server is led to /live without our shell, and a reload then says "Page not found".
    PagesManager.uses_pages_directory = False
    gc.collect()
    gc.freeze()  # what is loaded by now stays: collections need not walk through it again
    try:
        with _viewers_end_first(host.hub):
            yield {"host": host}
    finally:
        current.set_host(None)
        host.close(ENGINE_END_S)


@contextmanager
def _viewers_end_first(hub: Hub) -> Iterator[None]:
    """On SIGTERM and SIGINT end our streams before the server waits for its connections to become idle.

    An MJPEG stream never becomes idle, so the server would wait for ever, and the lifespan's end comes after that. And
    what the server closes itself closes with its own code, "restarting", whether it will be or not.
    """
    loop = asyncio.get_running_loop()
    previous: dict[signal.Signals, Any] = {}

    def end(number: int, _frame: FrameType | None) -> None:
        hub.close()
        handler = previous[signal.Signals(number)]
        # uvicorn's handler is a method of its server, which by default waits without limit for a client that has
        # stopped reading (a suspended browser) to take its last bytes.
        server_config: Any = getattr(getattr(handler, "__self__", None), "config", None)
        if getattr(server_config, "timeout_graceful_shutdown", 0) is None:
            server_config.timeout_graceful_shutdown = CLIENTS_END_S
        if callable(handler):
            # First after the hub's own call on the loop, and only then the time: however late the loop is, each viewer
            # has had its turn before the server does.
            loop.call_soon_threadsafe(loop.call_later, VIEWERS_END_S, handler, number, None)

    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            previous[number] = signal.signal(number, end)
    except ValueError:
        logger.debug("Not in the main thread: signals are left to whoever started the server")
    try:
        yield
    finally:
        for caught, handler in previous.items():
            if signal.getsignal(caught) is end:
                signal.signal(caught, handler)
