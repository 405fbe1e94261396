"""Recipe of the style model: a linear head on what the product reads of an outfit, from any table with styles."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn
from tqdm import tqdm

from meot import photos, taxonomy, wiring
from meot.data.opening import open_table
from meot.data.table import Row, Table
from meot.errors import DataError
from meot.evaluation.calibration import expected_error
from meot.labels.category import probabilities
from meot.labels.style import parts
from meot.models.card import Card
from meot.settings import Settings
from meot.taxonomy import Taxonomy
from meot.training.calibrate import sure_from, temperature
from meot.training.export import export
from meot.types import Reader


@dataclass(frozen=True, kw_only=True)
class StyleRecipe:
    """Multinomial logistic regression on the outfits' descriptors; a photo of two styles counts for both."""

    data: Annotated[Path, "table (.jsonl) or .csv with the question, or a folder with one folder a style"]
    question: Annotated[str, "what the table calls the style"] = "style"
    second: Annotated[str, "what it calls the style that people would name next; it may lack it"] = "second_style"
    second_share: Annotated[float, "how much of a photo counts for its second style, 0..1"] = 0.35
    strength: Annotated[float, "how far the head may go to fit its photos (inverse of the L2 penalty)"] = 2.0
    fewest: Annotated[int, "styles with fewer photos to learn from are left out"] = 5
    folds: Annotated[int, "parts of the training photos that scores are calibrated on in turn"] = 5
    licence: Annotated[str, "licence of the model, for its card"] = "not stated"
    trained_on: Annotated[str, "data the model learns from and its licence, for its card"] = ""
    models: Annotated[Path | None, "folder of model files to read with; the bundled ones when left out"] = None
    name: Annotated[str, "name of this model's version"] = "style-own"
    seed: Annotated[int, "seed of every random choice"] = 0
    limit: Annotated[int | None, "use only so many photos a split, to try things out"] = None


class Outfits(NamedTuple):
    """features: (N, S) float32; first, second: (N,) int64 styles, -1 for no second; vector: length of a garment's."""

    features: NDArray[np.float32]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    vector: int

    def some(self, chosen: NDArray[np.int64]) -> Outfits:
        """The outfits at these positions."""
        return Outfits(self.features[chosen], self.first[chosen], self.second[chosen], self.vector)


class StyleHead(nn.Module):
    """(N, S) descriptors -> (N, A) logits; every part of the descriptor has the same say, however long it is."""

    mean: Tensor
    factor: Tensor

    def __init__(self, *, mean: NDArray[np.float32], factor: NDArray[np.float32], styles: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("factor", torch.from_numpy(factor))
        self.head = nn.Linear(len(mean), styles)

    def forward(self, features: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.head((features - self.mean) * self.factor)
        return logits


def train_style(recipe: StyleRecipe, folder: Path) -> Path:
    """Read the outfits, fit, calibrate on folds of the training photos, and write style.onnx into ``folder``."""
    terms, table = taxonomy.load(), open_table(recipe.data, seed=recipe.seed)
    styles = _styles(table, recipe, terms)
    reader = wiring.build_reader(Settings(models=recipe.models))
    found = {}
    for split in ("train", "validation"):
        rows = [row for row in table.of(split) if row.labels.get(recipe.question) in styles][: recipe.limit]
        found[split] = _outfits(reader, rows, styles, recipe, folder / f"outfits-{split}.npz")
        if len(found[split].features) == 0:
            raise DataError(f"{recipe.data}: no outfit of a known style in the {split} split; add photos of people")
    train, held = found["train"], found["validation"]
    size = parts(train.features.shape[1], train.vector, terms)
    head = fit(train, size, len(styles), recipe)
    judged = judge_by_folds(train, size, len(styles), recipe)
    trust = calibrate(judged, train, styles, terms)
    p = _probabilities(head, held.features, trust["temperature"])
    measured = figures(p, held) | {f"folds.{name}": value for name, value in figures(judged, train).items()}
    unseen = probabilities(judged.astype(np.float32), trust["temperature"])
    measured["folds.calibration_error"] = expected_error(unseen.max(1), unseen.argmax(1) == train.first)
    measured["folds.sure_share"] = float((unseen.max(1) >= trust["sure"]).mean())
    print(" ".join(f"{name} {value:.3f}" for name, value in measured.items()), file=sys.stderr)
    card = Card(
        name=recipe.name,
        task="style",
        taxonomy=terms.version,
        licence=recipe.licence,
        trained_on=(recipe.trained_on or f"{len(train.features)} photos of {recipe.data.name}",),
        started_from=reader.models["garment"],
        preprocessing="the outfit's descriptor, see meot.labels.style.describe",
        outputs=("style",),
        labels=styles,
        settings=trust,
        measured=measured,
        command="python -m bench.details",
        reads="features",
        encoder=reader.models["garment"],
    )
    return export(
        head,
        examples=[{"features": torch.from_numpy(train.features[:n])} for n in (1, 3)],
        outputs=card.outputs,
        dynamic={"features": {0: "n"}, "style": {0: "n"}},
        card=card,
        folder=folder,
    )


def _styles(table: Table, recipe: StyleRecipe, terms: Taxonomy) -> tuple[str, ...]:
    """The styles to learn, in the taxonomy's order. DataError when the table names too few of them often enough."""
    said = [row.labels.get(recipe.question, "") for row in table.of("train")]
    styles = tuple(s.id for s in terms.styles if said.count(s.id) >= max(recipe.fewest, recipe.folds))
    if len(styles) < 2:
        raise DataError(
            f"{recipe.data}: expected at least two styles with {max(recipe.fewest, recipe.folds)} photos each in "
            f"{recipe.question!r}, found {len(styles)}; known styles are {', '.join(s.id for s in terms.styles)}"
        )
    return styles


def _outfits(reader: Reader, rows: Sequence[Row], styles: tuple[str, ...], recipe: StyleRecipe, file: Path) -> Outfits:
    """The outfits of the rows' photos, read once and kept in ``file``."""
    first = np.array([styles.index(row.labels[recipe.question]) for row in rows], np.int64)
    also = [row.labels.get(recipe.second, "") for row in rows]
    second = np.array([styles.index(name) if name in styles else -1 for name in also], np.int64)
    key = hashlib.sha256(repr((sorted(reader.models.items()), [str(row.photo) for row in rows])).encode()).hexdigest()
    kept = np.load(file) if file.is_file() else None
    if kept is None or str(kept["key"]) != key:
        looks = [reader.read(photos.load(row.photo)) for row in tqdm(rows, desc=file.stem, disable=None)]
        there = np.array([look.features is not None for look in looks], bool)
        features = np.array([look.features for look in looks if look.features is not None], np.float32)
        vector = next((len(look.garments[0].vector) for look in looks if look.garments), 0)
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, key=key, there=there, features=features, vector=vector)
        kept = np.load(file)
    return Outfits(kept["features"], first[kept["there"]], second[kept["there"]], int(kept["vector"]))


def fit(outfits: Outfits, size: Sequence[int], styles: int, recipe: StyleRecipe) -> StyleHead:
    """The head for (N, S) descriptors whose parts have lengths ``size``; every style must occur."""
    mean = _half(outfits.features.mean(0))
    spread = np.concatenate([np.full(n, n**0.5) for n in size]).astype(np.float32)
    deviation = outfits.features.std(0)
    factor = _half(np.where(deviation > 1e-6, 1 / (spread * (deviation + 0.02 * deviation.max())), 0.0))
    x = (outfits.features - mean) * factor
    both = outfits.second >= 0
    weight = np.where(both, 1 - recipe.second_share, 1.0)
    model = LogisticRegression(C=recipe.strength, max_iter=300)
    model.fit(
        np.concatenate([x, x[both]]),
        np.concatenate([outfits.first, outfits.second[both]]),
        np.concatenate([weight, np.full(int(both.sum()), recipe.second_share)]),
    )
    head = StyleHead(mean=mean, factor=factor, styles=styles)
    with torch.no_grad():
        head.head.weight.zero_()
        head.head.bias.fill_(-20.0)
        if len(model.classes_) == 2:
            model.coef_, model.intercept_ = (
                np.vstack([-model.coef_, model.coef_]) / 2,
                np.array([-model.intercept_[0], model.intercept_[0]]) / 2,
            )
        head.head.weight[model.classes_] = torch.from_numpy(model.coef_).float()
        head.head.bias[model.classes_] = torch.from_numpy(model.intercept_).float()
    return head.eval()


def _half(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rounded to what the model file stores, so that the head is fitted to what it will be given."""
    return np.asarray(values, np.float16).astype(np.float32)


def judge_by_folds(outfits: Outfits, size: Sequence[int], styles: int, recipe: StyleRecipe) -> NDArray[np.float64]:
    """(N, A) logits of the outfits by heads that have not seen them."""
    logits = np.zeros((len(outfits.first), styles))
    folds = StratifiedKFold(recipe.folds, shuffle=True, random_state=recipe.seed)
    for learn, judge in folds.split(outfits.features, outfits.first):
        head = fit(outfits.some(learn), size, styles, recipe)
        with torch.no_grad():
            logits[judge] = head(torch.from_numpy(outfits.features[judge])).numpy()
    return logits


def calibrate(
    logits: NDArray[np.float64], outfits: Outfits, styles: tuple[str, ...], terms: Taxonomy
) -> dict[str, float]:
    """Temperature and "sure" thresholds of styles and groups, from (N, A) logits of heads that had not seen them.

    A style counts as right when people named it first or second.
    """
    heat = temperature(logits, np.eye(len(styles), dtype=bool)[outfits.first])
    p = np.exp(logits / heat - np.logaddexp.reduce(logits / heat, axis=1, keepdims=True))
    of_group = {s.id: s.group for s in terms.styles}
    groups = sorted({of_group[s] for s in styles})
    group = np.array([groups.index(of_group[s]) for s in styles])
    summed = np.stack([p[:, group == g].sum(1) for g in range(len(groups))], 1)
    best, leading = p.argmax(1), summed.argmax(1)
    second = np.where(outfits.second >= 0, group[outfits.second], -1)
    return {
        "temperature": heat,
        "sure": sure_from(p.max(1), (best == outfits.first) | (best == outfits.second)),
        "group_sure": sure_from(summed.max(1), (leading == group[outfits.first]) | (leading == second)),
    }


def _probabilities(head: StyleHead, features: NDArray[np.float32], heat: float) -> NDArray[np.float64]:
    with torch.no_grad():
        found = (head(torch.from_numpy(features)).double() / heat).softmax(1).numpy()
    return np.asarray(found, np.float64)


def figures(p: NDArray[np.float64], outfits: Outfits) -> dict[str, float]:
    """Top-1 and top-2 accuracy against the first style, and top-1 where the second counts too."""
    order = np.argsort(-p, axis=1)
    first = order[:, 0] == outfits.first
    return {
        "top1": float(first.mean()),
        "top2": float((order[:, :2] == outfits.first[:, None]).any(1).mean()),
        "top1_of_both": float((first | (order[:, 0] == outfits.second)).mean()),
    }
