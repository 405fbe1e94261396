"""The API's description as a page: every operation with what it takes and answers, and how to ask it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from meot.service.web.render import Renderer

_METHODS = ("get", "post", "put", "patch", "delete")
_FORM, _JSON = "multipart/form-data", "application/json"
_LONGEST = 4000
_FILES = {"photo": "@look.jpg", "facts": "@facts.csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Something that an operation takes: a part of the address, a header, or a field of a form."""

    name: str
    where: str
    required: bool
    about: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer: its HTTP status, what it means, and an example as text ("" where it has no content)."""

    status: int
    about: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing to ask. role: who may; "" for anybody. ask: the command that asks it. body: an example of the JSON."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    role: str
    given: tuple[Given, ...]
    body: str
    ask: str
    told: tuple[Told, ...]


class Reference:
    """``/docs``: the description of ``app`` as a page, without any script."""

    def __init__(self, *, app: FastAPI, renderer: Renderer) -> None:
        self._app, self._renderer = app, renderer

    def build_router(self) -> APIRouter:
        """The route; it is no part of the description itself."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/docs", self.show, methods=["GET"], response_model=None)
        return router

    def show(self, request: Request) -> Response:
        """The page."""
        described = self._app.openapi()
        groups: dict[str, list[Operation]] = {}
        for tag, operation in _operations(described):
            groups.setdefault(tag, []).append(operation)
        return self._renderer.render(request, "api.html", groups=groups, version=described["info"]["version"])


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Tag and operation, in the order of the routes."""
    for path, methods in described["paths"].items():
        for method in _METHODS:
            if method in methods:
                raw = methods[method]
                yield raw.get("tags", ["other"])[0], _operation(method.upper(), path, raw)


def _operation(method: str, path: str, raw: dict[str, Any]) -> Operation:
    content = raw.get("requestBody", {}).get("content", {})
    body = _pretty(content[_JSON]["example"]) if "example" in content.get(_JSON, {}) else ""
    given = (*map(_parameter, raw.get("parameters", [])), *_fields(content))
    return Operation(
        id=raw["operationId"],
        method=method,
        path=path,
        summary=raw.get("summary", ""),
        about=raw.get("description", ""),
        role=raw.get("x-role", ""),
        given=given,
        body=body,
        ask=_command(method, path, given, body, ours="x-role" in raw, form=_FORM in content),
        told=tuple(_told(int(status), each) for status, each in raw["responses"].items()),
    )


def _parameter(raw: dict[str, Any]) -> Given:
    example, about = raw.get("example", raw["schema"].get("default", "")), raw.get("description", "")
    shown = ", ".join(map(str, example)) if isinstance(example, list) else _plain(example)
    return Given(name=raw["name"], where=raw["in"], required=raw.get("required", False), about=about, example=shown)


def _fields(content: dict[str, Any]) -> Iterator[Given]:
    schema = content.get(_FORM, {}).get("schema", {})
    for name, field in schema.get("properties", {}).items():
        example = (field.get("examples") or [field.get("default", "")])[0]
        required, about = name in schema.get("required", ()), field.get("description", "")
        yield Given(name=name, where="form", required=required, about=about, example=_plain(example))


def _told(status: int, raw: dict[str, Any]) -> Told:
    shown = next((each["example"] for each in raw.get("content", {}).values() if "example" in each), None)
    return Told(status=status, about=raw["description"], example="" if shown is None else _pretty(shown))


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)


def _pretty(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n…"


def _command(method: str, path: str, given: tuple[Given, ...], body: str, *, ours: bool, form: bool) -> str:
    """How curl asks it: what is required, and no more."""
    asked = {each.name: each.example for each in given if each.where == "query" and each.required}
    for each in given:
        if each.where == "path":
            path = path.replace(f"{{{each.name}}}", each.example or "1")
    parts = ["curl", *([] if method == "GET" or form else ["-X", method])]
    if ours:
        parts += ["-H", "Authorization: Bearer meot_..."]
    if form:
        fields = [each for each in given if each.where == "form"]
        shown = [each for place, each in enumerate(fields) if place == 0 or each.required]
        parts += [part for each in shown for part in ("-F", f"{each.name}={_FILES.get(each.name, each.example)}")]
    if body:
        parts += ["-H", f"Content-Type: {_JSON}", "-d", json.dumps(json.loads(body), ensure_ascii=False)]
    address = f"http://127.0.0.1:8000{path}" + (f"?{urlencode(asked)}" if asked else "")
    return shlex.join([*parts, address])
