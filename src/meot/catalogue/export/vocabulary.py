"""What shops call our categories and answers, in the versions of their vocabularies that are pinned here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from meot.taxonomy import Taxonomy

GENDERS = ("female", "male", "unisex")
AGE_GROUPS = ("newborn", "infant", "toddler", "kids", "adult")
"""Google's words, which Shopify and schema.org take, too."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """paths: language -> Shopify id -> path. values: question -> our answer -> Shopify's word for it."""

    shopify_version: str
    google_version: str
    paths: dict[str, dict[str, str]]
    values: dict[str, dict[str, str]]

    def path(self, shopify: str, language: str) -> str:
        """The full path of a category; a shop in another language refuses the English one. Empty for an unknown id."""
        return self.paths[language].get(shopify, "")

    def word(self, question: str, answer: str) -> str:
        """Shopify's word for an answer; empty where it has none."""
        return self.values.get(question, {}).get(answer, "")

    def colour(self, id: str, taxonomy: Taxonomy) -> str:
        """Shopify's word for a colour; empty where the taxonomy does not know it."""
        known = {colour.id: colour.shopify for colour in taxonomy.colours}
        return self.values["colour"].get(str(known.get(id, "")), "")


@cache
def load() -> Vocabulary:
    """The vocabulary that ships with this version of meot."""
    raw = tomllib.loads(resources.files("meot.catalogue.export").joinpath("categories.toml").read_text("utf-8"))
    return Vocabulary(raw["shopify_version"], raw["google_version"], raw["shopify"], raw["values"])
