"""What FastAPI cannot tell by itself: forms that are read as they stream in, and the problem documents."""

from __future__ import annotations

from typing import Any

from meot.service import batch, packed
from meot.service.api.documents import ProblemDocument

_MEANINGS = {
    400: "The question cannot be answered as asked.",
    401: "For people who are known: send a token, or sign in.",
    403: "The role or the token's scopes do not reach that far, or another site sent the request.",
    404: "There is no such thing, or it is somebody else's.",
    409: "This cannot be done as things stand: one keeps as many photos as one may, or the first request with this "
    "Idempotency-Key is under way, or its answer was not kept.",
    412: "It was changed since it had the tag of If-Match.",
    413: "The photo has too many bytes or pixels.",
    415: "The file is no photo of a known format.",
    422: "What was sent cannot be used: a damaged photo, a weak password, an Idempotency-Key of another request.",
    429: "Asked too often; come again after Retry-After seconds.",
    500: "Something broke on the server's side.",
    503: "Busy, or the catalogue cannot be read; come again after Retry-After seconds.",
}


_PROBLEM = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As it was when it had the tag of If-None-Match."}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of problem answers."""
    return {
        status: {"description": _MEANINGS[status], "content": {"application/problem+json": {"schema": _PROBLEM}}}
        for status in statuses
    }


def for_people(role: str, *statuses: int, tagged: bool = False, **more: Any) -> dict[str, Any]:
    """What a route needs that is for people of ``role`` and above: its description and its problems.

    statuses: the problems that it may have besides. tagged: whether it tells an ETag and heeds If-None-Match. more: of
    ``openapi_extra``, such as a form.
    """
    told = problems(401, 403, *statuses) | (NOT_CHANGED if tagged else {})
    return {"responses": told, "openapi_extra": {"x-role": role, **more}}


def picture(role: str, *, tagged: bool = False) -> dict[str, Any]:
    """:func:`for_people` for a route that answers with a JPEG of theirs, or 404."""
    told = for_people(role, 404, tagged=tagged)
    binary = {"schema": {"type": "string", "format": "binary"}}
    told["responses"][200] = {"description": "A JPEG.", "content": {"image/jpeg": binary}}
    return told


FILE: dict[str, Any] = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, GIF, BMP or TIFF."}
_URL = {
    "type": "string",
    "maxLength": 2000,
    "description": "Instead of a photo: its address, or that of a page about it. Public sites only.",
    "examples": ["https://shop.example/10042"],
}


def photo_form(
    fields: dict[str, Any], *, required: tuple[str, ...] = (), instead: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A form with a photo or the address of one, for ``openapi_extra``. instead: further fields that stand for one."""
    ways = {"photo": FILE, "url": _URL, **(instead or {})}
    return form({**ways, **fields}, required=required, oneOf=[{"required": [way]} for way in ways])


def form(fields: dict[str, Any], *, required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A form, for ``openapi_extra``. more: of its schema."""
    schema: dict[str, Any] = {"type": "object", "properties": fields, **more}
    if required:
        schema["required"] = list(required)
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def many_photos(fields: dict[str, Any], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """A form with many photos, for ``openapi_extra``. required: of its other fields."""
    photos = {
        "type": "array",
        "items": FILE,
        "minItems": 1,
        "maxItems": batch.MOST_PHOTOS,
        "description": f"Up to {batch.MOST_PHOTOS} files; ZIPs of photos too, {packed.MOST_PHOTOS} photos in all.",
    }
    return form({"photo": photos, **fields}, required=("photo", *required))


PHOTO = photo_form({})
PHOTO_SEARCH = photo_form(
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
