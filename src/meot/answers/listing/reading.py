"""What was read from one photo, kept without its pixels, so that no photo is read twice."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.files import PhotoFile
from meot.types import Garment, Look

_STORED = np.dtype("<f2")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A garment of the main person, or of a flat lay. presence: how likely it is there at all. weight: that times its
    share of the photo.

    sure: question -> whether the models are sure of their answer; "category" is one of the questions.
    scores: question -> answer -> score. colours: id -> share of the garment. vector: (D,) float32, unit length.
    """

    region: str
    presence: float
    weight: float
    scores: Mapping[str, Mapping[str, float]]
    sure: Mapping[str, bool]
    colours: Mapping[str, float]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one photo shows. failure: why it could not be read, then nothing else is known."""

    file: PhotoFile
    worn: bool
    garments: tuple[Seen, ...]
    failure: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        file = self.file
        where = {"path": str(file.path), "sha256": file.sha256, "size": file.size, "modified": file.modified}
        return {**where, "worn": self.worn, "failure": self.failure, "garments": [_json(g) for g in self.garments]}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Reading:
        """What :meth:`as_json` said."""
        file = PhotoFile(Path(said["path"]), said["sha256"], said["size"], said["modified"])
        return cls(file, said["worn"], tuple(_seen(g) for g in said["garments"]), said["failure"])


def of_look(file: PhotoFile, look: Look) -> Reading:
    """The reading of a look: the main person's garments, the most prominent first."""
    return Reading(file, look.worn, tuple(_of_garment(g) for g in look.garments if g.person == 0))


def _of_garment(garment: Garment) -> Seen:
    labels = {"category": garment.category, **garment.components}
    return Seen(
        region=garment.region,
        presence=garment.score,
        weight=garment.area * garment.score,
        scores={question: dict(label.scores) or {label.id: label.score} for question, label in labels.items()},
        sure={question: label.sure for question, label in labels.items()},
        colours={shade.id: shade.share for shade in garment.colours},
        vector=garment.vector,
    )


def _json(seen: Seen) -> dict[str, Any]:
    kept = {q: {id: round(p, 4) for id, p in scores.items() if p >= 0.001} for q, scores in seen.scores.items()}
    return {
        "region": seen.region,
        "presence": round(seen.presence, 4),
        "weight": round(seen.weight, 4),
        "scores": kept,
        "sure": dict(seen.sure),
        "colours": {id: round(share, 4) for id, share in seen.colours.items()},
        "vector": base64.b64encode(np.asarray(seen.vector, _STORED).tobytes()).decode(),
    }


def _seen(said: Mapping[str, Any]) -> Seen:
    vector = np.frombuffer(base64.b64decode(said["vector"]), _STORED).astype(np.float32)
    vector /= max(float(np.linalg.norm(vector)), 1e-9)
    return Seen(**{**said, "vector": vector})
