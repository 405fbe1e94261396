"""A way to a database server that can be cut and mended, as a network is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Hands on what comes to a port of this machine, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._open: list[socket.socket] = []
        self._listening = self._listen(0)
        self.port: int = self._listening.getsockname()[1]
        self.taken = 0

    def _listen(self, port: int) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
                far = socket.create_connection(self._to)
            except OSError:
                return
            self.taken += 1
            self._open += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=pair, daemon=True).start()

    def drop(self) -> None:
        """Break every connection; new ones are taken."""
        while self._open:
            _close(self._open.pop())

    def cut(self) -> None:
        """Break every connection, and take none."""
        _close(self._listening)
        self.drop()

    def mend(self) -> None:
        """Take connections again."""
        self._listening = self._listen(self.port)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
    _close(source)
    _close(target)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def relayed(host: str, port: int) -> Iterator[Relay]:
    """A relay for a block."""
    relay = Relay(host, port)
    try:
        yield relay
    finally:
        relay.cut()
