"""What FastAPI cannot tell by itself: forms that are read as they stream in, and the problem documents."""

from __future__ import annotations

from typing import Any

from meot.service.api.documents import ProblemDocument

_MEANINGS = {
    400: "The question cannot be answered as asked.",
    401: "For people who are known: send a token, or sign in.",
    403: "The role or the token's scopes do not reach that far, or another site sent the request.",
    404: "There is no such thing, or it is somebody else's.",
    409: "The first request with this Idempotency-Key is under way, or its answer was not kept.",
    413: "The photo has too many bytes or pixels.",
    415: "The file is no photo of a known format.",
    422: "What was sent cannot be used: a damaged photo, a weak password, an Idempotency-Key of another request.",
    429: "Asked too often; come again after Retry-After seconds.",
    500: "Something broke on the server's side.",
    503: "Busy, or the catalogue cannot be read; come again after Retry-After seconds.",
}


_PROBLEM = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As it was when it had the tag of If-None-Match."}}
DONE: dict[int | str, dict[str, Any]] = {204: {"description": "Done; there is nothing to tell."}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of problem answers."""
    return {
        status: {"description": _MEANINGS[status], "content": {"application/problem+json": {"schema": _PROBLEM}}}
        for status in statuses
    }


def for_people(role: str, *statuses: int, **more: Any) -> dict[str, Any]:
    """What a route needs that is for people of ``role`` and above: its description and its problems.

    statuses: the problems that it may have besides. more: of ``openapi_extra``, such as a form.
    """
    return {"responses": problems(401, 403, *statuses), "openapi_extra": {"x-role": role, **more}}


_FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, GIF, BMP or TIFF."}


def _form(fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["photo"], "properties": {"photo": _FILE, **fields}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


PHOTO = _form({})
PHOTO_SEARCH = _form(
    {
        "region": {"type": "string", "description": "Only garments of this region.", "examples": ["upper"]},
        "category": {"type": "string", "description": "Only this category, id or name.", "examples": ["shirt"]},
        "colour": {"type": "string", "description": "Only this colour, id or name.", "examples": ["navy"]},
        "component": {
            "type": "string",
            "description": "Only garments with these answers.",
            "examples": ["pattern=stripe,sleeve=long"],
        },
        "style": {"type": "string", "description": "Only outfits of this style.", "examples": ["casual"]},
        "gender": {"type": "string", "description": "Only for female, male or unisex.", "examples": ["female"]},
        "source": {"type": "string", "description": "Only of this source."},
        "q": {"type": "string", "maxLength": 200, "description": "Words beside the photo.", "examples": ["in red"]},
        "min_price": {"type": "number", "minimum": 0, "description": "Lowest price."},
        "max_price": {"type": "number", "minimum": 0, "description": "Highest price.", "examples": [50000]},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "Most products."},
        "offset": {"type": "integer", "minimum": 0, "default": 0, "description": "Products to pass over."},
        "after": {"type": "string", "description": "The `next` of one garment's results, for the page behind it."},
        "facets": {"type": "boolean", "default": False, "description": "Count what it could be narrowed to."},
        "scores": {"type": "boolean", "default": False, "description": "Add every category's score."},
    }
)
