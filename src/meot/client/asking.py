"""Beneath every operation: a connection to a service, photos for its forms, lists page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from meot.client.calls import Calls, Fields
from meot.errors import PhotoError

Photo = Path | str | bytes
"""A photo's file, or its bytes."""


class Asking:
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


def file_of(photo: Photo) -> tuple[str, bytes]:
    """A form's file. PhotoError when it cannot be read."""
    if isinstance(photo, bytes):
        return "photo", photo
    try:
        return Path(photo).name, Path(photo).read_bytes()
    except OSError as error:
        raise PhotoError(f"{photo}: cannot be read ({error.strerror}); check the path") from None


def form_of(photo: Photo | None, **instead: str | None) -> dict[str, object]:
    """The fields of a form for one photo, or what stands for it. PhotoError unless exactly one of them is given."""
    given: dict[str, object] = {name: said for name, said in instead.items() if said}
    if photo is not None:
        given["photo"] = file_of(photo)
    if len(given) != 1:
        raise PhotoError(f"expected a photo or one of {', '.join(instead)}, got {len(given)} of them; give one")
    return given
