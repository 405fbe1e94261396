"""Photos by their address, or by that of a page about them: from public hosts only, in memory, in bounded time."""

from __future__ import annotations

import ssl
import time
from contextlib import AbstractContextManager
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin

from meot.catalogue.sources.fetch.address import Address, Refused, resolve, take_apart
from meot.catalogue.sources.fetch.ask import Answer, Limits, ask
from meot.service.problems import LinkFailedError, LinkRefusedError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST, _HEAD = 2000, 1 << 19
LIMITS = Limits(connect_s=5.0, silence_s=8.0, whole_s=15.0, redirects=3)
"""What a visitor is made to wait for a photo, its redirects included."""


class Links:
    """Fetches what visitors name. Safe to use from several threads.

    private_hosts: lets addresses lead into private networks and to any port, for tests.
    """

    def __init__(self, *, most_megabytes: int, limits: Limits = LIMITS, private_hosts: bool = False) -> None:
        self._most, self._limits, self._private_hosts = most_megabytes << 20, limits, private_hosts

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def fetch(self, text: str) -> bytes:
        """The photo at an address, or the one that the page there names as its picture (og:image).

        The bytes are whatever came; each redirect, and the picture of a page, is checked as the first address was.
        LinkRefusedError for an address that is not asked: not of the web, or leading to a host that is not public.
        LinkFailedError when it brings nothing, or not in time, or too much.
        """
        deadline = time.monotonic() + self._limits.whole_s
        data, place = self._follow(text, deadline)
        picture = picture_of(data)
        return data if picture is None else self._follow(_joined(place, picture), deadline)[0]

    def _follow(self, text: str, deadline: float) -> tuple[bytes, str]:
        """What stands at the end of the redirects, and the address of it."""
        for _ in range(self._limits.redirects + 1):
            try:
                with self._ask(text, deadline) as answer:
                    place = answer.header("Location")
                    if answer.status not in _REDIRECTS or not place:
                        return self._body(answer), text
                text = urljoin(text, place)
            except Refused as error:
                raise LinkRefusedError(f"the link is not fetched: {error}; give another") from None
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                raise LinkFailedError(f"the link cannot be fetched ({reason}); check it, or send the photo") from None
        raise LinkFailedError(f"the link redirects more than {self._limits.redirects} times; give where it leads")

    def _ask(self, text: str, deadline: float) -> AbstractContextManager[Answer]:
        if len(text) > _LONGEST:
            raise Refused(f"it has more than {_LONGEST} signs")
        address = take_apart(text)
        self._check_port(address)
        ip = resolve(address, private_hosts=self._private_hosts)
        left = deadline - time.monotonic()
        if left <= 0:
            raise OSError("it took too long")
        headers = {"User-Agent": "meot (fetches a photo for a visitor)", "Accept": "image/*, text/html;q=0.5"}
        return ask(address, ip=ip, headers=headers, limits=self._limits, whole_s=left, context=self._context)

    def _check_port(self, address: Address) -> None:
        """Only where the web is: a visitor has no business with other services of a host."""
        if address.port not in (80, 443) and not self._private_hosts:
            raise Refused("only the web's own ports 80 and 443 are asked")

    def _body(self, answer: Answer) -> bytes:
        if answer.status != 200:
            raise OSError(f"the host answered {answer.status}")
        try:
            return b"".join(answer.body(self._most))
        except Refused as error:  # too large, or packed in a way that was not asked for
            raise OSError(str(error)) from None


def _joined(place: str, picture: str) -> str:
    """The address of what the page at ``place`` names. LinkFailedError when that is no address."""
    try:
        return urljoin(place, picture)
    except ValueError:
        raise LinkFailedError("the page names no picture that can be fetched; give the link of the photo") from None


class _Pictures(HTMLParser):
    """Finds what a page names as its picture."""

    found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the <meta> elements."""
        told = dict(attrs)
        named = tag == "meta" and "og:image" in (told.get("property"), told.get("name"))
        if named and self.found is None:
            self.found = (told.get("content") or "").strip() or None


def picture_of(data: bytes) -> str | None:
    """The address of the picture that a page names; None for what is no page, or names none."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"<"):
        return None
    parser = _Pictures()
    parser.feed(head.decode("utf-8", "replace"))
    return parser.found
