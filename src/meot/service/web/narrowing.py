"""What an answer can be narrowed to, as the page offers it: choices with counts, and what is set with a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from meot.answers.facets import Counts, Facets
from meot.answers.filters import plain_source
from meot.service.questions import WrongPrices
from meot.service.web.reasons import tell
from meot.service.web.render import build_address
from meot.service.web.views import as_asked
from meot.service.web.voice import Voice
from meot.types import Filters

_ONE_IS_NO_CHOICE = 2
_NEARBY = {"category": 4, "colour": 5, "pattern": 2}
"""Of which filters values are offered at once, and how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter's values. rows: (value, name, products it would leave), the most first. value: what is set, or ""."""

    name: str
    label: str
    rows: tuple[tuple[str, str, int], ...]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A filter that is set. address: the same question without it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A value that one tap narrows to. colour: its id where it is one, else ""."""

    name: str
    count: int
    address: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Prices that ask for nothing, because they cannot be. name: the field with the reason said beside it.

    typed: name -> what stands in the fields.
    """

    name: str
    reason: str
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """All that the filter form of a page shows. nearby: the likeliest values, to be had without opening the form.

    path: of the page. kept: name -> value of what stays whatever is filtered. words: whether they may be given too,
    and which are; None where a page has them elsewhere. low, high: the bounds of the prices there are.
    """

    path: str
    kept: Mapping[str, object]
    choices: tuple[Choice, ...]
    taken: tuple[Taken, ...]
    nearby: tuple[Nearby, ...]
    filters: Filters
    low: float | None
    high: float | None
    words: str | None = None
    wrong: Wrong | None = None

    @property
    def bare(self) -> str:
        """The address of the question without any filter."""
        return build_address(self.path, self.kept)


def narrow(
    voice: Voice,
    filters: Filters,
    facets: Facets | None,
    path: str,
    kept: Mapping[str, object],
    words: str | None,
    wrong: WrongPrices | None = None,
) -> Narrowing:
    """The filters of a page as they stand in its address, with what ``facets`` says that they would leave.

    wrong: prices that stand there and are left out of ``filters``.
    """
    counted = facets or Facets(products=0)
    return Narrowing(
        path=path,
        kept=kept,
        choices=tuple(_choices(voice, filters, counted)),
        taken=tuple(_taken(voice, filters, words, path, kept)),
        nearby=tuple(_nearby(voice, filters, counted, path, {**kept, "q": words or kept.get("q")})),
        filters=filters,
        low=counted.min_price,
        high=counted.max_price,
        words=words,
        wrong=None if wrong is None else _tell_wrong(wrong, voice),
    )


def _tell_wrong(wrong: WrongPrices, voice: Voice) -> Wrong:
    reason = tell(wrong.error, voice)
    said = voice("filters.wrong", reason=reason[:1].upper() + reason[1:])
    return Wrong(name=str(wrong.error.told["name"]), reason=said, typed=wrong.typed)


def _choices(voice: Voice, filters: Filters, facets: Facets) -> Iterator[Choice]:
    for name, counts, say in _plain(voice, facets):
        value = str(getattr(filters, name) or "")
        if choice := _choice(name, voice(f"filters.{name}"), counts, say, value):
            yield choice
    for question in dict.fromkeys((*facets.components, *filters.components)):

        def answer(id: str, question: str = question) -> str:
            return voice.answer(question, id)

        counts, value = facets.components.get(question, {}), filters.components.get(question, "")
        if choice := _choice(question, voice.question(question), counts, answer, value):
            rows = tuple((f"{question}={id}", text, count) for id, text, count in choice.rows)
            yield replace(choice, name="component", rows=rows, value=f"{question}={value}" if value else "")


def _nearby(voice: Voice, filters: Filters, facets: Facets, path: str, kept: Mapping[str, object]) -> Iterator[Nearby]:
    """The likeliest values of the filters people reach for first, where those are not set and would narrow."""
    set_already = {"category": filters.category, "colour": filters.colour, **filters.components}
    for choice in _choices(voice, filters, facets):
        name = choice.rows[0][0].partition("=")[0] if choice.name == "component" else choice.name
        for value, said, count in choice.rows[: 0 if set_already.get(name) else _NEARBY.get(name, 0)]:
            if count < facets.products:
                asked = {**as_asked(filters)}
                asked[choice.name] = f"{asked['component']},{value}".lstrip(",") if "=" in value else value
                address = build_address(path, {**kept, **asked}) + "#results"
                yield Nearby(name=said, count=count, address=address, colour=value if name == "colour" else "")


def _plain(voice: Voice, facets: Facets) -> Iterable[tuple[str, Counts, Callable[[str], str]]]:
    sources = {plain_source(source): count for source, count in facets.source.items()}
    return (
        ("region", facets.region, voice.region),
        ("category", facets.category, voice.category),
        ("colour", facets.colour, voice.colour),
        ("style", facets.style, voice.style),
        ("gender", facets.gender, voice.gender),
        ("source", sources, str),
    )


def _choice(name: str, label: str, counts: Counts, say: Callable[[str], str], value: str) -> Choice | None:
    """The choice, None where there is nothing to choose."""
    known = counts if not value or value in counts else {**counts, value: 0}
    if len(known) < _ONE_IS_NO_CHOICE and not value:
        return None
    return Choice(name=name, label=label, rows=tuple((id, say(id), count) for id, count in known.items()), value=value)


def _taken(voice: Voice, filters: Filters, words: str | None, path: str, kept: Mapping[str, object]) -> Iterator[Taken]:
    def without(**changes: object) -> str:
        fewer = replace(filters, **changes)  # type: ignore[arg-type]  # each is set to nothing
        return build_address(path, {**kept, "q": words or kept.get("q"), **as_asked(fewer)}) + "#results"

    if words:
        yield Taken(name=voice("results.for_words", words=words), address=_address(path, kept, filters))
    for name, _, say in _plain(voice, Facets(products=0)):
        if value := getattr(filters, name):
            yield Taken(name=say(value), address=without(**{name: None}))
    for question, answer in filters.components.items():
        rest = {asked: said for asked, said in filters.components.items() if asked != question}
        yield Taken(name=voice.answer(question, answer), address=without(components=rest))
    for name, key in (("min_price", "from_price"), ("max_price", "to_price")):
        if (price := getattr(filters, name)) is not None:
            yield Taken(name=voice(f"filters.{key}", price=f"{price:,.15g}"), address=without(**{name: None}))


def _address(path: str, kept: Mapping[str, object], filters: Filters) -> str:
    return build_address(path, {**kept, **as_asked(filters)}) + "#results"
