"""A request's body on its way to the application, and what tells it from others."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from meot.errors import MeotError

_MOST_READ = 1 << 30
"""Bytes of a request that are read for its hash alone; no form may be so large."""
_OF_HEAD = 32
"""Characters of what is known of a request before its body came; of a whole one 64 are."""

Check = Callable[[str], Awaitable[None]]
"""Told of a body's hash when it is whole, before the application has its end. MeotError: the application shall not."""


class Body:
    """A request's body; its hash is the same however often it was sent. fault: what a check raised, if one did."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive, self._rest, self._ended, self._seen = receive, b"", False, 0
        self._ahead = deque[Message]()
        self._check: Check | None = None
        self.fault: MeotError | None = None
        kind = Headers(scope=scope).get("content-type", "")
        # programs mark the parts of a form with other random words each time
        self._mark = kind.partition("boundary=")[2].strip('"').encode() if kind.startswith("multipart/") else b""
        plain = kind.partition(";")[0]
        self._sha = hashlib.sha256(f"{scope['method']} {scope['path']} {plain}\n".encode())
        self._sha.update(scope["query_string"] + b"\n")
        self._head = self._sha.hexdigest()[:_OF_HEAD]

    @property
    def known(self) -> str:
        """The hash of what came: the sha256 of a whole request, or some of that of its method, address and kind."""
        return self._whole() if self._ended else self._head

    def fits(self, known: str) -> bool:
        """Whether this may be the request of which that much was known; "" for nothing."""
        if len(known) <= _OF_HEAD:
            return known in ("", self._head)
        return not self._ended or self._whole() == known

    def is_whole(self, known: str) -> bool:
        """Whether this came to its end, and is the request of which that much was known."""
        return self._ended and self.fits(known)

    async def read_ahead(self, most: int) -> None:
        """Read so many bytes, or all, before the application does."""
        while not self._ended and self._seen <= most:
            message = await self._next()
            self._ahead.append(message)
            if message["type"] == "http.disconnect":
                return

    async def watch(self, check: Check) -> None:
        """Have ``check`` told of the body when it is whole, at once when it is; it raises what that raises."""
        if self._ended:
            await check(self._whole())
        else:
            self._check = check

    async def receive(self) -> Message:
        """The next message, which is looked at in passing."""
        if self._ahead:
            return self._ahead.popleft()
        open_ = not self._ended
        message = await self._next()
        if open_ and self._ended and self._check is not None:
            try:
                await self._check(self._whole())
            except MeotError as error:
                self.fault = error
                raise
        return message

    async def digest(self) -> str:
        """The sha256 of a whole request, with what the application left; of an endless one, of its start."""
        self._check = None
        while not self._ended and self._seen < _MOST_READ:
            if (await self._next())["type"] == "http.disconnect":
                break
        return self._whole()

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not self._ended:
            self._take(message.get("body", b""))
            self._ended = not message.get("more_body", False)
        return message

    def _whole(self) -> str:
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
