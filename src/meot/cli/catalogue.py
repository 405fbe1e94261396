"""``meot catalogue``: fill a catalogue."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from meot.catalogue.intake import Summary


@click.group()
def command() -> None:
    """Fill a catalogue with products."""


@command.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="SHOP.DB", help="The catalogue; made when it is not there yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def add(context: click.Context, source: Path, into: str, as_json: bool) -> None:
    """Bring in SOURCE: a folder of photos (each a product) or a CSV with id, title, image, price ...

    Stop it when you like and start it again: it goes on where it was. What cannot come in is reported and skipped;
    the exit status is then 1.
    """
    from meot import settings, wiring
    from meot.catalogue import intake

    intake.check_source(source)
    shop = wiring.open_shop(into, settings.load(), create=True)
    bar = _Bar()
    try:
        summary = intake.add(shop.catalogue, shop.reader, source, progress=bar.show)
    except KeyboardInterrupt:
        bar.close()
        click.echo("stopped; everything shown as done is in: start the same command again to go on", err=True)
        context.exit(130)
    finally:
        bar.close()
        shop.close()
    _report(summary, into, as_json)
    context.exit(1 if summary.failed else 0)


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
        self._bar.total = total
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
