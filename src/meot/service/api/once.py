"""Idempotency keys: a write that is sent again with the key of before is answered as before and not done again."""

from __future__ import annotations

import asyncio
import hashlib
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
from meot.service.problems import KeyReusedError, ReplyNotKeptError

HEADER = "Idempotency-Key"
ASKING = frozenset({"/api/v1/looks", "/api/v1/search/photo", "/api/v1/closet/compare"})
"""What only asks with a photo: done twice it is as done once, and nothing of it is kept, so that it needs no key."""
_LONGEST = 200
_MOST_KEPT = 256 * 1024
_MOST_READ = 1 << 30
"""Bytes of a request that are read for its hash alone; no form may be so large."""
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
            person = await run_in_threadpool(self._person, request)
            known = None if person is None else await run_in_threadpool(self._replies.begin, person, name)
        except MeotError as error:
            await self._explain(request, error)(scope, receive, send)
            return
        if person is None:
            await self._app(scope, receive, send)
        elif known is None:
            await self._answer(person, name, scope, receive, send)
        else:
            await self._repeat(known, scope, receive, send)

    def _person(self, request: Request) -> int | None:
        visitor = self._visitors.of(request)
        return None if visitor.person is None else visitor.person.key

    async def _answer(self, person: int, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and keep that before it is sent."""
        body, sent = _Body(scope, receive), list[Message]()

        async def collect(message: Message) -> None:
            sent.append(message)

        try:
            async with self._beating(person, name):
                with keeping.answering(person, name):
                    await self._app(scope, body.receive, collect)
                reply = _reply(await body.digest(), sent)
        except BaseException:
            with suppress(CatalogueError):
                await run_in_threadpool(self._replies.drop, person, name)
            raise
        try:
            if reply.status < 400:
                await run_in_threadpool(self._replies.keep, person, name, reply)
            else:
                await run_in_threadpool(self._replies.drop, person, name)
        except CatalogueError as error:  # what was asked for is done, and that is what counts
            _LOG.warning("an answer could not be kept: %s", error)
        for message in sent:
            await send(message)

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

    async def _repeat(self, known: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        if await _Body(scope, receive).digest() != known.request:
            error: MeotError = KeyReusedError(f"this {HEADER} stood on another request; give each request its own")
            response = self._explain(Request(scope), error)
        elif not known.body:
            error = ReplyNotKeptError("this was done before, and its answer is not kept; look at what there is now")
            response = self._explain(Request(scope), error)
        else:
            told = json.loads(known.body)
            headers = {**told["headers"], "Idempotency-Replayed": "true"}
            response = Response(told["body"].encode(), known.status, headers)
        await response(scope, receive, send)


class _Body:
    """A request's body on its way to the application; its hash is the same however often it was sent."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive, self._rest, self._ended, self._seen = receive, b"", False, 0
        kind = Headers(scope=scope).get("content-type", "")
        # programs mark the parts of a form with other random words each time
        self._mark = kind.partition("boundary=")[2].strip('"').encode() if kind.startswith("multipart/") else b""
        plain = kind.partition(";")[0]
        self._sha = hashlib.sha256(f"{scope['method']} {scope['path']} {plain}\n".encode())
        self._sha.update(scope["query_string"] + b"\n")

    async def receive(self) -> Message:
        """The next message, which is looked at in passing."""
        message = await self._receive()
        if message["type"] == "http.request" and not self._ended:
            self._take(message.get("body", b""))
            self._ended = not message.get("more_body", False)
        return message

    async def digest(self) -> str:
        """The sha256 of a whole request, with what the application left; of an endless one, of its start."""
        while not self._ended and self._seen < _MOST_READ:
            if (await self.receive())["type"] == "http.disconnect":
                break
        self._sha.update(self._without_mark(self._rest))
        self._rest = b""
        return self._sha.hexdigest()

    def _take(self, data: bytes) -> None:
        self._seen += len(data)
        held = self._without_mark(self._rest + data)
        keep = max(len(self._mark) - 1, 0)  # a mark may stand across two messages
        self._sha.update(held[: len(held) - keep])
        self._rest = held[len(held) - keep :] if keep else b""

    def _without_mark(self, data: bytes) -> bytes:
        return data.replace(self._mark, b"") if self._mark else data


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
