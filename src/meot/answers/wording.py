"""What the answers of a look are called in one language, and which of them are worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from meot.taxonomy import Names, Taxonomy
from meot.types import Garment, Label

_MORE_LIKELY_WRONG = 0.5
_SAID = {
    "en": {"style": "Style", "unsure": "unsure", "or": "or {}"},
    "ko": {"style": "스타일", "unsure": "확실하지 않음", "or": "또는 {}"},
}


class Told(NamedTuple):
    """An answer in words; ``sure`` is False when it has to be told as a guess. score: 0..1, None when not known."""

    text: str
    sure: bool
    score: float | None


class Wording:
    """Names in one language ("en", "ko"). Ids that nobody named are called as they are written."""

    def __init__(self, *, language: str, taxonomy: Taxonomy) -> None:
        self.language = language
        self._regions = {r.id: r.names for r in taxonomy.regions}
        self._categories = {c.id: c.names for c in taxonomy.categories}
        self._colours = {c.id: c.names for c in taxonomy.colours}
        self._styles = {s.id: s.names for s in taxonomy.styles}
        self._groups = {g.id: g.names for g in taxonomy.style_groups}
        self._questions = {c.id: c.names for c in taxonomy.components}
        self._values = {(c.id, value.id): value for c in taxonomy.components for value in c.values}

    def region(self, id: str) -> str:
        """A region's name."""
        return self._name(self._regions.get(id), id)

    def colour(self, id: str) -> str:
        """A colour's name."""
        return self._name(self._colours.get(id), id)

    def category(self, category: Label | str) -> str:
        """The name of a category, or of the id of one; a label knows the name of a class that was taught."""
        return self._called(category, self._categories)

    def style(self, style: Label | str) -> str:
        """The name of a style, as :meth:`category`."""
        return self._called(style, self._styles)

    def style_group(self, group: Label | str) -> str:
        """The name of a group of styles, as :meth:`category`."""
        return self._called(group, self._groups)

    def detail(self, question: str, answer: Label) -> str:
        """A component's answer in words that need no question beside them: "Regular collar", "Short sleeves"."""
        value = self._values.get((question, answer.id))
        if value is not None:
            return value.alone[self.language]
        return f"{self._name(self._questions.get(question), question)}: {self._name(answer.names, answer.id)}"

    def details(self, garment: Garment) -> tuple[Told, ...]:
        """The garment's components that are worth telling, in the taxonomy's order, taught questions behind it.

        Left out: guesses that are more likely wrong than right, answers that say nothing ("other", no damage), and
        what the category or another detail says already (a hoodie's hood). Questions of the user's own are all told.
        """
        order = {question: place for place, question in enumerate(self._questions)}
        asked = sorted(garment.components, key=lambda question: order.get(question, len(order)))
        told = {q: garment.components[q] for q in asked if self._is_worth_telling(q, garment)}
        if "collar" in told and "neckline" in told and told["neckline"].id == "collar":
            del told["neckline"]
        return tuple(Told(self.detail(q, answer), answer.sure, answer.score) for q, answer in told.items())

    def candidates(self, style: Label) -> tuple[Told, ...]:
        """The style that leads and the one behind it, where there is one; only a leader can be sure."""
        told = [Told(self.style(style), style.sure, style.score)]
        if style.runner_up is not None and style.runner_up != style.id:
            told.append(Told(self.style(style.runner_up), False, style.scores.get(style.runner_up)))
        return tuple(told)

    def tell_style(self, style: Label, group: Label | None = None) -> tuple[str, str, str]:
        """The question, its answer, and what stands behind the answer, empty when nothing does.

        ("Style", "Casual 58%", "or Minimal") when sure, ("Style", "unsure", "Casual? 34%, Minimal? 21%") when not, and
        the group's name instead of "unsure" when that is sure.
        """
        said, (first, *others) = _SAID[self.language], self.candidates(style)
        if first.sure:
            return said["style"], _with_score(first), said["or"].format(others[0].text) if others else ""
        known = Told(self.style_group(group), True, group.score) if group is not None and group.sure else None
        guesses = ", ".join(_with_score(guess) for guess in (first, *others))
        return said["style"], said["unsure"] if known is None else _with_score(known), guesses

    def _is_worth_telling(self, question: str, garment: Garment) -> bool:
        answer = garment.components[question]
        if question not in self._questions:
            return True
        if not answer.sure and answer.score < _MORE_LIKELY_WRONG:
            return False
        value = self._values.get((question, answer.id))
        implied = value is not None and garment.category.sure and garment.category.id in value.implied_by
        return value is None or not (value.silent or implied)

    def _called(self, label: Label | str, known: Mapping[str, Names]) -> str:
        if isinstance(label, str):
            return self._name(known.get(label), label)
        return self._name(known.get(label.id, label.names), label.id)

    def _name(self, names: Mapping[str, str] | None, id: str) -> str:
        return (names or {}).get(self.language) or id.replace("_", " ")


def _with_score(told: Told) -> str:
    doubt = "" if told.sure else "?"
    return f"{told.text}{doubt}" + ("" if told.score is None else f" {told.score:.0%}")
