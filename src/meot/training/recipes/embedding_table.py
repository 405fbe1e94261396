"""Recipe that sets every loss beside the others: the same features, the same batches, several seeds, one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch

from meot.errors import DataError
from meot.training.metric.frozen import Looks, features
from meot.training.metric.measure import Vectors, clustering, recall
from meot.training.metric.objectives import LOSSES, named
from meot.training.metric.pictures import Pictures
from meot.training.recipes.embedding import EmbeddingRecipe, embed, fit, pooling_of, prepare

COLUMNS = ("recall@1", "recall@5", "recall@10", "NMI", "recall@5 among all")
Figures = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class EmbeddingTableRecipe:
    """One head for each loss and seed, on features of a frozen net that are computed once for all."""

    data: Annotated[Path, "table (.jsonl) whose rows have a group (the item), or a folder with pairs.csv"]
    losses: Annotated[tuple[str, ...], "losses to compare"] = LOSSES
    seeds: Annotated[tuple[int, ...], "one head for each"] = (0, 1, 2)
    weights: Annotated[str, "start: empty for the bundled garment net, download for ImageNet's, or a file"] = ""
    head: Annotated[Literal["linear", "mlp"], "linear, or with a hidden layer of 512"] = "linear"
    dimension: Annotated[int, "length of the vectors"] = 256
    size: Annotated[int, "side of the square picture, px, a multiple of 32"] = 128
    masked: Annotated[bool, "look at the garment's own pixels only"] = True
    items: Annotated[int, "items a batch"] = 32
    photos: Annotated[int, "photos an item in a batch"] = 2
    epochs: Annotated[int, "epochs; each shows every item once"] = 5
    rate: Annotated[float, "a third of the head's peak learning rate"] = 3e-4
    gamma: Annotated[float, "facility location: how far wrong clusterings are to fall short, in summed distance"] = 10.0
    looks: Annotated[int, "random views of each photo in the cache, besides the plain one"] = 1
    threads: Annotated[int, "processor threads"] = 1
    limit: Annotated[int | None, "use only so many items a split, to try things out"] = None

    def of(self, loss: str, seed: int) -> EmbeddingRecipe:
        """The recipe of one head. DataError when no loss is called so."""
        return EmbeddingRecipe(
            data=self.data,
            loss=named(loss),
            frozen=True,
            weights=self.weights,
            head=self.head,
            dimension=self.dimension,
            size=self.size,
            masked=self.masked,
            items=self.items,
            photos=self.photos,
            epochs=self.epochs,
            rate=self.rate,
            gamma=self.gamma,
            looks=self.looks,
            threads=self.threads,
            seed=seed,
            limit=self.limit,
        )


def train_embedding_table(recipe: EmbeddingTableRecipe, folder: Path) -> Path:
    """Train every loss with every seed into ``folder``, print the table and return table.md; table.json beside it.

    Features are those of the first seed's views, for all alike. DataError for an unknown loss, no seed, or a table
    without a validation split.
    """
    recipes = {name: [recipe.of(name, seed) for seed in recipe.seeds] for name in recipe.losses}
    if not recipe.losses or not recipe.seeds:
        raise DataError("nothing to compare: name at least one loss and one seed")
    torch.set_num_threads(recipe.threads)
    first = recipes[recipe.losses[0]][0]
    pictures = prepare(first, folder)
    if not len(pictures.of("validation")):
        raise DataError(f"{recipe.data}: no photo in the validation split; run 'meot data split' first")
    pooling = pooling_of(first, pictures)
    looks = features(pooling, pictures, first, folder / "features")
    found = {"not trained": [_measured(_standardised(pictures, looks, pooling.parts), pictures)]}
    for name, seeds in recipes.items():
        found[name] = []
        for one in seeds:
            net = fit(one, pictures, pooling, looks, folder / f"{name}-{one.seed}")
            vectors = embed(net, one, pictures, np.arange(len(pictures)), looks)
            found[name].append(_measured(vectors, pictures))
    table = written(found)
    print(table)
    (folder / "table.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "table.md").write_text(table + "\n", encoding="utf-8")
    return folder / "table.md"


def _standardised(pictures: Pictures, looks: Looks, parts: Sequence[int]) -> Vectors:
    """(N, F) unit vectors of features less their side's mean over its deviation, every kind with the same say."""
    plain = looks[:, 0].astype(np.float32)
    learn = pictures.splits == "train"
    for side in np.unique(pictures.sides):
        own = pictures.sides == side
        base = plain[own & learn]
        plain[own] = (plain[own] - base.mean(0)) / (base.std(0) + 1e-3)
    plain *= np.concatenate([np.full(n, n**-0.5, np.float32) for n in parts])
    vectors: Vectors = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    return vectors


def _measured(vectors: Vectors, pictures: Pictures) -> Figures:
    held = pictures.of("validation")
    among = recall(vectors, pictures.items, pictures.sides, pictures.splits == "validation")
    return {
        **recall(vectors[held], pictures.items[held], pictures.sides[held]),
        "NMI": clustering(vectors[held], pictures.items[held]),
        "recall@5 among all": among["recall@5"],
    }


def written(found: dict[str, list[Figures]]) -> str:
    """Markdown table: a row a loss, mean ± deviation over its seeds."""
    lines = ["| loss | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
    for name, seeds in found.items():
        cells = []
        for column in COLUMNS:
            values = np.array([figures[column] for figures in seeds])
            spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
            cells.append(f"{values.mean():.3f}{spread}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
