"""``meot backup``: a catalogue as one file."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("database")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--no-photos", is_flag=True, help="Leave pictures out: rows and vectors only.")
@click.option("--json", "as_json", is_flag=True, help="Print what it holds as JSON.")
def command(database: str, file: Path, no_photos: bool, as_json: bool) -> None:
    """Copy the catalogue in DATABASE with its photos, closets and accounts into FILE (a new .tar.gz).

    The service may go on meanwhile: FILE holds the state of one moment, and is there when it is whole. It holds what
    accounts are kept by, so keep it as you keep the database. Indexes are not in it; they are made anew.
    """
    from contextlib import closing

    from meot import settings
    from meot.catalogue.archive import write
    from meot.catalogue.database import Database
    from meot.cli.bar import Bar

    with Database.open(database, create=False, data=settings.load().data) as opened, closing(Bar("row")) as bar:
        made = write.write(opened, file, with_photos=not no_photos, progress=bar.show)
    if as_json:
        click.echo(json.dumps({"file": str(file), **made.as_json()}))
        return
    click.echo(f"{file}: {made.rows} rows, {made.files} files, {made.bytes / 1e6:.1f} MB")
    if made.missing:
        click.echo(f"{made.missing} files that the catalogue names are not there and not in the backup", err=True)
