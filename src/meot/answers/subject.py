"""What a lesson is about: its kind, question and name, checked against the vocabulary before any photo is read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meot.errors import QueryError, nearest
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE, Lesson
from meot.taxonomy import Taxonomy

_LONGEST = 64
_Rows = Iterable[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """kind: "category", "style" or "component", the last with its question. name: an id, of the taxonomy or new.

    names: language to name, of a new class. region: of a category's garments, "" where the examples shall tell.
    near: the known id that a new one may be a slip for.
    """

    kind: str
    question: str
    name: str
    names: Mapping[str, str]
    region: str
    new: bool
    near: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked to teach, as it was said. own_question: the question may be one that nobody asked before."""

    kind: str
    name: str
    question: str = ""
    region: str | None = None
    names: Mapping[str, str] | None = None
    own_question: bool = False


def understand(wish: Wish, lessons: Sequence[Lesson], taxonomy: Taxonomy) -> Subject:
    """The subject of a wish. QueryError for a name or question that cannot be, and for an unknown region."""
    question = _question(wish, lessons, taxonomy) if wish.kind == COMPONENT else ""
    taught = {lesson.name: lesson for lesson in lessons if (lesson.kind, lesson.question) == (wish.kind, question)}
    known = dict(_shipped(wish.kind, question, taxonomy))
    name = find(wish.name, [*known.items(), *((id, lesson.names) for id, lesson in taught.items())])
    new = name is None
    if name is None:
        name = _new_name(wish, taxonomy)
    region = _region(wish.region, taxonomy) or (taught[name].region if name in taught else "")
    if wish.kind == CATEGORY and name in known:
        region = taxonomy.category(name).region
        if wish.region not in (None, region):
            raise QueryError(f"{name} is a garment of {region}, got the region {wish.region}; leave --region out")
    near = difflib.get_close_matches(name, [*known, *taught], 1, cutoff=0.75) if new else []
    return Subject(
        kind=wish.kind,
        question=question,
        name=name,
        names=_names(wish, name in known, taught.get(name)),
        region=region,
        new=new,
        near=near[0] if near else None,
    )


def find(said: str, rows: _Rows) -> str | None:
    """The id that ``said`` is, or is a name of in any language; None when there is none."""
    for id, names in rows:
        if _plain(said) in {_plain(word) for word in (id, *names.values())}:
            return id
    return None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _shipped(kind: str, question: str, taxonomy: Taxonomy) -> _Rows:
    if kind == CATEGORY:
        return [(category.id, category.names) for category in taxonomy.categories]
    if kind == STYLE:
        return [(style.id, style.names) for style in taxonomy.styles]
    return [(v.id, v.names) for c in taxonomy.components if c.id == question for v in c.values]


def _new_name(wish: Wish, taxonomy: Taxonomy) -> str:
    """The id of a new class. QueryError when it is no name, or the name of something else."""
    name = "_".join(wish.name.replace("-", " ").replace("_", " ").split()).casefold()
    if not _plain(name) or not name.replace("_", "").isalnum() or len(name) > _LONGEST:
        raise QueryError(
            f"a {wish.kind}'s name must be 1 to {_LONGEST} letters, digits and spaces, got {wish.name!r}; mend it"
        )
    others: dict[str, _Rows] = {
        "region": [(region.id, region.names) for region in taxonomy.regions],
        "category": _shipped(CATEGORY, "", taxonomy),
        "style": _shipped(STYLE, "", taxonomy),
        "colour": [(colour.id, colour.names) for colour in taxonomy.colours],
    }
    for what, rows in others.items():
        known = find(name, rows)
        if wish.kind != COMPONENT and known:  # a polo neckline and an oversized fit are what they say
            mend = f"use `meot teach {what} {known}` or " if what in (CATEGORY, STYLE) else ""
            raise QueryError(f"{wish.name!r} is a {what} already, expected a {wish.kind}; {mend}choose another name")
    return name


def _question(wish: Wish, lessons: Sequence[Lesson], taxonomy: Taxonomy) -> str:
    known: list[tuple[str, Mapping[str, str]]] = [(c.id, c.names) for c in taxonomy.components]
    found = find(wish.question, [*known, *((lesson.question, {}) for lesson in lessons if lesson.kind == COMPONENT)])
    if found is not None:
        return found
    plain = _plain(wish.question)
    if plain in (CATEGORY, STYLE) or plain in ("colour", "color", "region"):
        raise QueryError(f"{wish.question!r} is no component; expected a detail such as pattern or collar")
    if not wish.own_question:
        near = nearest(wish.question, [id for id, _ in known])
        raise QueryError(f"unknown component {wish.question!r}; {near} (add --new for a question of your own)")
    return _new_name(Wish(kind=COMPONENT, name=wish.question), taxonomy)


def _region(said: str | None, taxonomy: Taxonomy) -> str:
    if said is None:
        return ""
    known = [(region.id, region.names) for region in taxonomy.regions if region.garment]
    found = find(said, known)
    if found is None:
        raise QueryError(f"unknown region {said!r}; {nearest(said, [id for id, _ in known])}")
    return found


def _names(wish: Wish, shipped: bool, earlier: Lesson | None) -> Mapping[str, str]:
    """What a new class is called in each language; a shipped class has its names, which stay."""
    if shipped:
        if wish.names:
            raise QueryError(f"{wish.name!r} has its names already; leave --names out: only new classes take them")
        return {}
    if wish.names or earlier is None:
        said = wish.name.strip()
        written = said if said != said.casefold() else said.replace("_", " ").capitalize()
        return {"en": written, "ko": written, **(wish.names or {})}
    return earlier.names
