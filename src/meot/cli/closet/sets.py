"""``meot closet looks``, ``unlock`` and ``duplicates``: a closet beside many looks, and beside itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli.closet.options import (
    Opened,
    answer_options,
    bar,
    files_in,
    load_settings,
    opened,
    print_json,
    say_in,
    shop_option,
)

if TYPE_CHECKING:
    from meot.answers.closet.sets import Outfit, Purchase, Standing
    from meot.answers.closet.shopping import Suggestion
    from meot.answers.wording import Wording
    from meot.settings import Settings

source_argument = click.argument("source", metavar="FOLDER|SHOP.DB")


@click.command()
@source_argument
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most looks.")
@answer_options
def looks(
    source: str,
    limit: int,
    where: str,
    person: str,
    language: str | None,
    encoder: str | None,
    as_json: bool,
) -> int:
    """Rank the looks in a folder of photos, or of a catalogue's photos with people, by how much of them is owned.

    A garment counts as owned when something close stands for it. 1 when a photo could not be used, else 0.
    """
    chosen = load_settings(encoder)
    saying = say_in(language, chosen)
    with opened(where, person, chosen) as mine:
        found, failed = _stand(source, mine, chosen)
    if as_json:
        print_json({"looks": [standing.as_json() for standing in found[:limit]], "failed": _failed_json(failed)})
    else:
        for standing in found[:limit]:
            click.echo(f"{standing.overall:4.0%}  {saying.standing(standing):18}  {standing.outfit.name}")
        _tell(failed)
    return 1 if failed else 0


@click.command()
@source_argument
@shop_option
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Most purchases.")
@answer_options
def unlock(
    source: str,
    shop: str | None,
    limit: int,
    where: str,
    person: str,
    language: str | None,
    encoder: str | None,
    as_json: bool,
) -> int:
    """Find what one purchase would complete most looks of a folder, or of a catalogue's photos with people.

    Each look counts for the first purchase that completes it. 1 when a photo could not be used, else 0.
    """
    from meot.answers.closet import sets
    from meot.answers.closet.similarity import load_scale

    chosen = load_settings(encoder)
    saying = say_in(language, chosen)
    with opened(where, person, chosen) as mine:
        standings, failed = _stand(source, mine, chosen)
    found = sets.unlock(standings, scale=load_scale(), most=limit)
    products = _products(shop, chosen, found, saying)
    if as_json:
        purchases = [
            {**purchase.as_json(), "products": [each.as_json() for each in fitting]}
            for purchase, fitting in zip(found, products, strict=True)
        ]
        print_json({"purchases": purchases, "failed": _failed_json(failed)})
        return 1 if failed else 0
    if not found:
        click.echo(saying.plain("no unlock"))
    for purchase, fitting in zip(found, products, strict=True):
        click.echo(f"{len(purchase.unlocks):3}  {saying.purchase(purchase)}")
        for each in fitting:
            cells = (f"{each.similarity:4.0%}", each.match.product.title, saying.price(each), each.match.product.link)
            click.echo("     " + "  ".join(cell for cell in cells if cell))
        if shop is not None and not fitting:
            click.echo(f"     {saying.plain('none')}")
    _tell(failed)
    return 1 if failed else 0


@click.command()
@answer_options
def duplicates(where: str, person: str, language: str | None, encoder: str | None, as_json: bool) -> None:
    """Find owned garments of different photos that are so alike that one would do."""
    from meot.answers.closet.duplicates import find_duplicates
    from meot.answers.closet.similarity import load_scale

    chosen = load_settings(encoder)
    saying = say_in(language, chosen)
    with opened(where, person, chosen) as mine:
        held = mine.owned().everything()
    found = find_duplicates(held, scale=load_scale())
    if as_json:
        print_json({"duplicates": [each.as_json() for each in found]})
        return
    if not found:
        click.echo(saying.plain("no duplicates"))
    for each in found:
        names = [f"{one.key} {saying.garment(one.garment)}" for one in each.garments]
        click.echo(saying.alike(each.similarity, names))


def _stand(source: str, mine: Opened, chosen: Settings) -> tuple[list[Standing], list[tuple[str, str]]]:
    """The looks of a source, ranked, and the photos that could not be used."""
    from meot.answers.closet import sets
    from meot.answers.closet.similarity import load_scale

    failed: list[tuple[str, str]] = []
    owned = mine.owned()
    with bar() as progress:
        path = Path(source)
        if path.is_dir():
            outfits = list(sets.outfits_in(files_in((path,)), mine.reader, failed, progress))
        else:
            outfits = _worn(source, mine, chosen)
    return sets.stand(outfits, owned, scale=load_scale()), failed


def _worn(source: str, mine: Opened, chosen: Settings) -> list[Outfit]:
    from meot.answers.closet.sets import as_outfit
    from meot.catalogue.database import Database
    from meot.catalogue.outfits import worn_photos

    with Database.open(source, create=False, data=chosen.data) as shop, shop.reading() as connection:
        found = [
            as_outfit(photo.title, photo.path, photo.sha256, photo.garments)
            for photo in worn_photos(connection, mine.reader.models)
        ]
    return [outfit for outfit in found if outfit is not None]


def _products(
    shop: str | None, chosen: Settings, purchases: list[Purchase], wording: Wording
) -> list[tuple[Suggestion, ...]]:
    """What fits each purchase; nothing where no shop is named."""
    if shop is None or not purchases:
        return [()] * len(purchases)
    from meot import wiring
    from meot.answers.closet.products import products_for
    from meot.photos import load

    bought = wiring.open_shop(shop, chosen)
    try:
        return [
            products_for(
                load(each.outfit.file), each.number, each.garment, bought.search, bought.catalogue, wording=wording
            )
            for each in purchases
        ]
    finally:
        bought.close()


def _failed_json(failed: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in failed]


def _tell(failed: list[tuple[str, str]]) -> None:
    for _, reason in failed:
        click.echo(f"meot: {reason}", err=True)


COMMANDS = {"looks": looks, "unlock": unlock, "duplicates": duplicates}
