"""The job "refresh": bring the catalogue up to what its sources say now."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from meot.service.jobs.worker import Tell

if TYPE_CHECKING:
    from meot.catalogue.jobs import Job
    from meot.settings import Settings
    from meot.wiring import Shop

_DAY_S = 86_400.0


def refresh(shop: Shop, settings: Settings, job: Job, tell: Tell) -> Mapping[str, Any]:
    """Read the sources that the payload names (``{"sources": [...]}``; all without it) again; what came of each.

    ``{"force": true}`` as for ``meot catalogue refresh``. Progress is in products of the source that is read.
    """
    from meot import wiring
    from meot.catalogue import intake
    from meot.catalogue.feeds import Feeds, headers_of
    from meot.catalogue.refresh import refresh as bring_up
    from meot.catalogue.sources.fetch.ask import Limits

    feeds = Feeds(database=shop.catalogue.database)
    names = job.payload.get("sources") or []
    done = []
    with closing(wiring.build_pool(shop, replace(settings, threads=1))) as pool:
        for feed in [feeds.find(name) for name in names] if names else feeds.all():
            fetcher = intake.build_fetcher(
                shop.catalogue.place,
                private_hosts=feed.private_hosts,
                headers=headers_of(feed),
                limits=replace(Limits(), fresh_s=_DAY_S),
            )
            force = bool(job.payload.get("force"))
            found = bring_up(shop.catalogue, shop.reader, feed, fetcher=fetcher, pool=pool, force=force, progress=tell)
            done.append(found.as_json())
    return {"sources": done}
