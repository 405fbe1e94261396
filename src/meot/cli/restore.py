"""``meot restore``: a catalogue of a backup."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from meot.cli.options import place_name


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("database", required=False)
@click.option("--check", "only_check", is_flag=True, help="Only read FILE to its end and say whether it is whole.")
@click.option("--json", "as_json", is_flag=True, help="Print what it held as JSON.")
def command(file: Path, database: str | None, only_check: bool, as_json: bool) -> None:
    """Make the catalogue DATABASE (a file or a server's address) of a FILE that `meot backup` wrote.

    No catalogue may be there yet. FILE is checked to its end before anything is written, and it comes in wholly or
    not at all. Its catalogue may have been on another kind of database.
    """
    from contextlib import closing

    from meot import settings
    from meot.catalogue.archive import read
    from meot.cli.bar import Bar

    if database is None and not only_check:
        raise click.UsageError("name DATABASE, where the catalogue is to be; or --check, which needs none")
    place = None if only_check else database
    if place is None:
        head = read.check(file)
    else:
        with closing(Bar("row")) as bar:
            head = read.restore(file, place, data=settings.load().data, progress=bar.show)
    rows = sum(head.rows.values())
    made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(head.made))
    if as_json:
        click.echo(json.dumps({"rows": head.rows, "made": head.made, "meot": head.meot, "restored": not only_check}))
    elif place is None:
        click.echo(f"{file}: whole, {rows} rows, made {made}")
    else:
        click.echo(f"{place_name(place)}: {rows} rows, as of {made}")
