"""All vocabularies together, with the ways to look something up, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from meot.taxonomy.entries import Category, Colour, Component, Group, Region, Style, StyleClass


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Everything ``taxonomy.toml`` says, in its order; orders are part of the version."""

    version: str
    shopify_version: str
    regions: tuple[Region, ...]
    categories: tuple[Category, ...]
    components: tuple[Component, ...]
    style_groups: tuple[Group, ...]
    styles: tuple[Style, ...]
    style_search: tuple[StyleClass, ...]
    colours: tuple[Colour, ...]
    regions_of: dict[str, dict[str, str]]

    def region(self, id: str) -> Region:
        """The region of that id; KeyError when there is none."""
        return _find(self.regions, id)

    def category(self, id: str) -> Category:
        """The category of that id; KeyError when there is none."""
        return _find(self.categories, id)

    def component(self, id: str) -> Component:
        """The component of that id; KeyError when there is none."""
        return _find(self.components, id)

    def style(self, id: str) -> Style:
        """The style of that id; KeyError when there is none."""
        return _find(self.styles, id)

    def colour(self, id: str) -> Colour:
        """The colour of that id; KeyError when there is none."""
        return _find(self.colours, id)

    def categories_of(self, source: str, label: str) -> tuple[int, ...]:
        """Positions of the categories that a source's label may mean; empty when it means none.

        source: "clothing" or "ccp". A label of several categories says "one of these".
        """
        return tuple(i for i, c in enumerate(self.categories) if label in getattr(c, source))

    def region_of(self, source: str, label: str) -> Region:
        """The region that pixels of a source's label belong to; KeyError for an unknown label."""
        places = self.categories_of(source, label)
        if places:
            return self.region(self.categories[places[0]].region)
        return self.region(self.regions_of[source][label])

    def as_json(self) -> dict[str, Any]:
        """The taxonomy as ``meot taxonomy --json`` prints it."""
        return {
            "version": self.version,
            "shopify_version": self.shopify_version,
            "regions": [
                {
                    "id": r.id,
                    "value": r.value,
                    "garment": r.garment,
                    "names": r.names,
                    "sources": {"ccp9": list(r.ccp9)},
                }
                for r in self.regions
            ],
            "categories": [_category_json(c) for c in self.categories],
            "components": [
                {"id": c.id, "names": c.names, "values": [{"id": v.id, "names": v.names} for v in c.values]}
                for c in self.components
            ],
            "style_groups": [{"id": g.id, "names": g.names} for g in self.style_groups],
            "styles": [{"id": s.id, "names": s.names, "group": s.group, "learned": s.learned} for s in self.styles],
            "style_search": [_style_class_json(c) for c in self.style_search],
            "colours": [
                {"id": c.id, "names": c.names, "sources": {"shopify": c.shopify}, "rgb": [list(a) for a in c.anchors]}
                for c in self.colours
            ],
            "labels_without_garment": self.regions_of,
        }


def _category_json(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "names": category.names,
        "region": category.region,
        "family": category.family,
        "sources": {
            "clothing": list(category.clothing),
            "ccp": list(category.ccp),
            "deepfashion2": list(category.deepfashion2),
            "shopify": category.shopify,
            "google": category.google,
        },
    }


def _style_class_json(row: StyleClass) -> dict[str, Any]:
    return {
        "id": row.id,
        "part": row.part,
        "names": row.names,
        "answers": {question: list(answers) for question, answers in row.answers.items()},
        "learned": row.learned,
        "unread": list(row.unread),
    }


_Row = TypeVar("_Row", Region, Category, Component, Style, Colour)


def _find(rows: tuple[_Row, ...], id: str) -> _Row:
    for row in rows:
        if row.id == id:
            return row
    raise KeyError(id)
