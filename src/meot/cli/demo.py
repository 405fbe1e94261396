"""``meot demo``: the main job on a catalogue that is drawn, or on the user's own photos."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meot.demo.page import Found, PhotoQuery, WordQuery
    from meot.types import Match, Photo
    from meot.wiring import Shop

_WORDS = ("네이비 셔츠", "striped")
_LIMIT = 6
_MOST_SHOWN = 120


@click.command(help="Read a catalogue, search it by photo and by words, and write a page with what was found.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="meot-demo",
    show_default=True,
    help="Where the catalogue and the page go.",
)
@click.option("--serve", is_flag=True, help="Open the same catalogue in the browser.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port for --serve.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(folder: Path | None, out: Path, serve: bool, port: int, as_json: bool) -> None:
    """Fill, search, print, write the page; serve it when asked."""
    from meot import settings, wiring
    from meot.errors import CatalogueError

    chosen = settings.load()
    source = folder or _draw(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogueError(f"{out}: expected a folder to write to ({error.strerror}); name another --out") from None
    database = out / ("shop.db" if folder is None else "own.db")
    shop = wiring.open_shop(database, chosen, create=True)
    try:
        _fill(shop, source)
        photos, words = _ask(shop, folder)
        page = _write(shop, out / "demo.html", photos, words, drawn=folder is None)
        _print(photos, words, page, as_json=as_json)
        if serve:
            from meot.cli.serve import listen, run

            run(shop, chosen, listen("127.0.0.1", port))
    finally:
        shop.close()


def _draw(out: Path) -> Path:
    from tqdm import tqdm

    from meot.demo import draw_catalogue

    with tqdm(desc="drawing", unit="photo", leave=False, delay=0.5) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        return draw_catalogue(out, progress=show)


def _fill(shop: Shop, source: Path) -> None:
    from tqdm import tqdm

    from meot.catalogue import intake

    with tqdm(desc="reading", unit="product", leave=False, delay=0.5) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        summary = intake.add(shop.catalogue, shop.reader, source, progress=show)
    click.echo(f"{summary.added} products added, {summary.read} photos read, {summary.skipped} known already", err=True)
    for name, reason in summary.failed:
        click.echo(f"left out {name}: {reason}", err=True)


def _queries(folder: Path | None) -> list[tuple[str, Photo]]:
    """Two photos to ask with: drawn ones that are not in the catalogue, or the first of the user's own."""
    from meot import photos
    from meot.demo.catalogue import query_jpeg
    from meot.errors import PhotoError

    if folder is None:
        return [(f"query {seed + 1}", photos.decode(query_jpeg(seed))) for seed in (0, 1)]
    if folder.is_file():
        return []
    found = []
    for file in itertools.islice(photos.find(folder), 20):
        try:
            found.append((file.name, photos.load(file)))
        except PhotoError:
            continue
    return found[:2]


def _ask(shop: Shop, folder: Path | None) -> tuple[list[PhotoQuery], list[WordQuery]]:
    from meot.demo.page import PhotoQuery, WordQuery
    from meot.types import Filters

    photos = []
    for name, photo in _queries(folder):
        answer = shop.search.by_photo(photo, Filters(), _LIMIT)
        results = [(result.garment, _found(shop, result.matches)) for result in answer.results]
        photos.append(PhotoQuery(name, answer.look, results))
    words = [WordQuery(text, _found(shop, shop.search.by_words(text, Filters(), _LIMIT).matches)) for text in _WORDS]
    return photos, words


def _found(shop: Shop, matches: Sequence[Match]) -> list[Found]:
    from meot.demo.page import Found

    return [Found(match, shop.catalogue.photo_path(match.number)) for match in matches]


def _write(shop: Shop, file: Path, photos: list[PhotoQuery], words: list[WordQuery], *, drawn: bool) -> Path:
    from meot.demo.page import Found, write_page
    from meot.types import Match

    catalogue = []
    for number in shop.catalogue.numbers(_MOST_SHOWN):
        main = next(iter(shop.catalogue.garments_of(number)), None)
        match = Match(
            number=number,
            product=shop.catalogue.product(number),
            score=main.garment.category.score if main else 0.0,
            region=main.garment.region if main else "",
            category=main.garment.category.id if main else "",
            colours=tuple(c.id for c in main.garment.colours) if main else (),
        )
        catalogue.append(Found(match, shop.catalogue.photo_path(number)))
    return write_page(file, photos=photos, words=words, catalogue=catalogue, drawn=drawn)


def _print(photos: list[PhotoQuery], words: list[WordQuery], page: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "photos": [
                        {
                            "name": q.name,
                            "look": q.look.as_json(),
                            "garments": [[f.match.as_json() for f in found] for _, found in q.results],
                        }
                        for q in photos
                    ],
                    "words": [{"words": q.words, "matches": [f.match.as_json() for f in q.results]} for q in words],
                    "page": str(page),
                },
                ensure_ascii=False,
            )
        )
        return
    for query in photos:
        click.echo(f"\n{query.name}")
        if not query.results:
            click.echo("  no clothes found")
        for garment, found in query.results:
            doubt = "" if garment.category.sure else " (unsure)"
            colours = ", ".join(c.id for c in garment.colours)
            click.echo(f"  {garment.category.id}{doubt} {garment.category.score:.0%}, {colours}")
            _rows(found)
    for words_query in words:
        click.echo(f'\n"{words_query.words}"')
        _rows(words_query.results)
    click.echo(f"\nThe page with the pictures: {page}")


def _rows(found: Sequence[Found]) -> None:
    if not found:
        click.echo("    nothing found")
    for each in found:
        price = (
            f"{each.match.product.price:,.0f} {each.match.product.currency}"
            if each.match.product.price is not None
            else ""
        )
        click.echo(f"    {each.match.score:.2f}  {each.match.product.title}  {price}  {each.match.product.link}")
