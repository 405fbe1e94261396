"""How alike is alike enough: the standards and curves of :mod:`meot.labels.likeness`, fitted on classes held back.

The bundled reader reads the photos of the clothing and CCP train splits. Then it is played through what a person does:
a few photos of a class are its examples, all others are asked whether they are of it. Nothing of the nets changes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, taxonomy
from meot.data.sources import ccp, clothing, details
from meot.data.table import Split
from meot.labels import style
from meot.labels.lessons import are_alike, encoder_of
from meot.labels.likeness import KINDS, Curve, Likeness, Standard
from meot.models.card import Card, digest
from meot.taxonomy import Taxonomy
from meot.training.calibrate import sure_from
from meot.types import Look, Reader

COUNTS = (1, 2, 3, 5, 10)
"""Examples of a class that are played through."""
LEANING = {"category_flat": -1.0, "category_worn": -0.25, "style": 0.75}
"""Added to the log odds of a kind. A person's photos are more alike among themselves than those of the sets learned
from (the same floor, the same lens): a class taught from product shots would take in too many others of them. Styles
blur, and no lesson would ever change an answer; who teaches one has more photos of it than chance."""
GARMENT_BLOCKS = (32, 32, 96, 96, 1280, 1280, 43)
"""Of a garment's features: mean and deviation of the net's three levels, and the plain colours."""
LEARNED_FROM = {"category_worn": ("category_flat", "category_worn")}
"""Kinds whose lessons a curve is fitted on, its own when not here. Categories of street photos are fine ones (a blouse,
a shirt) and what tags say of them is noisy; alone they would teach that no cosine means anything."""
PRECISION = 0.98
"""Of sure answers on photos like those learned from; on other photos fewer are right, and 0.95 are promised."""
_LEAST_SURE = 20
_FEWEST_ASKED = 4
_MOST_ASKED = 600


@dataclass(slots=True)
class Told:
    """What photos show and what people say of it: one question. Rows of ``features``, ``labels`` and ``regions`` belong
    together; only rows of regions that can be one category are asked together."""

    kind: str
    features: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)

    def add(self, features: NDArray[np.float32] | None, label: str, region: str = "") -> None:
        """One more garment or outfit; left out when the reader gave no features."""
        if features is not None:
            self.features.append(features)
            self.labels.append(label)
            self.regions.append(region)


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """Answers of played lessons. near: (N, B) float64 cosines; count: (N,) examples; right: (N,) whether it is one."""

    near: NDArray[np.float64]
    count: NDArray[np.int64]
    right: NDArray[np.bool_]


def collect(reader: Reader, data: Path, labels: Path, split: Split, *, limit: int | None = None) -> dict[str, Told]:
    """Question -> what the split's photos show and are said to be; ``limit``: photos of each set."""
    told: dict[str, Told] = {"flat": Told("category_flat"), "worn": Told("category_worn"), "style": Told("style")}
    answers = {row.photo: row.labels for row in details.read(labels, data=data).rows if row.source == "clothing"}
    for row in tqdm(clothing.read(data / "clothing", split)[:limit], desc=f"flat lays, {split}", mininterval=5):
        for garment in reader.read(photos.load(row.photo)).garments[:1]:
            told["flat"].add(garment.features, row.labels["category"])
            for question, answer in answers.get(row.photo, {}).items():
                told.setdefault(question, Told("component")).add(garment.features, answer)
    styles = _styles(labels / "styles.csv")
    rows = ccp.read(data / "ccp", split, masked_only=False)
    rows.sort(key=lambda row: row.photo.stem not in styles)  # with a limit, those that tell more
    for row in tqdm(rows[:limit], desc=f"street photos, {split}", mininterval=5):
        look = reader.read(photos.load(row.photo))
        if row.photo.stem in styles and look.garments:
            told["style"].add(look.features, styles[row.photo.stem])
        _add_worn(told["worn"], look, row.tags, taxonomy.load())
    return {question: rows_told for question, rows_told in told.items() if rows_told.labels}


def _styles(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["photo"]: row["style"] for row in csv.DictReader(lines) if row["style"] not in ("", "unsure")}


def _add_worn(told: Told, look: Look, tags: Iterable[str], terms: Taxonomy) -> None:
    """Garments of the main person of whose region the photo's tags name exactly one category."""
    named = [[terms.categories[i] for i in terms.categories_of("ccp", tag)] for tag in tags]
    for garment in look.garments:
        here = [{c.id for c in some} for some in named if any(c.region == garment.region for c in some)]
        ids = set().union(*here)
        if look.worn and garment.person == 0 and len(ids) == 1:
            told.add(garment.features, ids.pop(), garment.region)


def standard_of(features: Sequence[NDArray[np.float32]], sizes: tuple[int, ...]) -> Standard:
    """Mean and deviation of (N, F) features in blocks of ``sizes``; what never varies is not blown up."""
    table = np.stack(features)
    deviation = table.std(0)
    return Standard(mean=table.mean(0), scale=np.maximum(deviation, 0.01 * float(deviation.max())), sizes=sizes)


def play(told: Told, standard: Standard, *, seed: int, rounds: int = 4) -> Played:
    """Lessons of every class of a question that has photos enough, each of COUNTS, drawn anew ``rounds`` times."""
    rng = np.random.default_rng(seed)
    directions = standard.direction(np.stack(told.features))
    labels, regions = np.array(told.labels), np.array(told.regions)
    played = []
    for name in sorted(set(told.labels)):
        own = np.flatnonzero(labels == name)
        alike = [region for region in set(told.regions) if any(are_alike(region, r) for r in set(regions[own]))]
        others = np.flatnonzero((labels != name) & np.isin(regions, alike))
        for count in COUNTS * rounds:
            if len(own) < count + _FEWEST_ASKED:
                continue
            drawn = rng.permutation(own)
            asked = rng.permutation(np.concatenate([drawn[count:], others]))[:_MOST_ASKED]
            near = standard.cosines(directions[asked], directions[drawn[:count]].mean(0))
            played.append(Played(near, np.full(len(asked), count), labels[asked] == name))
    return _together(played)


def _together(played: Sequence[Played]) -> Played:
    if not played:
        return Played(np.zeros((0, 0)), np.zeros(0, np.int64), np.zeros(0, np.bool_))
    near, count, right = zip(*((p.near, p.count, p.right) for p in played), strict=True)
    return Played(np.concatenate(near), np.concatenate(count), np.concatenate(right))


def fit_curve(played: Played, *, leaning: float = 0.0) -> Curve:
    """The logistic curve of played lessons, with ``leaning`` added; sure is left open (never)."""
    from sklearn.linear_model import LogisticRegression

    terms = np.concatenate([played.near, np.log(played.count)[:, None]], 1)
    fitted = LogisticRegression(C=10.0, max_iter=5000).fit(terms, played.right)
    weights = np.asarray(fitted.coef_[0], np.float64)
    return Curve(cosines=weights[:-1], count=float(weights[-1]), bias=float(fitted.intercept_[0]) + leaning, sure=2.0)


def probabilities(played: Played, curve: Curve) -> NDArray[np.float64]:
    """(N,) what the curve says of played lessons."""
    odds = played.near @ curve.cosines + curve.count * np.log(played.count) + curve.bias
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


def sure_of(played: Played, curve: Curve) -> float:
    """The probability from which on PRECISION are right; 2 when that is so of fewer than a handful of answers."""
    if not len(played.right):
        return 2.0
    p = probabilities(played, curve)
    found = sure_from(p, played.right, precision=PRECISION)
    return found if (p >= found).sum() >= _LEAST_SURE and played.right[p >= found].mean() >= PRECISION else 2.0


def _gathered(told: Iterable[Told], kind: str, standards: dict[str, Standard], seed: int) -> Played:
    return _together([play(each, _standard(each, standards), seed=seed) for each in told if each.kind == kind])


def _standard(told: Told, standards: dict[str, Standard]) -> Standard:
    return standards["outfit" if told.kind == "style" else "garment"]


def fit(
    train: dict[str, Told], held: dict[str, Told], encoder: str, *, blocks: dict[str, tuple[int, ...]] | None = None
) -> Likeness:
    """Standards and curves from the train split's photos, "sure" from the ``held`` ones. Every kind has to be there.

    blocks: sizes of the blocks of a "garment" and an "outfit"; those of the bundled models when left out.
    """
    sizes = blocks or {"garment": GARMENT_BLOCKS, "outfit": outfit_blocks(len(train["style"].features[0]))}
    garments = [*train["flat"].features, *train["worn"].features[: len(train["flat"].features)]]
    standards = {
        "garment": standard_of(garments, sizes["garment"]),
        "outfit": standard_of(train["style"].features, sizes["outfit"]),
    }
    curves = {}
    for seed, kind in enumerate(KINDS):
        lessons = [_gathered(train.values(), each, standards, seed) for each in LEARNED_FROM.get(kind, (kind,))]
        curve = fit_curve(_together(lessons), leaning=LEANING.get(kind, 0.0))
        curves[kind] = replace(curve, sure=sure_of(_gathered(held.values(), kind, standards, seed), curve))
    return Likeness(encoder=encoder, curves=curves, **standards)


def outfit_blocks(total: int, vector: int = 128) -> tuple[int, ...]:
    """Sizes of an outfit's blocks: scores, places and vectors of its garments, then the features of its two halves."""
    scores, places, vectors, _ = style.parts(total, vector, taxonomy.load())
    return (scores, places, vectors, *GARMENT_BLOCKS, *GARMENT_BLOCKS)


def write(likeness: Likeness, folder: Path, *, version: str = "s.1") -> Path:
    """Write taught.npz and its card into ``folder``; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "taught.npz"
    standards = {"garment": likeness.garment, "outfit": likeness.outfit}
    arrays: dict[str, NDArray[Any]] = {}
    for name, standard in standards.items():
        arrays[f"{name}_mean"] = standard.mean.astype(np.float16)
        arrays[f"{name}_scale"] = standard.scale.astype(np.float16)
        arrays[f"{name}_sizes"] = np.array(standard.sizes, np.int32)
    arrays |= {f"{kind}_cosines": curve.cosines.astype(np.float32) for kind, curve in likeness.curves.items()}
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    card = Card(
        name=f"taught-{version}",
        task="taught",
        taxonomy=taxonomy.load().version,
        licence="Apache-2.0",
        trained_on=("clothing-dataset train split (CC0)", "Clothing Co-Parsing train split (Apache-2.0 repository)"),
        started_from="",
        encoder=likeness.encoder,
        preprocessing="features of the garment model and of the outfit, as the reader gives them",
        outputs=tuple(arrays),
        labels=KINDS,
        settings={f"{k}.{n}": getattr(c, n) for k, c in likeness.curves.items() for n in ("count", "bias", "sure")},
        command="python -m bench.teaching",
        sha256=digest(file),
    )
    card.write(folder / "taught.json")
    return file


def make_taught(
    reader: Reader, data: Path, labels: Path, folder: Path, *, limit: int | None = None, encoder: str = ""
) -> Path:
    """Read the photos, fit, and write taught.npz with its card into ``folder``; the file."""
    train = collect(reader, data, labels, "train", limit=limit)
    held = collect(reader, data, labels, "validation", limit=limit)
    return write(fit(train, held, encoder or encoder_of(reader.models)), folder)
