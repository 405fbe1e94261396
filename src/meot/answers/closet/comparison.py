"""A wanted look minus what a person owns: each garment by itself, and one figure in which all weigh the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meot.answers.closet.reasons import Reason, explain
from meot.answers.closet.similarity import Scale, Verdict
from meot.answers.closet.wardrobe import Near, Owned
from meot.answers.wording import Wording
from meot.errors import QueryError
from meot.types import Garment, Look, kind_json

SCHEMA = "meot.closet/1"
SMALL = "accessory"
"""The region of belts, glasses and jewellery: told, but not counted in the figure beside garments."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An owned garment that comes near, and why."""

    near: Near
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """The candidate as the CLI and the API print it."""
        return {
            "owned": self.near.owned.key,
            "photo": self.near.owned.photo,
            "similarity": round(self.near.similarity, 4),
            "cosine": round(self.near.cosine, 4),
            "reasons": [reason.as_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A garment of the look, with what comes nearest to it, best first. number: its place in the look."""

    number: int
    garment: Garment
    verdict: Verdict
    nearest: tuple[Candidate, ...]

    @property
    def similarity(self) -> float:
        """To the nearest owned garment, 0..1; 0 without one."""
        return self.nearest[0].near.similarity if self.nearest else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A look beside a closet. person: whose garments these are, 0 for the main one; people: how many there are.

    owned: how many garments the closet holds.
    """

    look: Look
    person: int
    people: int
    owned: int
    parts: tuple[Part, ...]

    @property
    def overall(self) -> float:
        """The plain mean of the garments' similarities: none outweighs another, however much of the photo it fills."""
        counted = [part for part in self.parts if part.garment.region != SMALL] or list(self.parts)
        return sum(part.similarity for part in counted) / len(counted)

    @property
    def missing(self) -> tuple[Part, ...]:
        """The garments that nothing owned stands for."""
        return tuple(part for part in self.parts if part.verdict == "missing")

    def as_json(self) -> dict[str, Any]:
        """The comparison as the CLI and the API print it; boxes in pixels of the upright original."""
        return {
            "schema": SCHEMA,
            "photo": self.look.photo.sha256,
            "person": self.person + 1,
            "people": self.people,
            "owned": self.owned,
            "overall": round(self.overall, 4),
            "garments": [self._part_json(part) for part in self.parts],
        }

    def _part_json(self, part: Part) -> dict[str, Any]:
        garment = part.garment
        return {
            "garment": part.number,
            "region": garment.region,
            "category": kind_json(garment.category),
            "colours": [shade.id for shade in garment.colours],
            "box": [round(float(edge), 1) for edge in self.look.to_original(garment.box)],
            "verdict": part.verdict,
            "similarity": round(part.similarity, 4),
            "nearest": [candidate.as_json() for candidate in part.nearest],
        }


def compare_look(
    look: Look, owned: Owned, *, scale: Scale, wording: Wording, person: int = 0, most: int = 3
) -> Comparison:
    """What of a look is owned. person: 0 for the main person. most: owned garments to name for each of the look's.

    QueryError when the photo shows no clothes, or has no such person. An empty closet is no error: all is missing.
    """
    wanted = of_person(look, person)
    found = owned.nearest([garment for _, garment in wanted], look.photo.sha256, most)
    parts = []
    for (number, garment), nearest in zip(wanted, found, strict=True):
        candidates = tuple(Candidate(near, explain(garment, near.owned.garment, wording)) for near in nearest)
        verdict = scale.verdict(nearest[0].similarity) if nearest else "missing"
        parts.append(Part(number, garment, verdict, candidates))
    return Comparison(look, person, count_people(look), len(owned), tuple(parts))


def of_person(look: Look, person: int) -> list[tuple[int, Garment]]:
    """(place in the look, garment) of one person's garments. QueryError as :func:`compare_look`."""
    if not look.garments:
        said = "expected a photo with clothes, found none in it; try one where the clothes are larger"
        raise QueryError(said, "no_clothes")
    found = [(number, garment) for number, garment in enumerate(look.garments) if garment.person == person]
    if not found:
        people = count_people(look)
        said = f"person must be 1..{people} in this photo, got {person + 1}; 1 is the main person"
        raise QueryError(said, "out_of_bounds", name="person", least=1, most=people, got=person + 1)
    return found


def count_people(look: Look) -> int:
    """How many people's clothes a look shows; 1 for a flat lay."""
    return 1 + max((garment.person for garment in look.garments), default=0)
