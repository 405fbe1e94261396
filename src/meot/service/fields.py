"""Small forms of a page: fields without files, their size checked while they stream in."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from meot.errors import QueryError

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 200


async def read_fields(request: Request) -> dict[str, str]:
    """Name -> value of a form's fields; several values of one name are joined by ";".

    QueryError for a large form, or one that cannot be read.
    """
    kind = request.headers.get("content-type", "").lower()
    if kind and not kind.startswith("application/x-www-form-urlencoded"):
        raise QueryError("expected a form of fields; send it from the page", "no_form")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise QueryError(f"a form may hold {_MOST_BYTES} bytes; shorten what you typed", "form_too_large")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise QueryError("the form cannot be read; send it from the page", "no_form") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]};{value}" if name in found else value
    return found
