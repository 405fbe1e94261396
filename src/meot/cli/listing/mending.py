"""``meot list review`` and ``meot list set``: what is open is shown, and filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meot.cli.listing.showing import tell_lines
from meot.cli.listing.told import facts_of, json_option, language_option

if TYPE_CHECKING:
    from meot.answers.listing.correct import Correction


@click.command()
@click.argument("file", metavar="FILE.db")
@click.option("--all", "everything", is_flag=True, help="Show drafts that are sure, too.")
@language_option
@json_option
def review(file: str, everything: bool, language: str | None, as_json: bool) -> None:
    """Show what is open in FILE.db: what was not sure, with its candidates, and what no photo tells."""
    from meot import settings, taxonomy, wiring
    from meot.answers.listing import outgoing, stored

    spoken = language or settings.load().language
    with wiring.open_drafts(file, create=False) as drafts:
        kept = [draft for draft in stored.kept(drafts) if everything or draft.state != "sure"]
    if as_json:
        told = [outgoing.tell(draft, None, spoken, taxonomy.load()) for draft in kept]
        click.echo(json.dumps({"drafts": told}, ensure_ascii=False))
        return
    for each in kept:
        click.echo("\n".join(tell_lines(each, spoken)))
    click.echo(f"{file}: {len(kept)} shown" if kept else f"{file}: nothing is open")


@click.command(name="set")
@click.argument("file", metavar="FILE.db")
@click.argument("product", required=False)
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE...]")
@click.option(
    "--facts", type=click.Path(path_type=Path, dir_okay=False), help="CSV with a column product, and corrections."
)
@click.option("--teach/--no-teach", default=True, help="Let photos of what was corrected teach later runs.")
@json_option
def set_values(
    file: str, product: str | None, values: tuple[str, ...], facts: Path | None, teach: bool, as_json: bool
) -> None:
    """Correct or complete PRODUCT in FILE.db, or many products by a table. FIELD= takes a correction back.

    \b
    meot list set listing.db A12 category=polo colour=navy "price=39000 KRW"

    What is said here wins over every photo, now and when the photos are read again. A corrected category or detail
    becomes a lesson (see `meot teach`), so that photos like these are read better in the next run.
    """
    said = _corrections(file, product, values, facts)
    corrected = _correct(file, said, teach)
    if as_json:
        told = [
            {
                "draft": each.draft.as_json(),
                "lessons": [lesson.name for lesson in each.lessons],
                "untaught": [{"field": field, "reason": reason} for field, reason in each.untaught],
            }
            for each in corrected
        ]
        click.echo(json.dumps({"corrected": told}, ensure_ascii=False))
        return
    for each in corrected:
        learned = f"; learned {', '.join(lesson.name for lesson in each.lessons)}" if each.lessons else ""
        state = each.draft.state + (f" ({each.draft.reason})" if each.draft.reason else "")
        click.echo(f"{file}: {each.draft.product} is kept{learned}; {state}")
        for field, reason in each.untaught:
            click.echo(f"meot: {field} counts for this product only: {reason}", err=True)


def _corrections(
    file: str, product: str | None, values: tuple[str, ...], table: Path | None
) -> Mapping[str, Mapping[str, str]]:
    """Product -> field -> value, of the command line and of a table."""
    said = _of_table(file, table)
    if product is not None:
        fields = {}
        for text in values:
            name, sign, value = text.partition("=")
            if not sign:
                raise click.BadParameter(f"expected FIELD=VALUE, got {text!r}", param_hint="FIELD=VALUE")
            fields[name.strip()] = value.strip()
        said[product] = {**said.get(product, {}), **fields}
    if not any(said.values()):
        raise click.UsageError("say what is so: PRODUCT FIELD=VALUE, or --facts FILE.csv")
    return said


def _of_table(file: str, table: Path | None) -> dict[str, Mapping[str, str]]:
    """What a table says of the products that are in ``file``; others in it are named."""
    from meot import wiring
    from meot.answers.listing import facts

    known = facts_of(table)
    if not known:
        return {}
    with wiring.open_drafts(file, create=False) as drafts:
        said = {draft.product: fields for draft in drafts.all() if (fields := facts.of(draft.product, known))}
    for name, fields in known.items():
        if fields not in said.values():
            click.echo(f"meot: {table}: no draft is called {name}; passed over", err=True)
    return said


def _correct(file: str, said: Mapping[str, Mapping[str, str]], teach: bool) -> list[Correction]:
    from meot import settings, taxonomy, wiring
    from meot.answers.listing import correct
    from meot.catalogue.store import Catalogue

    chosen = settings.load()
    build_reader = cache(lambda: wiring.build_reader(chosen))
    load_likeness = cache(lambda: wiring.load_likeness(chosen))
    found = []
    with Catalogue.open(file, create=False) as catalogue, wiring.open_drafts(file, create=False) as drafts:
        for product, fields in said.items():
            draft = correct.correct(drafts, product, fields, taxonomy.load(), catalogue.lessons()[1])
            shown = [field for field, value in fields.items() if value and teach]
            found.append(correct.teach(draft, shown, catalogue, taxonomy.load(), load_likeness, build_reader))
    return found
