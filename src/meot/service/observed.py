"""Every request seen from outside: a number to find it by, how it was answered, and how long that took."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
NO_ROUTE = "(none)"
_API = "/api/v1"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A request that was answered.

    route: the address as the routes write it ("/look/{key}"), never as it was sent: keys and secrets stand in those.
    status: 500 when no answer was begun. person: the key of who sent it, None for nobody known. address: the sender's.
    error: what no handler was there for.
    """

    method: str
    route: str
    status: int
    seconds: float
    id: str
    person: int | None
    address: str
    error: Exception | None = None


Observer = Callable[[Observation], None]


class Observed:
    """Wraps the whole application; ``observers`` are told of each request when it is over.

    A caller's own ``X-Request-ID`` is taken over when it is plain (letters, digits, ``._-``, at most 64); the answer
    bears it.
    """

    def __init__(self, app: ASGIApp, *, observers: Sequence[Observer]) -> None:
        self._app, self._observers = app, tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = id
        began, status = time.perf_counter(), 500

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = id
            await send(message)

        failed: Exception | None = None
        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:
            failed = error
            raise
        finally:
            seen = _observe(scope, id, status, time.perf_counter() - began, failed)
            for observer in self._observers:
                observer(seen)


def route_of(scope: Scope) -> str:
    """The address of a request as the routes write it; :data:`NO_ROUTE` for one that nothing answers to."""
    path = str(getattr(scope.get("route"), "path", ""))
    if path:  # a router may know its routes without the prefix that it was taken in under
        return f"{_API}{path}" if scope["path"].startswith(f"{_API}/") and not path.startswith(_API) else path
    mounted = str(scope.get("root_path", "")).removeprefix(str(scope.get("app_root_path", "")))
    return f"{mounted}/..." if mounted else NO_ROUTE


def _observe(scope: Scope, id: str, status: int, seconds: float, error: Exception | None) -> Observation:
    visitor = scope["state"].get("visitor")
    person = getattr(visitor, "person", None)
    return Observation(
        method=scope["method"] if scope["method"] in _METHODS else "OTHER",
        route=route_of(scope),
        status=500 if error is not None else status,
        seconds=seconds,
        id=id,
        person=None if person is None else person.key,
        address=(scope.get("client") or ("",))[0],
        error=error,
    )
