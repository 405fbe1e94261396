"""A trained classifier -> a components model that the runtime reads with, its scores calibrated."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from meot import taxonomy
from meot.errors import DataError, ModelError
from meot.models import store
from meot.models.card import Card, digest, read_card
from meot.models.pixels import VIEWS
from meot.models.session import OnnxSession
from meot.training.classify.batches import pixels_of
from meot.training.classify.folds import Judged, judge_by_folds, numbered_groups
from meot.training.classify.quantise import quantise
from meot.training.classify.scoring import figures
from meot.training.classify.stages import Job, Prepared, features_of, predict
from meot.training.classify.trusting import trust, worth
from meot.training.export import export
from meot.training.nets.classifier import Classifier, Heads

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe

TASK = "components-{name}"
_PIXELS = "RGB 0..255 / 255, ImageNet mean and deviation a channel; square views of the garment's box"
_HEADS = "the garment model's features of square views of the garment's box"


def export_components(net: Classifier, job: Job) -> Path:
    """Write components-NAME.onnx and its card into the job's folder. ModelError when it does not answer as the net.

    The card's scores are calibrated on the validation photos, or, where the recipe asks for ``folds``, on training
    photos by heads that have not seen them.
    """
    recipe, data = job.recipe, job.data
    logits, answers = predict(net, job, "validation"), data.answers("validation")
    worn = np.array([crop.worn for crop in data.crops["validation"]], np.bool_)
    groups = numbered_groups(data.samples["validation"])
    measured, judged = figures(logits, answers, data.questions), Judged(logits, answers, worn, groups)
    if recipe.folds and recipe.light:
        judged = judge_by_folds(job)
        seen = figures(judged.logits, judged.answers, data.questions)
        measured |= {f"folds.{name}": value for name, value in seen.items()}
    settings = trust(judged, data.questions.names)
    measured |= worth(judged, data.questions.names, settings)
    garment = store.find("garment")[1].label if recipe.light else ""
    card = Card(
        name=f"{recipe.name}-{_fingerprint(net)}",
        task=TASK.format(name=recipe.name),
        taxonomy=taxonomy.load().version,
        licence=recipe.licence,
        trained_on=(recipe.trained_on or f"{len(data.samples['train'])} photos of {recipe.data.name}",),
        started_from=garment or (recipe.net if not recipe.weights else f"{recipe.net}, {Path(recipe.weights).name}"),
        preprocessing=_HEADS if recipe.light else _PIXELS,
        outputs=data.questions.names,
        labels=tuple(f"{q}.{a}" for q, found in data.questions.answers.items() for a in found),
        settings=({} if recipe.light else {"side": float(recipe.size)}) | settings,
        measured=measured,
        command="meot evaluate predictions-QUESTION.jsonl",
        questions=data.questions.answers,
        merged=data.questions.merged,
        views=recipe.views,
        asked=asked_of(recipe.asked, data.questions.names),
        reads="features" if recipe.light else "pixels",
        encoder=garment,
    )
    name, examples = ("features", _features(net, job)) if recipe.light else ("pixels", _pictures(job))
    file = export(
        Heads(net.top) if recipe.light else net,
        examples=[{name: example} for example in examples],
        outputs=card.outputs,
        dynamic={name: {0: "n"}} | {output: {0: "n"} for output in card.outputs},
        card=card,
        folder=job.folder,
    )
    if recipe.int8:
        _quantise(file, recipe, data)
    return file


def _pictures(job: Job) -> list[Tensor]:
    held = job.data.crops["validation"]
    return [pixels_of((held * 4)[:n], job.recipe) for n in (4, 3)]


def _features(net: Classifier, job: Job) -> list[Tensor]:
    held = features_of(net, job, "validation")[:4, 0].astype(np.float32)
    return [torch.from_numpy(held[:n].reshape(min(n, len(held)), len(job.recipe.views), -1)) for n in (4, 3)]


def _fingerprint(net: Classifier) -> str:
    """Six characters that tell two trainings of one name apart."""
    told = hashlib.sha256()
    for weight in net.top.state_dict().values():
        told.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return told.hexdigest()[:6]


def asked_of(asked: tuple[str, ...], questions: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Question -> categories or regions, from texts such as "collar=shirt,blouse". DataError for an unknown name."""
    terms = taxonomy.load()
    known = {c.id for c in terms.categories} | {r.id for r in terms.regions}
    found = {}
    for text in asked:
        question, _, names = text.partition("=")
        places = tuple(name.strip() for name in names.split(",") if name.strip())
        wrong = [name for name in places if name not in known]
        if question not in questions or not places or wrong:
            raise DataError(
                f"asked {text!r} should be QUESTION=NAME,NAME with a question of the table and ids of "
                f"'meot taxonomy'{f'; {wrong[0]!r} is none' if wrong else ''}"
            )
        found[question] = places
    return found


def check_views(views: tuple[str, ...]) -> None:
    """DataError for a view nobody knows."""
    wrong = [view for view in views if view not in VIEWS]
    if wrong or not views:
        raise DataError(f"views must be of {', '.join(VIEWS)}, got {', '.join(views) or 'none'}")


def _quantise(file: Path, recipe: ClassifierRecipe, data: Prepared) -> None:
    """Replace the file by one in 8-bit integers and write what that costs on its card.

    ModelError when validation macro F1 falls by more than ``recipe.int8_cost``; the float file stays then.
    """
    aside = quantise(file, data.crops["train"][:128], recipe)
    before = _measured(file, recipe, data)
    after = _measured(aside, recipe, data)
    lost = before["macro_f1"] - after["macro_f1"]
    if lost > recipe.int8_cost:
        aside.unlink()
        raise ModelError(
            f"int8 costs {lost:.3f} macro F1, allowed were {recipe.int8_cost}; {file} stays in floating point"
        )
    aside.replace(file)
    card_file = file.with_suffix(".json")
    card = read_card(card_file)
    measured = after | {"float.macro_f1": before["macro_f1"], "float.accuracy": before["accuracy"]}
    replace(card, sha256=digest(file), measured=measured).write(card_file)


def _measured(file: Path, recipe: ClassifierRecipe, data: Prepared) -> dict[str, float]:
    session = OnnxSession(model=file, threads=1)
    crops = data.crops["validation"]
    found = [session.run({"pixels": pixels_of([crop], recipe).numpy()}) for crop in crops]
    logits = [np.concatenate([f[q] for f in found]) for q in range(len(data.questions.names))]
    return figures(logits, data.answers("validation"), data.questions)
