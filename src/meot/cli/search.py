"""``meot search``: find products by a photo, by words, or by both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meot.cli.options import encoder_option, read_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meot.answers.facets import Facets
    from meot.answers.results import GarmentResults, PhotoAnswer
    from meot.types import Filters, Match
    from meot.wiring import Shop


@click.command()
@click.argument("catalogue")
@click.argument("query", nargs=-1, required=True)
@click.option("--region", help="Only garments of this region: upper, outer, lower, whole, feet ...")
@click.option("--category", help="Only garments of this category: shirt, jeans, 셔츠, one that was taught ...")
@click.option("--colour", "--color", help="Only garments of this colour: navy, 남색 ...")
@click.option(
    "--component", multiple=True, help="Only garments with this answer: pattern=stripe, 소매=긴팔. May be given again."
)
@click.option("--style", help="Only outfits of this style: casual, 캐주얼 ...")
@click.option("--gender", help="Only products for: female, male, unisex, 여성 ...")
@click.option("--source", help="Only products of this source: its address, or the last part of it.")
@click.option("--min-price", metavar="PRICE", callback=read_price, help="Lowest price.")
@click.option("--max-price", metavar="PRICE", callback=read_price, help="Highest price.")
@click.option("--limit", type=int, default=10, show_default=True, help="Most products, for each garment of a photo.")
@click.option("--after", help="The `next` of an answer: print the page behind it.")
@click.option("--facets", is_flag=True, help="Also print how many products each other filter would leave.")
@encoder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context,
    /,
    catalogue: str,
    query: tuple[str, ...],
    limit: int,
    after: str | None,
    facets: bool,
    encoder: str | None,
    as_json: bool,
    **filters: Any,
) -> None:
    """Find products in CATALOGUE by QUERY: a photo's path, words in Korean or English, or a photo and words.

    Words behind a photo narrow what is like it: "in red", "긴팔 체크", or what a product must be called.
    """
    from dataclasses import replace

    from meot import settings, wiring

    photo, words = _split(query)
    chosen = settings.load()
    encoder = None if photo is None else encoder or chosen.encoder  # words are looked up, not seen
    shop = wiring.open_shop(catalogue, replace(chosen, encoder=encoder), progress=_tell)
    page = {"after": after, "facets": facets}
    try:
        if photo is None:
            _answer_words(shop, words, _filters(filters), limit, page, as_json)
        else:
            context.exit(_answer_photo(shop, photo, words, _filters(filters), limit, page, as_json))
    finally:
        shop.close()


def _filters(said: dict[str, Any]) -> Filters:
    from meot.answers.filters import parse_components
    from meot.types import Filters

    components = parse_components(said.pop("component"))
    return Filters(components=components, **said)


def _tell(step: str, done: int, total: int) -> None:
    """Show how far the index has been built."""
    click.echo(f"\rmeot: building the index: {step} {done:,} of {total:,}", err=True, nl=done >= total)


def _split(query: tuple[str, ...]) -> tuple[Path | None, str]:
    """The photo and the words of a query: the first part that is a photo, or all of it with its spaces, is one."""
    whole = _photo_path(" ".join(query))
    if whole is not None or len(query) == 1:
        return whole, "" if whole is not None else query[0]
    first = _photo_path(query[0])
    return first, " ".join(query if first is None else query[1:])


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


def _answer_words(shop: Shop, text: str, filters: Filters, limit: int, page: dict[str, Any], as_json: bool) -> None:
    found = shop.search.by_words(text, filters, limit, **page)
    if as_json:
        _print_json({"query": text, **found.as_json()})
        return
    for typed, meant in (found.corrected or {}).items():
        click.echo(f"meot: nothing holds {typed!r}; looked for {meant!r}", err=True)
    if not found.matches:
        click.echo(f"nothing found for {text!r}; try fewer words or filters", err=True)
    _print_matches(shop, found.matches)
    _print_rest(found.next, found.facets)


def _answer_photo(
    shop: Shop, photo: Path, words: str, filters: Filters, limit: int, page: dict[str, Any], as_json: bool
) -> int:
    """Print what the photo finds; the exit status: 1 when it shows no clothes."""
    from meot.photos import load

    answer = shop.search.by_photo(load(photo), filters, limit, words=words, **page)
    if as_json:
        found = [results.as_json(answer.look) for results in answer.results]
        _print_json({"query": str(photo), "words": words, "cut": answer.cut, "garments": found})
    else:
        for results in answer.results:
            click.echo(_heading(results))
            _print_matches(shop, results.matches)
            _print_rest(results.next, results.facets)
        if answer.results and not answer.cut:
            click.echo("meot: nothing is cut off: no limits were measured for these vectors", err=True)
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
    none = ": nothing similar 닮은 상품 없음" if results.nothing_similar else ": nothing found"
    details = f"{garment.region}{guess}" + (f"; {colours}" if colours else "")
    return f"{' '.join(dict.fromkeys(names))} ({details}){'' if results.matches else none}"


def _print_matches(shop: Shop, matches: Sequence[Match]) -> None:
    for match in matches:
        product = match.product
        price = "" if product.price is None else f"{product.price:,.10g} {product.currency}".strip()
        picture = shop.catalogue.photo_path(match.number)
        same = "same item?" if match.kind == "same" else ""
        shown = "" if picture is None else str(picture)
        cells = (f"{match.score:5.2f}", same, product.title, price, product.link, shown)
        click.echo("  ".join(cell for cell in cells if cell))


def _print_rest(behind: str | None, facets: Facets | None) -> None:
    if facets is not None:
        told = facets.as_json()
        for name, counts in {**told, **told["components"]}.items():
            if isinstance(counts, list) and counts:
                click.echo(f"  {name}: " + ", ".join(f"{each['id']} {each['count']:,}" for each in counts))
    if behind is not None:
        click.echo(f"  more: --after {behind}")


def _print_json(answer: dict[str, object]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
