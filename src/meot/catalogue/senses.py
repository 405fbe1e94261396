"""What a typed word means in the taxonomy: 남색 and navy are one colour, 셔츠 and shirts one category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meot.catalogue import words
from meot.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Senses:
    """What the words of a question mean. names: word -> the taxonomy's names for the same thing, in every language.

    regions, categories, colours: the ids that are meant; empty when no word means one.
    """

    names: dict[str, tuple[str, ...]]
    regions: frozenset[str]
    categories: frozenset[str]
    colours: frozenset[str]

    @property
    def is_of_one_garment(self) -> bool:
        """Whether a colour is said together with the thing that should have it."""
        return bool(self.colours) and bool(self.regions or self.categories)


def understand(text: str, taxonomy: Taxonomy) -> Senses:
    """What the words of ``text`` mean; words that the taxonomy does not name mean nothing here."""
    asked = words.split(text)
    forms = {form: word for word in asked for form in (words.singular(word), word)}
    names: dict[str, tuple[str, ...]] = {}
    ids: dict[str, set[str]] = {"region": set(), "category": set(), "colour": set()}
    for kind, id, all_names in _entries(taxonomy):
        for name in all_names:
            word = forms.get("".join(words.split(name)))
            if word is not None:
                names[word] = (*names.get(word, ()), *all_names)
                ids[kind].add(id)
    return Senses(names, frozenset(ids["region"]), frozenset(ids["category"]), frozenset(ids["colour"]))


def _entries(taxonomy: Taxonomy) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for region in taxonomy.regions:
        if region.garment:
            yield "region", region.id, tuple(region.names.values())
    for category in taxonomy.categories:
        yield "category", category.id, tuple(category.names.values())
    for colour in taxonomy.colours:
        yield "colour", colour.id, (*colour.names.values(), *colour.also)
