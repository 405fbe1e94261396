"""Answers that a program may keep: a tag tells whether the catalogue has changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import metadata

from starlette.requests import Request
from starlette.responses import Response


def build_tag(generation: int, models: Mapping[str, str]) -> str:
    """The tag of everything that follows from a catalogue's state, the models, and this version."""
    behind = json.dumps([metadata.version("meot"), dict(models)], sort_keys=True)
    return f'W/"{generation}-{hashlib.sha256(behind.encode()).hexdigest()[:12]}"'


def answer(request: Request, tag: str, make: Callable[[], Response]) -> Response:
    """What ``make`` makes, with its tag; 304 and nothing when the asker has it already."""
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers=headers)
    response = make()
    response.headers.update(headers)
    return response


def answer_as_it_is(request: Request, response: Response) -> Response:
    """The response with a tag of its own bytes; 304 when the asker has them."""
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    return answer(request, tag, lambda: response)
