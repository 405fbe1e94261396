"""``meot catalogue sources``, ``history`` and ``forget``: what a catalogue was filled from, and what it asked when."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from meot.cli.options import place_name
from meot.columns import pad

if TYPE_CHECKING:
    from meot.catalogue.feeds import Standing
    from meot.catalogue.store import Catalogue
    from meot.types import Price


@contextmanager
def open_catalogue(shop: str) -> Iterator[Catalogue]:
    """The catalogue at a path or URL, where the settings have it; closed at the end of the block."""
    from meot import settings
    from meot.catalogue.store import Catalogue

    with Catalogue.open(shop, create=False, data=settings.load().data) as catalogue:
        yield catalogue


@click.command()
@click.argument("shop")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sources(shop: str, as_json: bool) -> None:
    """List what SHOP was filled from, with how many products each has and when it was last read to its end."""
    from meot.catalogue.feeds import Feeds

    with open_catalogue(shop) as catalogue:
        found = Feeds(database=catalogue.database).standings()
    if as_json:
        click.echo(json.dumps([_standing(one) for one in found], ensure_ascii=False))
        return
    if not found:
        click.echo("this catalogue has no sources yet; bring one in with `meot catalogue add`", err=True)
    width = max((len(one.feed.name) for one in found), default=0)
    for one in found:
        feed = one.feed
        state = "stopped midway" if (feed.started or 0) > (feed.finished or 0) and feed.started else "read"
        moved = "" if feed.address == feed.name else f"  from {feed.address}"
        click.echo(
            f"{pad(feed.name, width)}  {one.products:>7} products  {one.retired:>6} retired  "
            f"{state} {_when(feed.finished or one.newest)}{moved}"
        )


def _standing(one: Standing) -> dict[str, object]:
    feed = one.feed
    return {
        "name": feed.name,
        "address": feed.address,
        "format": feed.format,
        "products": one.products,
        "retired": one.retired,
        "oldest": one.oldest,
        "newest": one.newest,
        "started": feed.started,
        "finished": feed.finished,
    }


@click.command()
@click.argument("shop")
@click.argument("product")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(shop: str, product: str, as_json: bool) -> None:
    """Print every price that was asked for PRODUCT: its number in SHOP, or its id in its source."""
    from meot.catalogue.feeds import Feeds
    from meot.errors import CatalogueError

    with open_catalogue(shop) as catalogue:
        numbers = Feeds(database=catalogue.database).numbers(product)
        if not numbers:
            raise CatalogueError(
                f"no product has the number or id {product!r}; take one from an answer of {place_name(shop)}"
            )
        found = [(n, catalogue.product(n), catalogue.price_history(n)) for n in numbers]
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "number": n,
                        "id": p.id,
                        "source": p.source,
                        "title": p.title,
                        "prices": [_price(x) for x in prices],
                    }
                    for n, p, prices in found
                ],
                ensure_ascii=False,
            )
        )
        return
    for number, said, prices in found:
        click.echo(f"{number}  {said.title}  ({said.source})")
        for price in prices:
            click.echo(f"  {_when(price.at)}  {_money(price)}  {price.availability}  {price.seller}".rstrip())


def _price(price: Price) -> dict[str, object]:
    return {
        "at": price.at,
        "price": price.price,
        "currency": price.currency,
        "availability": price.availability,
        "seller": price.seller,
    }


def _money(price: Price) -> str:
    if price.price is None:
        return f"{'unknown':>12}    "
    text = f"{price.price:,.2f}".removesuffix(".00")
    return f"{text:>12} {price.currency}".rstrip()


def _when(at: float | None) -> str:
    return "never" if at is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


@click.command()
@click.argument("shop")
@click.argument("source")
def forget(shop: str, source: str) -> None:
    """Read SOURCE of SHOP no more, and take its products out of all answers; their history stays."""
    from meot.catalogue.feeds import Feeds

    with open_catalogue(shop) as catalogue:
        feeds = Feeds(database=catalogue.database)
        name = feeds.find(source).name
        gone = feeds.forget(name)
    click.echo(f"{name}: forgotten, {gone} products retired")
