"""What became of many photos that came in one form, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meot.service.next_steps import for_programs
from meot.service.problems import KINDS, QuotaReachedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meot.service.batch import Refused


def refused_json(refused: Iterable[Refused], left: Iterable[str]) -> list[dict[str, str]]:
    """The photos that were refused, and those that there was no room for."""
    told = [{"name": each.name, "type": _type(each.key), "reason": for_programs(each.reason)} for each in refused]
    full, why = _type(KINDS[QuotaReachedError].key), "there is no room for it; remove others first"
    return [*told, *({"name": name, "type": full, "reason": f"{name}: {why}"} for name in left)]


def _type(key: str) -> str:
    return f"urn:meot:problem:{key}"
