"""A TCP line between a client and a server that a test can cut without anybody closing anything, and mend."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Forwards what comes in at ``port`` to ``target_port``, as long as it is not cut; what is sent then is lost."""

    def __init__(self, target_port: int) -> None:
        self.cut = threading.Event()
        self.openings = 0
        self._target_port = target_port
        self._done = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self.port: int = self._server.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._done.is_set():
            try:
                near = self._server.accept()[0]
            except TimeoutError:
                continue
            self.openings += 1
            try:
                far = socket.create_connection(("127.0.0.1", self._target_port), 2)
            except OSError:
                near.close()
                continue
            self._threads.append(threading.Thread(target=self._forward, args=(near, far)))
            self._threads[-1].start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, contextlib.suppress(OSError):
            while not self._done.is_set():
                for side in select.select([near, far], [], [], 0.05)[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    if not self.cut.is_set():
                        other[side].sendall(data)

    def close(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(5)
        self._server.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line to the server at ``port`` on this machine until the block ends."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
