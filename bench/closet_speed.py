"""How long a comparison takes beyond the reading, in a closet of ten thousand garments on disk."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.closet_truths import Known
from meot import taxonomy
from meot.answers.closet.comparison import compare_look
from meot.answers.closet.duplicates import find_duplicates
from meot.answers.closet.similarity import Scale
from meot.answers.closet.wardrobe import Owned
from meot.answers.wording import Wording
from meot.catalogue.closet import Closet
from meot.types import Garment, Look, Photo

MODELS = {"garment": "bench"}


def _look(garments: Sequence[Garment], name: str) -> Look:
    pixels = np.zeros((32, 32, 3), np.uint8)
    worn = len(garments) > 1
    return Look(Photo(pixels, name), tuple(garments), np.zeros((32, 32), np.uint8), worn, MODELS)


def rows(
    known: Sequence[Known], scale: Scale, *, sizes: Sequence[int] = (100, 1000, 10_000)
) -> list[dict[str, object]]:
    """Median and most of 20 comparisons of a look of six garments, the closet opened anew each time."""
    rng = np.random.default_rng(0)
    wording = Wording(language="en", taxonomy=taxonomy.load())
    table: list[dict[str, object]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "closet.db"
            with Closet.open(file, person="me", create=True) as closet:
                _fill(closet, known, size, rng)
            taken, busy = [], []
            for i in range(20):
                picked = rng.choice(len(known), 6, replace=False)
                look = _look([replace(known[j].garment, person=0) for j in picked], f"look{i}")
                started, worked = time.perf_counter(), time.process_time()
                with Closet.open(file, person="me", create=False) as closet:
                    owned = Owned(closet=closet, models=MODELS, scale=scale)
                    compare_look(look, owned, scale=scale, wording=wording)
                taken.append(1000 * (time.perf_counter() - started))
                busy.append(1000 * (time.process_time() - worked))
            with Closet.open(file, person="me", create=False) as closet:
                started = time.process_time()
                all_keys = closet.vectors(MODELS).keys.tolist()
                find_duplicates(list(closet.garments(all_keys).values()), scale=scale)
                duplicates = time.process_time() - started
        table.append(
            {
                "garments": size,
                "compare, median ms": float(np.median(taken)),
                "compare, most ms": float(max(taken)),
                "of the processor, median ms": float(np.median(busy)),
                "duplicates, processor s": duplicates,
            }
        )
    return table


def _fill(closet: Closet, known: Sequence[Known], size: int, rng: np.random.Generator) -> None:
    """Ten garments a photo, vectors moved a little so that none is another's copy."""
    for photo in range(size // 10):
        garments = []
        for i in rng.choice(len(known), 10).tolist():
            vector = known[i].garment.vector + rng.normal(0, 0.03, len(known[i].garment.vector)).astype(np.float32)
            garments.append(replace(known[i].garment, person=0, vector=vector / np.linalg.norm(vector)))
        closet.add(_look(garments, f"{photo:064x}"))
