"""A trained detector -> detector.safetensors, and detector.onnx with its card when the file answers as the net does."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn
from tqdm import tqdm

from meot import taxonomy
from meot.data.aside import aside
from meot.data.images import read_rgb
from meot.errors import ModelError
from meot.evaluation.detect import best_threshold
from meot.evaluation.matching import match
from meot.evaluation.predictions import Detected
from meot.models.card import Card, digest
from meot.models.pixels import normalise
from meot.models.session import OnnxSession
from meot.training.detect.figures import average_precision, hits
from meot.training.export import FITTED
from meot.training.nets.detector import DetectorFile

if TYPE_CHECKING:
    from meot.training.recipes.detector import DetectorRecipe

OUTPUTS = ("boxes", "labels", "scores")
_EXAMPLES = 8
Answer = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]
"""Boxes (n, 4) px, labels (n,), scores (n,)."""


def save_detector(
    net: nn.Module,
    recipe: DetectorRecipe,
    classes: tuple[str, ...],
    canvas: tuple[int, int],
    held: Detected,
    folder: Path,
) -> Path:
    """Write the weights, the card, and the ONNX file where the net has one; returns the file to use.

    Mask R-CNN pastes every mask into the photo in a loop that ONNX does not take over; its weights and its card are
    what there is. ModelError when the ONNX file does not answer as the net does; the weights are kept then.
    """
    net.eval().to(memory_format=torch.contiguous_format)
    weights = folder / "detector.safetensors"
    save_file({name: value.contiguous() for name, value in net.state_dict().items()}, weights)
    card = card_of(recipe, classes, canvas, held)
    if recipe.net == "maskrcnn":
        tqdm.write(f"Mask R-CNN has no ONNX file; its weights are in {weights}")
        replace(card, sha256=digest(weights)).write(folder / "detector.json")
        return weights
    file = export_detector(net, canvas, _examples(held, canvas), folder)
    replace(card, sha256=digest(file)).write(folder / "detector.json")
    return file


def card_of(recipe: DetectorRecipe, classes: tuple[str, ...], canvas: tuple[int, int], held: Detected) -> Card:
    """What the model file is. settings: canvas, and the score from which on boxes have the best mean F1."""
    score = best_threshold(match(held))
    start = recipe.weights or ("the bundled garment net" if recipe.net == "light" else "random weights")
    return Card(
        name=recipe.name,
        task="detector",
        taxonomy=taxonomy.load().version,
        licence=recipe.licence,
        trained_on=(recipe.trained_on or recipe.data.name,),
        started_from=f"{recipe.net}{'' if recipe.net == 'light' else f' on {recipe.body}'}, {Path(start).name}",
        preprocessing=FITTED,
        outputs=OUTPUTS,
        labels=classes,
        settings={"height": float(canvas[0]), "width": float(canvas[1]), "score": score},
        measured=average_precision(held) | hits(held, score_from=score),
        command="meot evaluate predictions.jsonl",
    )


def _examples(held: Detected, canvas: tuple[int, int]) -> list[NDArray[np.float32]]:
    """A few validation photos as the net sees them, those with the surest boxes first: (1, 3, H, W) each."""
    from meot.data.detection import Scene, fit

    order = sorted(range(len(held)), key=lambda i: -float(held.found[i].scores.max(initial=0.0)))
    empty = (np.zeros((0, 4)), np.zeros(0, np.int64), (), np.zeros(0, bool))
    scenes = (fit(Scene(read_rgb(Path(held.photos[i])), *empty), canvas)[0] for i in order[:_EXAMPLES])
    return [normalise(scene.image[None]) for scene in scenes]


def export_detector(
    net: nn.Module, canvas: tuple[int, int], examples: list[NDArray[np.float32]], folder: Path, gap: float = 0.01
) -> Path:
    """Write ``folder``/detector.onnx: pixels (1, 3, H, W) -> boxes, labels, scores as ``DetectorFile`` gives them.

    ModelError, and no file, when net and file disagree on a photo of ``examples``: see :func:`disagreement`.
    """
    file, wrapped = folder / "detector.onnx", DetectorFile(net).eval()
    with aside(file) as part:
        _write(wrapped, canvas, part)
        _compare(wrapped, part, examples, gap, folder)
    return file


def _write(wrapped: DetectorFile, canvas: tuple[int, int], part: Path) -> None:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapped,
            (torch.zeros(1, 3, *canvas),),
            str(part),
            input_names=["pixels"],
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "n"} for name in OUTPUTS},
            opset_version=17,
            dynamo=False,
        )


def _compare(wrapped: DetectorFile, part: Path, examples: list[NDArray[np.float32]], gap: float, folder: Path) -> None:
    """ModelError when the net and its file disagree."""
    session = OnnxSession(model=part, threads=1)
    for pixels in examples:
        with torch.no_grad():
            expected = tuple(value.numpy() for value in wrapped(torch.from_numpy(pixels)))
        boxes, labels, scores = session.run({"pixels": pixels})
        wrong = disagreement(sorted_answer(*expected), sorted_answer(boxes, labels.astype(np.int64), scores))
        if wrong > gap:
            raise ModelError(
                f"detector.onnx disagrees with the net on {wrong:.1%} of the boxes, allowed are {gap:.0%}; "
                f"the weights are in {folder / 'detector.safetensors'}"
            )


def sorted_answer(boxes: NDArray[np.float32], labels: NDArray[np.int64], scores: NDArray[np.float32]) -> Answer:
    """The same boxes (N, 4), labels (N,), scores (N,), the best score first; ties by label and place, so that two
    programs give them in one order.
    """
    order = np.lexsort((boxes[:, 1], boxes[:, 0], labels, -np.round(scores, 4)))
    return boxes[order], labels[order], scores[order]


def disagreement(ours: Answer, theirs: Answer, *, pixels: float = 0.5, score: float = 1e-3) -> float:
    """Share of boxes in either answer without a partner of the same label, within ``pixels`` px and ``score``."""
    longer = max(len(ours[2]), len(theirs[2]))
    if longer == 0:
        return 0.0
    near = np.abs(ours[0][:, None] - theirs[0][None]).max(-1, initial=0.0) <= pixels
    near &= np.abs(ours[2][:, None] - theirs[2][None]) <= score
    near &= ours[1][:, None] == theirs[1][None]
    return 1 - min(int(near.any(1).sum()), int(near.any(0).sum())) / longer
