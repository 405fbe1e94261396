"""``meot taxonomy``: the vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click


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


def _lines(terms: object) -> Iterator[str]:
    from meot.taxonomy import Taxonomy

    assert isinstance(terms, Taxonomy)
    yield f"taxonomy {terms.version}, Shopify {terms.shopify_version}"
    for region in terms.regions:
        yield f"\n{region.id} ({region.names['en']}, {region.names['ko']}), value {region.value}"
        for category in terms.categories:
            if category.region == region.id:
                yield f"  {category.id:<12} {category.names['en']:<18} {category.names['ko']:<10} {category.shopify}"
    for component in terms.components:
        values = ", ".join(f"{v.names['en']} {v.names['ko']}" for v in component.values)
        yield f"\n{component.names['en']} {component.names['ko']}: {values}"
    yield "\nStyles: " + ", ".join(f"{s.names['en']} {s.names['ko']}" for s in terms.styles)
    yield "Colours: " + ", ".join(f"{c.names['en']} {c.names['ko']}" for c in terms.colours)
