"""Where a download may be led: not to other schemes, nor from the open net to a private address."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request

from meot.errors import DataError
from meot.hosts import is_public


class Careful(HTTPRedirectHandler):
    """Follows redirects, but not to other schemes, from https to http, or from the open net to a private address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._private = is_private(urlsplit(url).hostname or "")

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """The request that follows; DataError where it would lead astray."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
            raise DataError(f"{self._url}: redirects to {newurl}, which is not followed; look at the set's page")
        if not self._private and is_private(new.hostname or ""):
            raise DataError(f"{self._url}: redirects to the private address {newurl}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_response(self, request: Request, response: Any) -> Any:
        """Leave the address that was asked for with the answer, for the note beside a part."""
        response.request_url = self._url
        return response

    https_response = http_response


def is_private(host: str) -> bool:
    """Whether any of a host's addresses is not on the open internet; a host that has none is not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(not is_public(str(address[4][0])) for address in found)
