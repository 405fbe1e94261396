"""Which hosts are asked: those of the public internet, by the address that is connected to, not by name alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

from meot.data.crawl.plan import Outcome
from meot.hosts import is_public

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

PRIVATE_HOSTS = "MEOT_PRIVATE_HOSTS"
"""The setting with the names that may lead into a private network."""


class NotAsked(IgnoreRequest):
    """A request that is not made. outcome: what that counts as; str() of it: why."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


def may_be_private(host: str, private_hosts: Sequence[str]) -> bool:
    """Whether a host may lead into a private network because the user said so."""
    return "*" in private_hosts or host.lower() in private_hosts


class PublicResolver(CachingThreadedResolver):
    """Looks names up, and knows none that lead into a private network.

    What it answers is what is connected to, so that a name cannot mean one address when it is looked at and another
    when it is asked. IPv4 only, like the resolver it is made of.
    """

    private_hosts: Sequence[str] = ()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> PublicResolver:
        """The resolver for a crawl with the setting :data:`PRIVATE_HOSTS`."""
        made = super().from_crawler(crawler, reactor)
        made.private_hosts = crawler.settings.getlist(PRIVATE_HOSTS)
        return made

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """The address of a name. DNSLookupError when there is none, or none that may be asked."""
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, ip: str, name: str) -> str:
        if not may_be_private(name, self.private_hosts) and not is_public(ip):
            raise DNSLookupError(f"{name} leads into a private network")
        return ip


class PublicHosts:
    """Middleware that makes no request to an address that is plainly not of the web or not public.

    Names that only turn out to be private when they are looked up are the resolver's.
    """

    def __init__(self, *, private_hosts: Sequence[str]) -> None:
        self._private = private_hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PublicHosts:
        """The middleware for a crawl with the setting :data:`PRIVATE_HOSTS`."""
        return cls(private_hosts=crawler.settings.getlist(PRIVATE_HOSTS))

    def process_request(self, request: Request) -> None:
        """NotAsked for a request that must not be made."""
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            raise NotAsked("failed", "only addresses that start with http:// or https:// are asked")
        if may_be_private(host, self._private):
            return
        if host == "localhost" or host.endswith(".localhost") or (_is_ip(host) and not is_public(host)):
            raise NotAsked("failed", f"{host} leads into a private network, and only public hosts are asked")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
