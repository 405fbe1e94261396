"""Finding the cut-off of a garment model on photos that may stand behind what ships."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from bench.readings import Seen, read
from meot import taxonomy
from meot.answers import cutoff as cutting
from meot.answers.cutoff import Bounds
from meot.answers.filters import regions_like
from meot.data.sources import ccp, clothing
from meot.models import store
from meot.models.card import Card
from meot.models.session import Crew, OnnxSession
from meot.training import crops
from meot.training.recipes.vector import View, paste, product_view
from meot.types import Box, Photo
from meot.vectors.garment import GarmentEncoder, Piece

ALIKE = 0.4
"""Share of pairs of one main colour from which on garments are called similar."""
WRONGLY = 0.02
"""Share of queries at most that are told of the same item although it is not there."""
_STEP = 0.02
_FAMILY = {c.id: c.family for c in taxonomy.load().categories}
Vectors = NDArray[np.float32]
_nothing: dict[str, object] = {"found": None, "said wrongly": None}


def fit(data: Path, card: Card, models: Path | None, keep: Path | None) -> list[dict[str, object]]:
    """The settings of a card, one row each."""
    products, flats, people = _real(data, models, keep)
    pasted, again, own = _taken_again(data, card, models)
    rows: list[dict[str, object]] = []
    for kind, asking, asked in (("flat", flats, again), ("worn", people, pasted)):
        worn = kind == "worn"
        same, lead, found, wrongly = same_from(asked @ own.T, compared(asking, products, worn=worn))
        rows += [
            {"setting": f"{kind}_similar", "value": similar_from(asking, products, worn=worn)} | _nothing,
            {"setting": f"{kind}_same", "value": same, "found": found, "said wrongly": wrongly},
            {"setting": f"{kind}_same_lead", "value": lead, "found": found, "said wrongly": wrongly},
        ]
    return rows


def _real(data: Path, models: Path | None, keep: Path | None) -> tuple[list[Seen], list[Seen], list[Seen]]:
    """Flat lays of the train split; those of the validation split, other people's; garments of main persons."""
    with (data / "clothing" / "labels.csv").open(newline="") as lines:
        split = {row["image"]: row["split"] for row in csv.DictReader(lines)}
    files = [data / "clothing" / "images" / f"{image}.jpg" for image in split]
    flats = [r for r in read(data, files, "clothing", models=models, keep=keep) if r.garments and not r.worn]
    files = sorted((data / "ccp" / "photos").glob("*.jpg"))
    street = [r for r in read(data, files, "ccp", models=models, keep=keep) if r.worn]
    products = [r.garments[0] for r in flats if split[Path(r.photo).stem] == "train"]
    asking = [r.garments[0] for r in flats if split[Path(r.photo).stem] == "validation"]
    return products, asking, [garment for r in street for garment in r.garments if garment.person == 0]


def compared(asked: list[Seen], products: list[Seen], *, worn: bool) -> NDArray[np.float32]:
    """(Q, GROUP + 2) the best cosines of each, of products that a search compares; -2 where there are fewer."""
    vectors, passes = np.stack([g.vector for g in products]), _passing(products)
    best = np.full((len(asked), cutting.GROUP + 2), -2, np.float32)
    for row, garment in enumerate(asked):
        near = -np.sort(-(vectors[passes(garment, worn)] @ garment.vector))[: best.shape[1]]
        best[row, : len(near)] = near
    return best


def _passing(products: list[Seen]) -> Callable[[Seen, bool], NDArray[np.bool_]]:
    """Which products a garment is compared with: of its region, and of its kind if it is a flat lay and sure."""
    of = np.array([g.region for g in products])
    family = np.array([_FAMILY[g.category] for g in products])

    def passes(garment: Seen, worn: bool) -> NDArray[np.bool_]:
        found = np.isin(of, regions_like(garment.region))
        return found if worn or not garment.sure else found & (family == _FAMILY[garment.category])

    return passes


def similar_from(asked: list[Seen], products: list[Seen], *, worn: bool) -> float:
    """The cosine from which ALIKE of the pairs that a search compares have one main colour."""
    vectors, passes = np.stack([g.vector for g in products]), _passing(products)
    colour = np.array([g.main_colour for g in products])
    edges = np.arange(-1.0, 1.0 + _STEP, _STEP)
    pairs, alike = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for garment in asked:
        through = passes(garment, worn)
        near = vectors[through] @ garment.vector
        pairs += np.histogram(near, edges)[0]
        alike += np.histogram(near[colour[through] == garment.main_colour], edges)[0]
    for place in range(len(pairs)):
        if pairs[place] >= 100 and _rising(alike, pairs, place) >= ALIKE:
            return round(float(edges[place]), 2)
    return 1.0


def _rising(alike: NDArray[np.float64], pairs: NDArray[np.float64], place: int) -> float:
    """The share in three neighbouring bins."""
    around = slice(max(0, place - 1), place + 2)
    return float(alike[around].sum() / max(pairs[around].sum(), 1))


def same_from(near: NDArray[np.float32], absent: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """(same, lead, share of (N, N) queries whose own one, on the diagonal, is found, share of ``absent`` that says so).

    absent: (Q, K) best cosines of queries whose own item is not there. The bounds find most among those that are said
    of WRONGLY of the absent at most.
    """
    order = np.argsort(-near, 1)[:, : cutting.GROUP + 2]
    best = (1.0, 1.0, 0.0, 0.0)
    for same in np.arange(0.4, 0.96, 0.05):
        for lead in np.arange(0.01, 0.21, 0.01):
            bounds = Bounds(similar=-1.0, same=float(same), lead=float(lead))
            wrongly = np.mean([cutting.SAME in cutting.kinds(row.tolist(), bounds) for row in absent])
            if wrongly > WRONGLY:
                continue
            found = np.mean([_is_named(row, first, near, bounds) for row, first in enumerate(order)])
            if found > best[2]:
                best = (float(same), float(lead), float(found), float(wrongly))
    return round(best[0], 2), round(best[1], 2), best[2], best[3]


def _is_named(row: int, first: NDArray[np.int64], near: NDArray[np.float32], bounds: Bounds) -> bool:
    kinds = cutting.kinds(near[row, first].tolist(), bounds)
    return any(kind == cutting.SAME for place, kind in zip(first.tolist(), kinds, strict=True) if place == row)


def _taken_again(data: Path, card: Card, models: Path | None) -> tuple[Vectors, Vectors, Vectors]:
    """(N, D) vectors of flat lays of the validation split worn by somebody, taken again, and as they are."""
    net = OnnxSession(model=store.find("garment", models)[0], threads=1)
    encoder = GarmentEncoder(session=net, card=card, crew=Crew(0))
    known = taxonomy.load()
    flats = crops.flats(clothing.read(data / "clothing", "validation"), known, {})
    street = ccp.read(data / "ccp", "validation", masked_only=True)
    people = crops.garments(street, known, ccp.labels(data / "ccp"))
    rng = np.random.default_rng(0)
    rows: list[tuple[Vectors, Vectors, Vectors]] = []
    for flat in tqdm(flats, desc="taken again", mininterval=10):
        region = known.categories[flat.categories[0]].region
        wearers = [p for p in people if known.categories[p.categories[0]].region in regions_like(region)]
        worn = _paste(flat, wearers, rng)
        if worn is not None:
            views = (worn, product_view(flat, rng), View(flat.image, flat.mask))
            rows.append(tuple(_encode(encoder, view, worn=i == 0) for i, view in enumerate(views)))  # type: ignore[arg-type]
    return tuple(np.stack(side) for side in zip(*rows, strict=True))  # type: ignore[return-value]


def _paste(flat: crops.Crop, wearers: list[crops.Crop], rng: Generator) -> View | None:
    for _ in range(3 if wearers else 0):
        found = paste(flat, wearers[int(rng.integers(len(wearers)))], rng)
        if found is not None:
            return found
    return None


def _encode(encoder: GarmentEncoder, view: View, *, worn: bool) -> Vectors:
    ys, xs = np.nonzero(view.mask)
    box = Box(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    photo = Photo(np.ascontiguousarray(view.image), "")
    found: Vectors = encoder.encode(photo, [Piece(box, view.mask > 0)], worn=worn).vectors[0]
    return found
