"""``meot data check``: what is wrong with a table, before anything is learned from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from meot.data.check import Finding

_SHOWN = 10
"""Findings of one kind that are printed; --json has all."""


@click.command("check")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--photos/--no-photos", default=True, help="Decode every photo and mask, or only look whether it is there."
)
@click.option("--mend", type=click.Path(path_type=Path, dir_okay=False), help="Write a table with mended boxes here.")
@click.option("--json", "as_json", is_flag=True, help="Print every finding as JSON.")
def command(table: Path, photos: bool, mend: Path | None, as_json: bool) -> int:
    """Look for broken labels, photos and splits. The exit status is 1 when there are errors."""
    from meot.data.check import check
    from meot.data.mend import mend as mended
    from meot.data.table import load, save

    rows = load(table)
    done: list[Finding] = []
    if mend is not None:
        rows, done = mended(rows)
        save(rows, mend)
    found = check(rows, read_photos=photos, file=mend or table)
    errors = sum(finding.level == "error" for finding in found)
    if as_json:
        click.echo(json.dumps({"mended": [asdict(f) for f in done], "findings": [asdict(f) for f in found]}))
    else:
        _print("mended", done)
        _print("found", found)
        click.echo(f"{len(rows.rows)} photos: {errors} errors, {len(found) - errors} warnings")
    return 1 if errors else 0


def _print(title: str, findings: list[Finding]) -> None:
    """Findings with one next step stand together, errors first."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.level, finding.next_step), []).append(finding)
    for (level, step), same in sorted(kinds.items()):
        for finding in same[:_SHOWN]:
            click.echo(f"{level if title == 'found' else title}: {finding.where}: {finding.what}")
        if len(same) > _SHOWN:
            click.echo(f"  and {len(same) - _SHOWN} more of this kind (--json has all)")
        click.echo(f"  -> {step}")
