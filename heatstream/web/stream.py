"""The routes of the live picture: WebSocket for the page, MJPEG and a snapshot for other programs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from heatstream.core.controls import Controls
from heatstream.core.errors import (
    AccessError,
    CameraStoppedError,
    ClosedError,
    EngineUnavailableError,
    UnknownCameraError,
)
from heatstream.core.types import CameraState, Packet
from heatstream.engine.messages import Look
from heatstream.host.engine_host import EngineHost, EngineState
from heatstream.host.hub import Viewer
from heatstream.web import current
from heatstream.web.access import Tickets, refuse
from heatstream.web.wire import page_mark, picture_message, status_message

#: Close codes of our WebSocket: the camera was removed for everybody; the server ends (RFC 6455).
REMOVED, GOING_AWAY = 4404, 1001
RETRY_AFTER_S = "2"
#: What a viewer says, each with a whole number: which picture it has painted, how wide it shows them.
_SAID = {"ack", "width"}
_NO_STORE = {"Cache-Control": "no-store"}


def admit(connection: HTTPConnection, tickets: Tickets | None = None) -> tuple[EngineHost, str]:
    """The host and the id of the camera that a request asks for, if its ticket is right: one for seeing, or of those
    ``tickets``.

    Raises:
        AccessError, UnknownCameraError, EngineUnavailableError: as ``refusal`` turns into an answer.
    """
    camera_id = connection.path_params["camera_id"]
    (tickets or current.tickets()).check(connection.query_params.get("ticket", ""), camera_id)
    host = current.host()
    host.spec(camera_id)
    return host, camera_id


def refusal(error: Exception) -> PlainTextResponse:
    """The answer to an error: 403, 404, 409 (the camera is stopped) or 503 with one sentence."""
    if isinstance(error, AccessError):
        return PlainTextResponse(f"{error}\n", 403, _NO_STORE)
    if isinstance(error, UnknownCameraError):
        return PlainTextResponse(f"{error}\n", 404, _NO_STORE)
    if isinstance(error, CameraStoppedError):
        return PlainTextResponse(f"{error}\n", 409, _NO_STORE)
    return PlainTextResponse(f"{error}\n", 503, {**_NO_STORE, "Retry-After": RETRY_AFTER_S})


def answers_errors(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint whose errors are answered as ``refusal`` says."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (AccessError, UnknownCameraError, EngineUnavailableError, ClosedError) as error:
            return refusal(error)

    return answer


def _require_running(host: EngineHost, camera_id: str) -> None:
    if not host.running(camera_id):
        raise CameraStoppedError("The camera is stopped; open its page to start it again.")
    if host.state != EngineState.RUNNING:
        raise EngineUnavailableError("The engine is starting; try once more in a moment.")


@answers_errors
async def snapshot(request: Request) -> Response:
    """``/snapshot/{camera_id}.jpg``: the newest picture as a JPEG; with ``plain=1`` without anything drawn on it, with
    ``stamped=1`` with legend, name and time on it. ``/snapshot/{camera_id}.png``: as it is shown, as a PNG."""
    host, camera_id = admit(request)
    if request.url.path.endswith(".png"):
        return Response(await host.still(camera_id, Look.PNG), media_type="image/png", headers=_NO_STORE)
    looks = (Look.SHOWN, Look.PLAIN, Look.STAMPED)
    asked = [look for look in looks if request.query_params.get(look, "0") not in {"", "0", "false"}]
    look = asked[0] if asked else Look.SHOWN
    return Response(await host.still(camera_id, look), media_type="image/jpeg", headers=_NO_STORE)


@answers_errors
async def mjpeg(request: Request) -> Response:
    """``/mjpeg/{camera_id}``: pictures until the camera is stopped, for an ``<img>`` or a recorder."""
    host, camera_id = admit(request)
    _require_running(host, camera_id)
    # Long and random: a short boundary occurs inside JPEG data, and a browser then shows a broken image for good.
    boundary = secrets.token_hex(24)
    headers = {**_NO_STORE, "Content-Encoding": "identity", "X-Accel-Buffering": "no"}
    media_type = f"multipart/x-mixed-replace; boundary={boundary}"
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    return StreamingResponse(_parts(host, camera_id, boundary), headers=headers, media_type=media_type)


async def _parts(host: EngineHost, camera_id: str, boundary: str) -> AsyncIterator[bytes]:
    try:
        with host.hub.join(camera_id) as viewer:
            yield f"--{boundary}\r\n".encode()
            while True:
                item = await viewer.next()
                if isinstance(item, Packet):
                    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(item.jpeg)}\r\n\r\n"
                    # The next boundary goes with the picture: a browser shows a part when it has seen its end.
                    yield b"".join((head.encode(), item.jpeg, f"\r\n--{boundary}\r\n".encode()))
                elif item.state is CameraState.STOPPED and not host.running(camera_id):
                    return
    except (ClosedError, UnknownCameraError):
        return  # the camera was removed, or the server ends


@answers_errors
async def explain(request: Request) -> Response:
    """A plain request to the WebSocket's address: says why a WebSocket would be refused, which browsers do not tell
    their scripts; 426 if it would not."""
    admit(request)
    return PlainTextResponse("Open this address as a WebSocket.\n", 426, {**_NO_STORE, "Upgrade": "websocket"})


async def live(websocket: WebSocket) -> None:
    """``/ws/{camera_id}``: the newest picture when acknowledgements leave room for it, and the status at least each
    second; of a stopped camera the status alone."""
    try:
        host, camera_id = admit(websocket)
        viewer = host.hub.join(camera_id, shown_px=_width(websocket.query_params.get("width")))
    except (AccessError, UnknownCameraError, EngineUnavailableError, ClosedError) as error:
        await refuse(websocket.scope, websocket.receive, websocket.send, refusal(error))
        return
    with viewer:
        await websocket.accept()
        listener = asyncio.create_task(_listen(websocket, viewer), name=f"acks {camera_id}")
        try:
            await _talk(websocket, viewer, host)
        except ClosedError as error:
            if websocket.client_state is WebSocketState.CONNECTED:
                code = GOING_AWAY if host.hub.closed else REMOVED
                await websocket.close(code, str(error))
        except WebSocketDisconnect:
            pass  # the viewer has gone, which is its right
        finally:
            listener.cancel()


def _width(value: Any) -> int:
    """How wide (device pixels) a viewer says it shows the picture; without a usable number, the whole picture."""
    try:
        return max(int(value), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


class FreshTicket:
    """A page's ticket, renewed in time: an open page never needs an old one."""

    def __init__(self, camera_id: str, tickets: Tickets) -> None:
        self._camera_id = camera_id
        self._tickets = tickets
        self._issued_s = float("-inf")
        self._text = ""

    def fresh(self) -> str:
        """A ticket with at least three quarters of its life before it."""
        tickets, now_s = self._tickets, time.monotonic()
        if now_s - self._issued_s >= tickets.life_s / 4:
            self._text, self._issued_s = tickets.issue(self._camera_id), now_s
        return self._text


async def _talk(websocket: WebSocket, viewer: Viewer, host: EngineHost) -> None:
    ticket = FreshTicket(viewer.camera_id, current.tickets())
    try:
        viewer.tell(host.snapshot(viewer.camera_id))  # the hub knows none before the engine's first
    except UnknownCameraError as error:
        raise ClosedError(str(error)) from error
    while True:
        item = await viewer.next()
        if isinstance(item, Packet):
            viewer.hold()
            await websocket.send_bytes(picture_message(item))
        else:
            # The controls of now, also what another tab has just set; none of a camera that has just been removed.
            controls, mark = Controls(), ""
            with contextlib.suppress(UnknownCameraError):
                controls, mark = host.controls(viewer.camera_id), page_mark(host, viewer.camera_id)
            message = status_message(
                item,
                controls=controls,
                engine=host.state,
                skipped=viewer.drops,
                ticket=ticket.fresh(),
                mark=mark,
            )
            await websocket.send_text(message)


async def _listen(websocket: WebSocket, viewer: Viewer) -> None:
    """Take acknowledgements, and how wide the picture is shown, until the viewer goes or says something else."""
    try:
        while True:
            message = json.loads(await websocket.receive_text())
            if not isinstance(message, dict) or not _SAID & message.keys():
                break
            if not all(isinstance(message[key], int) for key in _SAID & message.keys()):
                break
            if "width" in message:
                viewer.show_in(_width(message["width"]))
            if "ack" in message:
                viewer.release()
    except (WebSocketDisconnect, KeyError, ValueError):
        pass  # gone, a binary message, or no JSON
    finally:
        viewer.leave()
