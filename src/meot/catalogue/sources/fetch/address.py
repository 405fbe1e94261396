"""Addresses of the web: taken apart, resolved, and refused where they lead into a private network."""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from meot.hosts import is_public

_SECRET = re.compile(r"key|token|secret|sign|passw|auth|credential", re.IGNORECASE)
_KEPT = "!#$%&'()*+,/:;=?@[]~-._"
"""Signs of a path or query that stay as they are."""


class Refused(Exception):
    """An address that is not asked, and why."""


class Address(NamedTuple):
    """target: path and query, as they stand in a request."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """Host, with the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


def take_apart(text: str) -> Address:
    """The parts of an address. Refused when it is not of the web, or damaged."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise Refused("the address is damaged") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("only addresses that start with http:// or https:// are fetched")
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target)


def resolve(address: Address, *, private_hosts: bool) -> str:
    """The IP address to connect to. Refused when a name leads, by any of its addresses, into a private network.

    The answer is what must be connected to: asking for the name again could bring another (DNS rebinding).
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OSError(f"{address.host} is not known") from None
    ips = [str(entry[4][0]) for entry in found]
    if not private_hosts and not all(is_public(ip) for ip in ips):
        raise Refused(f"{address.host} leads into a private network, and only public hosts are asked")
    return ips[0]


@lru_cache(maxsize=64)  # asked for with every product of a source
def without_secrets(text: str) -> str:
    """The address as it may be shown and stored: without a password, and without keys and tokens in its query."""
    try:
        parts = urlsplit(text)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return text
    if "@" not in parts.netloc and not any(_SECRET.search(name) for name, _ in query):
        return text
    shown = urlencode([(name, value) for name, value in query if not _SECRET.search(name)])
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=shown))
