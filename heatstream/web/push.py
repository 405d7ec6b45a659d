"""The route by which a browser sends the pictures of its own camera: one at a time, the next after an acknowledgement.

A message is a header's length (uint32, big-endian), the header (JSON) and a JPEG. The header has ``n``, the message's
number; ``captured_ms`` and ``sent_ms`` by the browser's monotonic clock; ``width`` and ``height``, in which its camera
sees. The answer names ``n`` as ``ack`` and says whether the picture was ``taken``, with ``waited_ms`` for how long the
engine let it wait, and ``refused`` with the reason where it was no good. A text message is answered at once: so the
browser learns how long the way there and back is without a picture.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import struct
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from heatstream.core.errors import (
    AccessError,
    CameraStoppedError,
    ClosedError,
    EngineUnavailableError,
    SourceError,
    SourceUnreadableError,
    UnknownCameraError,
)
from heatstream.host.engine_host import EngineHost
from heatstream.sources.inlets import SentPicture
from heatstream.sources.pushed import MOST_PX, SHORTEST_SIDE_PX, is_browser, picture_size
from heatstream.web import current
from heatstream.web.access import refuse
from heatstream.web.stream import REMOVED, FreshTicket, admit, answers_errors, refusal

logger = logging.getLogger(__name__)

#: Close codes of our WebSocket: the camera is stopped; another page of the same browser sends now.
STOPPED, OVERTAKEN = 4409, 4410
#: Close codes of RFC 6455: nothing that was sent can be used; the sender does not wait for its answers.
UNUSABLE, IMPATIENT = 1003, 1008
#: A message may be this large, and its header, bytes.
MOST_BYTES, MOST_HEADER_BYTES = 4_000_000, 1000
#: Pictures are acknowledged no faster than this, pictures a second.
MOST_HZ = 40.0
#: A picture that the engine has not taken after this long is given up, so that a newer one can be sent, seconds.
TAKE_S = 2.0
#: After so many messages in a row that are no good the line is closed.
MOST_REFUSED = 50
#: A picture is taken to be at most this old when it comes, seconds.
OLDEST_S = 5.0
#: How many messages the shortest way from the browser is looked for in.
CLOCK_WINDOW = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came, checked: the JPEG's head is right, and the numbers are within bounds."""

    number: int
    jpeg: bytes
    size_wh: tuple[int, int]
    captured_ms: float
    sent_ms: float


def parse(data: bytes) -> Message:
    """A browser's message.

    Raises:
        SourceUnreadableError: it is too large, has no proper header, or carries no JPEG of a size that is allowed.
    """
    if len(data) > MOST_BYTES:
        raise SourceUnreadableError(f"A picture must have at most {MOST_BYTES / 1e6:.0f} MB.")
    try:
        (length,) = struct.unpack_from(">I", data)
        if length > MOST_HEADER_BYTES:
            raise ValueError("header too long")
        header = json.loads(data[4 : 4 + length])
        number, width, height = (int(header[name]) for name in ("n", "width", "height"))
        captured_ms, sent_ms = (float(header[name]) for name in ("captured_ms", "sent_ms"))
        if not (math.isfinite(captured_ms) and math.isfinite(sent_ms)):
            raise ValueError("no time")
        if width * height > MOST_PX or min(width, height) < SHORTEST_SIDE_PX:
            raise ValueError("no size of a camera")
    except (struct.error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise SourceUnreadableError("What was sent has no header that can be read.") from error
    jpeg = data[4 + length :]
    picture_size(jpeg)
    return Message(number, jpeg, (width, height), captured_ms, sent_ms)


class CaptureClock:
    """When a browser's pictures were taken, by this machine's clock, from its own one, which may show any time.

    The message that came quickest counts as without delay. So the steps between pictures are those of the browser's
    clock, whatever the network does to each of them.
    """

    def __init__(self) -> None:
        self._offsets_s: deque[float] = deque(maxlen=CLOCK_WINDOW)

    def captured_s(self, message: Message, now_s: float) -> float:
        """When the picture was taken; ``now_s`` is when it came, in the same seconds."""
        self._offsets_s.append(now_s - message.sent_ms / 1000)
        taken_s = message.captured_ms / 1000 + min(self._offsets_s)
        return min(max(taken_s, now_s - OLDEST_S), now_s)


class Sender:
    """One browser's line to its camera."""

    def __init__(self, websocket: WebSocket, host: EngineHost, camera_id: str) -> None:
        self.refused = 0
        self._websocket = websocket
        self._host = host
        self._camera_id = camera_id
        self._clock = CaptureClock()
        self._ticket = FreshTicket(camera_id, current.push_tickets())
        self._given_ticket = ""
        self._refused_in_a_row = 0
        self._logged_s = float("-inf")
        self._free_s = 0.0

    async def serve(self) -> None:
        """Take what comes until the browser goes, or must."""
        working: asyncio.Task[None] | None = None
        try:
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if message.get("bytes") is None:
                    await self._websocket.send_text('{"pong": true}')
                    continue
                if working is not None and not working.done():
                    await self.close(IMPATIENT, "Send the next picture after the last one's acknowledgement.")
                    return
                working = asyncio.create_task(self._answer(message["bytes"]), name=f"push {self._camera_id}")
        except (WebSocketDisconnect, RuntimeError):
            pass  # closed by either side meanwhile
        finally:
            if working is not None:
                working.cancel()

    async def close(self, code: int, reason: str) -> None:
        """End the line, if it still is one."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await self._websocket.close(code, reason)

    async def _answer(self, data: bytes) -> None:
        """Hand one picture on and acknowledge it."""
        came_s = time.monotonic()
        answer: dict[str, Any] = {"ack": -1, "taken": False}
        try:
            message = parse(data)
            answer["ack"] = message.number
            taken_at_s = self._clock.captured_s(message, time.time())
            answer["taken"] = await self._hand_on(SentPicture(message.jpeg, message.size_wh, taken_at_s))
            self._refused_in_a_row = 0
        except SourceUnreadableError as error:
            self._refuse(error)
            answer["refused"] = str(error)
        except (CameraStoppedError, UnknownCameraError, SourceError) as error:
            await self.close(REMOVED if isinstance(error, UnknownCameraError) else STOPPED, str(error)[:120])
            return
        answer["waited_ms"] = round((time.monotonic() - came_s) * 1000)
        await asyncio.sleep(max(0.0, self._free_s - time.monotonic()))
        self._free_s = time.monotonic() + 1 / MOST_HZ
        if self._refused_in_a_row >= MOST_REFUSED:
            await self.close(UNUSABLE, "Nothing that was sent could be used.")
        elif self._websocket.application_state is WebSocketState.CONNECTED:
            ticket = self._ticket.fresh()
            if ticket != self._given_ticket:
                self._given_ticket = answer["ticket"] = ticket
            await self._websocket.send_text(json.dumps(answer))

    async def _hand_on(self, picture: SentPicture) -> bool:
        """Whether the camera has taken the picture."""
        future = self._host.push(self._camera_id, picture)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), TAKE_S)
        except TimeoutError:
            return False

    def _refuse(self, error: SourceError) -> None:
        self.refused += 1
        self._refused_in_a_row += 1
        if time.monotonic() - self._logged_s >= 1.0:
            self._logged_s = time.monotonic()
            logger.warning("Camera %s: %d messages of a browser were refused: %s", self._camera_id, self.refused, error)


class Senders:
    """Who sends for which source: the newest alone. Lives on the event loop."""

    def __init__(self) -> None:
        self._senders: dict[str, Sender] = {}

    async def serve(self, source: str, sender: Sender) -> None:
        """Let ``sender`` send in place of whoever did until now."""
        before = self._senders.get(source)
        self._senders[source] = sender
        try:
            if before is not None:
                await before.close(OVERTAKEN, "Another page sends this camera's pictures now.")
            await sender.serve()
        finally:
            if self._senders.get(source) is sender:
                del self._senders[source]


_senders = Senders()


def _admit(connection: Request | WebSocket) -> tuple[EngineHost, str]:
    """As ``stream.admit``, for those who may send pictures of a camera that runs.

    Raises:
        AccessError, UnknownCameraError, EngineUnavailableError: as ``refusal`` turns into an answer.
    """
    host, camera_id = admit(connection, current.push_tickets())
    if not is_browser(host.spec(camera_id).source):
        raise AccessError("This camera's pictures do not come from a browser.")
    if not host.running(camera_id):
        raise CameraStoppedError("The camera is stopped; start it again on its page.")
    return host, camera_id


async def receive(websocket: WebSocket) -> None:
    """``/push/{camera_id}``: pictures of the browser's camera, as the module describes."""
    try:
        host, camera_id = _admit(websocket)
    except (AccessError, UnknownCameraError, EngineUnavailableError, ClosedError) as error:
        await refuse(websocket.scope, websocket.receive, websocket.send, refusal(error))
        return
    await websocket.accept()
    await _senders.serve(host.spec(camera_id).source, Sender(websocket, host, camera_id))


@answers_errors
async def explain(request: Request) -> Response:
    """A plain request to the same address: says why a WebSocket would be refused; 426 if it would not."""
    _admit(request)
    return PlainTextResponse(
        "Open this address as a WebSocket.\n", 426, {"Cache-Control": "no-store", "Upgrade": "websocket"}
    )
