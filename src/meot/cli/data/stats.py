"""``meot data stats``: what is in a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from meot.data.duplicates import Leak

_SHOWN = 10


@click.command(help="Count photos, answers and boxes of a table, and how uneven the classes are.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--question", help="Only this question; 'class' is the objects' own class.")
@click.option("--leaks", is_flag=True, help="Look at the photos for near-duplicates and groups that are in two splits.")
@click.option("--distance", type=click.IntRange(0, 32), default=6, show_default=True, help="Bits of 64, with --leaks.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(table: Path, question: str | None, leaks: bool, distance: int, as_json: bool) -> int:
    """Print the counts; 1 when ``--leaks`` finds any, else 0."""
    from meot.data import duplicates
    from meot.data.stats import stats
    from meot.data.table import load

    data = load(table)
    found = stats(data, question)
    leaked = duplicates.leaks(data, distance) if leaks else ()
    photos = [row.photo.name for row in data.rows]
    if as_json:
        named = [
            {"kind": k.kind, "name": k.name, "splits": k.splits, "photos": [photos[i] for i in k.rows]} for k in leaked
        ]
        click.echo(json.dumps(found.as_json() | ({"leaks": named} if leaks else {}), ensure_ascii=False))
    else:
        click.echo(found.as_text())
        if leaks:
            click.echo("\n" + "\n".join(_lines(leaked, photos)))
    return 1 if leaked else 0


def _lines(leaked: tuple[Leak, ...], photos: list[str]) -> list[str]:
    if not leaked:
        return ["no leak: no group and no near-duplicate is in two splits"]
    lines = []
    for kind in ("group", "near-duplicate"):
        of = [leak for leak in leaked if leak.kind == kind]
        rows = sum(len(leak.rows) for leak in of)
        lines += [f"{kind}s in more than one split: {len(of)} ({rows} photos)"] if of else []
        lines += [f"  {_line(leak, photos)}" for leak in of[:_SHOWN]]
        lines += [f"  and {len(of) - _SHOWN} more; --json names all"] if len(of) > _SHOWN else []
    return [*lines, "mend it with: meot data split"]


def _line(leak: Leak, photos: list[str]) -> str:
    some = ", ".join(photos[i] for i in leak.rows[:4]) + (", ..." if len(leak.rows) > 4 else "")
    name = f"{leak.name}: " if leak.kind == "group" else ""
    return f"{name}{some} ({' and '.join(leak.splits)})"
