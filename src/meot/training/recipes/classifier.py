"""Recipe of a classifier of garments: one backbone, a head for each question, from any table with labels."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from meot.data.opening import open_table
from meot.errors import DataError
from meot.evaluation import files
from meot.training.classify.answering import answer
from meot.training.classify.balance import balanced
from meot.training.classify.components import asked_of, check_views, export_components
from meot.training.classify.finding import BundledSight
from meot.training.classify.painting import add_painted
from meot.training.classify.samples import Questions, Sample, Sight, load_crops, questions_of, samples_of
from meot.training.classify.solving import check_ridge
from meot.training.classify.stages import Job, Prepared, fit
from meot.training.nets.backbones import OWN
from meot.training.nets.classifier import Head
from meot.training.plan import OwnModel


@dataclass(frozen=True, kw_only=True)
class ClassifierRecipe(OwnModel):
    """A head on a frozen backbone first, then, when ``epochs`` asks for it, all of it at a small rate."""

    data: Annotated[Path, "table (.jsonl), or a folder with one folder a class"]
    name: Annotated[str, "the model's name; its file is components-NAME.onnx"] = "own"
    questions: Annotated[tuple[str, ...], "questions to answer; all of the table's when empty"] = ()
    merge: Annotated[tuple[str, ...], "answers that count as another: collar.button_down=regular"] = ()
    asked: Annotated[tuple[str, ...], "garments a question is for: collar=shirt,blouse (categories or regions)"] = ()
    net: Annotated[str, "meot (bundled), shades (plain colours), or a torchvision or timm name"] = "meot"
    weights: Annotated[str, "start: a file, download for the library's own, empty for random (meot: bundled)"] = ""
    find: Annotated[bool, "find the garment with the bundled models where the table has neither box nor mask"] = True
    heads: Annotated[bool, "bundled net, frozen: write heads on its features, 0.1 MB; false: a net of their own"] = True
    head: Annotated[Head, "linear: pooling + softmax; dense: Dense(500)-ReLU-Dropout-Dense"] = "linear"
    dropout: Annotated[float, "share of the head's inputs dropped, 0..1"] = 0.3
    views: Annotated[tuple[str, ...], "parts of the garment to look at: garment, top, middle"] = ("garment",)
    shades: Annotated[bool, "add the plain colours of the views to the features"] = False
    even: Annotated[float, "0: every feature has the same say in a head, 1: every level of the net has"] = 1.0
    size: Annotated[int, "side of the square picture, px"] = 224
    head_epochs: Annotated[int, "epochs with the backbone frozen"] = 60
    head_rate: Annotated[float, "peak learning rate of the frozen stage"] = 3e-3
    ridge: Annotated[float, "heads solved at once, with this weight on their squares; 0: trained in epochs"] = 0.0
    cache: Annotated[bool, "frozen stage on features computed once; false: from the photos in every epoch"] = True
    looks: Annotated[int, "varied pictures of each photo in the cache, besides the plain one"] = 2
    epochs: Annotated[int, "epochs with the backbone trained too; 0: only the head is trained"] = 0
    rate: Annotated[float, "peak learning rate of the second stage"] = 3e-4
    freeze_first: Annotated[int, "so many first layers of the backbone stay as they are"] = 0
    batch: Annotated[int, "photos a step"] = 32
    loss: Annotated[Literal["cross_entropy", "mean_squared", "focal"], "loss"] = "cross_entropy"
    smoothing: Annotated[float, "label smoothing, 0..1 (cross entropy)"] = 0.05
    mixup: Annotated[float, "chance that a batch is mixed (mixup, Zhang et al. 2018)"] = 0.0
    balance: Annotated[
        Literal["plain", "class_balanced", "repeat_factor", "square_root"], "how often rare answers are shown"
    ] = "plain"
    class_weights: Annotated[Literal["none", "balanced", "effective"], "weight of rare answers in the loss"] = "none"
    keep: Annotated[
        Literal["best", "last"], "which epoch's weights; best follows chance where few photos are put aside"
    ] = "best"
    rotate: Annotated[float, "largest rotation, degrees"] = 15.0
    colour: Annotated[float, "how much colours are changed, 0..1"] = 0.6
    painted: Annotated[int, "patterns drawn onto each plain garment (solid, of question pattern), 0 to 5"] = 0
    painted_share: Annotated[float, "share of an epoch that drawn patterns make, 0..1"] = 0.3
    folds: Annotated[int, "calibrate on so many parts of the training photos in turn; 0: on the validation photos"] = 0
    fill: Annotated[Literal["nearest", "reflect", "black"], "what stands beyond a photo's edge"] = "nearest"
    int8: Annotated[bool, "export in 8-bit integers, the loss measured"] = False
    int8_cost: Annotated[float, "largest macro F1 that int8 may cost"] = 0.02
    track: Annotated[str, "tensorboard or mlflow, when installed; empty: history.jsonl only"] = ""

    @property
    def light(self) -> bool:
        """Whether heads on the bundled garment model's features come out, no net of their own."""
        return self.heads and self.net == OWN and not self.weights and not self.epochs and self.cache


def train_classifier(recipe: ClassifierRecipe, folder: Path) -> Path:
    """Train, export and predict into ``folder``; returns the model file (components-NAME.onnx).

    predictions-QUESTION.jsonl there are for ``meot evaluate``.
    """
    check_views(recipe.views)
    check_ridge(recipe)
    if recipe.light:
        recipe = as_heads(recipe)
    table = open_table(recipe.data, seed=recipe.seed)
    questions = questions_of(table, recipe.questions, recipe.merge)
    asked_of(recipe.asked, questions.names)
    samples = {split: samples_of(table.of(split), questions) for split in ("train", "validation")}
    data = prepare(recipe, samples, questions)
    odds, weights = balanced(recipe, data.answers("train"), questions)
    if recipe.painted:
        odds = add_painted(data, recipe, odds)
    job = Job(recipe, data, folder, odds, weights)
    file = export_components(fit(job), job)
    for answers in answer(table, folder, "validation", questions.names):
        files.save(answers, folder / f"predictions-{answers.question}.jsonl")
        right = (answers.scores.argmax(1) == answers.truth).mean()
        print(f"{answers.question}: {right:.3f} right of {len(answers)} photos put aside", file=sys.stderr)
    print(f"read with it: meot read --models {folder} PHOTO", file=sys.stderr)
    return file


def as_heads(recipe: ClassifierRecipe) -> ClassifierRecipe:
    """The recipe with what follows from standing on the garment model's features. DataError where that cannot be."""
    if recipe.int8:
        raise DataError("int8 is for nets of their own, heads are 0.1 MB anyway; leave int8 out or say heads = false")
    return replace(recipe, shades=True)


def prepare(recipe: ClassifierRecipe, samples: Mapping[str, list[Sample]], questions: Questions) -> Prepared:
    """Load the photos of both splits."""
    cut = {split: found[: recipe.limit] for split, found in samples.items()}
    data = Prepared(questions, cut, {})
    check(recipe, data)
    sight, painted = _sight(recipe, cut, questions), bool(recipe.painted)
    for split, found in cut.items():
        data.crops[split] = load_crops(found, recipe.size, sight, worn=recipe.light, cloth=painted and split == "train")
    return data


def _sight(recipe: ClassifierRecipe, samples: Mapping[str, list[Sample]], questions: Questions) -> Sight | None:
    """What the product sees in the photos, None when nothing needs to be known but what the samples say."""
    lacking = any(not s.box and not s.mask for found in samples.values() for s in found)
    if not (recipe.find and lacking) and not recipe.light and not recipe.painted:
        return None
    if not recipe.find:
        return BundledSight(find=False)
    wanted = asked_of(recipe.asked, questions.names)
    return BundledSight(wanted=frozenset(name for places in wanted.values() for name in places))


def check(recipe: ClassifierRecipe, data: Prepared) -> None:
    """DataError when there is too little to learn from or to measure on."""
    for split in ("train", "validation"):
        answers = data.answers(split)
        if not len(answers):
            raise DataError(f"{recipe.data}: no labelled photo in the {split} split; run 'meot data split' first")
    for q, (question, answers_) in enumerate(data.questions.answers.items()):
        counts = np.bincount(data.answers("train")[:, q] + 1, minlength=len(answers_) + 1)[1:]
        for name, count in zip(answers_, counts, strict=True):
            if count < 2:
                raise DataError(
                    f"{recipe.data}: {question}.{name} has {count} photo(s) to learn from, expected at least 2; "
                    f"add photos or merge it (merge = ['{question}.{name}=OTHER'])"
                )
