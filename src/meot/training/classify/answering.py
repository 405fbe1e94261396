"""Components models at work on a table: what they answer, exactly as the product would, for evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from meot import photos
from meot.data.sampling import UNKNOWN
from meot.data.table import Split, Table
from meot.errors import DataError
from meot.evaluation.predictions import Classified
from meot.labels.component import Components
from meot.models import store
from meot.models.card import Card
from meot.models.session import OnnxSession
from meot.training.classify.finding import BundledSight
from meot.training.classify.samples import BoxPx, Questions, Sample, Sight, box_of_mask, samples_of
from meot.types import Box, Photo
from meot.vectors.garment import GarmentEncoder


def answer(table: Table, models: Path, split: Split, only: tuple[str, ...] = ()) -> list[Classified]:
    """What each components model in ``models`` answers to each question of the table, on one split.

    only: questions to ask, all when empty. DataError when the models answer none of them.
    """
    found: list[Classified] = []
    garment, garment_card = store.find("garment", models)
    encoder = GarmentEncoder(session=OnnxSession(model=garment), card=garment_card)
    for file, card in store.components(models, encoder=garment_card.label):
        asked = {
            q: a
            for q, a in card.questions.items()
            if card.asked.get(q) != () and (q in only or (not only and _known(table, q)))
        }
        if asked:
            part = Components(session=OnnxSession(model=file), card=card, features=encoder.features)
            found += _answers(part, samples_of(table.of(split), Questions(asked, card.merged)), tuple(asked), split)
    if not found:
        raise DataError(
            f"{models}: no components model there answers a question of the table with photos in its {split} split"
        )
    return found


def _known(table: Table, question: str) -> bool:
    return question in table.questions or (question == "class" and bool(table.classes))


def _answers(part: Components, samples: list[Sample], asked: tuple[str, ...], split: Split) -> list[Classified]:
    sight: Sight | None = None
    if part.card.reads == "features" or any(s.box is None and s.mask is None for s in samples):
        sight = BundledSight(wanted=frozenset(name for places in part.card.asked.values() for name in places))
    rows = []
    for sample in tqdm(samples, desc=part.card.name, disable=None):
        photo = photos.load(sample.photo)
        worn = part.card.reads == "features" and sight is not None and sight.worn(photo.pixels)
        rows.append(part.scores(photo, [_box(sample, photo, sight)], worn=worn))
    return [
        _classified(
            part.card, question, [(s, row[question][0]) for s, row in zip(samples, rows, strict=True)], q, split
        )
        for q, question in enumerate(asked)
        if any(s.answers[q] != UNKNOWN for s in samples)
    ]


def _box(sample: Sample, photo: Photo, sight: Sight | None) -> Box:
    """The garment's box in ``photo``, which may be smaller than the file."""
    height, width = photo.original or (photo.height, photo.width)
    box: BoxPx | None = sample.box or box_of_mask(sample, (height, width))
    down, across = photo.height / height, photo.width / width
    if box is not None:
        return Box(box[0] * across, box[1] * down, box[2] * across, box[3] * down)
    box = sight.find(photo.pixels) if sight is not None else None
    return Box(*(box or (0.0, 0.0, float(photo.width), float(photo.height))))


def _classified(
    card: Card,
    question: str,
    rows: list[tuple[Sample, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]],
    q: int,
    split: Split,
) -> Classified:
    known = [(sample, scores) for sample, scores in rows if sample.answers[q] != UNKNOWN]
    sure = card.settings.get(f"{question}.sure")
    return Classified(
        model=card.label,
        split=split,
        question=question,
        classes=card.questions[question],
        photos=tuple(str(sample.photo) for sample, _ in known),
        boxes=tuple(sample.box for sample, _ in known),
        groups=tuple(sample.group for sample, _ in known),
        truth=np.array([sample.answers[q] for sample, _ in known], np.int64),
        scores=np.array([scores for _, scores in known], np.float64),
        sure=None if sure is None or sure > 1 else sure,
    )
