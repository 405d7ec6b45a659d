"""One camera's pictures to many viewers: each has its own slot for the newest, so a slow one loses only its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVarTuple

from heatstream.core.errors import ClosedError
from heatstream.core.types import CameraState, Packet, Snapshot
from heatstream.output.fit import WHOLE, fits_for

Args = TypeVarTuple("Args")

#: Packets on their way to a viewer that it has not acknowledged: one is painted while the next one travels.
WINDOW = 2
#: And so many for a viewer that takes a picture in ``PROMPT_S`` seconds, so that one late look costs it none. With four
#: browsers on the engine's own two cores this raised what they painted from about 91 to 95 % of the pictures, no later
#: than before; over a line that is just fast enough to be held prompt, pictures are at most ``2 * PROMPT_S`` older.
PROMPT_WINDOW = 4
PROMPT_S = 0.06
#: The share of the newest picture in what is held to be usual.
_NEWEST_SHARE = 0.1
#: A viewer gets figures at most this often (seconds between two), unless the camera's state changes.
FIGURES_GAP_S = 0.2
#: And at least this often, even if nothing new is known, so that it can tell a quiet camera from a dead line.
FIGURES_REPEAT_S = 1.0


class Viewer:
    """One who looks at one camera; a context manager that ``Hub.join`` makes. Lives on the hub's event loop."""

    def __init__(self, hub: Hub, camera_id: str) -> None:
        self.camera_id = camera_id
        #: How wide (device pixels) the picture is shown, and the width in which it is asked for (see
        #: ``heatstream.output.fit``).
        self.shown_px = WHOLE
        self.fit: int | None = None
        #: The width in which it comes until the one asked for does.
        self.coming: int | None = None
        #: Packets that were replaced by a newer one before this viewer took them.
        self.drops = 0
        self._hub = hub
        self._packet: Packet | None = None
        self._snapshot: Snapshot | None = None
        self._told: Snapshot | None = None
        self._told_s = float("-inf")
        #: When each was sent, in the loop's time, and how many were under way with it.
        self._under_way: deque[tuple[float, int]] = deque()
        #: The usual time for one picture: from sending to acknowledgement, shared among those under way. So it is no
        #: longer with more of them, if the line is slow.
        self._take_s = PROMPT_S
        self._ended: str | None = None
        self._wake = asyncio.Event()

    async def next(self) -> Packet | Snapshot:
        """Wait for what is newest: a snapshot if one is due, else a packet.

        A snapshot is due at once when the camera's state or reason has changed, after ``FIGURES_GAP_S`` when its
        figures have, and after ``FIGURES_REPEAT_S`` in any case. Packets are withheld between ``hold`` and ``release``.

        Raises:
            ClosedError: the camera was removed, the hub closes, or this viewer has left; the message says which.
        """
        while True:
            if self._ended is not None:
                raise ClosedError(self._ended)
            now_s = asyncio.get_running_loop().time()
            due_s = self._due_s()
            if self._snapshot is not None and due_s <= now_s:
                self._told, self._told_s = self._snapshot, now_s
                return self._snapshot
            if self._packet is not None and len(self._under_way) < self._window():
                packet, self._packet = self._packet, None
                return packet
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if self._snapshot is None else due_s - now_s):
                    await self._wake.wait()

    def hold(self) -> None:
        """A packet is on its way; with ``WINDOW`` of them, ``PROMPT_WINDOW`` if this viewer is prompt, there are no
        more until ``release``."""
        self._under_way.append((asyncio.get_running_loop().time(), len(self._under_way) + 1))

    def release(self) -> None:
        """A packet has arrived; the next may come, the newest first."""
        if self._under_way:
            sent_s, together = self._under_way.popleft()
            take_s = (asyncio.get_running_loop().time() - sent_s) / together
            self._take_s += _NEWEST_SHARE * (take_s - self._take_s)
        self._wake.set()

    def show_in(self, shown_px: int) -> None:
        """Say how wide (device pixels) the picture is shown, so that it comes no larger than somebody needs it."""
        if shown_px != self.shown_px:
            self.shown_px = shown_px
            self._hub._watch(self.camera_id)

    def leave(self) -> None:
        """Stop looking. Idempotent."""
        self._hub._remove(self)
        self.end("This viewer has left.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    # The hub's side

    def offer(self, packet: Packet) -> None:
        """Replace the packet in the slot."""
        self.drops += self._packet is not None
        self._packet = packet
        self._wake.set()

    def tell(self, snapshot: Snapshot) -> None:
        """Replace the snapshot in the slot."""
        self._snapshot = snapshot
        self._wake.set()

    def end(self, reason: str) -> None:
        """Let ``next`` raise from now on; the first reason stays."""
        self._ended = self._ended or reason
        self._wake.set()

    def _window(self) -> int:
        return PROMPT_WINDOW if self._take_s < PROMPT_S else WINDOW

    def _due_s(self) -> float:
        """When the snapshot is to be handed out, in the loop's time."""
        snapshot, told = self._snapshot, self._told
        if snapshot is None or told is None:
            return float("-inf")
        if (snapshot.state, snapshot.reason) != (told.state, told.reason):
            return float("-inf")
        return self._told_s + (FIGURES_REPEAT_S if snapshot is told else FIGURES_GAP_S)


@dataclass(slots=True)
class _Channel:
    """What the hub knows of one camera."""

    viewers: set[Viewer] = field(default_factory=set)
    packet: Packet | None = None
    snapshot: Snapshot | None = None
    fits: frozenset[int] = frozenset()


class Hub:
    """Takes packets and snapshots from any thread and hands them to viewers on ``loop``.

    ``on_watch(camera_id, fits)`` is called on the loop when the widths in which a camera is looked at change; there are
    none when its last viewer has left.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, on_watch: Callable[[str, frozenset[int]], None] | None = None
    ) -> None:
        self.on_watch = on_watch
        self._loop = loop
        self._channels: dict[str, _Channel] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._closed

    def join(self, camera_id: str, *, shown_px: int = WHOLE) -> Viewer:
        """Look at a camera, shown ``shown_px`` wide; call it on the loop. What is known of it already comes at once.

        Raises:
            ClosedError: the hub is closed.
        """
        if self._closed:
            raise ClosedError("The server is shutting down.")
        channel = self._channels.setdefault(camera_id, _Channel())
        viewer = Viewer(self, camera_id)
        viewer.shown_px = shown_px
        if channel.snapshot is not None:
            viewer.tell(channel.snapshot)
        # A picture that has been overtaken while nobody looked is old; what others look at is not.
        newest = 0 if channel.snapshot is None or channel.viewers else channel.snapshot.index
        if channel.packet is not None and channel.packet.index >= newest:
            viewer.offer(channel.packet)
        channel.viewers.add(viewer)
        self._watch(camera_id)
        viewer.coming = viewer.fit
        return viewer

    def viewers(self, camera_id: str) -> int:
        """How many look at a camera; from any thread."""
        channel = self._channels.get(camera_id)
        return len(channel.viewers) if channel else 0

    def fits(self, camera_id: str) -> frozenset[int]:
        """The widths in which people look at a camera; from any thread."""
        channel = self._channels.get(camera_id)
        return channel.fits if channel else frozenset()

    def publish(self, packet: Packet) -> None:
        """Hand a packet to all who look; from any thread, returns at once."""
        self._soon(self._deliver, packet)

    def publish_snapshot(self, snapshot: Snapshot) -> None:
        """Hand a snapshot to all who look, and keep it for those who come; from any thread, returns at once."""
        self._soon(self._inform, snapshot)

    def end(self, camera_id: str) -> None:
        """Forget a camera that was removed, and end its viewers; from any thread, returns at once."""
        self._soon(self._forget, camera_id, "The camera was removed.")

    def close(self) -> None:
        """End all viewers; from any thread or signal handler, idempotent."""
        self._closed = True
        self._soon(self._forget_all)

    def _soon(self, call: Callable[[*Args], None], *args: *Args) -> None:
        # RuntimeError: the loop has ended, and every viewer with it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *args)

    def _deliver(self, packet: Packet) -> None:
        channel = self._channels.get(packet.camera_id)
        if channel is not None:
            channel.packet = packet
            for viewer in channel.viewers:
                if viewer.fit in packet.fits:
                    viewer.coming = viewer.fit
                if viewer.coming in packet.fits:
                    viewer.offer(packet)

    def _inform(self, snapshot: Snapshot) -> None:
        if self._closed:
            return
        channel = self._channels.setdefault(snapshot.camera_id, _Channel())
        channel.snapshot = snapshot
        if snapshot.state is CameraState.STOPPED and not channel.viewers:
            channel.packet = None  # a stopped camera nobody looks at needs no picture in memory
        for viewer in channel.viewers:
            viewer.tell(snapshot)

    def _forget(self, camera_id: str, reason: str) -> None:
        channel = self._channels.pop(camera_id, None)
        for viewer in channel.viewers if channel else ():
            viewer.end(reason)

    def _forget_all(self) -> None:
        for camera_id in list(self._channels):
            self._forget(camera_id, "The server is shutting down.")

    def _remove(self, viewer: Viewer) -> None:
        channel = self._channels.get(viewer.camera_id)
        if channel is None or viewer not in channel.viewers:
            return
        channel.viewers.discard(viewer)
        self._watch(viewer.camera_id)

    def _watch(self, camera_id: str) -> None:
        """Share the widths out among a camera's viewers anew, and tell which there are if that has changed, or if
        somebody's is not that of the newest picture: a paused camera then draws it again."""
        channel = self._channels.get(camera_id)
        if channel is None:
            return
        fit_of = fits_for(viewer.shown_px for viewer in channel.viewers)
        fits = frozenset(fit_of.values())
        missing = fits != channel.fits
        for viewer in channel.viewers:
            fit = fit_of[viewer.shown_px]
            if fit != viewer.fit and channel.packet is not None and fit not in channel.packet.fits:
                missing = True
            viewer.fit = fit
        if missing:
            channel.fits = fits
            if self.on_watch is not None:
                self.on_watch(camera_id, fits)
