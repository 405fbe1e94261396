"""The vocabulary: regions, categories, components, styles, colours, with ids, names and foreign names."""

from __future__ import annotations

from functools import cache
from importlib import resources

from meot.taxonomy.entries import Category, Colour, Component, Group, Names, Region, Style, StyleClass, Value
from meot.taxonomy.whole import Taxonomy
from meot.taxonomy.written import parse

__all__ = [
    "Category",
    "Colour",
    "Component",
    "Group",
    "Names",
    "Region",
    "Style",
    "StyleClass",
    "Taxonomy",
    "Value",
    "load",
    "parse",
]


@cache
def load() -> Taxonomy:
    """The taxonomy that ships with this version of meot."""
    return parse(resources.files("meot").joinpath("taxonomy.toml").read_text(encoding="utf-8"))
