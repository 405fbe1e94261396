"""``meot taxonomy``: the vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from meot.columns import pad

if TYPE_CHECKING:
    from meot.taxonomy import Names, Taxonomy


@click.command(help="Show regions, categories, components, styles and colours.")
@click.option("--json", "as_json", is_flag=True, help="The whole taxonomy as JSON.")
def command(as_json: bool) -> None:
    """Print the taxonomy for people, or as JSON."""
    from meot import taxonomy

    terms = taxonomy.load()
    if as_json:
        click.echo(json.dumps(terms.as_json(), ensure_ascii=False))
        return
    click.echo("\n".join(_lines(terms)))


def _lines(terms: Taxonomy) -> Iterator[str]:
    yield f"taxonomy {terms.version}; Shopify {terms.shopify_version}"
    for region in terms.regions:
        yield f"\n{region.id}: {_both(region.names)} (value {region.value} in a region map)"
        for category in terms.categories:
            if category.region == region.id:
                names = pad(category.names["en"], 18) + pad(category.names["ko"], 14)
                yield f"  {category.id:<12}{names}Shopify {category.shopify:<11}Google {category.google}"
    for component in terms.components:
        values = ", ".join(_both(value.names) for value in component.values)
        yield f"\n{component.id}: {_both(component.names)}\n  {values}"
    yield "\nstyles (*: to be taught)"
    for group in terms.style_groups:
        styles = [_both(s.names) + ("" if s.learned else "*") for s in terms.styles if s.group == group.id]
        yield f"  {_both(group.names)}: {', '.join(styles)}"
    yield "\nclasses of the style search paper (*: to be taught)"
    for row in terms.style_search:
        said = ", ".join(f"{question} {' or '.join(answers)}" for question, answers in row.answers.items())
        yield f"  {pad(row.names['en'], 18)}{pad(row.names['ko'], 14)}{said}{'' if row.learned else '*'}"
    yield "\ncolours\n  " + ", ".join(_both(colour.names) for colour in terms.colours)


def _both(names: Names) -> str:
    return f"{names['en']} {names['ko']}"
