"""The service as a Python object."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack, cast

from meot.client import answers
from meot.client.calls import Calls, Fields
from meot.errors import PhotoError

Photo = Path | str | bytes
"""A photo's file, or its bytes."""
_A_PAGE = 50


class Client:
    """A service at an address. Safe to use from several threads.

    token: made on the account's page, "" where none is needed. language: "en" or "ko", of names and problems.
    timeout_s: until an answer begins. tries: how often a request is sent, when the service is busy or does not answer.
    All methods raise RefusedError when the service will not, UnansweredError when there is none.
    """

    def __init__(
        self, address: str, *, token: str = "", language: str = "en", timeout_s: float = 60.0, tries: int = 4
    ) -> None:
        self._calls = Calls(address=address, token=token, language=language, timeout_s=timeout_s, tries=tries)

    def close(self) -> None:
        """Let go of the connections."""
        self._calls.close()

    def __enter__(self) -> Self:
        """The client itself; it is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    # -- photos

    def read(self, photo: Photo, *, scores: bool = False, vector: bool = False) -> answers.Look:
        """The clothes in a photo. scores, vector: add every category's score, each garment's vector."""
        asked = {"scores": scores, "vector": vector}
        return cast(answers.Look, self._calls.ask("POST", "/looks", query=asked, form={"photo": _file(photo)}))

    def search_photo(
        self, photo: Photo, words: str = "", *, limit: int = 20, **filters: Unpack[answers.Filters]
    ) -> answers.PhotoMatches:
        """For each garment of a photo the products most like it. words: what they must be besides."""
        asked: dict[str, object] = {**filters, "limit": limit, "q": words or None}
        component = filters.get("component")
        if isinstance(component, list):
            asked["component"] = ",".join(component)
        form = {name: value if value is None else str(value) for name, value in asked.items()}
        found = self._calls.ask("POST", "/search/photo", form={**form, "photo": _file(photo)})
        return cast(answers.PhotoMatches, found)

    # -- the catalogue

    def find(
        self,
        words: str,
        *,
        limit: int = 20,
        after: str | None = None,
        facets: bool = False,
        **filters: Unpack[answers.Filters],
    ) -> answers.Matches:
        """One page of the products that words find. after: the ``next`` of the page before."""
        asked = {**filters, "q": words, "limit": limit, "after": after, "facets": facets}
        return cast(answers.Matches, self._calls.ask("GET", "/search", query=asked))

    def search(self, words: str, **filters: Unpack[answers.Filters]) -> Iterator[answers.Match]:
        """All products that words find, best first; asked for page by page."""
        return self._calls.pages("/search", "matches", {**filters, "q": words, "limit": _A_PAGE})

    def similar(self, number: int, **filters: Unpack[answers.Filters]) -> Iterator[answers.Match]:
        """The products like one, best first; asked for page by page."""
        return self._calls.pages(f"/products/{number}/similar", "matches", {**filters, "limit": _A_PAGE})

    def product(self, number: int) -> answers.Product:
        """A product and what was read from its photos."""
        return cast(answers.Product, self._calls.ask("GET", f"/products/{number}"))

    def taxonomy(self) -> dict[str, Any]:
        """The vocabulary of all answers."""
        return cast(dict[str, Any], self._calls.ask("GET", "/taxonomy"))

    def health(self) -> answers.Health:
        """The state of the service."""
        return cast(answers.Health, self._calls.ask("GET", "/health"))

    # -- who asks

    def me(self) -> answers.Me:
        """Whom the token stands for."""
        return cast(answers.Me, self._calls.ask("GET", "/me"))

    def tokens(self) -> Iterator[answers.Token]:
        """One's tokens, the newest first."""
        return self._calls.pages("/tokens", "tokens")

    def make_token(
        self, name: str = "", *, scopes: Sequence[answers.Scope] = ("read",), days: int | None = None
    ) -> answers.NewToken:
        """A new token. days: how long it holds; None for until it is taken back."""
        wish = {"name": name, "scopes": list(scopes), "days": days}
        return cast(answers.NewToken, self._calls.ask("POST", "/tokens", body=wish))

    def revoke_token(self, number: int) -> None:
        """Take a token back."""
        self._calls.ask("DELETE", f"/tokens/{number}")

    # -- closet, drafts, and the work that goes on

    def closet(self) -> Iterator[dict[str, Any]]:
        """The photos of what one owns, the newest first, with what was read from them."""
        return self._calls.pages("/closet", "photos")

    def add_to_closet(self, photos: Sequence[Photo]) -> int:
        """Add photos of what one owns; the number of the job that reads them, see :meth:`wait`."""
        return int(self._calls.ask("POST", "/closet", form={"photo": [_file(photo) for photo in photos]})["job"])

    def drafts(self, state: str | None = None) -> Iterator[dict[str, Any]]:
        """One's drafts of listings; of a state ("sure", "review", "failed") when given."""
        return self._calls.pages("/drafts", "drafts", {"state": state})

    def draft(self, photos: Sequence[Photo]) -> int:
        """Draft listings from photos; the number of the job that does it, see :meth:`wait`."""
        return int(self._calls.ask("POST", "/drafts", form={"photo": [_file(photo) for photo in photos]})["job"])

    def job(self, number: int) -> answers.Job:
        """How far a job is."""
        return cast(answers.Job, self._calls.ask("GET", f"/jobs/{number}"))

    def wait(self, number: int, *, every_s: float = 1.0, most_s: float = 3600.0) -> answers.Job:
        """A job when it is over, however it ended; or as it is after ``most_s`` seconds."""
        ends = time.monotonic() + most_s
        while (job := self.job(number))["state"] in ("waiting", "running") and time.monotonic() < ends:
            time.sleep(every_s)
        return job

    # -- everything else

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
        """The answer of any operation below ``/api/v1``; see the service's own ``/api/v1/docs``.

        body: JSON. form: fields, ``(name, bytes)`` for a file, a list for several of a name. key: for a write
        that outlives this program.
        """
        return self._calls.ask(method, path, query=query, body=body, form=form, key=key)

    def pages(self, path: str, items: str, query: Fields | None = None) -> Iterator[Any]:
        """Every item of any list, page by page. items: the list's name in the answer, such as "tokens"."""
        return self._calls.pages(path, items, query)


def _file(photo: Photo) -> tuple[str, bytes]:
    """A form's file. PhotoError when it cannot be read."""
    if isinstance(photo, bytes):
        return "photo", photo
    try:
        return Path(photo).name, Path(photo).read_bytes()
    except OSError as error:
        raise PhotoError(f"{photo}: cannot be read ({error.strerror}); check the path") from None
