"""What a typed word means in the taxonomy: 남색 and navy are one colour, 셔츠 and shirts one category."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from meot.catalogue.words import tokens
from meot.taxonomy import Taxonomy

Name = tuple[str, ...]
"""A name as its words, in one form."""
_MOST_WORDS = 3
"""Words of the longest name that is looked for in a question."""

_LONG = 6


class Lexicon(NamedTuple):
    """Every name in the taxonomy. known: a name written as one word -> all names of what is called so, in any language.

    families: a category's name that is one word -> the families of the categories that are called so. ids: a name of
    a region, category or colour written as one word -> (kind, id) of what is called so.
    """

    known: dict[str, tuple[Name, ...]]
    families: dict[str, frozenset[str]]
    ids: dict[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Senses:
    """What the words of a question mean.

    regions, categories, colours: the ids that are meant; empty when no word means one. Where names overlap the longest
    counts: a polo shirt is no shirt here. known, families: of the whole :class:`Lexicon`.
    """

    regions: frozenset[str]
    categories: frozenset[str]
    colours: frozenset[str]
    known: Mapping[str, tuple[Name, ...]] = field(default_factory=dict, repr=False)
    families: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def is_of_one_garment(self) -> bool:
        """Whether a colour is said together with the thing that should have it."""
        return bool(self.colours) and bool(self.regions or self.categories)

    def names(self, word: str) -> bool:
        """Whether the taxonomy calls something so."""
        return word in self.known or tokens.singular(word) in self.known

    def other_things(self, part: str) -> tuple[str, ...]:
        """Longer names that hold ``part`` and name something else: a 티셔츠 is no 셔츠, a T-shirt no shirt."""
        own = self.families.get(part)
        if own is None:
            return ()
        return tuple(name for name, others in self.families.items() if part in name and not own & others)


_lexicons: dict[int, tuple[Taxonomy, Lexicon]] = {}


def lexicon(taxonomy: Taxonomy) -> Lexicon:
    """The names of a taxonomy; made once for each."""
    kept = _lexicons.get(id(taxonomy))
    if kept is None or kept[0] is not taxonomy:
        kept = _lexicons[id(taxonomy)] = taxonomy, _gather(taxonomy)
    return kept[1]


def understand(text: str, taxonomy: Taxonomy) -> Senses:
    """What the words of ``text`` mean; words that the taxonomy does not name mean nothing here."""
    known = lexicon(taxonomy)
    ids: dict[str, set[str]] = {"region": set(), "category": set(), "colour": set()}
    for name in _spans(tokens.split(text), known.ids):
        for kind, id in known.ids[name]:
            ids[kind].add(id)
    regions, categories, colours = (frozenset(ids[kind]) for kind in ("region", "category", "colour"))
    return Senses(regions, categories, colours, known.known, known.families)


def _spans(asked: Sequence[str], known: Collection[str]) -> set[str]:
    """The names that stand in a question, longest first, none within another."""
    found, at = set(), 0
    while at < len(asked):
        for length in range(_MOST_WORDS, 0, -1):
            written = "".join(asked[at : at + length])
            name = next((form for form in (written, tokens.singular(written)) if form in known), None)
            if name is not None and at + length <= len(asked):
                found.add(name)
                at += length - 1
                break
        at += 1
    return found


def _forms(name: str, kind: str) -> set[str]:
    """What else is said for a name: its singular; as a noun, for striped is of stripes; 검정색 for 검정."""
    if tokens.is_syllabic(name):
        return {name, f"{name}색"} if kind == "colour" and not name.endswith("색") else {name}
    nouns = {name[:-1], name[:-2]} if len(name) >= _LONG and name.endswith("ed") else set()
    return {name, tokens.singular(name)} | nouns


def _gather(taxonomy: Taxonomy) -> Lexicon:
    known: dict[str, dict[Name, None]] = {}
    for kind, _, names in _entries(taxonomy):
        split = [tuple(tokens.split(name)) for name in names]
        for name in split:
            for form in _forms("".join(name), kind):
                known.setdefault(form, {}).update(dict.fromkeys(split))
    families: dict[str, frozenset[str]] = {}
    for category in taxonomy.categories:
        for text in category.names.values():
            words = tokens.split(text)
            for form in _forms(words[0], "category") if len(words) == 1 else ():
                families[form] = families.get(form, frozenset()) | {category.family}
    ids: dict[str, tuple[tuple[str, str], ...]] = {}
    for kind, id, names in _entries(taxonomy):
        plain = ("".join(tokens.split(name)) for name in names)
        for form in {form for name in plain for form in _forms(name, kind)}:
            if kind in ("region", "category", "colour"):
                ids[form] = (*ids.get(form, ()), (kind, id))
    return Lexicon({name: tuple(found) for name, found in known.items()}, families, ids)


def _entries(taxonomy: Taxonomy) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for region in taxonomy.regions:
        if region.garment:
            yield "region", region.id, tuple(region.names.values())
    for category in taxonomy.categories:
        yield "category", category.id, tuple(category.names.values())
    for colour in taxonomy.colours:
        yield "colour", colour.id, (*colour.names.values(), *colour.also)
    for component in taxonomy.components:
        for value in component.values:
            if not value.silent:
                yield "component", value.id, tuple(value.alone.values())
    for style in taxonomy.styles:
        yield "style", style.id, tuple(style.names.values())
