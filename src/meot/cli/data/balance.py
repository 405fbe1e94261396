"""``meot data balance``: more training photos of the poorest classes."""

from __future__ import annotations

from pathlib import Path

import click

_COUNT = click.IntRange(min=1)


@click.command(help="Oversample the poorest classes of a table by random crop and rotation, training photos only.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--question", default="category", show_default=True, help="Its answers; 'class': the objects' own class.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the new photos."
)
@click.option("--at-least", type=_COUNT, help="So many of each answer in the end.")
@click.option("--add", type=_COUNT, help="So many more of each of the poorest.")
@click.option("--poorest", type=_COUNT, help="Only so many classes; 2 with --add, all that fall short with --at-least.")
@click.option("--rotate", type=click.FloatRange(0, 180), default=15.0, show_default=True, help="Largest turn, degrees.")
@click.option("--crop", type=click.FloatRange(0.1, 1), default=0.75, show_default=True, help="Smallest side, a share.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is left to chance.")
@click.option(
    "--leaking-paper-protocol",
    "leaking",
    is_flag=True,
    help="Multiply validation and test photos too, as P1 does; the figures are then not comparable with honest ones.",
)
def command(
    table: Path,
    question: str,
    out: Path,
    at_least: int | None,
    add: int | None,
    poorest: int | None,
    rotate: float,
    crop: float,
    seed: int,
    leaking: bool,
) -> None:
    """Write photos and OUT/table.jsonl, and print the classes before and after."""
    if (at_least is None) == (add is None):
        raise click.UsageError("give one of --at-least N and --add N")
    from meot.data import oversample
    from meot.data.stats import class_table
    from meot.data.table import load

    before = load(table)
    plan = oversample.Oversampling(
        question=question, at_least=at_least, add=add, poorest=poorest, rotate=rotate, crop=crop, seed=seed
    )
    if leaking:
        click.echo(
            "warning: validation and test photos are multiplied too; turned copies of one photo count as new tests, "
            "so figures measured on them are not comparable with any others",
            err=True,
        )
    make = oversample.oversample_every_split_as_the_paper_does if leaking else oversample.oversample
    after = make(before, plan, out)
    click.echo(f"before\n{class_table(before, question).as_text()}\n")
    click.echo(f"after\n{class_table(after, question).as_text()}\n")
    click.echo(f"{out / oversample.TABLE}: {len(after.rows) - len(before.rows)} photos added")
