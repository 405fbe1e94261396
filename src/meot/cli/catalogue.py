"""``meot catalogue``: fill a catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli import refresh, sources
from meot.cli.bar import Bar
from meot.cli.options import encoder_option, parse_headers, place_name, workers_option

if TYPE_CHECKING:
    from meot.catalogue.intake import Summary


@click.group()
def command() -> None:
    """Fill a catalogue with products, and keep it up with its sources."""


for _each in (refresh.refresh, sources.sources, sources.history, sources.forget):
    command.add_command(_each)


@command.command()
@click.argument("source")
@click.option("--into", required=True, metavar="SHOP.DB", help="The catalogue; made when it is not there yet.")
@click.option("--format", "format_name", metavar="NAME", help="What SOURCE is, when its content does not say.")
@click.option("--as", "name", default="", metavar="NAME", help="Name the source, so that it may move.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent when SOURCE is fetched; a key.")
@click.option("--private-hosts", is_flag=True, help="Fetch from hosts of a private network, too.")
@encoder_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def add(
    context: click.Context,
    source: str,
    into: str,
    format_name: str | None,
    name: str,
    headers: tuple[str, ...],
    private_hosts: bool,
    encoder: str | None,
    workers: str | None,
    as_json: bool,
) -> None:
    """Bring in SOURCE: a folder of photos (each a product), a file, or an address of the web.

    A file is a table with id, title, image, price ... (CSV, JSON Lines), a Google Merchant feed, a Shopify export, a
    saved product page, or a saved answer of Naver's or 11st's search. Photos with an address are fetched into a folder
    beside the catalogue.

    \b
    Formats: folder, eleventh, page, google, google-table, shopify,
    shopify-json, naver, json-ld, json, csv.

    Stop it when you like and start it again: it goes on where it was. What cannot come in is reported and skipped;
    the exit status is then 1.
    """
    from contextlib import closing
    from dataclasses import replace

    from meot import settings, wiring
    from meot.catalogue import intake
    from meot.catalogue.place import Place

    what = source if "://" in source else Path(source)
    chosen = settings.load()
    fetcher = intake.build_fetcher(
        Place.of(into, data=chosen.data), private_hosts=private_hosts, headers=parse_headers(headers)
    )
    intake.check_source(what, format=format_name, fetcher=fetcher)
    chosen = replace(chosen, encoder=encoder or chosen.encoder)
    reached = wiring.reach_workers(workers) if workers else None
    shop = wiring.open_shop(into, replace(chosen, threads=1), create=True)  # one a photo, several photos at once
    bar = Bar()
    try:
        with closing(wiring.build_pool(shop, chosen, reached)) as pool:
            summary = intake.add(
                shop.catalogue,
                shop.reader,
                what,
                format=format_name,
                name=name,
                fetcher=fetcher,
                pool=pool,
                progress=bar.show,
            )
    except KeyboardInterrupt:
        bar.close()
        click.echo("stopped; everything shown as done is in: start the same command again to go on", err=True)
        context.exit(130)
    finally:
        bar.close()
        shop.close()
    _report(summary, into, as_json)
    context.exit(1 if summary.failed else 0)


def _report(summary: Summary, into: str, as_json: bool) -> None:
    for name, reason in summary.failed:
        click.echo(reason if reason.startswith(name) else f"{name}: {reason}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False))
        return
    click.echo(
        f"{place_name(into)}: {summary.added} products added, {summary.read} photos read, "
        f"{summary.skipped} known already, {len(summary.failed)} failed"
    )
