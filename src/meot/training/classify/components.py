"""A trained classifier -> a components model that the runtime reads with, its scores calibrated."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meot import taxonomy
from meot.data.sampling import UNKNOWN
from meot.errors import DataError, ModelError
from meot.models.card import Card, digest, read_card
from meot.models.pixels import VIEWS
from meot.models.session import OnnxSession
from meot.training.calibrate import sure_from, temperature
from meot.training.classify.batches import pixels_of
from meot.training.classify.quantise import quantise
from meot.training.classify.scoring import figures, predict
from meot.training.classify.stages import Prepared
from meot.training.export import export
from meot.training.nets.classifier import Classifier

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe

TASK = "components-{name}"
_ENOUGH = 40


def export_components(net: Classifier, recipe: ClassifierRecipe, data: Prepared, folder: Path) -> Path:
    """Write components-NAME.onnx and its card into ``folder``. ModelError when it does not answer as the net does."""
    logits, answers = predict(net, data.crops["validation"], recipe), data.answers("validation")
    card = Card(
        name=f"{recipe.name}-{_fingerprint(net)}",
        task=TASK.format(name=recipe.name),
        taxonomy=taxonomy.load().version,
        licence=recipe.licence,
        trained_on=(recipe.trained_on or f"{len(data.samples['train'])} photos of {recipe.data.name}",),
        started_from=recipe.net if not recipe.weights else f"{recipe.net}, {Path(recipe.weights).name}",
        preprocessing="RGB 0..255 / 255, ImageNet mean and deviation a channel; square views of the garment's box",
        outputs=data.questions.names,
        labels=tuple(f"{q}.{a}" for q, found in data.questions.answers.items() for a in found),
        settings={"side": float(recipe.size)} | trust(logits, answers, data.questions.names),
        measured=figures(logits, answers, data.questions),
        command="meot evaluate predictions-QUESTION.jsonl",
        questions=data.questions.answers,
        merged=data.questions.merged,
        views=recipe.views,
        asked=asked_of(recipe.asked, data.questions.names),
    )
    held = data.crops["validation"]
    file = export(
        net,
        examples=[{"pixels": pixels_of((held * 4)[:n], recipe)} for n in (4, 3)],
        outputs=card.outputs,
        dynamic={"pixels": {0: "n"}} | {name: {0: "n"} for name in card.outputs},
        card=card,
        folder=folder,
    )
    if recipe.int8:
        _quantise(file, recipe, data)
    return file


def _fingerprint(net: Classifier) -> str:
    """Six characters that tell two trainings of one name apart."""
    told = hashlib.sha256()
    for weight in net.top.state_dict().values():
        told.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return told.hexdigest()[:6]


def trust(
    logits: list[NDArray[np.float32]], answers: NDArray[np.int64], questions: tuple[str, ...]
) -> dict[str, float]:
    """Temperature of each question, and the score from which on its answers are 95 % right, on validation photos.

    Fewer than 40 photos cannot show 95 %: the temperature stays 1 then and only a score from 0.9 counts as sure.
    """
    found: dict[str, float] = {}
    for q, name in enumerate(questions):
        known = answers[:, q] != UNKNOWN
        if known.sum() < _ENOUGH:
            found |= {f"{name}.temperature": 1.0, f"{name}.sure": 0.9}
            continue
        own = logits[q][known].astype(np.float64)
        allowed = np.eye(own.shape[1], dtype=bool)[answers[known, q]]
        heat = temperature(own, allowed)
        p = np.exp(own / heat - np.logaddexp.reduce(own / heat, axis=1, keepdims=True))
        right = p.argmax(1) == answers[known, q]
        found |= {f"{name}.temperature": heat, f"{name}.sure": max(0.5, sure_from(p.max(1), right))}
    return found


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
