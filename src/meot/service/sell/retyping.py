"""What a person typed into a draft's form that was not taken: it stands there again, beside what is there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from meot.service.sell.views import FIELDS, Field, as_sent, value_in

if TYPE_CHECKING:
    from meot.answers.listing.draft import Draft
    from meot.errors import MeotError


def write_shown(draft: Draft) -> str:
    """What a form showed, for a field of its own: by it one sees later which values were typed."""
    return " ".join(f"{name}:{_sum(name, draft.values.get(name, ''))}" for name in FIELDS)


def read_typed(draft: Draft, posted: Mapping[str, str]) -> dict[str, str]:
    """Field -> value of what a person typed into a form and the draft does not say.

    A form that does not tell what it showed is taken to have shown nothing.
    """
    shown = dict(part.partition(":")[::2] for part in posted.get("shown", "").split())
    typed: dict[str, str] = {}
    for name in FIELDS:
        value = value_in(posted, name)
        if value is not None and _sum(name, value) not in (
            shown.get(name, _sum(name, "")),
            _sum(name, draft.values.get(name, "")),
        ):
            typed[name] = value
    return typed


def lay_over(fields: Sequence[Field], typed: Mapping[str, str], wrong: MeotError | None) -> list[Field]:
    """The fields with what was typed into them, and a mark at the one that is wrong."""
    named = "" if wrong is None else wrong.told.get("name")
    return [replace(field, typed=typed.get(field.name), is_wrong=field.name == named) for field in fields]


def _sum(name: str, value: str) -> str:
    """A short sum of a value, by which it is told from others."""
    return f"{crc32(as_sent(name, value).encode()):x}"
