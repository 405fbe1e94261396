"""``meot data split``: training, validation and test photos that do not leak."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from meot.data.table import Split

_SHARE = click.FloatRange(0, 1, max_open=True)
_BITS = click.IntRange(0, 32)


@click.command(help="Share a table's photos out: groups and near-duplicates together, classes evenly.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The new table (.jsonl).")
@click.option("--validation", type=_SHARE, default=0.15, show_default=True, help="Share to choose models by.")
@click.option("--test", type=_SHARE, default=0.0, show_default=True, help="Share to measure on once, at the end.")
@click.option("--question", help="Spread this question's answers evenly; all questions when left out.")
@click.option("--keep", is_flag=True, help="Photos that have a split stay there.")
@click.option("--distance", type=_BITS, default=12, show_default=True, help="Bits of 64 between near-duplicates.")
@click.option("--ignore-duplicates", is_flag=True, help="Do not look at the photos; only groups stay together.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is left to chance.")
def command(
    table: Path,
    out: Path,
    validation: float,
    test: float,
    question: str | None,
    keep: bool,
    distance: int,
    ignore_duplicates: bool,
    seed: int,
) -> None:
    """Write the split table and print its class table."""
    from meot.data.split import split_table
    from meot.data.stats import stats
    from meot.data.table import load, save

    shares: dict[Split, float] = {"validation": validation, "test": test}
    bits = None if ignore_duplicates else distance
    split = split_table(load(table), shares=shares, seed=seed, question=question, keep=keep, distance=bits)
    save(split, out)
    click.echo(f"{stats(split, question).as_text()}\n\n{out}: written")
