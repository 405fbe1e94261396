"""Words beside a photo: those that name a filter become one, the others a product must hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from meot.catalogue.attributes import Attributes
from meot.catalogue.vocabulary import GENDERS
from meot.labels.lessons import CATEGORY, STYLE
from meot.taxonomy import Taxonomy
from meot.types import Filters

_ENGLISH = "a an and at but by for from in it like my of on or same similar the this to with"
_SAYS_NOTHING = frozenset((*_ENGLISH.split(), "같은", "비슷한", "더", "좀", "이", "그", "및"))
_WORD = re.compile(r"[^\W_]+")
_JOINERS = re.compile(r"(?<=\w)[-‐‑'’](?=\w)")
_LONGEST = 4
"""Words that one name may have: "mid blue denim"."""


def refine(text: str, filters: Filters, taxonomy: Taxonomy, attributes: Attributes) -> tuple[Filters, str]:
    """The filters with those that ``text`` names, and the words that name none ("" when all do).

    "in red" -> colour red; "긴팔 체크" -> long sleeves, checked. The longest name counts; a filter that is set already
    stays, and what the words say of it besides must be held by the product.
    """
    names = {name: meant for meant, name in reversed(list(_names(taxonomy, attributes)))}
    said, rest, at = _words(text), [], 0
    while at < len(said):
        for end in range(min(len(said), at + _LONGEST), at, -1):
            meant = names.get("".join(said[at:end])) or names.get(_stem("".join(said[at:end])))
            changed = filters if meant is None else _with(filters, *meant)
            if changed is not filters:
                filters, at = changed, end
                break
        else:
            rest += [] if said[at] in _SAYS_NOTHING else [said[at]]
            at += 1
    return filters, " ".join(rest)


def _words(text: str) -> list[str]:
    """The words of ``text``: lower case, letters and digits only, T-shirt in one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_JOINERS.sub("", plain))


def _stem(name: str) -> str:
    """A name without what people hang on it: reds, 빨간색으로, 셔츠를."""
    for ending in ("으로", "로", "의", "은", "는", "을", "를", "s"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name


def _with(filters: Filters, kind: str, id: str) -> Filters:
    """The filters with one more; the same object when it is set already."""
    question = kind.partition(" ")[2]
    if question:
        if question in filters.components:
            return filters
        return replace(filters, components={**filters.components, question: id})
    changed: dict[str, Any] = {kind: id}
    return filters if getattr(filters, kind) is not None else replace(filters, **changed)


def _names(taxonomy: Taxonomy, attributes: Attributes) -> Iterator[tuple[tuple[str, str], str]]:
    """((filter, id), name in one word); of a name that means several things the first counts."""
    for kind, id, names in _entries(taxonomy, attributes.taught):
        for name in names:
            if plain := "".join(_words(name)):
                yield (kind, id), plain


def _entries(
    taxonomy: Taxonomy, taught: Mapping[tuple[str, str], Mapping[str, Mapping[str, str]]]
) -> Iterator[tuple[str, str, list[str]]]:
    for colour in taxonomy.colours:
        yield "colour", colour.id, [*colour.names.values(), *colour.also]
    for category in taxonomy.categories:
        yield "category", category.id, [*category.names.values()]
    for region in taxonomy.regions:
        if region.garment:
            yield "region", region.id, [*region.names.values()]
    for kind in (CATEGORY, STYLE):
        for id, names in taught.get((kind, ""), {}).items():
            yield kind, id, [id, *names.values()]
    for style in taxonomy.styles:
        yield "style", style.id, [*style.names.values()]
    for gender, known in GENDERS.items():
        yield "gender", gender, [*known]
    for component in taxonomy.components:
        for value in component.values:
            if value.id not in ("other", "no"):
                of_it = [*value.alone.values()] if value.alone != value.names else [*value.names.values()]
                yield f"component {component.id}", value.id, of_it
