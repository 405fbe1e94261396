"""Recipe of the scope model: logistic regression that tells photos of clothes from everything else.

Clothes: photos of the clothing and CCP sets, the same cut out before a studio wall, and real outlines filled with drawn
cloth. No clothes: backdrops of those photos and drawn pictures (:mod:`meot.data.negatives`). Every picture is read by
the product itself, and what the judge of its garments would see is what is learned from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from tqdm import tqdm

from meot import photos, taxonomy
from meot.data import negatives, studio
from meot.data.images import read_ids, read_rgb
from meot.data.sources import ccp, clothing
from meot.data.table import Row, Split
from meot.errors import DataError
from meot.garments.parse import Parse, Parser
from meot.garments.scope import Trust, describe
from meot.models import store
from meot.models.card import Card
from meot.models.session import OnnxSession
from meot.reading import LookReader
from meot.training.export import export
from meot.types import Garment
from meot.vectors.garment import GarmentEncoder

KEPT = ((64, 1536), (2859, 2915))
"""Parts of the descriptor that are looked at: the two deeper levels' means (and the first one's deviation), and the
evidence; neither plain colours nor fine texture, by which drawn pictures differ from photos for no good reason."""
Image = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class ScopeRecipe:
    """Photos of clothes against backdrops and drawn pictures without any."""

    data: Annotated[Path, "folder with clothing/ and ccp/"]
    models: Annotated[Path | None, "folder of model files to read with; the bundled ones when left out"] = None
    photos: Annotated[int, "flat lays to learn from, and a third as many street photos"] = 1000
    drawn: Annotated[int, "pictures of each of the drawn kinds, and of the other made-up ones"] = 150
    strength: Annotated[float, "how far the head may go to fit (inverse of the L2 penalty)"] = 0.003
    lost: Annotated[float, "share of validation photos that may lose their garments"] = 0.001
    doubted: Annotated[float, "share of validation photos of which everything becomes a guess"] = 0.05
    margin: Annotated[float, "log-odds that other people's photos may fall below the worst of ours"] = 0.5
    seed: Annotated[int, "seed of every random choice"] = 0
    version: Annotated[str, "name of this model's version"] = "s.1"


class Example(NamedTuple):
    """A picture: (H, W, 3) uint8, and whether it shows clothes."""

    pixels: Image
    clothes: bool


class Seen(NamedTuple):
    """seen: (N, D) float32 descriptors of pictures in which something was found; worn, clothes: (N,) bool."""

    seen: NDArray[np.float32]
    worn: NDArray[np.bool_]
    clothes: NDArray[np.bool_]


class Recorder:
    """A judge that believes everything and remembers what it saw."""

    name = "recorder"

    def __init__(self) -> None:
        self.kept: list[tuple[NDArray[np.float32], bool]] = []

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        """Remember the descriptor."""
        self.kept.append((describe(parse, garments), worn))
        return "none"


class ScopeNet(nn.Module):
    """(N, D) descriptors and (N, 1) whether worn -> (N,) log-odds that the photo shows clothes."""

    mean: Tensor
    factor: Tensor

    def __init__(self, *, mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean).float())
        self.register_buffer("factor", torch.from_numpy(1 / deviation).float())
        self.head = nn.Linear(len(mean), 2)

    def forward(self, seen: Tensor, worn: Tensor) -> Tensor:
        """Log-odds; the two rows of the head are for flat lays and for worn clothes."""
        kept = torch.cat([seen[:, start:end] for start, end in KEPT], 1)
        both = self.head(((kept - self.mean) * self.factor).clamp(-6, 6))
        score: Tensor = both[:, 0] * (1 - worn[:, 0]) + both[:, 1] * worn[:, 0]
        return score


def train_scope(recipe: ScopeRecipe, folder: Path) -> Path:
    """Learn the scope model into ``folder``; its file. DataError when the data lack one side."""
    parser_file, parser_card = store.find("parser", recipe.models)
    garment_file, garment_card = store.find("garment", recipe.models)
    recorder = Recorder()
    reader = LookReader(
        parser=Parser(session=OnnxSession(model=parser_file), card=parser_card),
        encoder=GarmentEncoder(session=OnnxSession(model=garment_file), card=garment_card),
        taxonomy=taxonomy.load(),
        scope=recorder,
    )
    rng = np.random.default_rng(recipe.seed)
    train = observe(reader, recorder, examples(recipe, rng))
    net = fit(train, recipe)
    held = observe(reader, recorder, as_taken(recipe, "validation", rng))
    return save(net, train, thresholds(net, held, recipe), reader.models, recipe, folder)


def save(
    net: ScopeNet, train: Seen, trust: dict[str, float], read_by: Mapping[str, str], recipe: ScopeRecipe, folder: Path
) -> Path:
    """Write scope.onnx and its card into ``folder``; the former. read_by: the models that the descriptors come from."""
    print(" ".join(f"{name} {value:.3f}" for name, value in trust.items()), file=sys.stderr)
    card = Card(
        name=f"scope-{recipe.version}",
        task="scope",
        taxonomy=taxonomy.load().version,
        licence="Apache-2.0",
        trained_on=(
            "clothing-dataset train split (CC0)",
            "Clothing Co-Parsing train split (Apache-2.0 repository)",
            "pictures drawn by meot.data.negatives and meot.data.studio",
        ),
        started_from=f"{read_by['garment']}, {read_by['parser']}",
        preprocessing="what was found in a photo, see meot.garments.scope.describe",
        outputs=("score",),
        labels=("clothes",),
        settings=trust,
        command="python -m bench.scope --photos FOLDER",
        reads="features",
        encoder=read_by["garment"],
    )
    rows = torch.from_numpy(train.seen), torch.from_numpy(train.worn.astype(np.float32)[:, None])
    return export(
        net,
        examples=[{"seen": rows[0][:n], "worn": rows[1][:n]} for n in (1, 7)],
        outputs=card.outputs,
        dynamic={"seen": {0: "n"}, "worn": {0: "n"}, "score": {0: "n"}},
        card=card,
        folder=folder,
    )


def observe(reader: LookReader, recorder: Recorder, pictures: Iterator[Example]) -> Seen:
    """What the judge sees of pictures; those in which nothing is found anyway are left out.

    DataError when nothing is found in any.
    """
    right: list[bool] = []
    recorder.kept.clear()
    for picture in tqdm(pictures, desc="pictures", mininterval=10):
        reader.read(photos.from_pixels(picture.pixels))
        if len(recorder.kept) > len(right):
            right.append(picture.clothes)
    if not right:
        raise DataError("nothing was found in any picture; use more photos")
    seen, worn = zip(*recorder.kept, strict=True)
    return Seen(np.stack(seen), np.array(worn, np.bool_), np.array(right, np.bool_))


def fit(train: Seen, recipe: ScopeRecipe) -> ScopeNet:
    """Two logistic regressions, one for each way of reading. DataError when one has nothing to tell apart."""
    kept = np.concatenate([train.seen[:, start:end] for start, end in KEPT], 1).astype(np.float64)
    mean, deviation = kept.mean(0), kept.std(0) + 1e-3
    net = ScopeNet(mean=mean, deviation=deviation)
    x = np.clip((kept - mean) / deviation, -6, 6)
    for row, worn in enumerate((False, True)):
        mine = train.worn == worn
        if len(np.unique(train.clothes[mine])) < 2:
            kind = "worn" if worn else "unworn"
            raise DataError(f"pictures read as {kind} clothes all show clothes, or none does; use more photos")
        head = LogisticRegression(C=recipe.strength, class_weight="balanced", max_iter=500)
        head.fit(x[mine], train.clothes[mine])
        with torch.no_grad():
            net.head.weight[row] = torch.from_numpy(head.coef_[0]).float()
            net.head.bias[row] = float(head.intercept_[0])
    return net.eval()


@torch.no_grad()
def thresholds(net: ScopeNet, held: Seen, recipe: ScopeRecipe) -> dict[str, float]:
    """From which log-odds on garments are named, and surely named, so that few photos of clothes lose by it."""
    score = net(torch.from_numpy(held.seen), torch.from_numpy(held.worn.astype(np.float32)[:, None])).numpy()
    found = {}
    for kind, mine in (("flat", ~held.worn), ("worn", held.worn)):
        if not mine.any():
            raise DataError(f"no validation photo is read as {kind}; use more photos")
        worst = float(np.quantile(score[mine], recipe.lost, method="lower"))
        found[f"{kind}_floor"] = worst - recipe.margin
        found[f"{kind}_sure"] = float(np.quantile(score[mine], recipe.doubted))
    return found


def examples(recipe: ScopeRecipe, rng: Generator) -> Iterator[Example]:
    """Pictures with clothes, then pictures without, all of the train splits."""
    yield from clothes(recipe, rng)
    for kind in negatives.DRAWN:
        for _ in range(recipe.drawn * (2 if kind in ("thing", "animal") else 1)):
            yield Example(negatives.draw(kind, rng), False)
    lut = ccp.region_lut(taxonomy.load(), ccp.labels(recipe.data / "ccp"))
    streets = _some(ccp.read(recipe.data / "ccp", "train", masked_only=True), recipe.drawn, rng)
    floors = _some(clothing.read(recipe.data / "clothing", "train"), recipe.drawn, rng)
    for row in streets + floors:
        image, ids = read_rgb(row.photo), read_ids(row.mask, row.photo)
        inside = (lut[ids] if row.source == "ccp" else ids) > 0
        empty = negatives.backdrop(image, inside, rng, side=max(64, min(image.shape[:2]) // 5))
        if empty is not None:
            yield Example(empty, False)


def as_taken(recipe: ScopeRecipe, split: Split, rng: Generator) -> Iterator[Example]:
    """Photos of both sets as they are."""
    flat, street = _rows(recipe, split, rng)
    for row in flat + street:
        yield Example(read_rgb(row.photo), True)


def clothes(recipe: ScopeRecipe, rng: Generator) -> Iterator[Example]:
    """Training photos as they are, before studio walls, and as outlines of drawn cloth."""
    flat, street = _rows(recipe, "train", rng)
    for row in flat + street:
        yield Example(read_rgb(row.photo), True)
    for row in flat[: 2 * recipe.drawn]:
        yield Example(studio.shop_photo(read_rgb(row.photo), read_ids(row.mask, row.photo) > 0, rng), True)
    for row in flat[-recipe.drawn :]:
        yield Example(studio.drawn_cloth(read_ids(row.mask, row.photo) > 0, rng), True)
    terms = taxonomy.load()
    lut = ccp.region_lut(terms, ccp.labels(recipe.data / "ccp"))
    alone = [terms.region(name).value for name in ("feet", "bag", "head")]
    for row in street[: 2 * recipe.drawn]:
        image, regions = read_rgb(row.photo), lut[read_ids(row.mask, row.photo)]
        if not regions.any():
            continue
        yield Example(studio.shop_photo(image, studio.part_of_person(regions > 0, rng), rng), True)
        large = [value for value in alone if (regions == value).mean() > 0.008]
        if large:
            yield Example(studio.shop_photo(image, regions == rng.choice(large), rng), True)


def _some(rows: list[Row], count: int, rng: Generator) -> list[Row]:
    """At most ``count`` of the rows, in random order."""
    return [rows[i] for i in rng.permutation(len(rows))[:count]]


def _rows(recipe: ScopeRecipe, split: Split, rng: Generator) -> tuple[list[Row], list[Row]]:
    """Flat lays and street photos of a split."""
    flat = _some(clothing.read(recipe.data / "clothing", split), recipe.photos, rng)
    return flat, _some(ccp.read(recipe.data / "ccp", split, masked_only=split == "train"), recipe.photos // 3, rng)
