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
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from meot import photos, taxonomy
from meot.errors import DataError
from meot.garments.parse import Parse, Parser
from meot.garments.scope import Trust, describe
from meot.models import store
from meot.models.card import Card
from meot.models.session import OnnxSession
from meot.reading import LookReader
from meot.training.export import export
from meot.training.scope.net import ScopeNet, Seen, fit, thresholds
from meot.training.scope.pictures import Example, as_taken, examples
from meot.types import Garment
from meot.vectors.garment import GarmentEncoder


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


class Recorder:
    """A judge that believes everything and remembers what it saw."""

    name = "recorder"

    def __init__(self) -> None:
        self.kept: list[tuple[NDArray[np.float32], bool]] = []

    def judge(self, parse: Parse, garments: Sequence[Garment], *, worn: bool) -> Trust:
        """Remember the descriptor."""
        self.kept.append((describe(parse, garments), worn))
        return "none"


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
