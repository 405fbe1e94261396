"""What a model answered on photos whose truth is known: the one input of every evaluation, whoever's model it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meot.errors import DataError, nearest

Box = tuple[float, float, float, float]
Key = tuple[str, Box | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """Boxes of one photo. xyxy: (n, 4) float64, px. labels: (n,) int64, numbers of classes. scores: (n,) float64 in
    0..1, ones for truth. crowd: (n,) bool, several things in one box, neither to be found nor wrong when found.
    """

    xyxy: NDArray[np.float64]
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    crowd: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many boxes."""
        return len(self.labels)

    def having(self, kept: NDArray[np.bool_]) -> Boxes:
        """The boxes where ``kept``, (n,) bool, is true."""
        return Boxes(xyxy=self.xyxy[kept], labels=self.labels[kept], scores=self.scores[kept], crowd=self.crowd[kept])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classified:
    """Answers to one question about N photos (or boxes in photos) with C classes.

    photos: paths as written in the file. boxes: the part that was asked about, xyxy px, None for the whole photo.
    groups: photos of one group are drawn together in a bootstrap. truth: (N,) int64. scores: (N, C) float64 in 0..1.
    sure: top score from which on the model calls its answer sure, None when it never does.
    """

    model: str
    split: str
    question: str
    classes: tuple[str, ...]
    photos: tuple[str, ...]
    boxes: tuple[Box | None, ...]
    groups: tuple[str, ...]
    truth: NDArray[np.int64]
    scores: NDArray[np.float64]
    sure: float | None = None

    def __len__(self) -> int:
        """How many rows."""
        return len(self.photos)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What makes a row the same row in another model's answers."""
        return tuple(zip(self.photos, self.boxes, strict=True))

    def at(self, places: NDArray[np.int64]) -> Classified:
        """The rows at ``places``, (n,) int64, in that order."""
        return replace(
            self,
            photos=tuple(self.photos[i] for i in places),
            boxes=tuple(self.boxes[i] for i in places),
            groups=tuple(self.groups[i] for i in places),
            truth=self.truth[places],
            scores=self.scores[places],
        )

    def renamed(self, classes: tuple[str, ...]) -> Classified:
        """The same answers with the classes in another order. DataError when they are not the same classes."""
        order = _order(self.classes, classes, self.model)
        return replace(self, classes=classes, truth=np.argsort(order)[self.truth], scores=self.scores[:, order])

    def grouped(self, other: Classified) -> Classified:
        """The same answers in the groups of ``other``, which has the same rows."""
        return replace(self, groups=other.groups)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detected:
    """Boxes in N photos. truth and found: N ``Boxes``. sizes: (height, width) px, None when not known."""

    model: str
    split: str
    classes: tuple[str, ...]
    photos: tuple[str, ...]
    groups: tuple[str, ...]
    sizes: tuple[tuple[int, int] | None, ...]
    truth: tuple[Boxes, ...]
    found: tuple[Boxes, ...]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.photos)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What makes a row the same row in another model's answers."""
        return tuple((photo, None) for photo in self.photos)

    def at(self, places: NDArray[np.int64]) -> Detected:
        """The rows at ``places``, (n,) int64, in that order."""
        return replace(
            self,
            photos=tuple(self.photos[i] for i in places),
            groups=tuple(self.groups[i] for i in places),
            sizes=tuple(self.sizes[i] for i in places),
            truth=tuple(self.truth[i] for i in places),
            found=tuple(self.found[i] for i in places),
        )

    def renamed(self, classes: tuple[str, ...]) -> Detected:
        """The same boxes with the classes in another order. DataError when they are not the same classes."""
        new = np.argsort(_order(self.classes, classes, self.model))
        return replace(
            self,
            classes=classes,
            truth=tuple(replace(boxes, labels=new[boxes.labels]) for boxes in self.truth),
            found=tuple(replace(boxes, labels=new[boxes.labels]) for boxes in self.found),
        )

    def grouped(self, other: Detected) -> Detected:
        """The same boxes in the groups of ``other``, which has the same rows."""
        return replace(self, groups=other.groups)

    def having_found(self, least: float) -> Detected:
        """Without the boxes found with a lower score."""
        return replace(self, found=tuple(boxes.having(boxes.scores >= least) for boxes in self.found))


Predictions = Classified | Detected


def boxes_of(
    rows: Sequence[Sequence[float]],
    labels: Sequence[int],
    scores: Sequence[float] | None = None,
    crowd: Sequence[bool] | None = None,
) -> Boxes:
    """``Boxes`` from plain numbers. scores: ones when left out. crowd: none when left out."""
    return Boxes(
        xyxy=np.asarray(rows, np.float64).reshape(-1, 4),
        labels=np.asarray(labels, np.int64),
        scores=np.ones(len(labels)) if scores is None else np.asarray(scores, np.float64),
        crowd=np.zeros(len(labels), bool) if crowd is None else np.asarray(crowd, bool),
    )


def _order(have: tuple[str, ...], want: tuple[str, ...], model: str) -> NDArray[np.int64]:
    """For each wanted class its number among the classes at hand, (C,) int64."""
    other = sorted(set(have) ^ set(want))
    if other:
        near = nearest(other[0], [name for name in (want if other[0] in have else have) if name != other[0]])
        raise DataError(
            f"model {model!r} answers with other classes than the first one ({other[0]!r} is in one of them only; "
            f"{near}); give both the same class names"
        )
    return np.array([have.index(name) for name in want], np.int64)
