"""A connection to the service: addresses, tokens, forms, lists page by page, and asking again when it says so."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from meot.errors import MeotError

_SAFE = ("GET", "HEAD")
_LONGEST_WAIT_S = 60
Fields = Mapping[str, object]


class RefusedError(MeotError):
    """The service answered that it will not. status: of HTTP. kind: what is wrong ("not_a_photo"). title: in words."""

    def __init__(self, *, status: int, kind: str, title: str, detail: str) -> None:
        super().__init__(detail or title)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail


class UnansweredError(MeotError):
    """No service answered at that address, or not in time, or what answered is none of ours."""


class _Again(urllib3.Retry):
    """Asks again when nobody answered, and when the answer says after how many seconds to."""

    RETRY_AFTER_STATUS_CODES = frozenset({409, 429, 503})

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, _LONGEST_WAIT_S)


class Calls:
    """Requests to ``/api/v1`` of the service at an address. Safe to use from several threads.

    token: made on the account's page, "" where none is needed. language: "en" or "ko", of names and problems.
    timeout_s: until an answer begins. tries: how often a request is sent at most, when the service is busy or does not
    answer; writes bear a key of their own, so that none is done twice.
    All methods raise RefusedError when the service will not, UnansweredError when there is none.
    """

    def __init__(
        self, address: str, *, token: str = "", language: str = "en", timeout_s: float = 60.0, tries: int = 4
    ) -> None:
        if urlsplit(address).scheme not in ("http", "https"):
            raise UnansweredError(f"expected an address such as http://127.0.0.1:8000, got {address[:80]!r}; mend it")
        self._root = address.rstrip("/") + "/api/v1"
        self._headers = {"Accept": "application/json", "Accept-Language": language, "User-Agent": "meot.client"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        again = _Again(
            total=max(tries - 1, 0), redirect=0, allowed_methods=None, backoff_factor=0.3, raise_on_status=False
        )
        self._pool = urllib3.PoolManager(retries=again, timeout=timeout_s)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def __enter__(self) -> Self:
        """The client itself; it is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Fields | None = None,
        body: object = None,
        form: Fields | None = None,
        key: str | None = None,
    ) -> Any:
        """The JSON of any operation, None where it has nothing to tell; see the service's own ``/api/v1/docs``.

        path: below ``/api/v1``, such as "/products/12". query: None stands for what is not asked. body: JSON. form:
        fields of a form; ``(name, bytes)`` for a file, a list for several of a name. key: for a write that outlives
        this program.
        """
        headers, sent = dict(self._headers), None
        if method not in _SAFE:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        if form is not None:
            sent, headers["Content-Type"] = urllib3.encode_multipart_formdata(_parts(form))
        elif body is not None:
            sent, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        asked = urlencode(_plain(query or {}), doseq=True)
        address = self._root + quote(path) + (f"?{asked}" if asked else "")
        try:
            answer = self._pool.request(method, address, body=sent, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            reason = type(getattr(error, "reason", None) or error).__name__
            raise UnansweredError(f"{self._root}: no answer ({reason}); check the address, or try again") from None
        return _read(answer, self._root)

    def pages(self, path: str, items: str, query: Fields | None = None) -> Iterator[Any]:
        """Every item of any list, page by page. items: the list's name in the answer, such as "tokens"."""
        after: object = None
        while True:
            page = self.ask("GET", path, query={**(query or {}), "after": after})
            yield from page[items]
            after = page["next"]
            if after is None:
                return


def _parts(form: Fields) -> list[tuple[str, Any]]:
    """The parts of a form in their order."""
    several = {name: value if isinstance(value, list) else [value] for name, value in _plain(form).items()}
    return [(name, value) for name, values in several.items() for value in values]


def _plain(fields: Fields) -> dict[str, Any]:
    """As an address and a form say it; without what is None."""
    told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in fields.items()}
    return {name: value for name, value in told.items() if value is not None}


def _read(answer: urllib3.BaseHTTPResponse, root: str) -> Any:
    if answer.status == 204:
        return None
    try:
        said = json.loads(answer.data)
    except ValueError:
        raise UnansweredError(f"{root}: what answers there is no service of meot; check the address") from None
    if answer.status < 400:
        return said
    told = {name: str(said.get(name, "")) for name in ("type", "title", "detail")} if isinstance(said, dict) else {}
    kind = told.get("type", "").rpartition(":")[2]
    raise RefusedError(status=answer.status, kind=kind, title=told.get("title", ""), detail=told.get("detail", ""))
