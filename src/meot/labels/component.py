"""Components model: the views of a garment in, an answer to each question out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meot.labels.category import probabilities
from meot.models.card import Card
from meot.models.pixels import crop_box, normalise, view_box
from meot.models.raster import resize
from meot.models.session import Session
from meot.types import Box, Label, Photo


class Components:
    """One components model, ready to run; what it can answer is on its card."""

    def __init__(self, *, session: Session, card: Card) -> None:
        self.session, self.card = session, card
        self._side = int(card.settings["side"])

    def scores(self, photo: Photo, boxes: Sequence[Box]) -> dict[str, NDArray[np.float64]]:
        """Question -> (N, A) calibrated probabilities of its answers for the garments in ``boxes``, photo pixels."""
        views = np.stack([self._cut(photo, box) for box in boxes])
        pixels = normalise(views.reshape(-1, *views.shape[2:])).reshape(*views.shape[:2], 3, self._side, self._side)
        logits = self.session.run({"pixels": pixels})
        return {
            question: probabilities(
                np.asarray(values, np.float32), self.card.settings.get(f"{question}.temperature", 1.0)
            )
            for question, values in zip(self.card.outputs, logits, strict=True)
        }

    def read(self, photo: Photo, garments: Sequence[tuple[Box, str, str]]) -> list[dict[str, Label]]:
        """Question -> answer of each garment, given as its box in photo pixels, its category and its region.

        A question is left out where the card says that it makes no sense for such a garment.
        """
        asked = [self._asked(category, region) for _, category, region in garments]
        wanted = [i for i, questions in enumerate(asked) if questions]
        found: list[dict[str, Label]] = [{} for _ in garments]
        if wanted:
            for question, p in self.scores(photo, [garments[i][0] for i in wanted]).items():
                for i, row in zip(wanted, p, strict=True):
                    if question in asked[i]:
                        found[i][question] = self._label(question, row)
        return found

    def _asked(self, category: str, region: str) -> frozenset[str]:
        asked: Mapping[str, tuple[str, ...]] = self.card.asked
        return frozenset(q for q in self.card.outputs if q not in asked or category in asked[q] or region in asked[q])

    def _cut(self, photo: Photo, box: Box) -> NDArray[np.uint8]:
        """(V, S, S, 3) uint8 views of one garment."""
        found = []
        for view in self.card.views:
            x0, y0, x1, y1 = crop_box(view_box(box, view), photo.height, photo.width)
            found.append(resize(photo.pixels[y0:y1, x0:x1], self._side, self._side))
        return np.stack(found)

    def _label(self, question: str, p: NDArray[np.float64]) -> Label:
        answers = self.card.questions[question]
        order = np.argsort(-p, kind="stable")
        best = int(order[0])
        return Label(
            id=answers[best],
            score=float(p[best]),
            sure=bool(p[best] >= self.card.settings.get(f"{question}.sure", 0.5)),
            runner_up=answers[int(order[1])] if len(order) > 1 else None,
            scores={answer: float(score) for answer, score in zip(answers, p, strict=True)},
        )
