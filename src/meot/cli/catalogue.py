"""``meot catalogue``: fill a catalogue."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli.options import encoder_option

if TYPE_CHECKING:
    from meot.catalogue.intake import Summary


@click.group()
def command() -> None:
    """Fill a catalogue with products."""


@command.command()
@click.argument("source")
@click.option("--into", required=True, metavar="SHOP.DB", help="The catalogue; made when it is not there yet.")
@click.option("--format", "format_name", metavar="NAME", help="What SOURCE is, when its content does not say.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent when SOURCE is fetched; a key.")
@click.option("--private-hosts", is_flag=True, help="Fetch from hosts of a private network, too.")
@encoder_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def add(
    context: click.Context,
    source: str,
    into: str,
    format_name: str | None,
    headers: tuple[str, ...],
    private_hosts: bool,
    encoder: str | None,
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
    from dataclasses import replace

    from meot import settings, wiring
    from meot.catalogue import intake
    from meot.catalogue.place import Place

    what = source if "://" in source else Path(source)
    chosen = settings.load()
    fetcher = intake.build_fetcher(
        Place.of(into, data=chosen.data), private_hosts=private_hosts, headers=dict(map(_header, headers))
    )
    intake.check_source(what, format=format_name, fetcher=fetcher)
    shop = wiring.open_shop(into, replace(chosen, encoder=encoder or chosen.encoder), create=True)
    bar = _Bar()
    try:
        summary = intake.add(shop.catalogue, shop.reader, what, format=format_name, fetcher=fetcher, progress=bar.show)
    except KeyboardInterrupt:
        bar.close()
        click.echo("stopped; everything shown as done is in: start the same command again to go on", err=True)
        context.exit(130)
    finally:
        bar.close()
        shop.close()
    _report(summary, into, as_json)
    context.exit(1 if summary.failed else 0)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
        raise click.BadParameter("expected NAME:VALUE in plain letters, as in 'X-Naver-Client-Id: abc'")
    return name, value.strip()


class _Bar:
    """A progress bar on stderr that appears with the first news."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            unit="product",
            file=sys.stderr,
            delay=1e-9,
            dynamic_ncols=True,
            mininterval=0.1 if sys.stderr.isatty() else 5.0,
        )

    def show(self, done: int, total: int) -> None:
        """Move the bar."""
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def _report(summary: Summary, into: str, as_json: bool) -> None:
    for name, reason in summary.failed:
        click.echo(reason if reason.startswith(name) else f"{name}: {reason}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_json(), ensure_ascii=False))
        return
    click.echo(
        f"{into}: {summary.added} products added, {summary.read} photos read, {summary.skipped} known already, "
        f"{len(summary.failed)} failed"
    )
