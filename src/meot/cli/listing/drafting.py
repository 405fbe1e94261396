"""``meot list PHOTOS`` and ``meot list export``: drafts are made and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from meot.cli.listing.showing import Bar, Going, finish
from meot.cli.listing.told import TO, facts_of, facts_option, json_option, language_option
from meot.cli.options import encoder_option

_GROUP = ("auto", "folder", "name", "likeness")
to_option = click.option("--to", type=click.Choice(TO), help="Write the listings in this format.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write here, not to the output."
)
photos_at_option = click.option(
    "--photos-at", metavar="ADDRESS", help="Where the photos will lie; their paths are added."
)


@click.command()
@click.argument("given", nargs=-1, required=True, metavar="PHOTOS...", type=click.Path(path_type=Path))
@to_option
@out_option
@click.option("--into", metavar="FILE.db", help="Keep the drafts here  [default: beside --out, else listing.db]")
@click.option("--group", "way", type=click.Choice(_GROUP), default="auto", help="What photos of one product share.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Fill in from this score; left out: 95 of 100 right.")
@facts_option
@photos_at_option
@language_option
@click.option("--again", is_flag=True, help="Read photos again that were read before.")
@encoder_option
@json_option
def draft(
    given: tuple[Path, ...],
    to: str | None,
    out: Path | None,
    into: str | None,
    way: str,
    threshold: float | None,
    facts: Path | None,
    photos_at: str | None,
    language: str | None,
    again: bool,
    encoder: str | None,
    as_json: bool,
) -> int:
    """Draft listings from PHOTOS, photos or folders of them."""
    from dataclasses import replace

    from meot import settings, wiring

    chosen = settings.load()
    chosen = replace(chosen, encoder=encoder or chosen.encoder)
    said = facts_of(facts)
    where = into or str(out.with_suffix(".db") if out is not None else "listing.db")
    bar = Bar()
    try:
        with wiring.open_drafts(where, create=True) as drafts:
            desk = wiring.build_desk(drafts, chosen, threshold=threshold)
            summary = desk.draft(given, way=way, facts=said, again=again, progress=bar.show)
    finally:
        bar.close()
    for _, reason in summary.failed_photos:
        click.echo(f"meot: {reason}", err=True)
    going = Going(to, out, language or _spoken(to, chosen.language), photos_at, _root(given))
    return finish(summary.drafts, going, where, as_json, summary.as_json())


@click.command()
@click.argument("file", metavar="FILE.db")
@click.option("--to", type=click.Choice(TO), required=True, help="Write the listings in this format.")
@out_option
@photos_at_option
@click.option(
    "--photos-root", type=click.Path(path_type=Path, file_okay=False), help="Folder that --photos-at stands for."
)
@language_option
@json_option
def export(
    file: str,
    to: str,
    out: Path | None,
    photos_at: str | None,
    photos_root: Path | None,
    language: str | None,
    as_json: bool,
) -> int:
    """Write the drafts of FILE.db, with what was corrected."""
    from meot import settings, wiring
    from meot.answers.listing import stored
    from meot.answers.listing.item import common_folder

    with wiring.open_drafts(file, create=False) as drafts:
        kept = tuple(stored.kept(drafts))
    photos = [reading.file.path for each in kept for reading in each.photos]
    root = photos_root.absolute() if photos_root else common_folder(photos)
    going = Going(to, out, language or _spoken(to, settings.load().language), photos_at, root)
    return finish(kept, going, file, as_json, {"products": len(kept)})


def _spoken(to: str | None, setting: str) -> str:
    """The language of a listing where nobody says: Naver is Korean."""
    return "ko" if to == "naver" else setting


def _root(given: Sequence[Path]) -> Path:
    """The folder that everything given lies in; a folder that is given by itself is that folder."""
    from meot.answers.listing.item import common_folder

    return common_folder([path / "photo" if path.is_dir() else path for path in given])
