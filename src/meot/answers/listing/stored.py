"""Drafts as the catalogue keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from meot.answers.listing.answer import Answer
from meot.answers.listing.draft import Draft
from meot.answers.listing.reading import Reading
from meot.catalogue.drafts import Drafts, StoredDraft


def to_store(draft: Draft) -> StoredDraft:
    """A draft as it is kept."""
    return StoredDraft(
        product=draft.product,
        photos=[reading.as_json() for reading in draft.photos],
        fields={
            "answers": {name: answer.as_json() for name, answer in draft.answers.items()},
            "given": dict(draft.given),
            "left_out": draft.left_out,
            "threshold": draft.threshold,
        },
        corrected=draft.corrected,
        state=draft.state,
        reason=draft.reason,
        models=draft.models,
    )


def of_stored(stored: StoredDraft) -> Draft:
    """The draft that was kept."""
    return Draft(
        product=stored.product,
        photos=tuple(Reading.of_json(said) for said in stored.photos),
        answers={name: Answer.of_json(said) for name, said in stored.fields["answers"].items()},
        state=stored.state,
        reason=stored.reason,
        models=stored.models,
        given=stored.fields["given"],
        corrected=stored.corrected,
        left_out=stored.fields["left_out"],
        threshold=stored.fields["threshold"],
    )


def kept(drafts: Drafts, state: str | None = None) -> Iterator[Draft]:
    """The drafts that are kept, those of a state alone when one is given."""
    return map(of_stored, drafts.all(state))
