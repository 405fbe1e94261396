"""``meot data balance``: more training photos of the poorest classes."""

from __future__ import annotations

from pathlib import Path

import click

from meot.errors import DataError

_COUNT = click.IntRange(min=1)


@click.command(help="Oversample the poorest classes of a table by random crop and rotation, training photos only.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--question", default="category", show_default=True, help="Its answers; 'class': the objects' own class.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the new photos.")
@click.option("--compare", is_flag=True, help="Write nothing; print what an epoch shows under every kind of sampling.")
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
    out: Path | None,
    compare: bool,
    at_least: int | None,
    add: int | None,
    poorest: int | None,
    rotate: float,
    crop: float,
    seed: int,
    leaking: bool,
) -> None:
    """Write photos and OUT/table.jsonl, and print the classes before and after."""
    if compare:
        click.echo(_compared(table, question))
        return
    if out is None:
        raise click.UsageError("give --out FOLDER for the new photos, or --compare to write nothing")
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


def _compared(file: Path, question: str) -> str:
    """A table of the training photos' answers: as they are, then as every kind of sampling shows them in an epoch."""
    from meot.data import sampling
    from meot.data.stats import answers, check_question, columns, questions_of
    from meot.data.table import load

    table = load(file)
    names = questions_of(table)[check_question(table, question)]
    rows = [[names.index(a) for a in answers(row, question) if a in names] for row in table.of("train")]
    if not any(rows):
        raise DataError(f"{file}: no training row answers {question!r}; split the table first with 'meot data split'")
    kinds = [kind for kind in sampling.STRATEGIES if kind != "uniform"]
    shown = [sampling.expected_counts(rows, kind) for kind in kinds]
    order = sorted(range(len(shown[0])), key=lambda c: -shown[0][c])
    lines = [[f"{question}, an epoch of {len(rows)}", *kinds]]
    lines += [[names[c], *(f"{counts[c]:.0f}" for counts in shown)] for c in order]
    return columns(lines)
