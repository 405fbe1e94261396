"""The API's description (OpenAPI 3.1), with what no route says of itself: who may ask, what goes wrong, examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from meot.service import problems as kinds
from meot.service.api import forms
from meot.service.api.documents import ProblemDocument
from meot.service.api.examples import example_of
from meot.service.api.once import ASKING, HEADER
from meot.service.texts import Texts

_METHODS = ("get", "post", "put", "patch", "delete")
_ABOUT = """Reads clothes in photos and answers with similar products.

Answers that a role is needed for take a token (`Authorization: Bearer meot_...`) or the cookie of who is signed in.
Pages of a list: give the `next` of an answer as `after`; null at the end. The titles of problems come in the language
of `Accept-Language` (en, ko); what ids are called in both stands in `/taxonomy`.
"""
SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, made on the account's page."},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "Who is signed in at the pages."},
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A random key: the same request with it does nothing twice within a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "6f1c2a0e-7f7d-4a39-9f0e-0f6a3b1d2c55",
}
_TAG = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an answer: 304 when it has not changed.",
    "schema": {"type": "string", "pattern": "^[ -~]*$"},
    "example": 'W/"12-3f1d0c9a7b21"',
}
_STATE = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what is to be changed: 412, and nothing is changed, when it is no longer so.",
    "schema": {"type": "string", "pattern": "^[ -~]*$"},
    "example": '"9f2b54c3a17e0d4c5b6a7f80"',
}


def install(app: FastAPI, texts: Texts) -> None:
    """Let the application describe itself so; made at the first question, when all routes are there."""
    made: dict[str, Any] = {}

    def describe() -> dict[str, Any]:
        if not made:
            made.update(_describe(app, texts))
        return made

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way


def _describe(app: FastAPI, texts: Texts) -> dict[str, Any]:
    described = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=app.openapi_version,
        summary=app.summary,
        description=_ABOUT,
        routes=app.routes,
    )
    parts = described.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas[ProblemDocument.__name__] = ProblemDocument.model_json_schema()
    parts["securitySchemes"] = SCHEMES
    for address, path in described["paths"].items():
        for method in _METHODS:
            if method in path:
                changes = method != "get"
                _complete(path[method], schemas, texts, changes=changes, keyed=changes and address not in ASKING)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return described


def _complete(operation: dict[str, Any], schemas: dict[str, Any], texts: Texts, *, changes: bool, keyed: bool) -> None:
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]  # a question that does not fit is answered with 400 here
    ours = "401" in answers
    operation["security"] = [*([] if ours else [{}]), {"token": []}, {"session": []}]
    common = (400, 401, 429, 500, 503) + ((403, 413) if changes else ()) + ((409, 422) if ours and keyed else ())
    for status, told in forms.problems(*common).items():
        answers.setdefault(str(status), told)
    given = operation.setdefault("parameters", [])
    if ours and keyed:
        given.append(_KEY)
    if "304" in answers:
        given.append(_TAG)
    if "412" in answers:
        given.append(_STATE)
    for parameter in given:
        parameter.setdefault("example", example_of(parameter["schema"], schemas))
    if "requestBody" in operation:
        _show(operation["requestBody"]["content"], schemas)
    for status, told in answers.items():
        if told.get("description") == "Successful Response":  # FastAPI's own words, which say nothing
            told["description"] = "The answer."
        _show(told.get("content", {}), schemas)
        if "application/problem+json" in told.get("content", {}):
            told["content"]["application/problem+json"]["example"] = _problem(int(status), texts)
    operation["responses"] = dict(sorted(answers.items()))


def _show(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put an example beside each schema that has none."""
    for kind, told in content.items():
        if kind in ("application/json", "multipart/form-data") and not {"example", "examples"} & set(told):
            told["example"] = example_of(told.get("schema", {}), schemas)


def _problem(status: int, texts: Texts) -> dict[str, Any]:
    named = {kind.status: kind.key for kind in reversed(kinds.KINDS.values())}
    key = {404: "no_product", 422: "photo_damaged"}.get(status) or named[status]
    title = texts.say("en", f"problem.{key}", megabytes=16)
    return {"type": f"urn:meot:problem:{key}", "title": title, "status": status, "detail": title}
