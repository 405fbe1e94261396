"""``meot search``: find products by a photo or by words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meot.answers.search import GarmentResults, PhotoAnswer
    from meot.types import Filters, Match
    from meot.wiring import Shop


@click.command()
@click.argument("catalogue")
@click.argument("query", nargs=-1, required=True)
@click.option("--region", help="Only garments of this region: upper, outer, lower, whole, feet ...")
@click.option("--category", help="Only garments of this category: shirt, jeans, 셔츠 ...")
@click.option("--colour", "--color", help="Only garments of this colour: navy, 남색 ...")
@click.option("--min-price", type=float, help="Lowest price.")
@click.option("--max-price", type=float, help="Highest price.")
@click.option("--limit", type=int, default=10, show_default=True, help="Most products, for each garment of a photo.")
@encoder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context,
    catalogue: str,
    query: tuple[str, ...],
    region: str | None,
    category: str | None,
    colour: str | None,
    min_price: float | None,
    max_price: float | None,
    limit: int,
    encoder: str | None,
    as_json: bool,
) -> None:
    """Find products in CATALOGUE by QUERY: a photo's path, or words in Korean or English."""
    from dataclasses import replace

    from meot import settings, wiring
    from meot.types import Filters

    filters = Filters(region=region, category=category, colour=colour, min_price=min_price, max_price=max_price)
    text = " ".join(query)
    photo = _photo_path(text)
    chosen = settings.load()
    encoder = None if photo is None else encoder or chosen.encoder  # words are looked up, not seen
    shop = wiring.open_shop(catalogue, replace(chosen, encoder=encoder))
    try:
        if photo is None:
            _answer_words(shop, text, filters, limit, as_json)
        else:
            context.exit(_answer_photo(shop, photo, filters, limit, as_json))
    finally:
        shop.close()


def _photo_path(text: str) -> Path | None:
    """The photo that ``text`` names, None when it is words. PhotoError when it names a photo that is not there."""
    from meot.errors import PhotoError
    from meot.photos import SUFFIXES

    path = Path(text)
    try:
        there = path.is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a sign no path has
        return None
    if there:
        return path
    if path.suffix.lower() in SUFFIXES:
        raise PhotoError(f"{path}: expected a photo or words, got a photo's name that is not there; check the path")
    return None


def _answer_words(shop: Shop, text: str, filters: Filters, limit: int, as_json: bool) -> None:
    matches = shop.search.by_words(text, filters, limit)
    if as_json:
        _print_json({"query": text, "matches": [match.as_json() for match in matches]})
        return
    if not matches:
        click.echo(f"nothing found for {text!r}; try fewer words or filters", err=True)
    _print_matches(shop, matches)


def _answer_photo(shop: Shop, photo: Path, filters: Filters, limit: int, as_json: bool) -> int:
    """Print what the photo finds; the exit status: 1 when it shows no clothes."""
    from meot.photos import load

    answer = shop.search.by_photo(load(photo), filters, limit)
    if as_json:
        _print_json({"query": str(photo), "garments": [results.as_json(answer.look) for results in answer.results]})
    else:
        for results in answer.results:
            click.echo(_heading(results))
            _print_matches(shop, results.matches)
    if not answer.results:
        click.echo(f"meot: {photo}: {_nothing(answer)}", err=True)
    return 0 if answer.look.garments else 1


def _nothing(answer: PhotoAnswer) -> str:
    if not answer.look.garments:
        return "expected a photo with clothes, found none in it; try one where the garment is larger"
    found = ", ".join(dict.fromkeys(garment.region for garment in answer.look.garments))
    return f"the filters ask for other garments than those in the photo ({found}); loosen them"


def _heading(results: GarmentResults) -> str:
    from meot import taxonomy
    from meot.answers.wording import Wording

    garment = results.garment
    names = [Wording(language=word, taxonomy=taxonomy.load()).category(garment.category) for word in ("en", "ko")]
    guess = "" if garment.category.sure else ", unsure"
    colours = ", ".join(shade.id for shade in garment.colours)
    none = "" if results.matches else ": nothing found"
    details = f"{garment.region}{guess}" + (f"; {colours}" if colours else "")
    return f"{' '.join(dict.fromkeys(names))} ({details}){none}"


def _print_matches(shop: Shop, matches: Iterable[Match]) -> None:
    for match in matches:
        product = match.product
        price = "" if product.price is None else f"{product.price:,.10g} {product.currency}".strip()
        picture = shop.catalogue.photo_path(match.number)
        cells = (f"{match.score:5.2f}", product.title, price, product.link, "" if picture is None else str(picture))
        click.echo("  ".join(cell for cell in cells if cell))


def _print_json(answer: dict[str, object]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
