"""Why an owned garment is like a wanted one, or not, in words: from what was read of both and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meot.answers.wording import Wording
from meot.types import Garment, Label

_AS_LIKELY_WRONG = 0.5
_SAID = {
    "en": {
        "category": "same category ({})",
        "colour": "same colour ({})",
        "same": "same: {}",
        "other": "{} against {}",
    },
    "ko": {"category": "같은 종류({})", "colour": "같은 색({})", "same": "같음: {}", "other": "{}, 가진 옷은 {}"},
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two garments share or differ in. about: "category", "colour" or a component's question.

    wanted, owned: ids. sure: False when one of the two answers is a guess; the text then bears a "?".
    """

    about: str
    wanted: str
    owned: str
    sure: bool
    text: str

    @property
    def same(self) -> bool:
        """Whether the two share it."""
        return self.wanted == self.owned

    def as_json(self) -> dict[str, Any]:
        """The reason as the CLI and the API print it."""
        values = {name: getattr(self, name) for name in ("about", "wanted", "owned", "same", "sure", "text")}
        return dict(values)


def explain(wanted: Garment, owned: Garment, wording: Wording) -> tuple[Reason, ...]:
    """Category, main colour, then every question that both garments answer; what differs before what is shared.

    An answer that is more likely wrong than right is no reason. Of shared answers only the pattern is told.
    """
    found = [_category(wanted, owned, wording), _colour(wanted, owned, wording)]
    for question, mine in wanted.components.items():
        theirs = owned.components.get(question)
        if theirs is not None and (question == "pattern" or mine.id != theirs.id):
            found.append(_detail(question, mine, theirs, wording))
    told = [reason for reason in found if reason is not None]
    return tuple(sorted(told, key=lambda reason: reason.same))  # stable: the order above within each


def _category(wanted: Garment, owned: Garment, wording: Wording) -> Reason | None:
    names = wording.category(wanted.category), wording.category(owned.category)
    return _reason("category", wanted.category, owned.category, names, wording)


def _detail(question: str, mine: Label, theirs: Label, wording: Wording) -> Reason | None:
    names = wording.detail(question, mine), wording.detail(question, theirs)
    return _reason(question, mine, theirs, names, wording)


def _reason(about: str, mine: Label, theirs: Label, names: tuple[str, str], wording: Wording) -> Reason | None:
    if any(not label.sure and label.score < _AS_LIKELY_WRONG for label in (mine, theirs)):
        return None
    return Reason(about, mine.id, theirs.id, mine.sure and theirs.sure, _text(about, (mine, theirs), names, wording))


def _text(about: str, labels: tuple[Label, Label], names: tuple[str, str], wording: Wording) -> str:
    said = _SAID[wording.language]
    first, second = (_lower(name) + ("" if label.sure else "?") for name, label in zip(names, labels, strict=True))
    if labels[0].id == labels[1].id:
        guess = "" if labels[0].sure and labels[1].sure else "?"
        return said["category" if about == "category" else "same"].format(_lower(names[0]) + guess)
    return said["other"].format(first, second)


def _colour(wanted: Garment, owned: Garment, wording: Wording) -> Reason | None:
    if not wanted.colours or not owned.colours:
        return None
    mine, theirs = (max(garment.colours, key=lambda shade: shade.share).id for garment in (wanted, owned))
    said = _SAID[wording.language]
    first, second = (_lower(wording.colour(id)) for id in (mine, theirs))
    text = said["colour"].format(first) if mine == theirs else said["other"].format(first, second)
    return Reason("colour", mine, theirs, True, text)


def _lower(name: str) -> str:
    """A name inside a sentence; T-shirts and V-necks keep their letter."""
    return name if name[1:2] == "-" else name[:1].lower() + name[1:]
