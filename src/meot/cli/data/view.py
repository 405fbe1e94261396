"""``meot data view``: look at a table's photos with what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from meot.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

    from meot.data.table import Split

_SPLITS = click.Choice(["train", "validation", "test"])


@click.command(help="Draw some of a table's photos with boxes, outlines, masks and labels.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .jpg or .png; see --html."
)
@click.option("--class", "name", help="Only photos with this class or answer.")
@click.option("--split", type=_SPLITS, help="Only photos of this split.")
@click.option("--count", type=click.IntRange(1, 2000), default=24, show_default=True, help="Photos at most.")
@click.option("--columns", type=click.IntRange(1, 20), default=6, show_default=True, help="Photos side by side.")
@click.option("--html", "as_html", is_flag=True, help="OUT is one HTML page that can be filtered by class.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the choice of photos.")
def command(
    table: Path, out: Path, name: str | None, split: str | None, count: int, columns: int, as_html: bool, seed: int
) -> None:
    """Write the picture or the page."""
    if not as_html and out.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise click.UsageError(f"--out {out}: expected .jpg or .png, or add --html")
    import numpy as np
    from tqdm import tqdm

    from meot.data import view
    from meot.data.table import load

    data = load(table)
    chosen = cast("Split | None", split)
    rows = view.choose(data, np.random.default_rng(seed), amount=count, name=name, split=chosen)
    with tqdm(total=len(rows), unit="photo", delay=1) as bar:
        if as_html:
            _write(out, view.page(rows, data, show=bar.update))
        else:
            _write(out, view.sheet(rows, data, columns=columns, show=bar.update))
    click.echo(f"{out}: {len(rows)} photos")


def _write(out: Path, what: str | Image) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, str):
            out.write_text(what, encoding="utf-8")
        else:
            what.save(out, quality=92)
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror or error}); name another place") from None
