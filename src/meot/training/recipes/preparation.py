"""Recipe of the comparison of crop preparations: the same small classifier on each, side by side (Cho et al.)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from meot.data.images import read_ids, read_rgb
from meot.data.opening import open_table
from meot.data.prepare import Fill, Preparation, parse, prepare
from meot.errors import DataError
from meot.evaluation.bootstrap import Draws, numbered
from meot.training.classify.samples import Sample, questions_of, samples_of
from meot.training.few_shot import linear
from meot.training.nets.backbones import build
from meot.training.plan import Run
from meot.training.preparation.compare import compared, printed
from meot.training.preparation.masks import Masks, masks_of
from meot.training.preparation.net import Net, Tuning, outputs, restored, tuned, widen

PAPER = {"box": 72.0, "mask_black": 82.14, "mask_alpha": 82.63, "tight_box": 84.97}
"""Accuracy in percent a preparation in Cho et al., five collars, not all by the same net."""
Image = NDArray[np.uint8]
Answers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PreparationRecipe(Run):
    """Train one classifier a preparation and print accuracy, macro F1 and interval of each."""

    data: Annotated[Path, "table (.jsonl), or a folder with one folder a class"]
    question: Annotated[str, "the question to answer: collar, pattern, sleeve, ..."]
    merge: Annotated[tuple[str, ...], "answers that count as another: collar.button_down=regular"] = ()
    ways: Annotated[
        tuple[str, ...],
        "preparations: box, mask_black, mask_alpha, tight_box, each also with +canny, +only_canny or +grey_contrast",
    ] = ("box", "mask_black", "mask_alpha", "tight_box")
    how: Annotated[
        Literal["features", "finetune"],
        "features: logistic regression on the frozen net; finetune: the net is trained too",
    ] = "finetune"
    net: Annotated[str, "a torchvision or timm name, or meot"] = "mobilenet_v2"
    weights: Annotated[str, "start: a file, download for the library's own, empty for random (meot: bundled)"] = (
        "download"
    )
    masks: Annotated[
        Masks, "table: its outlines and masks; parser: the bundled one's; auto: the parser's where the table has none"
    ] = "auto"
    size: Annotated[int, "side of the square picture, px"] = 224
    margin: Annotated[float, "added around the box on each side, as a share of its longer side"] = 0.03
    fill: Annotated[Fill, "what makes a box square"] = "photo"
    epochs: Annotated[int, "epochs of the fine-tuning"] = 8
    rate: Annotated[float, "peak learning rate of the net; its head learns 4 times as fast"] = 5e-4
    batch: Annotated[int, "photos a step"] = 32
    decay: Annotated[float, "strength of the logistic regression's regularisation"] = 0.1
    resamples: Annotated[int, "bootstrap samples of the validation photos"] = 2000
    limit: Annotated[int | None, "use only so many photos a split, to try things out"] = None


class Data(NamedTuple):
    """Garments of a split with the number of their answer, (N,), and files with their masks (None: none found)."""

    samples: list[Sample]
    answers: Answers
    masks: list[Path | None]


def train_preparation(recipe: PreparationRecipe, folder: Path) -> Path:
    """Compare the recipe's preparations on the same photos and write ``folder``/preparation.json.

    A photo in which no mask is found is left out of every preparation, so that all see the same ones; how many is
    printed. DataError for an unknown preparation or question, for a split without labelled photos, and for a
    preparation of more than 3 channels with ``how`` = "features": a frozen net does not know such a channel.
    """
    ways = [parse(text, side=recipe.size, margin=recipe.margin, fill=recipe.fill) for text in recipe.ways]
    more = [way.name for way in ways if way.channels > 3]
    if recipe.how == "features" and more:
        raise DataError(f"{more[0]} has a channel that a frozen net does not know; use how = finetune or leave it out")
    torch.set_num_threads(recipe.threads)
    folder.mkdir(parents=True, exist_ok=True)
    answers, splits = gather(recipe, folder)
    said: dict[str, Answers] = {}
    seconds: dict[str, float] = {}
    for way in ways:
        started = time.monotonic()
        said[way.name] = _answered(recipe, way, splits, len(answers), folder / way.name)
        seconds[way.name] = round(time.monotonic() - started, 1)
    report = _report(recipe, answers, splits, said, seconds)
    file = folder / "preparation.json"
    file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    tqdm.write(printed(report))
    return file


def _report(
    recipe: PreparationRecipe,
    answers: tuple[str, ...],
    splits: dict[str, Data],
    said: dict[str, Answers],
    seconds: dict[str, float],
) -> dict[str, Any]:
    held = splits["validation"]
    groups = numbered([s.group for s in held.samples], [str(s.photo) for s in held.samples])
    rows = compared(said, held.answers, groups, Draws(times=recipe.resamples, seed=recipe.seed))
    for row in rows:
        row |= {"paper": PAPER.get(row["name"]), "seconds": seconds[row["name"]]}
    return {
        "question": recipe.question,
        "answers": answers,
        "how": recipe.how,
        "photos": {split: len(data.answers) for split, data in splits.items()},
        "majority": float(np.bincount(held.answers).max() / len(held.answers)),
        "rows": rows,
    }


def gather(recipe: PreparationRecipe, folder: Path) -> tuple[tuple[str, ...], dict[str, Data]]:
    """The answers in the order of the net's outputs, and both splits' garments that have a mask."""
    table = open_table(recipe.data, seed=recipe.seed)
    questions = questions_of(table, (recipe.question,), recipe.merge)
    splits = {}
    for split in ("train", "validation"):
        samples = samples_of(table.of(split), questions)
        if recipe.limit is not None:
            chosen = np.random.default_rng(recipe.seed).permutation(len(samples))[: recipe.limit]
            samples = [samples[i] for i in sorted(chosen)]
        masks = masks_of(samples, table, recipe.masks, folder / "masks", threads=recipe.threads)
        kept = [i for i, mask in enumerate(masks) if mask is not None]
        if len(kept) < len(samples):
            tqdm.write(f"{split}: {len(samples) - len(kept)} of {len(samples)} garments left out, no mask was found")
        if not kept:
            raise DataError(f"{recipe.data}: no labelled garment with a mask in the {split} split; split or label more")
        answers = np.array([samples[i].answers[0] for i in kept], np.int64)
        splits[split] = Data([samples[i] for i in kept], answers, [masks[i] for i in kept])
    return questions.answers[recipe.question], splits


def pictures(data: Data, way: Preparation) -> Image:
    """(N, side, side, C) uint8 of a split's garments."""
    found = np.empty((len(data.samples), way.side, way.side, way.channels), np.uint8)
    pairs = zip(data.samples, data.masks, strict=True)
    for i, (sample, mask) in enumerate(tqdm(pairs, total=len(found), desc=way.name, mininterval=5)):
        own = None if way.way == "box" else read_ids(mask, sample.photo)
        found[i] = prepare(read_rgb(sample.photo), box=sample.box, mask=own, how=way, name=str(sample.photo))
    return found


def _answered(
    recipe: PreparationRecipe, way: Preparation, splits: dict[str, Data], count: int, folder: Path
) -> Answers:
    """(N,) what a classifier trained on one preparation says of the validation garments."""
    torch.manual_seed(recipe.seed)
    backbone = build(recipe.net, recipe.weights)
    widen(backbone, way.channels)
    learn, held = (pictures(splits[split], way) for split in ("train", "validation"))
    answers = splits["train"].answers

    def out(net: nn.Module, seen: Image) -> NDArray[np.float32]:
        return outputs(net, seen, batch=recipe.batch, precision=recipe.precision)

    if recipe.how == "features":
        model = linear.fit(out(backbone, learn), answers, classes=count, decay=recipe.decay)
        return np.asarray(model.probabilities(out(backbone, held)).argmax(1), np.int64)
    restored(backbone, learn)
    tuning = Tuning(
        epochs=recipe.epochs,
        rate=recipe.rate,
        batch=recipe.batch,
        precision=recipe.precision,
        threads=recipe.threads,
        seed=recipe.seed,
    )
    net = tuned(Net(backbone=backbone, answers=count), learn, answers, tuning, folder)
    return np.asarray(out(net, held).argmax(1), np.int64)
