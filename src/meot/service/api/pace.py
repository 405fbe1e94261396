"""How often somebody may ask, and how much a question may weigh."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meot.errors import MeotError
from meot.service.accounts.visitor import Visitors, is_local
from meot.service.problems import SignInError, TooOftenError, UploadTooLargeError

MOST_KNOWN = 10_000
"""Of how many who ask it is known how often they did."""
_FREE = ("/static/", "/photo/", "/healthz", "/readyz", "/metrics")
_MOST_BODY = 256 * 1024
Explain = Callable[[Request, Exception], Response]


class Takes(Protocol):
    """Buckets to take from."""

    def take(self, who: str) -> float:
        """Take one; the seconds until there is one again, 0.0 when there was one."""


class Buckets:
    """A bucket of ``most`` requests for each who asks, filled up again within a minute. Safe to use from threads.

    Kept in this process. Those who asked longest ago are forgotten first.
    """

    def __init__(self, *, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now, self._lock = most, now, threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> float:
        """Take one; the seconds until there is one again, 0.0 when there was one."""
        with self._lock:
            now = self._now()
            level, wait = pour(self._levels.pop(who, (float(self._most), now)), most=self._most, now=now)
            self._levels[who] = (level, now)
            if len(self._levels) > MOST_KNOWN:
                del self._levels[next(iter(self._levels))]
            return wait


def pour(known: tuple[float, float], *, most: int, now: float) -> tuple[float, float]:
    """Take one out of a bucket; its level then, and the seconds until there is one again, 0.0 when there was one.

    known: its level, and when that was, as ``now`` in seconds.
    """
    level = min(float(most), known[0] + max(now - known[1], 0.0) * most / 60)
    return (level - 1, 0.0) if level >= 1 else (level, (1 - level) * 60 / most)


class Pace:
    """Wraps the application: 429 for who asks more often than ``buckets`` has for them.

    A person has one bucket wherever they are; nobody known has the one of their address, as has a token that is none.
    Whoever sits at this machine is not counted, nor are pictures and probes.
    """

    def __init__(self, app: ASGIApp, *, buckets: Takes, visitors: Visitors, explain: Explain) -> None:
        self._app, self._buckets, self._visitors, self._explain = app, buckets, visitors, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, and pass it on."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            if not is_local(request):
                await run_in_threadpool(self._count, request)
        except TooOftenError as error:
            response = self._explain(request, error)
            response.headers["Retry-After"] = str(error.wait_s)
            await response(scope, receive, send)
        except MeotError as error:
            await self._explain(request, error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _count(self, request: Request) -> None:
        try:
            person = self._visitors.of(request).person
        except SignInError:
            self._take(address_of(request))
            raise
        self._take(address_of(request) if person is None else f"person {person.key}")

    def _take(self, who: str) -> None:
        wait = math.ceil(self._buckets.take(who))
        if wait:
            raise TooOftenError(f"too many requests; ask again in {wait} s, and less often", wait)


def address_of(request: Request) -> str:
    """Where a request comes from; of IPv6 the network, because a household has a whole one."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


class LightBodies:
    """Wraps the application: what is sent to the API and is no form with photos may weigh 256 KB."""

    def __init__(self, app: ASGIApp, *, explain: Explain) -> None:
        self._app, self._explain = app, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as far as it is light enough."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or _is_form(scope):
            await self._app(scope, receive, send)
            return
        request, seen = Request(scope), 0
        error = UploadTooLargeError(f"the request must weigh at most {_MOST_BODY} bytes; send less")
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > _MOST_BODY:
            await self._explain(request, error)(scope, receive, send)
            return

        async def receive_some() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > _MOST_BODY:
                raise error
            return message

        await self._app(scope, receive_some, send)


def _is_form(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")
