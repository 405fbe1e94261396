"""What searches answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meot.answers.facets import Facets
from meot.types import Garment, Look, Match


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Products found, best first. more: whether others follow. next: a cursor for the page behind these, None at the
    end and beyond what a cursor can remember; see answers/paging.py.

    facets: when asked for. corrected: words that were taken for a slip, word -> what was looked for. nothing_similar:
    there is something to compare with, and all of it is below the cut-off.
    """

    matches: tuple[Match, ...] = ()
    next: str | None = None
    more: bool = False
    facets: Facets | None = None
    corrected: Mapping[str, str] | None = None
    nothing_similar: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as the CLI and the API print it."""
        found: dict[str, Any] = {"matches": [match.as_json() for match in self.matches], **_place(self)}
        if self.facets is not None:
            found["facets"] = self.facets.as_json()
        if self.corrected:
            found["corrected"] = dict(self.corrected)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class GarmentResults:
    """The products found for one garment of the query photo; garment_number is its place in the look.

    nothing_similar: there are products to compare with that the filters let through, and all are below the cut-off.
    """

    garment_number: int
    garment: Garment
    matches: tuple[Match, ...]
    next: str | None = None
    more: bool = False
    facets: Facets | None = None
    nothing_similar: bool = False

    def as_json(self, look: Look) -> dict[str, Any]:
        """The results as the CLI and the API print them; the box in pixels of the upright original of ``look``."""
        found = {
            "garment": self.garment_number,
            "region": self.garment.region,
            "category": self.garment.category.id,
            "box": [round(float(edge), 1) for edge in look.to_original(self.garment.box)],
            "matches": [match.as_json() for match in self.matches],
            **_place(self),
        }
        return found if self.facets is None else found | {"facets": self.facets.as_json()}


def _place(found: Answer | GarmentResults) -> dict[str, Any]:
    return {"more": found.more, "next": found.next, "nothing_similar": found.nothing_similar}


@dataclass(frozen=True, slots=True, eq=False)
class PhotoAnswer:
    """What a photo found: its look, and results for each of its garments that the filters ask about.

    cut: whether results below a measured score are left out; False with a user's own encoder, of which nobody knows.
    """

    look: Look
    results: tuple[GarmentResults, ...]
    cut: bool = False
