"""The parts of the service that sellers and administrators work in, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter

from meot import taxonomy, wiring
from meot.answers.teaching import TaughtReader
from meot.catalogue.feeds import Feeds
from meot.service.manage.api import ManageApi
from meot.service.manage.jobs import Steering
from meot.service.manage.overview import Overview
from meot.service.manage.pages import ManagePages
from meot.service.sell.api import SellApi
from meot.service.sell.pages import SellPages
from meot.service.sell.photos import DraftPhotos
from meot.service.sell.selling import Selling
from meot.service.trends.api import TrendApi
from meot.service.trends.asking import Asking
from meot.service.trends.pages import TrendPages

if TYPE_CHECKING:
    from meot.catalogue.jobs import Jobs
    from meot.catalogue.people import People
    from meot.service.accounts.pages import Forget
    from meot.service.accounts.visitor import Visitors
    from meot.service.pictures import ProductPictures
    from meot.service.web.render import Renderer
    from meot.settings import Settings
    from meot.wiring import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """pages, api: routes of both faces. forget: deletes what lies on disk of a person who goes."""

    pages: tuple[APIRouter, ...]
    api: tuple[APIRouter, ...]
    forget: Forget


def build_office(
    shop: Shop,
    settings: Settings,
    *,
    jobs: Jobs,
    people: People,
    visitors: Visitors,
    renderer: Renderer,
    drawn: ProductPictures,
) -> Office:
    """Selling, trends and managing of an open shop."""
    catalogue, feeds = shop.catalogue, Feeds(database=shop.catalogue.database)
    photos = DraftPhotos(root=catalogue.place.beside("drafts"))
    selling = Selling(catalogue=catalogue, jobs=jobs, photos=photos, taxonomy=taxonomy.load())
    steering = Steering(jobs=jobs, feeds=feeds)
    overview = Overview(
        shop=shop,
        models=settings.models,
        load_likeness=partial(wiring.load_likeness, settings),
        untaught=shop.reader.untaught if isinstance(shop.reader, TaughtReader) else shop.reader,
    )
    sell = SellPages(selling=selling, catalogue=catalogue, jobs=jobs, visitors=visitors, renderer=renderer, drawn=drawn)
    manage = ManagePages(
        overview=overview, steering=steering, feeds=feeds, people=people, visitors=visitors, renderer=renderer
    )
    asking = Asking(catalogue=catalogue, taxonomy=taxonomy.load())
    trends = TrendPages(asking=asking, renderer=renderer)
    api = (
        SellApi(selling=selling, visitors=visitors, drawn=drawn, most_megabytes=settings.max_upload_mb),
        TrendApi(asking=asking),
        ManageApi(steering=steering, feeds=feeds, visitors=visitors),
    )
    return Office(
        pages=tuple(part.build_router() for part in (sell, trends, manage)),
        api=tuple(part.build_router() for part in api),
        forget=selling.forget,
    )
