"""What a person teaches: "these photos show that"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CATEGORY, STYLE, COMPONENT = "category", "style", "component"
_WORN_ALIKE = ("upper", "outer")
"""What an overshirt is to one person is a shirt to the next."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A photo that stands for what was taught.

    region: of the garment it shows as it was read, "" for a whole outfit. encoder: the model that made the features,
    (F,) float32. photo: the file, to name it by; it is not stored.
    """

    sha256: str
    region: str
    encoder: str
    features: NDArray[np.float32]
    photo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """What was taught at once.

    kind: CATEGORY, STYLE or COMPONENT, the last with its question. name: an id of the taxonomy, or a new one with its
    names (language -> name). region: that garments of a category belong to. taught_at: UTC, ISO 8601.
    """

    kind: str
    name: str
    question: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    examples: tuple[Example, ...] = ()
    number: int = 0
    taught_at: str = ""

    def as_json(self) -> dict[str, Any]:
        """The lesson as commands and the API print it, None for what it does not say; of its photos their number."""
        return {
            "number": self.number,
            "taught_at": self.taught_at,
            "kind": self.kind,
            "question": self.question or None,
            "name": self.name,
            "names": dict(self.names) or None,
            "region": self.region or None,
            "photos": len(self.examples),
        }


def encoder_of(models: Mapping[str, str]) -> str:
    """The name of the model that makes features; those of two models cannot be compared."""
    return models.get("garment", "")


def made_by(lesson: Lesson, encoder: str) -> bool:
    """Whether a lesson's examples can be compared with what ``encoder`` makes."""
    return all(example.encoder == encoder for example in lesson.examples)


def are_alike(region: str, other: str) -> bool:
    """Whether garments of two regions can be of one category: upper and outer can."""
    return region == other or (region in _WORN_ALIKE and other in _WORN_ALIKE)
