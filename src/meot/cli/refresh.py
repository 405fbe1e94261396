"""``meot catalogue refresh``: bring a catalogue up to what its sources say now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from meot.cli.bar import Bar
from meot.cli.options import encoder_option, parse_headers, workers_option
from meot.cli.sources import open_catalogue

if TYPE_CHECKING:
    from meot.catalogue.feeds import Feed
    from meot.catalogue.place import Place
    from meot.catalogue.preview import Refreshed
    from meot.catalogue.sources.fetch.fetcher import Fetcher
    from meot.catalogue.store import Catalogue

_DAY_S = 86_400.0


@click.command()
@click.argument("shop")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent to the SOURCE named; a key.")
@click.option("--force", is_flag=True, help="Retire products even where a source names few, or was not whole.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option(
    "--photos-after",
    type=click.FloatRange(0, 3650),
    default=1.0,
    show_default=True,
    metavar="DAYS",
    help="Ask hosts whether a photo changed when that was last asked so long ago.",
)
@encoder_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def refresh(
    context: click.Context,
    shop: str,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    force: bool,
    dry_run: bool,
    photos_after: float,
    encoder: str | None,
    workers: str | None,
    as_json: bool,
) -> None:
    """Read the sources of SHOP again: prices and texts are updated, new products added, those no longer named retired.

    SOURCE is the name, address or path of a source, as `meot catalogue sources` lists them; without one all are read.
    Retired products keep their number and price history, and come back when they are named again. A source that
    cannot be read, or suddenly names less than half of its products, changes nothing.

    Keys are never stored: give them again with --header, in the address of SOURCE, or as MEOT_HEADER_ and the host
    (MEOT_HEADER_API_SHOP_EXAMPLE='X-Key: abc').

    Stop it when you like and start it again. The exit status is 1 when something could not be read.
    """
    if headers and not names:
        raise click.UsageError("a header goes to one source only: name the SOURCE it is for")
    sent = parse_headers(headers)
    run = _dry if dry_run else _Wet(encoder=encoder, workers=workers)
    bar = Bar()
    done: list[Refreshed] = []
    try:
        for one in run(shop, names, sent, photos_after, force, bar):
            done.append(one)
            bar.close()
            _say_failed(one)
            if not as_json:
                click.echo(_line(one))
    except KeyboardInterrupt:
        bar.close()
        click.echo("stopped; everything shown as done is in: start the same command again to go on", err=True)
        context.exit(130)
    finally:
        bar.close()
    if as_json:
        click.echo(json.dumps({"sources": [one.as_json() for one in done]}, ensure_ascii=False))
    elif not done:
        click.echo("this catalogue has no sources yet; bring one in with `meot catalogue add`", err=True)
    context.exit(1 if any(one.failed or one.refused or one.kept for one in done) else 0)


def _dry(
    shop: str, names: tuple[str, ...], sent: dict[str, str], days: float, force: bool, bar: Bar
) -> Iterator[Refreshed]:
    from meot.catalogue.preview import preview

    with open_catalogue(shop) as catalogue:
        for feed in _feeds(catalogue, names):
            fetcher = _fetcher(catalogue.place, feed, sent, days)
            yield preview(catalogue, feed, fetcher=fetcher, force=force, progress=bar.show)


class _Wet:
    """A refresh that changes the catalogue."""

    def __init__(self, *, encoder: str | None, workers: str | None) -> None:
        self._encoder, self._workers = encoder, workers

    def __call__(
        self, shop: str, names: tuple[str, ...], sent: dict[str, str], days: float, force: bool, bar: Bar
    ) -> Iterator[Refreshed]:
        """The summary of each source, as it is done."""
        from contextlib import closing
        from dataclasses import replace

        from meot import settings, wiring
        from meot.catalogue.refresh import refresh as bring_up

        chosen = settings.load()
        chosen = replace(chosen, encoder=self._encoder or chosen.encoder)
        reached = wiring.reach_workers(self._workers) if self._workers else None
        opened = wiring.open_shop(shop, replace(chosen, threads=1), create=False)
        catalogue, reader = opened.catalogue, opened.reader
        try:
            with closing(wiring.build_pool(opened, chosen, reached)) as pool:
                for feed in _feeds(catalogue, names):
                    fetcher = _fetcher(catalogue.place, feed, sent, days)
                    yield bring_up(
                        catalogue, reader, feed, fetcher=fetcher, pool=pool, force=force, progress=bar.show
                    )  # fmt: skip
        finally:
            opened.close()


def _feeds(catalogue: Catalogue, names: tuple[str, ...]) -> list[Feed]:
    from meot.catalogue.feeds import Feeds

    feeds = Feeds(database=catalogue.database)
    with catalogue.database.persisting():
        return [feeds.find(name) for name in names] if names else feeds.all()


def _fetcher(place: Place, feed: Feed, sent: dict[str, str], days: float) -> Fetcher:
    from dataclasses import replace

    from meot.catalogue.feeds import headers_of
    from meot.catalogue.intake import build_fetcher
    from meot.catalogue.sources.fetch.ask import Limits

    headers = headers_of(feed) | sent
    limits = replace(Limits(), fresh_s=days * _DAY_S)
    return build_fetcher(place, private_hosts=feed.private_hosts, headers=headers, limits=limits)


def _say_failed(one: Refreshed) -> None:
    for name, reason in one.failed:
        click.echo(reason if reason.startswith(name) else f"{name}: {reason}", err=True)
    if one.kept:
        click.echo(
            f"{one.source}: {one.kept} products are named no more but stay, since the source could not be read whole; "
            "mend it, or say --force",
            err=True,
        )
    if one.refused:
        click.echo(one.refused if one.source in one.refused else f"{one.source}: {one.refused}", err=True)


def _line(one: Refreshed) -> str:
    return (
        f"{one.source}: {one.updated} updated, {one.added} added, {one.retired} retired, {one.back} back, "
        f"{one.unchanged} unchanged, {len(one.failed) + bool(one.refused)} failed"
    )
