"""``meot closet compare``: a wanted look beside what is owned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli.closet.options import Opened, answer_options, load_settings, opened, print_json, say_in, shop_option
from meot.cli.options import place_name, read_price
from meot.cli.pictures import write_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    from meot.answers.closet.comparison import Comparison, Part
    from meot.answers.closet.saying import Saying
    from meot.answers.closet.shopping import ShoppingList, Wish
    from meot.settings import Settings
    from meot.types import Photo

SHOWN = 5
"""Products printed for a missing garment."""


@click.command()
@click.argument("look", type=click.Path(path_type=Path))
@shop_option
@click.option("--budget", metavar="PRICE", callback=read_price, help="Buy for so much at most, all in all.")
@click.option(
    "--person-number",
    type=click.IntRange(min=1),
    default=1,
    help="Of several people, whose look  [default: 1, the main]",
)
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the comparison as a picture.")
@answer_options
def compare(
    look: Path,
    shop: str | None,
    budget: float | None,
    person_number: int,
    picture: Path | None,
    where: str,
    person: str,
    language: str | None,
    encoder: str | None,
    as_json: bool,
) -> None:
    """Compare LOOK, a shop's outfit photo or anybody's, with a closet: each garment is owned, close, or missing.

    The figure of the whole look is the plain mean of its garments; belts, glasses and jewellery do not count in it.
    """
    if budget is not None and shop is None:
        raise click.UsageError("--budget is spent in a shop; add --shop SHOP.DB")
    from meot.answers.closet.comparison import compare_look
    from meot.answers.closet.similarity import load_scale
    from meot.photos import load

    chosen = load_settings(encoder)
    photo, saying, scale = load(look), say_in(language, chosen), load_scale()
    with opened(where, person, chosen) as mine:
        seen = mine.reader.read(photo)
        found = compare_look(seen, mine.owned(), scale=scale, wording=saying, person=person_number - 1)
        wishes = None if shop is None else _shop(shop, chosen, photo, found, budget, saying)
        if picture is not None:
            write_picture(_draw(mine, found, saying), picture)
    if as_json:
        more = {"calibrated": mine.calibrated, "shopping": None if wishes is None else wishes.as_json()}
        print_json({**found.as_json(), **more})
        return
    for line in _lines(found, wishes, saying):
        click.echo(line)
    if not found.owned:
        click.echo(f"meot: {place_name(where)}: {saying.plain('empty')}", err=True)


def _shop(
    shop: str, chosen: Settings, photo: Photo, found: Comparison, budget: float | None, saying: Saying
) -> ShoppingList:
    from meot import wiring
    from meot.answers.closet.products import shop_for

    bought = wiring.open_shop(shop, chosen)
    try:
        return shop_for(photo, found.missing, bought.search, bought.catalogue, budget=budget, wording=saying)
    finally:
        bought.close()


def _draw(mine: Opened, found: Comparison, saying: Saying) -> Image:
    from meot.answers.closet.picture import draw_comparison

    files = {photo.key: mine.closet.file(photo.path) for photo in mine.closet.photos()}
    return draw_comparison(found, files.get, language=saying.language)


def _lines(found: Comparison, wishes: ShoppingList | None, saying: Saying) -> Iterator[str]:
    yield saying.overall(found)
    if found.people > 1:
        yield saying.people(found)
    for part in found.parts:
        yield f"  {part.number + 1}. {saying.garment(part.garment)}: {saying.verdict(part)}"
        yield from _nearest(part, saying)
    if wishes is not None and wishes.wishes:
        yield saying.plain("list")
        for wish in wishes.wishes:
            yield from _wish(wish, saying)
        if wishes.total is not None:
            chosen = sum(wish.chosen is not None for wish in wishes.wishes)
            total = saying.total(chosen, len(wishes.wishes), wishes.total, wishes.currency)
            yield f"  {total if chosen else saying.plain('tight')}"


def _nearest(part: Part, saying: Saying) -> Iterator[str]:
    for candidate in part.nearest[:1]:
        near = candidate.near
        reasons = "; ".join(reason.text for reason in candidate.reasons)
        yield f"     {near.owned.key} {saying.garment(near.owned.garment)}" + (f": {reasons}" if reasons else "")


def _wish(wish: Wish, saying: Saying) -> Iterator[str]:
    yield f"  {wish.part.number + 1}. {saying.garment(wish.part.garment)}"
    if not wish.suggestions:
        yield f"     {saying.plain('none')}"
    shown = list(wish.suggestions[:SHOWN])
    if wish.chosen is not None and wish.chosen not in shown:
        shown.append(wish.chosen)
    for each in shown:
        mark = saying.plain("chosen") if each is wish.chosen else ""
        cells = (f"{each.similarity:4.0%}", each.match.product.title, saying.price(each), each.match.product.link, mark)
        yield "     " + "  ".join(cell for cell in cells if cell)


COMMANDS = {"compare": compare}
