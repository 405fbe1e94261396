"""The taxonomy from TOML."""

from __future__ import annotations

import tomllib
from typing import Any

from meot.taxonomy.entries import Category, Colour, Component, Group, Names, Region, Style, StyleClass, Value
from meot.taxonomy.whole import Taxonomy


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
