"""Answers that a program may keep: a tag tells whether anything has changed since, and a change may ask for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from importlib import metadata

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from meot.catalogue.people import Person
from meot.service.problems import ChangedMeanwhileError

_KEPT = "private, no-cache"
_PACKED = re.compile(r'^W/(?=")|-(?:gzip|br|zstd|deflate)(?="$)')
"""What gateways that pack put before and behind a tag."""
OWN = "Authorization, Cookie, Accept-Language"
"""What a person's own document hangs on."""


def build_tag(generation: int, models: Mapping[str, str]) -> str:
    """The tag of everything that follows from a catalogue's state, the models, and this version."""
    behind = json.dumps([metadata.version("meot"), dict(models)], sort_keys=True)
    return f'W/"{generation}-{hashlib.sha256(behind.encode()).hexdigest()[:12]}"'


def answer(request: Request, tag: str, make: Callable[[], Response]) -> Response:
    """What ``make`` makes, with its tag; 304 and nothing when the asker has it already."""
    headers = {"ETag": tag, "Cache-Control": _KEPT}
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    response = make()
    response.headers.update(headers)
    return response


def _has(request: Request, tag: str) -> bool:
    """Whether the asker has an answer with this tag."""
    known = _named(request.headers.get("if-none-match", ""))
    return tag.removeprefix("W/") in known or "*" in known


def _named(tags: str) -> set[str]:
    """The tags in a header, as they were made here.

    Who packs answers on their way says so in the tag: nginx makes W/"a" of "a", Apache "a-gzip".
    """
    return {_PACKED.sub("", each.strip()) for each in tags.split(",")}


def answer_as_it_is(request: Request, response: Response) -> Response:
    """The response with a tag of its own bytes; 304 when the asker has them."""
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    return answer(request, tag, lambda: response)


def own(person: Person, told: object) -> JSONResponse:
    """A person's own document, which nothing between may give to anybody else.

    Its tag is of its bytes, and no other person's; strong, so that a change may insist on it.
    """
    response = JSONResponse(told)
    digest = hashlib.sha256(f"{person.key} ".encode() + bytes(response.body)).hexdigest()[:24]
    response.headers.update({"ETag": f'"{digest}"', "Cache-Control": _KEPT, "Vary": OWN})
    return response


def answer_own(request: Request, person: Person, told: object) -> Response:
    """The same; 304 and nothing when the asker has it already."""
    response = own(person, told)
    headers = {name: response.headers[name] for name in ("etag", "cache-control", "vary")}
    return Response(status_code=304, headers=headers) if _has(request, headers["etag"]) else response


def check_unchanged(request: Request, tag: str) -> None:
    """ChangedMeanwhileError when a request insists (If-Match) on another state than the one with this tag.

    tag: of :func:`own`, a hash of every byte; a weak one fits nothing but "*". RFC 9110 has tags compared strongly
    here. So they are, once what a gateway did to them is undone: it is one origin server with this service (section
    3.7), and whoever sends that hash back saw this very state.
    """
    insisted = request.headers.get("if-match")
    if insisted is not None and not {tag, "*"} & _named(insisted):
        raise ChangedMeanwhileError("this was changed since it was looked at; look at it again, then change it")
