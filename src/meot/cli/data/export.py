"""``meot data export``: a table becomes a data set in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("export")
@click.argument("form", metavar="FORMAT")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.option("--question", help="folders: the question whose answers name the folders.")
@click.option("--outlines", is_flag=True, help="yolo: polygons for segmentation in place of boxes.")
@click.option("--lossy", is_flag=True, help="Write it although the format cannot carry all; it says what is lost.")
def command(form: str, table: Path, out: Path, lossy: bool, **options: Any) -> None:
    """Write a table and its photos in another format (see 'meot data import --help' for the formats)."""
    import warnings

    from meot.data import sources
    from meot.data.sources.outgoing import LossWarning
    from meot.data.table import load

    given = {name: value for name, value in (options | {"lossy": lossy}).items() if value}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", LossWarning)
        written = sources.write(load(table), out, form, **given)
    for warning in said:
        click.echo(f"meot: {warning.message}", err=True)
    click.echo(written)
