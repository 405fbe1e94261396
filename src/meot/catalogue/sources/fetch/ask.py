"""One request to one host, bounded in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from meot.catalogue.sources.fetch.address import Address, Refused

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a fetch may take. Times in seconds, sizes in bytes.

    silence_s: without a byte. whole_s: for one request of a photo with its answer, feed_s: of a feed. attempts: of one
    address, while the host is busy or breaks off; first_wait_s after the first, doubling. longest_wait_s: that a host
    may ask for. pause_s: between requests to one host. rest_after: failures in a row after which a host is left alone.
    fresh_s: for how long a photo is not asked for again.
    """

    connect_s: float = 10.0
    silence_s: float = 20.0
    whole_s: float = 120.0
    feed_s: float = 1800.0
    redirects: int = 5
    photo_bytes: int = 32 << 20
    feed_bytes: int = 4 << 30
    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    pause_s: float = 0.1
    rest_after: int = 5
    fresh_s: float = 86_400.0


class Answer:
    """A server's answer whose body is read once."""

    def __init__(self, *, response: http.client.HTTPResponse, deadline: float) -> None:
        self.status = response.status
        self._response, self._deadline = response, deadline

    def header(self, name: str) -> str:
        """A header's value; empty when it is not there."""
        return " ".join(self._response.getheader(name, "").split())  # a folded one could not be sent back

    def body(self, most: int) -> Iterator[bytes]:
        """The body in blocks, unpacked. Refused beyond ``most`` bytes, OSError when it breaks off or takes too long."""
        said = self.header("Content-Length")
        if said.isdecimal() and int(said) > most:
            raise Refused(_too_large(most))
        packed = self.header("Content-Encoding").lower()
        if packed not in ("", "identity", "gzip", "x-gzip"):
            raise Refused(f"it came packed as {packed[:20]}, which was not asked for")
        blocks = self._blocks(int(said) if said.isdecimal() else None)
        total = 0
        for block in _unpack(blocks) if packed.endswith("gzip") else blocks:
            total += len(block)
            if total > most:
                raise Refused(_too_large(most))
            yield block

    def _blocks(self, length: int | None) -> Iterator[bytes]:
        got = 0
        while block := self._response.read1(_BLOCK):
            got += len(block)
            yield block
            self._check_time()
        self._check_time()  # an answer without a length, cut off by the watch, looks complete
        if length is not None and got < length:
            raise OSError(f"it broke off after {got} of {length} bytes")

    def _check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise OSError("it took too long")


def _too_large(most: int) -> str:
    return f"it has more than {most >> 20} MB" if most >> 20 else f"it has more than {most} bytes"


def _unpack(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Gzip undone a little at a time, so that a bomb is seen before it fills the memory."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for block in blocks:
            rest = block
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _BLOCK)
                rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise OSError(f"its packing is damaged ({error})") from None
    if not unpacker.eof:
        raise OSError("it broke off while it was unpacked")


class _Connection(http.client.HTTPConnection):
    """A connection to the very IP address that was checked, by whatever name the host is spoken to."""

    def __init__(self, address: Address, *, ip: str, limits: Limits, context: ssl.SSLContext) -> None:
        super().__init__(address.host, address.port, timeout=limits.silence_s)
        self._address, self._ip, self._limits, self._context = address, ip, limits, context
        self._watched: socket.socket | None = None  # `sock` is handed to the answer as soon as its headers are there

    def connect(self) -> None:
        """Connect, and agree on encryption where the scheme asks for it."""
        self.sock = socket.create_connection((self._ip, self._address.port), self._limits.connect_s)
        self.sock.settimeout(self._limits.silence_s)
        self._watched = self.sock
        if self._address.scheme == "https":
            self._watched = self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """Break off from another thread: a server that sends a byte now and then would never fall silent."""
        if self._watched is not None:
            try:
                socket.socket.shutdown(self._watched, socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


@contextmanager
def ask(
    address: Address, *, ip: str, headers: Mapping[str, str], limits: Limits, whole_s: float, context: ssl.SSLContext
) -> Iterator[Answer]:
    """The answer to a GET request. OSError when the host does not answer as HTTP has it, or not in time."""
    connection = _Connection(address, ip=ip, limits=limits, context=context)
    deadline = time.monotonic() + whole_s
    watch = threading.Timer(whole_s, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.putrequest("GET", address.target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": address.host_header, "Connection": "close", **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as response:
            yield Answer(response=response, deadline=deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise OSError("it took too long") from None
        if isinstance(error, TimeoutError):
            raise OSError("the host fell silent") from None
        if isinstance(error, OSError) and not isinstance(error, http.client.HTTPException):
            raise
        raise OSError(f"the answer is damaged ({type(error).__name__})") from None
    finally:
        watch.cancel()
        connection.close()
