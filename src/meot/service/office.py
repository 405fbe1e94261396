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
from meot.service.manage.shop_api import ShopApi
from meot.service.manage.teaching import Teaching
from meot.service.sell.api import SellApi
from meot.service.sell.listing_pages import ListingPages
from meot.service.sell.listings_api import ListingsApi
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
    known, most = taxonomy.load(), settings.most_draft_photos
    selling = Selling(catalogue=catalogue, jobs=jobs, photos=photos, taxonomy=known, most=most)
    steering = Steering(jobs=jobs, feeds=feeds)
    untaught = shop.reader.untaught if isinstance(shop.reader, TaughtReader) else shop.reader
    load_likeness = partial(wiring.load_likeness, settings)
    overview = Overview(shop=shop, models=settings.models, load_likeness=load_likeness, untaught=untaught)
    teaching = Teaching(catalogue=catalogue, untaught=untaught, load_likeness=load_likeness)
    sell = SellPages(selling=selling, catalogue=catalogue, jobs=jobs, visitors=visitors, renderer=renderer, drawn=drawn)
    listings = ListingPages(selling=selling, visitors=visitors, renderer=renderer)
    manage = ManagePages(
        overview=overview, steering=steering, feeds=feeds, people=people, visitors=visitors, renderer=renderer
    )
    asking = Asking(catalogue=catalogue, taxonomy=known)
    trends = TrendPages(asking=asking, renderer=renderer)
    api = (
        SellApi(selling=selling, visitors=visitors, drawn=drawn, renderer=renderer),
        ListingsApi(selling=selling, visitors=visitors),
        TrendApi(asking=asking),
        ManageApi(steering=steering, feeds=feeds, visitors=visitors),
        ShopApi(
            overview=overview,
            teaching=teaching,
            jobs=jobs,
            people=people,
            visitors=visitors,
            most_megabytes=settings.max_upload_mb,
        ),
    )
    return Office(
        pages=tuple(part.build_router() for part in (sell, listings, trends, manage)),
        api=tuple(part.build_router() for part in api),
        forget=selling.forget,
    )
