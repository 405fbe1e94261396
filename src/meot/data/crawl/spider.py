"""The crawl itself: pages are read, their pictures asked for, and each outcome said aloud. Runs in its own process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

import scrapy
from scrapy.exceptions import CannotResolveHostError, CloseSpider
from scrapy.http import HtmlResponse, Response
from scrapy.spidermiddlewares.httperror import HttpError

from meot.data.crawl.collection import Collection
from meot.data.crawl.hosts import NotAsked
from meot.data.crawl.manners import AGENT, PATIENCE
from meot.data.crawl.page import Picture, read_page, reservation
from meot.data.crawl.plan import Outcome, Plan
from meot.data.crawl.trail import Step, Trail

if TYPE_CHECKING:
    from twisted.python.failure import Failure

_MOST_PAGE_BYTES, _MOST_PHOTO_BYTES = 8 << 20, 32 << 20
_HERE = "meot.data.crawl"
_WORDS = {
    "DownloadCancelledError": "larger than is taken, or without an end",
    "DownloadConnectionRefusedError": "the host refuses to connect",
    "DownloadFailedError": "the connection was cut",
    "DownloadTimeoutError": "not there within a minute",
    "ResponseDataLossError": "the connection was cut",
}
"""What Scrapy's errors mean, where their own text is empty or speaks of its inner life."""


def settings_for(plan: Plan) -> dict[str, Any]:
    """Scrapy's settings for a plan: one request at a time to a host, no cookies, no proxy, nothing but http(s)."""
    from importlib.metadata import version

    return {
        "USER_AGENT": f"{AGENT}/{version('meot')}",
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": AGENT,
        "DOWNLOADER": f"{_HERE}.manners.OneByOne",
        "DOWNLOAD_DELAY": plan.delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # a crawl delay is a least wait, so nothing is taken off at random
        "CONCURRENT_REQUESTS": 8,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,image/*;q=0.8,*/*;q=0.1", "Accept-Language": "ko,en;q=0.8"},
        "DOWNLOAD_TIMEOUT": 60,
        "DOWNLOAD_MAXSIZE": _MOST_PAGE_BYTES,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3")),
        "RETRY_TIMES": 3,
        "RETRY_EXCEPTIONS": ["scrapy.exceptions.DownloadFailedError", "scrapy.exceptions.ResponseDataLossError"],
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy would look names up where the resolver cannot see it
        "TELNETCONSOLE_ENABLED": False,
        "TWISTED_DNS_RESOLVER": f"{_HERE}.hosts.PublicResolver",
        "DOWNLOADER_MIDDLEWARES": {
            f"{_HERE}.hosts.PublicHosts": 10,
            f"{_HERE}.manners.Away": 20,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            f"{_HERE}.manners.Robots": 100,
        },
        "EXTENSIONS": {f"{_HERE}.manners.Pace": 0, "scrapy.extensions.remote_control.RemoteControl": None},
        "MEOT_PRIVATE_HOSTS": list(plan.private_hosts),
        PATIENCE: plan.patience,
        "LOG_LEVEL": "CRITICAL",
        "STATS_DUMP": False,
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # pictures in the order of their page
    }


class PhotoSpider(scrapy.Spider):
    """Reads the plan's pages, follows what it says, and keeps pictures. say: told every page and outcome."""

    name = "meot"

    def __init__(
        self, *, plan: Plan, collection: Collection, trail: Trail, say: Callable[[dict[str, Any]], None]
    ) -> None:
        super().__init__()
        self._plan, self._collection, self._trail, self._say = plan, collection, trail, say
        self._follow = None if plan.follow is None else re.compile(plan.follow)
        self._hosts = {urlsplit(address).hostname for address in plan.addresses}
        self._pages: set[str] = set()
        self._pictures: set[str] = set()

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """First what an earlier run of this plan found and did not come to, then the plan's own pages."""
        self._pages.update(step.page for step in self._trail.steps)
        for step in self._trail.steps:
            self._say({"page": step.page})
            for request in self._onward(step):
                yield request
        for address in self._plan.addresses:
            for request in self._page(address, 0):
                yield request

    def read(self, response: Response, depth: int, address: str) -> Iterator[scrapy.Request]:
        """A page that came: its pictures and links. A picture that was named in place of a page is kept."""
        host = urlsplit(response.url).hostname
        if depth and host not in self._hosts:
            self._came("failed", address, f"leads to another host, {host}")
            return
        self._hosts.add(host)
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1").partition("/")[0]
        if kind.strip().lower() == "image":
            self.keep(response, Picture(address, address, "address"))
        elif not isinstance(response, HtmlResponse):
            self._came("failed", address, "expected a web page, got something else")
        else:
            try:
                page = read_page(response.text, response.url, headers=tuple(_headers(response)))
            except Exception as error:  # strangers' pages make parsers trip in ways of their own; the run goes on
                self._came("failed", address, f"the page cannot be read ({error})")
                return
            links = tuple(link for link in page.links if depth < self._plan.depth and self._followed(link))
            if page.reserved:
                for picture in page.pictures:
                    self._came("reserved", picture.address, page.reserved)
            step = Step(address, depth, () if page.reserved else page.pictures, links)
            self._trail.add(step)
            self._say({"page": address})
            yield from self._onward(step)

    def keep(self, response: Response, picture: Picture) -> None:
        """A picture that came."""
        if self._collection.full:
            return
        if why := reservation(_headers(response)):
            self._came("reserved", picture.address, why)
        else:
            verdict = self._collection.keep(response.body, picture)
            self._came(verdict.outcome, picture.address, verdict.reason)
        self._stop_when_full()

    def failed(self, failure: Failure) -> None:
        """A request that brought nothing."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]  # Scrapy adds the request
        address = request.cb_kwargs["picture"].address if "picture" in request.cb_kwargs else request.url
        if isinstance(error, NotAsked):
            self._came(error.outcome, address, str(error))
        elif isinstance(error, HttpError):
            self._came("failed", address, f"the server answers {error.response.status}")
        elif isinstance(error, CannotResolveHostError):
            self._came("failed", address, f"{urlsplit(request.url).hostname} is not known, or not public")
        else:
            self._came("failed", address, _WORDS.get(type(error).__name__) or str(error) or type(error).__name__)

    def _onward(self, step: Step) -> Iterator[scrapy.Request]:
        for picture in step.pictures:
            if picture.address not in self._pictures and not self._collection.settled(picture.address):
                self._pictures.add(picture.address)
                yield scrapy.Request(
                    picture.address,
                    callback=self.keep,
                    errback=self.failed,
                    cb_kwargs={"picture": picture},
                    headers={"Accept": "image/jpeg,image/png,image/webp,image/*;q=0.5"},
                    meta={"download_maxsize": _MOST_PHOTO_BYTES},
                    priority=1,
                )
        for link in step.links:
            yield from self._page(link, step.depth + 1)

    def _page(self, address: str, depth: int) -> Iterator[scrapy.Request]:
        address = urldefrag(address).url
        if address in self._pages or len(self._pages) >= self._plan.pages or self._collection.settled(address):
            return
        self._pages.add(address)
        more = {"depth": depth, "address": address}
        yield scrapy.Request(address, self.read, errback=self.failed, cb_kwargs=more, priority=-depth)

    def _followed(self, link: str) -> bool:
        return self._follow is not None and urlsplit(link).hostname in self._hosts and bool(self._follow.search(link))

    def _came(self, outcome: Outcome, address: str, reason: str) -> None:
        self._say({"outcome": outcome, "address": address, "reason": reason, "photos": self._collection.count})

    def _stop_when_full(self) -> None:
        if self._collection.full:
            raise CloseSpider("enough")


def _headers(response: Response) -> Iterator[tuple[str, str]]:
    for name, values in response.headers.items():
        for value in values if isinstance(values, list) else [values]:
            yield name.decode("latin-1").lower(), value.decode("latin-1")
