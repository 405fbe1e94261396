"""The door of the API: whoever may not ask an operation learns nothing of what it would have said."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from meot.service.accounts.visitor import Visitors


class Guard:
    """A dependency of every route: the role that a route describes itself with (``x-role``) is asked for before its
    questions are even looked at.
    """

    def __init__(self, *, visitors: Visitors) -> None:
        self._visitors = visitors

    async def __call__(self, request: Request) -> None:
        """SignInError, NotAllowedError, or ForeignRequestError; nothing for a route that is for anybody."""
        told = getattr(request.scope.get("route"), "openapi_extra", None) or {}
        if "x-role" in told:
            await run_in_threadpool(self._visitors.person, request, told["x-role"])
