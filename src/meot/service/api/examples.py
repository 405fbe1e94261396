"""Examples that follow from a schema: every field says what it may look like, a document is put together from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_BY_TYPE: dict[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "null": None}
_DEEPEST = 30


def example_of(schema: Schema, schemas: Schema, depth: int = 0) -> Any:
    """A value that fits a schema. schemas: those that it may point to (``components.schemas``)."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    for said in ("example", "const", "default"):
        if schema.get(said) is not None:
            return schema[said]
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    for ways in ("anyOf", "oneOf", "allOf"):
        if schema.get(ways) and "properties" not in schema:
            return example_of(_fullest(schema[ways]), schemas, depth + 1)
    return _of_type(schema, schemas, depth)


def _fullest(ways: list[Schema]) -> Schema:
    return next((way for way in ways if way.get("type") != "null"), ways[0])


def _of_type(schema: Schema, schemas: Schema, depth: int) -> Any:
    kind = schema.get("type", "object")
    if depth > _DEEPEST:
        return None
    if kind == "object":
        fields, shown = dict(schema.get("properties", {})), set(schema.get("required", ()))
        for other in schema.get("oneOf", ())[1:]:  # of several ways to say something the first is shown
            for name in other["required"]:
                fields.pop(name)
        named = {name: example_of(each, schemas, depth + 1) for name, each in fields.items()}
        return {name: value for name, value in named.items() if value is not None or name in shown}
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, depth + 1)] * max(1, schema.get("minItems", 1))
    return max(_BY_TYPE.get(kind, ""), schema.get("minimum", 0)) if kind in ("integer", "number") else _BY_TYPE[kind]
