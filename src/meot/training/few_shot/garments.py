"""Our similarity: each garment against the same part of the wanted look, on vectors that stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from meot import photos
from meot.errors import DataError
from meot.training.few_shot import linear
from meot.types import Look, Reader

Way = Literal["prototype", "logistic"]
Vector = NDArray[np.float32]
Parts = Mapping[str, Vector]
"""Part of the look, "top" or "bottom" -> (D,) float32 unit vector of the garment that covers it."""
COVERS = {
    "upper": ("top",),
    "outer": ("top",),
    "lower": ("bottom",),
    "whole": ("top", "bottom"),
    "suit": ("top", "bottom"),
}
"""Region -> parts of the look that a garment of it covers."""
_DECAY, _CURVE_DECAY, _FOLDS = 0.003, 0.02, 10


def parts_of(look: Look) -> Parts:
    """What the main person wears on top and below: of several garments, the one that shows most."""
    found: dict[str, Vector] = {}
    for garment in sorted(look.garments, key=lambda g: g.area):
        for part in COVERS.get(garment.region, ()) if garment.person == 0 else ():
            found[part] = garment.vector
    return found


def read_parts(reader: Reader, photo: Path) -> Parts:
    """The parts of a photo's look. DataError when no garment is found, PhotoError when it cannot be read."""
    found = parts_of(reader.read(photos.load(photo)))
    if not found:
        raise DataError(f"{photo}: no garment is found in it; take a photo that shows the clothes, or leave it out")
    return found


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near a photo comes to the wanted look, 0..1: each part by itself, and their plain mean.

    A part that only one of both has counts 0 and is named in ``missing``.
    """

    parts: Mapping[str, float]
    total: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GarmentSimilarity:
    """A fitted comparison; :meth:`fit` makes one from the parts of a few photos, in milliseconds."""

    models: Mapping[str, _Part]

    @classmethod
    def fit(cls, wanted: Sequence[Parts], others: Sequence[Parts], *, way: Way = "logistic") -> GarmentSimilarity:
        """Learn what is near to the wanted look, a part at a time, so that no part outweighs another.

        way: the direction in which a vector is nearer to the wanted look: "prototype" is the mean of the wanted
        vectors, "logistic" what regularised logistic regression tells them from the others by. Either ends in one
        logistic curve a part (Platt 1999) over how far each photo goes in a direction that was found without it, both
        sides weighing the same: 0.5 is as near to the wanted photos as to the others. DataError when no part is worn
        in half of the wanted photos, at least 2, and in one other.
        """
        models = {}
        for part in ("top", "bottom"):
            near = [look[part] for look in wanted if part in look]
            far = [look[part] for look in others if part in look]
            if len(near) >= max(2, len(wanted) / 2) and far:
                models[part] = _Part.fit(np.stack(near), np.stack(far), way)
        if not models:
            raise DataError(
                f"expected a garment of one kind in 2 or more of {len(wanted)} wanted photos and in one of "
                f"{len(others)} others; take photos that show the clothes"
            )
        return cls(models)

    def closeness(self, look: Parts) -> Closeness:
        """How near the look of a photo is."""
        named = [part for part in ("top", "bottom") if part in self.models or part in look]
        missing = tuple(part for part in named if part not in self.models or part not in look)
        found = {part: 0.0 if part in missing else self.models[part].score(look[part]) for part in named}
        return Closeness(found, float(np.mean(list(found.values()))) if found else 0.0, missing)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One part: (D,) direction in which a vector is nearer to the wanted look, and a curve over how far it goes."""

    direction: Vector
    curve: linear.Linear

    @classmethod
    def fit(cls, near: Vector, far: Vector, way: Way) -> _Part:
        direction = _prototype if way == "prototype" else _logistic
        told = np.concatenate(_left_out(near, far, direction))[:, None].astype(np.float32)
        answers = np.repeat(np.array([0, 1], np.int64), [len(near), len(far)])
        curve = linear.fit(told, answers, classes=2, decay=_CURVE_DECAY, balanced=True)
        return cls(direction(near, far), curve)

    def score(self, vector: Vector) -> float:
        along = np.array([[vector @ self.direction]], np.float32)
        return float(self.curve.probabilities(along)[0, 0])


def _left_out(near: Vector, far: Vector, direction: Callable[[Vector, Vector], Vector]) -> tuple[Vector, Vector]:
    """How far each vector goes along a direction that was found without it; at most :data:`_FOLDS` directions."""
    folds = min(_FOLDS, len(near))
    own, others = np.empty(len(near), np.float32), np.empty(len(far), np.float32)
    for fold in range(folds):
        mine, theirs = np.arange(len(near)) % folds == fold, np.arange(len(far)) % folds == fold
        kept = far if theirs.all() else far[~theirs]
        along = direction(near[~mine], kept)
        own[mine], others[theirs] = near[mine] @ along, far[theirs] @ along
    return own, others


def _prototype(near: Vector, far: Vector) -> Vector:
    """(D,) unit mean of the wanted vectors."""
    mean = near.mean(0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _logistic(near: Vector, far: Vector) -> Vector:
    """(D,) difference of the weights of a logistic regression on the vectors."""
    answers = np.repeat(np.array([0, 1], np.int64), [len(near), len(far)])
    both = np.concatenate([near, far])
    model = linear.fit(both, answers, classes=2, decay=_DECAY, balanced=True, scale=False)
    return np.asarray(model.weight[0] - model.weight[1], np.float32)
