"""``meot data import``: a data set in any known format becomes a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from meot.data.table import Table

_SPLITS = ("train", "validation", "test")


def _formats() -> str:
    from meot.data.sources import FORMATS

    return "\n".join(f"{name:13} {entry.help}" for name, entry in FORMATS.items())


class _Command(click.Command):
    """A command whose help lists the formats, read only when it is shown."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Formats"):
            for line in _formats().splitlines():
                formatter.write_text(line)


@click.command("import", cls=_Command)
@click.argument("form", metavar="FORMAT")
@click.argument("place", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The table (.jsonl).")
@click.option("--split", type=click.Choice(_SPLITS), help="Split of the photos that the data set puts in none.")
@click.option("--source", help="Name of the data set, in place of the one read from it.")
@click.option("--photos", multiple=True, help="csv: 'shop/{image}.jpg' or 'SOURCE=...'; coco: the folder of photos.")
@click.option("--question", help="folders: what the folders' names answer, 'category' when not said.")
@click.option("--group", help="csv: the column that holds rows together, such as a sender.")
@click.option("--unknown", multiple=True, help="csv: an answer that means 'not known', 'unsure' when not said.")
@click.option("--data", type=click.Path(path_type=Path), help="details: folder with clothing/ and ccp/.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    form: str, place: Path, out: Path, split: str | None, source: str | None, as_json: bool, **options: Any
) -> None:
    """Turn a data set into a table. FORMAT may be 'auto'; photos stay where they are."""
    from meot.data import sources
    from meot.data.table import save
    from meot.errors import DataError

    if out.suffix != ".jsonl":
        raise DataError(f"--out must end in .jsonl, got {out}")
    if form == "auto" and place.exists():
        form = sources.guess(place)
    given = {name: value for name, value in options.items() if value}
    if form == "coco" and "photos" in given:
        given["photos"] = Path(given["photos"][-1])
    table = _named(sources.read(place, form, **given), split, source)
    save(table, out)
    _print(table, form, out, as_json)


def _named(table: Table, split: Any, source: str | None) -> Table:
    from dataclasses import replace

    rows = (replace(row, split=row.split or split) for row in table.rows)
    return table.having(tuple(row if source is None else replace(row, source=source) for row in rows))


def _print(table: Table, form: str, out: Path, as_json: bool) -> None:
    counts = {
        "table": str(out),
        "format": form,
        "photos": len(table.rows),
        "objects": sum(len(row.objects) for row in table.rows),
        "classes": len(table.classes),
        "questions": {question: len(answers) for question, answers in table.questions.items()},
        "splits": {split: len(table.of(split)) for split in _SPLITS},  # type: ignore[arg-type]
    }
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False))
        return
    asked = ", ".join(f"{question} ({len(answers)})" for question, answers in table.questions.items()) or "none"
    splits = ", ".join(f"{name} {len(rows)}" for name in _SPLITS if (rows := table.of(name)))  # type: ignore[arg-type]
    click.echo(f"{out}: {form}, {len(table.rows)} photos, {counts['objects']} objects of {len(table.classes)} classes")
    click.echo(f"questions: {asked}; splits: {splits or 'none'}")
    click.echo(f"next: meot data check {out}")
