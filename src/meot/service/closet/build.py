"""The closet of the service, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter

from meot.service.closet.api import ClosetApi
from meot.service.closet.compare_api import CompareApi
from meot.service.closet.compare_pages import ComparePages
from meot.service.closet.comparing import Comparing
from meot.service.closet.owning import Owning
from meot.service.closet.pages import ClosetPages
from meot.service.closet.standing import Outfits
from meot.service.closet.told import Telling
from meot.service.shelf import Shelf

if TYPE_CHECKING:
    from meot.catalogue.jobs import Jobs
    from meot.service.accounts.pages import Forget
    from meot.service.accounts.visitor import Visitors
    from meot.service.api.photo import Sent
    from meot.service.api.taught import TaughtNames
    from meot.service.desk import Desk
    from meot.service.gate import Gate
    from meot.service.pictures import ProductPictures
    from meot.service.web.render import Renderer
    from meot.settings import Settings
    from meot.wiring import Shop

_TEN_MINUTES = 600.0
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosetFaces:
    """pages, api: routes of both faces. forget: deletes the closet of a person who goes, files too."""

    pages: tuple[APIRouter, ...]
    api: tuple[APIRouter, ...]
    forget: Forget


def build_closet(
    shop: Shop,
    settings: Settings,
    *,
    jobs: Jobs,
    desk: Desk,
    gate: Gate,
    visitors: Visitors,
    renderer: Renderer,
    drawn: ProductPictures,
    sent: Sent,
    taught: TaughtNames,
) -> ClosetFaces:
    """The closets in an open shop's database. gate: that of the desk, for there is one set of models."""
    kept = Shelf(most_count=1000, most_bytes=16 * _MEGABYTE, seconds=_TEN_MINUTES)
    owning = Owning(
        database=shop.catalogue.database, jobs=jobs, reader=shop.reader, drawn=kept, most=settings.most_closet_photos
    )
    comparing = Comparing(shop=shop, owning=owning, gate=gate, calibrated=settings.encoder is None)
    outfits = Outfits(shop=shop, owning=owning, drawn=drawn)
    pages = ClosetPages(owning=owning, comparing=comparing, outfits=outfits, visitors=visitors, renderer=renderer)
    compare = ComparePages(
        owning=owning, comparing=comparing, outfits=outfits, desk=desk, visitors=visitors, renderer=renderer
    )
    telling = Telling(taught=taught)
    api = ClosetApi(owning=owning, telling=telling, visitors=visitors, most_megabytes=settings.max_upload_mb)
    compare_api = CompareApi(
        owning=owning,
        comparing=comparing,
        outfits=outfits,
        telling=telling,
        sent=sent,
        visitors=visitors,
        renderer=renderer,
    )
    return ClosetFaces(
        pages=(pages.build_router(), compare.build_router()),
        api=(api.build_router(), compare_api.build_router()),
        forget=owning.forget,
    )
