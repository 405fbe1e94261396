"""Components model: the views of a garment in, an answer to each question out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from meot.errors import ModelError
from meot.labels.category import probabilities
from meot.models.card import Card
from meot.models.pixels import crop_box, normalise, view_box
from meot.models.raster import resize
from meot.models.session import Session
from meot.types import Box, Garment, Label, Photo

WORN_SIDE = 128
"""Side in px at which parts of worn garments are looked at: in a street photo they have hardly more pixels."""


class Features(Protocol):
    """What the garment model sees in parts of a photo."""

    def __call__(
        self, photo: Photo, boxes: Sequence[Box], *, worn: bool, side: int | None = None
    ) -> NDArray[np.float32]:
        """(N, F) float32 features of the boxes, in photo pixels. side: px, the garment model's own when None."""


def seen_whole(garment: Garment) -> dict[str, NDArray[np.float32]]:
    """View -> features (F,) float32 of what was seen of a garment when its category was read; empty for nothing."""
    return {} if garment.features is None else {"garment": garment.features}


def see(
    photo: Photo,
    boxes: Sequence[Box],
    views: Sequence[Sequence[str]],
    known: Sequence[Mapping[str, NDArray[np.float32]]] | None,
    *,
    features: Features,
    worn: bool,
) -> list[dict[str, NDArray[np.float32]]]:
    """View -> (F,) features of each garment, its ``views`` at least; all that is not ``known`` in one pass."""
    found = [dict(own) for own in known] if known is not None else [{} for _ in boxes]
    side = WORN_SIDE if worn else None
    lacking = [(i, view) for i, wanted in enumerate(views) for view in dict.fromkeys(wanted) if view not in found[i]]
    if lacking:
        parts = [Box(*view_box(boxes[i], view)) for i, view in lacking]
        for (i, view), seen in zip(lacking, features(photo, parts, worn=worn, side=side), strict=True):
            found[i][view] = seen
    return found


class Components:
    """One components model, ready to run; what it can answer is on its card.

    features: needed by a model that reads the garment model's features instead of pixels; ModelError without.
    """

    def __init__(self, *, session: Session, card: Card, features: Features | None = None) -> None:
        if card.reads == "features" and features is None:
            raise ModelError(f"{card.name}: reads the garment model's features; load it together with {card.encoder}")
        self.session, self.card, self._features = session, card, features

    def scores(
        self,
        photo: Photo,
        boxes: Sequence[Box],
        *,
        worn: bool = False,
        known: Sequence[Mapping[str, NDArray[np.float32]]] | None = None,
    ) -> dict[str, NDArray[np.float64]]:
        """Question -> (N, A) calibrated probabilities of its answers for the garments in ``boxes``, photo pixels.

        worn: whether people wear them. known: of each garment the features of views that were looked at before.
        """
        if self.card.reads == "features":
            assert self._features is not None
            views = see(photo, boxes, [self.card.views] * len(boxes), known, features=self._features, worn=worn)
            inputs = {"features": np.stack([[own[view] for view in self.card.views] for own in views])}
        else:
            inputs = {"pixels": self._cut(photo, boxes)}
        return {
            question: probabilities(np.asarray(values, np.float32), self._setting(question, "temperature", worn, 1.0))
            for question, values in zip(self.card.outputs, self.session.run(inputs), strict=True)
        }

    def views(self, garment: Garment) -> tuple[str, ...]:
        """The views whose features this model needs of a garment; none where it asks nothing of it."""
        needs = self.card.reads == "features" and self._asked(garment.category.id, garment.region)
        return self.card.views if needs else ()

    def views_of(self, region: str) -> tuple[str, ...]:
        """The views it needs of every garment of a region, whatever its category."""
        return self.card.views if self.card.reads == "features" and self._asked("", region) else ()

    def read(
        self,
        photo: Photo,
        garments: Sequence[Garment],
        *,
        worn: bool = False,
        known: Sequence[Mapping[str, NDArray[np.float32]]] | None = None,
    ) -> list[dict[str, Label]]:
        """Question -> answer of each garment. known: of each garment, view -> features (F,) that need not be looked up.

        A question is left out where the card says that it makes no sense for such a garment.
        """
        asked = [self._asked(garment.category.id, garment.region) for garment in garments]
        wanted = [i for i, questions in enumerate(asked) if questions]
        found: list[dict[str, Label]] = [{} for _ in garments]
        if wanted:
            boxes, before = [garments[i].box for i in wanted], known or [seen_whole(g) for g in garments]
            for question, p in self.scores(photo, boxes, worn=worn, known=[before[i] for i in wanted]).items():
                for i, row in zip(wanted, p, strict=True):
                    if question in asked[i]:
                        found[i][question] = self._label(question, row, worn)
        return found

    def _asked(self, category: str, region: str) -> frozenset[str]:
        asked: Mapping[str, tuple[str, ...]] = self.card.asked
        return frozenset(q for q in self.card.outputs if q not in asked or category in asked[q] or region in asked[q])

    def _cut(self, photo: Photo, boxes: Sequence[Box]) -> NDArray[np.float32]:
        """(N, V, 3, S, S) normalised pixels of the garments' views."""
        side, found = int(self.card.settings["side"]), []
        for box in boxes:
            for view in self.card.views:
                x0, y0, x1, y1 = crop_box(view_box(box, view), photo.height, photo.width)
                found.append(resize(photo.pixels[y0:y1, x0:x1], side, side))
        return normalise(np.stack(found)).reshape(len(boxes), len(self.card.views), 3, side, side)

    def _setting(self, question: str, name: str, worn: bool, default: float) -> float:
        """The card's number for worn garments, where it has one, else for all."""
        settings = self.card.settings
        usual = settings.get(f"{question}.{name}", default)
        return settings.get(f"{question}.worn_{name}", usual) if worn else usual

    def _label(self, question: str, p: NDArray[np.float64], worn: bool) -> Label:
        answers = self.card.questions[question]
        order = np.argsort(-p, kind="stable")
        best = int(order[0])
        return Label(
            id=answers[best],
            score=float(p[best]),
            sure=bool(p[best] >= self._setting(question, "sure", worn, 0.5)),
            runner_up=answers[int(order[1])] if len(order) > 1 else None,
            scores={answer: float(score) for answer, score in zip(answers, p, strict=True)},
        )
