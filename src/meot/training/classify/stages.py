"""The two stages: the head on a frozen backbone, then all of it at a small rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from meot.training.classify.batches import Batch, FeatureBatches, Features, PhotoBatches
from meot.training.classify.feature_cache import cached
from meot.training.classify.samples import Crop, Questions, Sample
from meot.training.classify.scoring import answers_to, figures, loss_of_answers
from meot.training.classify.solving import solve
from meot.training.loop import device_of, train
from meot.training.nets.backbones import OWN, build
from meot.training.nets.classifier import Classifier
from meot.training.nets.garment import restore_batch_norm
from meot.training.plan import Plan

if TYPE_CHECKING:
    from meot.training.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, slots=True)
class Prepared:
    """The garments of both splits with their answers, (N, Q) int64."""

    questions: Questions
    samples: dict[str, list[Sample]]
    crops: dict[str, list[Crop]]

    def answers(self, split: str) -> NDArray[np.int64]:
        """(N, Q) int64 answers of a split, -1 unknown."""
        return np.array([s.answers for s in self.samples[split]], np.int64).reshape(-1, len(self.questions.names))


@dataclass(frozen=True, slots=True)
class Job:
    """A training to do. odds: (N,) how often each training garment is shown, None: once an epoch. weights: of each
    question's answers in the loss, None: all alike."""

    recipe: ClassifierRecipe
    data: Prepared
    folder: Path
    odds: NDArray[np.float64] | None = None
    weights: tuple[Tensor, ...] | None = None

    def loss(self, net: nn.Module, batch: Batch) -> Tensor:
        """Scalar loss of a batch, of both halves where it is mixed."""
        logits = net(batch.inputs)
        loss = loss_of_answers(logits, batch.first, self.recipe, self.weights)
        if batch.share < 1:
            other = loss_of_answers(logits, batch.second, self.recipe, self.weights)
            loss = batch.share * loss + (1 - batch.share) * other
        return loss

    def plan(self, *, epochs: int, steps: int, rates: dict[str, float]) -> Plan:
        """The loop's plan of one stage."""
        watch = "score" if self.recipe.keep == "best" else ""
        return replace(self.recipe.plan(epochs=epochs, steps=steps, rates=rates, watch=watch), track=self.recipe.track)


def classifier(recipe: ClassifierRecipe, questions: Questions) -> Classifier:
    """The recipe's net before training."""
    torch.manual_seed(recipe.seed)
    return Classifier(
        backbone=build(recipe.net, recipe.weights),
        views=len(recipe.views),
        questions=questions.answers,
        head=recipe.head,
        dropout=recipe.dropout,
        shades=recipe.shades,
        even=recipe.even,
    )


def fit(job: Job) -> Classifier:
    """Train in one or two stages into the job's folder and return the net; prints validation figures every epoch."""
    recipe, net = job.recipe, classifier(job.recipe, job.data.questions)
    if recipe.head_epochs and recipe.cache:
        train_top(net, job, features_of(net, job, "train"), features_of(net, job, "validation"))
    elif recipe.head_epochs:
        _set_statistics(net, job, "stage-1")
        net.backbone.requires_grad_(False)
        net = _train_on_photos(net, job, "stage-1", recipe.head_epochs, {"": recipe.head_rate})
        net.backbone.requires_grad_(True)
    if recipe.epochs:
        _restore_norms(net, job)
        if not recipe.head_epochs:
            _set_statistics(net, job, "stage-2")
        net = _train_on_photos(net, job, "stage-2", recipe.epochs, {"": recipe.rate})
    return net.eval()


def features_of(net: Classifier, job: Job, split: str) -> Features:
    """(N, K, F) features of a split's garments, from the job's folder when they are there; K = 1 for validation."""
    looks = job.recipe.looks if split == "train" else 0
    return cached(net, job.data.crops[split], job.recipe, job.folder / f"features-{split}.npy", looks=looks)


@torch.no_grad()
def predict(net: Classifier, job: Job, split: str) -> list[NDArray[np.float32]]:
    """(N, A) float32 logits a question of a split's garments as the runtime sees them."""
    if not job.recipe.light:
        return answers_to(net, job.data.crops[split], job.recipe)
    plain = torch.from_numpy(features_of(net, job, split)[:, 0].astype(np.float32))
    return [found.float().cpu().numpy() for found in net.top.cpu()(plain)]


def train_top(net: Classifier, job: Job, learn: Features, held: Features) -> None:
    """Stage 1 on features that are computed once: seconds an epoch, or solved at once where the recipe has a ridge."""
    recipe, data = job.recipe, job.data
    net.top.set_statistics(torch.from_numpy(learn.reshape(-1, learn.shape[2]).astype(np.float32)))
    if recipe.ridge:
        solve(net.top, learn, data.answers("train"), recipe, job.odds, job.weights)
        return
    batches = FeatureBatches(learn, data.answers("train"), recipe, job.odds)
    plain = torch.from_numpy(held[:, 0].astype(np.float32))

    def measure(top: nn.Module) -> dict[str, float]:
        logits = [out.float().cpu().numpy() for out in top(plain.to(device_of(top)))]
        return figures(logits, data.answers("validation"), data.questions)

    top = train(
        net.top,
        plan=job.plan(epochs=recipe.head_epochs, steps=batches.steps, rates={"": recipe.head_rate}),
        batches=batches,
        loss_of=job.loss,
        measure=measure,
        folder=job.folder / "stage-1",
        set_train=_set_train,
    )
    net.top.load_state_dict(top.state_dict())


def _set_train(net: nn.Module) -> None:
    net.train()


@torch.no_grad()
def _set_statistics(net: Classifier, job: Job, stage: str) -> None:
    """Standardise with the features of a few batches, where no pass over all photos tells them."""
    if not (job.folder / stage / "checkpoint.pt").exists():
        batches = PhotoBatches(job.data.crops["train"], job.data.answers("train"), job.recipe, None)
        net.eval()
        found = [net.features(batch.inputs).float() for _, batch in zip(range(8), batches(0), strict=False)]
        net.top.set_statistics(torch.cat(found))


def _restore_norms(net: Classifier, job: Job) -> None:
    """The bundled net's batch norms are folded away; give them statistics to train with."""
    recipe = job.recipe
    if recipe.net == OWN and recipe.weights != "download" and not (job.folder / "stage-2" / "checkpoint.pt").exists():
        batches = PhotoBatches(job.data.crops["train"], job.data.answers("train"), recipe, None)
        some = (batch.inputs.flatten(0, 1) for _, batch in zip(range(8), batches(0), strict=False))
        restore_batch_norm(net.backbone, some)


def _train_on_photos(net: Classifier, job: Job, stage: str, epochs: int, rates: dict[str, float]) -> Classifier:
    recipe, data = job.recipe, job.data
    batches = PhotoBatches(data.crops["train"], data.answers("train"), recipe, job.odds)
    frozen = not any(weight.requires_grad for weight in net.backbone.parameters())

    def measure(model: nn.Module) -> dict[str, float]:
        assert isinstance(model, Classifier)
        return figures(answers_to(model, data.crops["validation"], recipe), data.answers("validation"), data.questions)

    def set_train(model: nn.Module) -> None:
        assert isinstance(model, Classifier)
        model.train()
        model.backbone.freeze(len(model.backbone.parts()) if frozen else recipe.freeze_first)

    set_train(net)
    trained = train(
        net,
        plan=job.plan(epochs=epochs, steps=batches.steps, rates=rates),
        batches=batches,
        loss_of=job.loss,
        measure=measure,
        folder=job.folder / stage,
        set_train=set_train,
    )
    assert isinstance(trained, Classifier)
    return trained
