"""What FastAPI cannot tell by itself: forms that are read as they stream in, and the problem documents."""

from __future__ import annotations

from typing import Any

from meot.service.api.documents import ProblemDocument

_MEANINGS = {
    400: "The question cannot be answered as asked.",
    404: "There is no such thing.",
    413: "The photo has too many bytes or pixels.",
    415: "The file is no photo of a known format.",
    422: "The photo is missing, damaged or too small.",
    503: "Busy, or the catalogue cannot be read; come again after Retry-After seconds.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of problem answers."""
    schema = ProblemDocument.model_json_schema()
    return {
        status: {"description": _MEANINGS[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in statuses
    }


_FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, GIF, BMP or TIFF."}


def _form(fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["photo"], "properties": {"photo": _FILE, **fields}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


PHOTO = _form({})
PHOTO_SEARCH = _form(
    {
        "region": {"type": "string", "examples": ["upper"]},
        "category": {"type": "string", "examples": ["shirt"]},
        "colour": {"type": "string", "examples": ["navy"]},
        "min_price": {"type": "number", "minimum": 0},
        "max_price": {"type": "number", "minimum": 0, "examples": [50000]},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "offset": {"type": "integer", "minimum": 0, "default": 0},
        "scores": {"type": "boolean", "default": False},
    }
)
