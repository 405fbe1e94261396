"""The vocabulary: regions, categories, components, styles, colours, with ids, names and foreign names."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeVar

Names = dict[str, str]
"""Language ("en", "ko") to name."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place on the body or in the photo; ``value`` is its pixel value in a region map (0..255)."""

    id: str
    value: int
    garment: bool
    names: Names
    ccp9: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """What a garment is. ``sources`` maps a vocabulary to this category's labels there."""

    id: str
    region: str
    family: str
    names: Names
    clothing: tuple[str, ...]
    ccp: tuple[str, ...]
    deepfashion2: tuple[int, ...]
    shopify: str
    google: int


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a component.

    alone: its name where the question does not stand beside it. silent: it says nothing that anybody would want told.
    implied_by: categories that say it already.
    """

    id: str
    names: Names
    alone: Names
    silent: bool
    implied_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Styles that people blur."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class Style:
    """A style of a whole outfit. learned: whether photos to learn it from stand behind the shipped models."""

    id: str
    names: Names
    group: str
    learned: bool


@dataclass(frozen=True, slots=True)
class StyleClass:
    """A class of the style search paper. ``answers`` maps a question to the answers that make a look one of it.

    unread: questions of ``answers`` that the shipped models do not answer so; they have to be taught.
    """

    id: str
    part: str
    names: Names
    answers: dict[str, tuple[str, ...]]
    unread: tuple[str, ...]

    @property
    def learned(self) -> bool:
        """Whether the shipped models can tell a look of this class."""
        return not self.unread


@dataclass(frozen=True, slots=True)
class Component:
    """A detail of a garment with its own small vocabulary."""

    id: str
    names: Names
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour name with its sRGB anchors (each 0..255; the first is its swatch) and the other words people use for it.

    mixed: no pixel is called so, only a garment of many colours.
    """

    id: str
    names: Names
    also: tuple[str, ...]
    shopify: int
    anchors: tuple[tuple[int, int, int], ...]
    mixed: bool = False


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


def _names(row: dict[str, Any]) -> Names:
    return {"en": row["en"], "ko": row["ko"]}


def _value(row: dict[str, Any]) -> Value:
    return Value(
        id=row["id"],
        names=_names(row),
        alone=_names(row.get("alone", row)),
        silent=row.get("silent", False),
        implied_by=tuple(row.get("implied_by", ())),
    )


def _style_class(row: dict[str, Any]) -> StyleClass:
    return StyleClass(
        id=row["id"],
        part=row["part"],
        names=_names(row),
        answers={question: tuple(answers) for question, answers in row["answers"].items()},
        unread=tuple(row["unread"]),
    )


def parse(text: str) -> Taxonomy:
    """The taxonomy written in ``text`` (TOML); KeyError or ValueError when it is malformed."""
    raw = tomllib.loads(text)
    return Taxonomy(
        version=raw["version"],
        shopify_version=raw["shopify_version"],
        regions=tuple(
            Region(id=r["id"], value=r["value"], garment=r["garment"], names=_names(r), ccp9=tuple(r["ccp9"]))
            for r in raw["regions"]
        ),
        categories=tuple(
            Category(
                id=c["id"],
                region=c["region"],
                family=c["family"],
                names=_names(c),
                clothing=tuple(c["clothing"]),
                ccp=tuple(c["ccp"]),
                deepfashion2=tuple(c["deepfashion2"]),
                shopify=c["shopify"],
                google=c["google"],
            )
            for c in raw["categories"]
        ),
        components=tuple(
            Component(id=id, names=_names(c), values=tuple(_value(v) for v in c["values"]))
            for id, c in raw["components"].items()
        ),
        style_groups=tuple(Group(id=g["id"], names=_names(g)) for g in raw["styles"]["groups"]),
        styles=tuple(
            Style(id=s["id"], names=_names(s), group=s["group"], learned=s["learned"]) for s in raw["styles"]["values"]
        ),
        style_search=tuple(_style_class(c) for c in raw["style_search"]["classes"]),
        colours=tuple(
            Colour(
                id=c["id"],
                names=_names(c),
                also=tuple(c["ko_also"]),
                shopify=c["shopify"],
                anchors=tuple((r, g, b) for r, g, b in c["rgb"]),
                mixed=c.get("mixed", False),
            )
            for c in raw["colours"]["values"]
        ),
        regions_of=raw["regions_of"],
    )


@cache
def load() -> Taxonomy:
    """The taxonomy that ships with this version of meot."""
    return parse(resources.files("meot").joinpath("taxonomy.toml").read_text(encoding="utf-8"))
