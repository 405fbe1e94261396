"""What can be counted, by any of its names, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meot.answers.trends.observe import OF_LOOKS
from meot.catalogue.attributes import Attributes
from meot.errors import QueryError, near, nearest
from meot.labels.lessons import CATEGORY, COMPONENT, STYLE
from meot.taxonomy import Names, Taxonomy
from meot.types import Filters

ALL_COMPONENTS = "component"
_LOOKS: dict[str, Names] = {
    "region": {"en": "Where it is worn", "ko": "부위"},
    "category": {"en": "Category", "ko": "종류"},
    "colour": {"en": "Colour", "ko": "색"},
    "style": {"en": "Style", "ko": "스타일"},
}
_ALSO = {"color": "colour", "components": ALL_COMPONENTS, "detail": ALL_COMPONENTS, "details": ALL_COMPONENTS}
_OF_PRODUCTS = ("gender", "source")


class Askable:
    """What is known to a catalogue: the taxonomy, what was taught, and a user's own questions.

    known: see :func:`meot.catalogue.dated.known`.
    """

    def __init__(self, *, taxonomy: Taxonomy, known: Attributes) -> None:
        self._taxonomy, self._known = taxonomy, known
        shipped = {component.id: component.names for component in taxonomy.components}
        own = [*known.vocabularies.answers, *(question for kind, question in known.taught if kind == COMPONENT)]
        self.questions: dict[str, Names] = shipped | {id: _plainly(id) for id in own if id not in shipped}

    def resolve(self, by: str) -> tuple[str, ...]:
        """What to count by, in any of its names; "component" means every question. QueryError for an unknown one."""
        names = {_LOOKS[id][language]: id for id in _LOOKS for language in _LOOKS[id]}
        names |= {id: id for id in (*OF_LOOKS, *self.questions, ALL_COMPONENTS)} | _ALSO
        names |= {name: id for id, called in self.questions.items() for name in called.values()}
        plain = {_plain(name): id for name, id in names.items()}
        id = plain.get(_plain(by))
        if id is None:
            known = [_plain(id) for id in dict.fromkeys(names.values())]
            said = f"unknown --by {by!r}; {nearest(_plain(by), known)}"
            raise QueryError(said, "unknown", name="by", got=by, near=near(_plain(by), known))
        return tuple(self.questions) if id == ALL_COMPONENTS else (id,)

    def filters(self, within: Sequence[str], named: Mapping[str, str | None]) -> Filters:
        """Filters of texts such as "category=jeans" and of options (name -> value). Values are not checked here.

        QueryError for what is no such text, for an unknown name, and for one that is said twice.
        """
        said: dict[str, str] = {}
        for text in within:
            name, sign, value = (part.strip() for part in text.partition("="))
            if not sign or not name or not value:
                wrong = f"--within must be NAME=VALUE such as category=jeans, got {text!r}; change it"
                raise QueryError(wrong, "no_pair", got=text)
            _say(said, self._narrowed_by(name), value)
        for name, given in named.items():
            if given is not None:
                _say(said, name, given)
        fields = {name: said.pop(name) for name in (*OF_LOOKS, *_OF_PRODUCTS) if name in said}
        return Filters(**fields, components=said)  # type: ignore[arg-type]

    def _narrowed_by(self, name: str) -> str:
        if _plain(name) in _OF_PRODUCTS:
            return _plain(name)
        try:
            [found] = self.resolve(name)
        except (QueryError, ValueError):
            known = (*OF_LOOKS, *_OF_PRODUCTS, *self.questions)
            said = f"unknown name {name!r} in --within; {nearest(_plain(name), known)}"
            raise QueryError(said, "unknown", name="by", got=name, near=near(_plain(name), known)) from None
        return found

    def called(self, by: str) -> Names:
        """Language -> what a question is called."""
        return dict(_LOOKS.get(by) or self.questions.get(by) or _plainly(by))

    def value(self, by: str, id: str) -> Names:
        """Language -> what an answer to ``by`` is called; names of taught classes, too."""
        t = self._taxonomy
        shipped: Mapping[str, Sequence[object]] = {
            "region": t.regions,
            "category": t.categories,
            "colour": t.colours,
            "style": t.styles,
            **{component.id: component.values for component in t.components},
        }
        for row in shipped.get(by, ()):
            if row.id == id:  # type: ignore[attr-defined]
                return dict(row.names)  # type: ignore[attr-defined]
        kind, question = {"category": (CATEGORY, ""), "style": (STYLE, "")}.get(by, (COMPONENT, by))
        return _plainly(id) | dict(self._known.taught.get((kind, question), {}).get(id, {}))


def _say(said: dict[str, str], name: str, value: str) -> None:
    if said.setdefault(name, value) != value:
        wrong = f"{name} is asked to be {said[name]!r} and {value!r}; leave one out"
        raise QueryError(wrong, "said_twice", name=name, one=said[name], other=value)


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _plainly(id: str) -> Names:
    return {"en": id.replace("_", " "), "ko": id.replace("_", " ")}
