"""Answers that a program may keep: a tag tells whether anything has changed since, and a change may ask for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import metadata

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from meot.catalogue.people import Person
from meot.service.problems import ChangedMeanwhileError

_KEPT = "private, no-cache"
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
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    return tag.removeprefix("W/") in known or "*" in known


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
    """ChangedMeanwhileError when a request insists (If-Match) on another state than the one with this tag."""
    insisted = request.headers.get("if-match")
    if insisted is not None and not {tag, "*"} & {each.strip() for each in insisted.split(",")}:
        raise ChangedMeanwhileError("this was changed since it was looked at; look at it again, then change it")
