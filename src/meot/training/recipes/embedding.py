"""Recipe of vectors that find a garment again: any loss, on the features of a frozen net or with the net learning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from meot.data import table as tables
from meot.data.sources import pairs
from meot.data.table import Table
from meot.errors import DataError
from meot.training.loop import device_of, save_aside, train
from meot.training.metric import objectives
from meot.training.metric.embed import Batch, Embedder, Head, Learner, Pooling, colour_anchors
from meot.training.metric.frozen import Looks, features
from meot.training.metric.measure import Vectors, recall
from meot.training.metric.objectives import LossName
from meot.training.metric.pictures import Look, Pictures, load, normalised, read_garments, still, varied
from meot.training.metric.sampling import Indices, ItemBatches
from meot.training.nets.backbones import GarmentFeatures, build
from meot.training.nets.garment import restore_batch_norm
from meot.training.plan import Average, Learning, Plan

TRAINED = "embedding.pt"


@dataclass(frozen=True, kw_only=True)
class EmbeddingRecipe(Learning):
    """MobileNetV2's features, pooled at several depths with the garment's colours, and a head on them."""

    data: Annotated[Path, "table (.jsonl) whose rows have a group (the item), or a folder with pairs.csv"]
    loss: Annotated[LossName, "what is learned by; facility is deep metric learning via facility location"] = "info_nce"
    frozen: Annotated[bool, "only the head learns, on features computed once"] = False
    weights: Annotated[str, "start: empty for the bundled garment net, download for ImageNet's, or a file"] = ""
    freeze: Annotated[int, "so many first blocks of the net stay as they are, 0..18"] = 7
    head: Annotated[Literal["linear", "mlp"], "linear, or with a hidden layer of 512"] = "linear"
    dimension: Annotated[int, "length of the vectors"] = 256
    dropout: Annotated[float, "share of the head's inputs dropped, 0..1"] = 0.2
    anchors: Annotated[int, "colours whose shares are counted"] = 96
    size: Annotated[int, "side of the square picture, px, a multiple of 32"] = 128
    masked: Annotated[bool, "look at the garment's own pixels only"] = True
    regions: Annotated[tuple[str, ...], "where worn photos have the garment; empty: the largest garment"] = (
        "upper",
        "outer",
        "whole",
        "suit",
    )
    items: Annotated[int, "items a batch"] = 100
    photos: Annotated[int, "photos an item in a batch"] = 2
    epochs: Annotated[int, "epochs; each shows every item once"] = 10
    rate: Annotated[float, "peak learning rate of the net; its head learns 3 times as fast"] = 5e-4
    average: Average = 0.97
    gamma: Annotated[float, "facility location: how far wrong clusterings are to fall short, in summed distance"] = 10.0
    looks: Annotated[int, "frozen: random views of each photo in the cache, besides the plain one"] = 3
    colour: Annotated[float, "random views: largest change of brightness, 0..1"] = 0.15
    swap: Annotated[float, "random views: chance that an item's colour channels change places, 0..1"] = 0.25
    erase: Annotated[float, "random views: chance that a rectangle is left out, 0..1"] = 0.3
    limit: Annotated[int | None, "use only so many items a split, to try things out"] = None

    @property
    def look(self) -> Look:
        """How far random views stray."""
        return Look(colour=self.colour, swap=self.swap, erase=self.erase)


def prepare(recipe: EmbeddingRecipe, folder: Path) -> Pictures:
    """The garments of the data, cut out; photos without a box or a mask are read by the bundled models first."""
    if recipe.size % 32:
        raise DataError(f"size is {recipe.size}, expected a multiple of 32; try {max(32, recipe.size // 32 * 32)}")
    table = tables.load(recipe.data) if recipe.data.is_file() else pairs.read(recipe.data)
    table = _first(table, recipe.limit)
    if recipe.masked:
        table = read_garments(table, folder, recipe.regions)
    pictures = load(table, recipe.data, side=recipe.size * 3 // 2, masked=recipe.masked)
    shared = set(pictures.items[pictures.of("train")]) & set(pictures.items[pictures.splits != "train"])
    if shared:
        name = pictures.names[min(shared)]
        raise DataError(f"{recipe.data}: item {name!r} is in two splits; split by group with 'meot data split'")
    return pictures


def _first(table: Table, limit: int | None) -> Table:
    if limit is None:
        return table
    groups: dict[str | None, dict[str, None]] = {}
    for row in table.rows:
        groups.setdefault(row.split, {}).setdefault(row.group, None)
    kept = {(split, group) for split, found in groups.items() for group in list(found)[:limit]}
    return table.having(tuple(row for row in table.rows if (row.split, row.group) in kept))


def pooling_of(recipe: EmbeddingRecipe, pictures: Pictures) -> Pooling:
    """The net whose features are pooled, with its starting weights."""
    backbone = build("meot", recipe.weights)
    assert isinstance(backbone, GarmentFeatures)
    learn = pictures.of("train")
    net = Pooling(backbone.features, colour_anchors(pictures.cut[learn[::3]], recipe.anchors, recipe.seed))
    if not recipe.frozen and recipe.weights != "download":  # batch norms are folded away in the files
        views = (still(pictures.cut[learn[i::3][:200]], recipe.size) for i in range(3))
        restore_batch_norm(net.features, (pixels(v)[:, :3] for v in views))
    return net.to(memory_format=torch.channels_last)


def pixels(views: NDArray[np.uint8]) -> Tensor:
    """(N, S, S, 4) uint8 -> (N, 4, S, S) float32 as the net wants them, channels last in memory."""
    return torch.from_numpy(normalised(views)).permute(0, 3, 1, 2)


def learner_of(recipe: EmbeddingRecipe, pooling: Pooling, items: int) -> Learner:
    """Embedder and objective; the embedder of a frozen net takes features. items: to learn from."""
    torch.manual_seed(recipe.seed)
    hidden = 512 if recipe.head == "mlp" else 0
    head = Head(pooling.parts, dimension=recipe.dimension, hidden=hidden, dropout=recipe.dropout)
    objective = objectives.build(
        recipe.loss, items=items, dimension=recipe.dimension, photos=recipe.photos, gamma=recipe.gamma
    )
    return Learner(Embedder(None if recipe.frozen else pooling, head), objective)


def fit(recipe: EmbeddingRecipe, pictures: Pictures, pooling: Pooling, looks: Looks | None, folder: Path) -> Embedder:
    """Train into ``folder``, printing validation recall every epoch. looks: (P, K, F) features of a frozen net."""
    learn, held = pictures.of("train"), pictures.of("validation")
    names, labels = np.unique(pictures.items[learn], return_inverse=True)
    order = ItemBatches(
        labels,
        items=recipe.items,
        photos=recipe.photos,
        seed=recipe.seed,
        sides=pictures.sides[learn],
        table=recipe.data,
    )

    def batches(epoch: int) -> Iterator[Batch]:
        rng = np.random.default_rng((recipe.seed, epoch, 1))
        for chosen in order(epoch):
            own = learn[chosen]
            if looks is None:
                inputs = pixels(varied(pictures.cut[own], pictures.items[own], recipe.size, recipe.look, rng))
            else:
                inputs = torch.from_numpy(looks[own, rng.integers(0, looks.shape[1], len(own))].astype(np.float32))
            yield Batch(inputs, torch.from_numpy(labels[chosen]), torch.from_numpy(pictures.sides[own]))

    def measure(net: nn.Module) -> dict[str, float]:
        assert isinstance(net, Learner)
        return recall(embed(net.embedder, recipe, pictures, held, looks), pictures.items[held], pictures.sides[held])

    learner = learner_of(recipe, pooling, len(names))
    if looks is not None:
        _settle(learner, recipe, pictures, learn, labels, looks)
    plan = _plan(recipe, order.steps)
    freeze = 0 if recipe.frozen else recipe.freeze
    trained = train(
        learner,
        plan=plan,
        batches=batches,
        loss_of=lambda net, batch: net(batch),
        measure=measure if len(held) else None,
        folder=folder,
        set_train=lambda net: _set_train(net, freeze),
    )
    assert isinstance(trained, Learner)
    return trained.embedder


def _settle(
    learner: Learner, recipe: EmbeddingRecipe, pictures: Pictures, learn: Indices, labels: Indices, looks: Looks
) -> None:
    """Start a head from its features' own statistics, and proxies, where there are any, from their items' vectors."""
    learner.embedder.head.settle(torch.from_numpy(looks[learn, 0]).float(), torch.from_numpy(pictures.sides[learn]))
    for name, proxies in learner.objective.named_parameters():
        if name.endswith("proxies"):
            vectors = torch.from_numpy(embed(learner.embedder, recipe, pictures, learn, looks))
            proxies.data.zero_().index_add_(0, torch.from_numpy(labels), vectors)


def _plan(recipe: EmbeddingRecipe, steps: int) -> Plan:
    rates = {"": 3 * recipe.rate, "embedder.pooling": recipe.rate, "objective": 30 * recipe.rate}
    return replace(recipe.plan(epochs=recipe.epochs, steps=steps, rates=rates), warmup_steps=30)


def _set_train(net: nn.Module, freeze: int) -> None:
    assert isinstance(net, Learner)
    net.train()
    for layer in [] if net.embedder.pooling is None else list(net.embedder.pooling.features)[:freeze]:
        layer.requires_grad_(False)
        layer.eval()


@torch.no_grad()
def embed(
    net: Embedder, recipe: EmbeddingRecipe, pictures: Pictures, chosen: Indices, looks: Looks | None = None
) -> Vectors:
    """(C, D) float32 unit vectors of the ``chosen`` photos, plain views."""
    net.eval()
    device, found = device_of(net), []
    for start in range(0, len(chosen), 64):
        own = chosen[start : start + 64]
        if looks is None:
            inputs = pixels(still(pictures.cut[own], recipe.size))
        else:
            inputs = torch.from_numpy(looks[own, 0].astype(np.float32))
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            found.append(net(inputs.to(device), torch.from_numpy(pictures.sides[own]).to(device)).float().cpu())
    vectors: Vectors = torch.cat(found).numpy()
    return vectors


def train_embedding(recipe: EmbeddingRecipe, folder: Path) -> Path:
    """Train into ``folder``; returns embedding.pt (recipe and weights). figures.json has the validation recalls.

    Besides "validation" (its own photos answer) there is "among all": its photos ask, photos of every split answer.
    """
    torch.set_num_threads(recipe.threads)
    pictures = prepare(recipe, folder)
    pooling = pooling_of(recipe, pictures)
    looks = features(pooling, pictures, recipe, folder / "features") if recipe.frozen else None
    net = fit(recipe, pictures, pooling, looks, folder)
    measured = figures(net, recipe, pictures, looks)
    (folder / "figures.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for name, values in measured.items():
        print(f"{name}: " + ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
    told = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(recipe).items()}
    whole = Embedder(pooling, net.head)
    save_aside(folder / TRAINED, {"recipe": told, "parts": pooling.parts, "weights": whole.state_dict()})
    return folder / TRAINED


def figures(
    net: Embedder, recipe: EmbeddingRecipe, pictures: Pictures, looks: Looks | None
) -> dict[str, dict[str, float]]:
    """Recalls of the validation split among its own photos and among those of every split."""
    held = pictures.of("validation")
    if not len(held):
        return {}
    vectors = embed(net, recipe, pictures, np.arange(len(pictures)), looks)
    asks = pictures.splits == "validation"
    return {
        "validation": recall(vectors[held], pictures.items[held], pictures.sides[held]),
        "among all": recall(vectors, pictures.items, pictures.sides, asks),
    }
