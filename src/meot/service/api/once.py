"""Idempotency keys: a write that is sent again with the key of before is answered as before and not done again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meot.catalogue import replies as keeping
from meot.catalogue.replies import Replies, Reply
from meot.errors import CatalogueError, MeotError, QueryError
from meot.service.accounts.visitor import Visitors
from meot.service.api.body import Body
from meot.service.problems import KeyReusedError, ReplyNotKeptError

HEADER = "Idempotency-Key"
ASKING = frozenset({"/api/v1/looks", "/api/v1/search/photo", "/api/v1/closet/compare"})
"""What only asks with a photo: done twice it is as done once, and nothing of it is kept, so that it needs no key."""
_LONGEST = 200
_MOST_KEPT = 256 * 1024
_AHEAD = 256 * 1024
"""Bytes of a request that are read before anything is done for it: what is smaller is known from the start."""
_REUSED = f"this {HEADER} stood on another request; give each request its own"
_SAFE = ("GET", "HEAD", "OPTIONS")
_TOLD = ("content-type", "location", "etag")
_LOG = logging.getLogger("meot.service")
Explain = Callable[[Request, Exception], Response]


class Once:
    """Wraps the application; looks at requests under ``/api/`` that change something and bear the header.

    Answers of success are kept for a day, a person's own. What failed is not kept: the same key may be used for the
    next attempt. Where a process died before it answered, the next attempt finds the job that it made. An answer that
    no cache may keep (it holds a secret) is kept without its body.
    """

    def __init__(self, app: ASGIApp, *, replies: Replies, visitors: Visitors, explain: Explain) -> None:
        self._app, self._replies, self._visitors, self._explain = app, replies, visitors, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer as before."""
        name = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if name is None or not _is_write(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            _check(name)
            person, known, body = await run_in_threadpool(self._person, request), None, Body(scope, receive)
            if person is not None:
                await body.read_ahead(_AHEAD)
                known = await run_in_threadpool(self._replies.begin, person, name, body.known)
        except MeotError as error:
            await self._explain(request, error)(scope, receive, send)
            return
        if person is None:
            await self._app(scope, receive, send)
        elif known is None or known.status == 0:
            await self._answer(person, name, body, known, scope, send)
        else:
            await self._repeat(known, body, scope, send)

    def _person(self, request: Request) -> int | None:
        visitor = self._visitors.of(request)
        return None if visitor.person is None else visitor.person.key

    async def _answer(self, person: int, name: str, body: Body, died: Reply | None, scope: Scope, send: Send) -> None:
        """Let the application answer, and keep that before it is sent. died: what is known of a request whose process
        did, to which the key belongs.
        """
        sent, noted = list[Message](), body.known if died is None else died.request

        async def collect(message: Message) -> None:
            sent.append(message)

        async def check(digest: str) -> None:
            if not body.fits(noted):
                raise KeyReusedError(_REUSED)
            if digest != noted:
                await run_in_threadpool(self._replies.mark, person, name, digest)

        try:
            if not body.fits(noted):
                raise KeyReusedError(_REUSED)
            async with self._beating(person, name):
                await body.watch(check)
                with keeping.answering(person, name):
                    await self._app(scope, body.receive, collect)
                reply = _reply(await body.digest(), sent)
            if body.fault is not None:  # whatever the application made of it
                raise body.fault
            if reply.status >= 400 and not body.fits(noted):  # it refused what it did not read
                raise KeyReusedError(_REUSED)
        except BaseException as error:
            await self._leave(person, name, body, died)
            if not isinstance(error, MeotError):
                raise
            await self._explain(Request(scope), error)(scope, body.receive, send)
            return
        if reply.status < 400:
            try:
                await run_in_threadpool(self._replies.keep, person, name, reply)
            except CatalogueError as error:  # what was asked for is done, and that is what counts
                _LOG.warning("an answer could not be kept: %s", error)
        else:
            await self._leave(person, name, body, died)
        for message in sent:
            await send(message)

    async def _leave(self, person: int, name: str, body: Body, died: Reply | None) -> None:
        """Free the key of a request that failed; one that died keeps it, unless it was this one, and failed now."""
        free = died is None or body.is_whole(died.request)
        with suppress(CatalogueError):
            await run_in_threadpool(self._replies.drop if free else self._replies.release, person, name)

    @asynccontextmanager
    async def _beating(self, person: int, name: str) -> AsyncIterator[None]:
        """Say for as long as the block takes that the request is being worked on; a photo may be long on its way."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(keeping.BEAT_S)
                with suppress(CatalogueError):
                    await run_in_threadpool(self._replies.beat, person, name)

        beats = asyncio.create_task(beat())
        try:
            yield
        finally:
            beats.cancel()

    async def _repeat(self, known: Reply, body: Body, scope: Scope, send: Send) -> None:
        if await body.digest() != known.request:
            error: MeotError = KeyReusedError(_REUSED)
            response = self._explain(Request(scope), error)
        elif not known.body:
            error = ReplyNotKeptError("this was done before, and its answer is not kept; look at what there is now")
            response = self._explain(Request(scope), error)
        else:
            told = json.loads(known.body)
            headers = {**told["headers"], "Idempotency-Replayed": "true"}
            response = Response(told["body"].encode(), known.status, headers)
        await response(scope, body.receive, send)


def _is_write(scope: Scope) -> bool:
    path = scope["path"]
    return scope["method"] not in _SAFE and path.startswith("/api/") and path not in ASKING


def _check(name: str) -> None:
    if not 0 < len(name) <= _LONGEST or not name.isascii() or not name.isprintable():
        raise QueryError(f"{HEADER} must be 1 to {_LONGEST} plain signs, got {len(name)}; take a random UUID")


def _reply(digest: str, sent: list[Message]) -> Reply:
    """What to keep of an answer."""
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = Headers(raw=start["headers"])
    if "no-store" in headers.get("cache-control", "") or len(body) > _MOST_KEPT:
        return Reply(digest, start["status"], "")
    told = {"headers": {name: headers[name] for name in _TOLD if name in headers}, "body": body.decode()}
    return Reply(digest, start["status"], json.dumps(told, ensure_ascii=False))
