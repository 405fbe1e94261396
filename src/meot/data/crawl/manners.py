"""When a host is asked and when it is left alone: robots.txt, its crawl delay, and "come back later"."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from meot.data.crawl.hosts import NotAsked
from meot.hosts import retry_after

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

AGENT = "meot"
"""The name that robots.txt may have rules for."""
PATIENCE = "MEOT_PATIENCE"
"""The setting with the longest wait for a host, seconds."""
_BUSY = frozenset({429, 503})
_FIRST_WAIT, _LONGER = 5.0, 2
"""Seconds; how many times the wait is tripled."""
_NOTHING = b"User-agent: *\nDisallow: /\n"


class OneByOne(Downloader):
    """Scrapy's downloader, that counts a request as under way as soon as it is chosen.

    Scrapy 2.19 counts it once its task begins. What waits for the same host is looked at before that: all of it goes
    out at once where there is no delay between requests, and two at once where a busy machine was held up for as long.
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)


class Robots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 has it: a missing one allows all, one that cannot be had allows nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._missing: dict[str, str] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """NotAsked for what robots.txt does not allow, and for a host whose robots.txt cannot be had."""
        try:
            await super().process_request(request)
        except IgnoreRequest:
            netloc = urlparse_cached(request).netloc
            if netloc in self._missing:
                reason = f"robots.txt of {netloc} cannot be had: {self._missing[netloc]}"
                raise NotAsked("failed", reason) from None
            raise NotAsked("robots", "robots.txt does not allow it") from None

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status in _BUSY or response.status >= 500:
            self._missing[netloc] = f"the server answers {response.status}"
        if response.status >= 400:
            response = response.replace(body=_NOTHING if netloc in self._missing else b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        """No robots.txt, no other request: the host may be back by the next one, with rules."""
        waiting = self._parsers[netloc]
        nothing = self._parserimpl.from_crawler(self.crawler, _NOTHING)
        self._missing[netloc] = str(exc) or type(exc).__name__
        self._parsers[netloc] = nothing
        if isinstance(waiting, Deferred):
            waiting.callback(nothing)


class Pace:
    """Extension that slows down for a host that asks for it: crawl-delay, Retry-After, 429 and 503.

    A host that asks for more than the plan's patience is not asked again in this run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._patience = crawler.settings.getfloat(PATIENCE)
        self.away: dict[str, str] = {}
        crawler.signals.connect(self._slow_down, signals.robots_parsed)
        crawler.signals.connect(self._wait, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pace:
        """The extension of a crawl."""
        return cls(crawler)

    def _slow_down(self, robotparser: RobotParser, request: Request) -> None:
        """Keep a crawl delay from now on, also when the host's queue is forgotten and made anew."""
        wanted = robotparser.crawl_delay(AGENT) or 0.0
        host = urlsplit(request.url).hostname or ""
        if wanted > self._patience:
            self._give_up(host, f"it wants {wanted:.0f} s between two requests")
        elif wanted > self._delay:
            downloader = self._crawler.engine.downloader
            downloader.per_slot_settings[host] = {"delay": wanted}
            if host in downloader.slots:
                downloader.slots[host].delay = wanted

    def _wait(self, response: Response, request: Request) -> None:
        """Leave a host alone for as long as it says, or a little longer each time when it does not say."""
        if response.status not in _BUSY:
            return
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        seconds = retry_after(said)
        if seconds is None:
            times = min(int(request.meta.get("retry_times", 0)), _LONGER)
            seconds = min(_FIRST_WAIT * 3**times, self._patience)
        host = urlsplit(request.url).hostname or ""
        slot = self._crawler.engine.downloader.slots.get(host)
        if seconds > self._patience:
            self._give_up(host, f"the server answers {response.status} and asks to come back in {seconds:.0f} s")
        elif slot is not None:
            slot.lastseen = time.monotonic() + seconds - slot.delay

    def _give_up(self, host: str, reason: str) -> None:
        """Ask nothing more of a host, what is already in its queue included."""
        self.away[host] = reason
        slot = self._crawler.engine.downloader.slots.get(host)
        while slot is not None and slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(NotAsked("failed", f"{host}: {reason}"))


class Away:
    """Middleware that makes no request to a host that :class:`Pace` gave up for this run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Away:
        """The middleware of a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """NotAsked when the host wants to be left alone for long."""
        pace = self._crawler.get_extension(Pace)
        host = urlparse_cached(request).hostname or ""
        if pace is not None and host in pace.away:
            raise NotAsked("failed", f"{host}: {pace.away[host]}")
