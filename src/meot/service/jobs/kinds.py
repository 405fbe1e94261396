"""The kinds of jobs there are, by name. A new kind is a function ``(job, tell) -> result`` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from meot.service.closet.work import build_closet_work
from meot.service.jobs.refreshing import refresh
from meot.service.jobs.worker import Tell, Work
from meot.service.sell.work import build_selling

if TYPE_CHECKING:
    from meot.settings import Settings
    from meot.wiring import Shop


def build_kinds(shop: Shop, settings: Settings) -> dict[str, Work]:
    """Every kind, working on an open shop, which must stay open for as long as the worker runs."""
    return {
        "refresh": partial(refresh, shop, settings),
        "reindex": lambda job, tell: _reindex(shop, tell),
        "compact": lambda job, tell: _compact(shop, tell),
        **build_selling(shop, settings),
        **build_closet_work(shop, settings),
    }


def _reindex(shop: Shop, tell: Tell) -> Mapping[str, Any]:
    """Make the index of vectors anew from the database."""
    tell(0, 1)
    shop.search.rebuild()
    tell(1, 1)
    return shop.search.describe()


def _compact(shop: Shop, tell: Tell) -> Mapping[str, Any]:
    """Join what was added to the index since it was made."""
    tell(0, 1)
    shop.search.compact()
    tell(1, 1)
    return shop.search.describe()
