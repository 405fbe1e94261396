"""Why something cannot be as it was said, in a visitor's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meot.errors import MeotError
from meot.service.next_steps import for_pages

if TYPE_CHECKING:
    from meot.service.web.voice import Voice

_LONGEST = 80
_PARTS = ("sell_field", "filters", "trends", "reason_name")
"""Parts of the texts in which fields have their names."""
_VALUES = ("sell_value.{id}", "trends.{field}_{id}", "sell.{field}_{id}", "jobs.{field}_{id}")
"""Under which keys values have theirs, of fields that the taxonomy does not name."""


def tell(error: MeotError, say: Voice) -> str:
    """The reason of ``error``, without the stop at its end; in English where the texts have no sentence for it."""
    key = f"reason.{error.key}"
    if error.told.get("near") and say.knows(f"{key}_near"):
        key += "_near"
    if not say.knows(key):
        return for_pages(str(error))
    field = str(error.told.get("name", ""))
    return say(key, **{name: _said(name, value, field, say) for name, value in error.told.items()})


def _said(name: str, value: object, field: str, say: Voice) -> str:
    if isinstance(value, MeotError):
        return tell(value, say)
    if isinstance(value, tuple):
        return ", ".join(_value(field, str(each), say) for each in value)
    if name == "name" or (name == "near" and field in ("by", "component")):
        return _field(str(value), say)
    if name in ("every", "dates"):
        return _value(name, str(value), say)
    return _value(field, str(value), say) if name in ("near", "one", "other") else str(value)[:_LONGEST]


def _field(id: str, say: Voice) -> str:
    """What a field or a question is called."""
    return next((say(key) for part in _PARTS if say.knows(key := f"{part}.{id}")), None) or say.question(id)


def _value(field: str, id: str, say: Voice) -> str:
    """What a value of a field is called."""
    keys = (pattern.format(field=field, id=id.replace("-", "_")) for pattern in _VALUES)
    return next((say(key) for key in keys if say.knows(key)), None) or say.within(field, id)
