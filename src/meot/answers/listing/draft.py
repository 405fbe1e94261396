"""A draft: a product with everything that is known of it, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meot.answers.listing import evidence, facts
from meot.answers.listing.answer import (
    CATEGORY,
    CORRECTED,
    DETAILS,
    GIVEN,
    NEEDED,
    OF_JEANS,
    Answer,
)
from meot.answers.listing.group import is_front
from meot.answers.listing.reading import Reading
from meot.taxonomy import Taxonomy

SURE, REVIEW, FAILED = "sure", "review", "failed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """photos: readings, the main photo first. answers: field -> what is known, candidates included. corrected: what a
    person said afterwards; it is in ``answers``, too. state: SURE, REVIEW (reason: what is open) or FAILED.
    left_out: photos beyond those that are read. models: of the readings. threshold: see :func:`make`.
    """

    product: str
    photos: tuple[Reading, ...]
    answers: Mapping[str, Answer]
    state: str
    reason: str
    models: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    corrected: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0
    threshold: float | None = None

    @property
    def values(self) -> dict[str, str]:
        """Field -> value of everything that is filled in."""
        return {name: answer.value for name, answer in self.answers.items() if answer.sure and answer.value}

    @property
    def review(self) -> dict[str, Answer]:
        """Field -> answer with candidates, of what a person should look at; what is needed first."""
        open_ = {name: answer for name, answer in self.answers.items() if not answer.sure}
        return {name: open_[name] for name in (*NEEDED, *open_) if name in open_}

    def as_json(self) -> dict[str, Any]:
        """The draft as ``meot list --json`` prints it."""
        return {
            "product": self.product,
            "state": self.state,
            "reason": self.reason,
            "photos": [str(reading.file.path) for reading in self.photos],
            "left_out": self.left_out,
            "fields": {name: answer.as_json() for name, answer in self.answers.items() if answer.sure},
            "review": {name: answer.as_json() for name, answer in self.review.items()},
            "corrected": dict(self.corrected),
        }


def make(
    product: str,
    readings: Sequence[Reading],
    taxonomy: Taxonomy,
    *,
    models: Mapping[str, str],
    given: Mapping[str, str] | None = None,
    corrected: Mapping[str, str] | None = None,
    threshold: float | None = None,
    left_out: int = 0,
) -> Draft:
    """The draft of a product: corrections win over facts, facts over words in names, those over photos.

    threshold: see :func:`meot.answers.listing.evidence.answer`.
    """
    given, corrected = given or {}, corrected or {}
    said = {**given, **corrected}
    region = _region(said.get(CATEGORY, ""), taxonomy)
    picked = evidence.pick(readings, region)
    answers = _fitting(evidence.answer(picked, taxonomy, threshold), said, taxonomy)
    answers |= facts.said_in((product, said.get("title", "")))
    answers |= {name: Answer(value=value, origin=GIVEN, sure=True) for name, value in given.items()}
    answers |= {name: Answer(value=value, origin=CORRECTED, sure=True) for name, value in corrected.items()}
    state, reason = _state(readings, answers, picked)
    return Draft(
        product=product,
        photos=_main_first(readings, picked),
        answers=answers,
        state=state,
        reason=reason,
        models=models,
        given=given,
        corrected=corrected,
        left_out=left_out,
        threshold=threshold,
    )


def _region(category: str, taxonomy: Taxonomy) -> str:
    return next((known.region for known in taxonomy.categories if known.id == category), "")


def _fitting(answers: Mapping[str, Answer], said: Mapping[str, str], taxonomy: Taxonomy) -> dict[str, Answer]:
    """The answers without details that the product cannot have: only jeans have a wash.

    Details of a category that is not settled wait with it; they are told as candidates.
    """
    category = answers.get(CATEGORY)
    settled = said.get(CATEGORY) or (category.value if category is not None and category.sure else "")
    jeans = settled in ("jeans", "") or _region(settled, taxonomy) == ""
    return {name: answer for name, answer in answers.items() if jeans or name not in OF_JEANS}


def _state(readings: Sequence[Reading], answers: Mapping[str, Answer], picked: evidence.Picked) -> tuple[str, str]:
    failures = [reading.failure for reading in readings if reading.failure]
    if not readings or len(failures) == len(readings):
        return FAILED, failures[0] if failures else "no photo"
    missing = [name for name in NEEDED if name not in answers or not answers[name].sure]
    if not missing:
        return SURE, ""
    if CATEGORY not in answers:
        return REVIEW, "no clothes found in the photos"
    why = f" ({', '.join(picked.rivals)} may be what is sold)" if picked.rivals and CATEGORY in missing else ""
    return REVIEW, f"{', '.join(missing)} not sure{why}"


def _main_first(readings: Sequence[Reading], picked: evidence.Picked) -> tuple[Reading, ...]:
    """Photos with the main one first: named so, else lying flat, else with the most of the product on it."""
    shown = {id(garment): garment.weight for garment in picked.garments}

    def order(reading: Reading) -> tuple[bool, bool, bool, float]:
        weight = max((shown.get(id(garment), 0.0) for garment in reading.garments), default=0.0)
        return bool(reading.failure), not is_front(reading.file.path), not weight or reading.worn, -weight

    kept = [reading for reading in readings if not reading.failure]
    return tuple(sorted(kept, key=order)) or tuple(readings)


def details(values: Mapping[str, str]) -> dict[str, str]:
    """The details among values."""
    return {name: values[name] for name in DETAILS if name in values}
