"""How a net is trained: what the loop goes by, and what the recipes of nets say of it in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

Optimiser = Literal["adamw", "adam", "sgd", "rmsprop"]
Precision = Annotated[Literal["bfloat16", "single"], "precision of the net's arithmetic"]
Decay = Annotated[float, "weight decay"]
Average = Annotated[float, "decay of the weights' moving average, 0..1; 0: none"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how fast to train.

    rates: peak learning rate a group of weights, by the prefix of their names; "" is everything else.
    schedule: "cosine" falls to nothing after the warm-up, "constant" stays. average: decay of the exponential moving
    average of the weights, which is what is kept; 0 keeps the weights themselves. watch: the measure to be highest;
    its best epoch's weights (the last of equals) are kept, and the run stops after ``patience`` epochs without a better
    one.
    precision: "bfloat16" computes in mixed precision. device: "auto" takes a GPU where there is one.
    track: "tensorboard" or "mlflow" besides the run's own history.jsonl.
    """

    epochs: int
    steps_an_epoch: int
    rates: dict[str, float]
    optimiser: Optimiser = "adamw"
    momentum: float = 0.9
    schedule: Literal["cosine", "constant"] = "cosine"
    weight_decay: float = 0.02
    warmup_steps: int = 100
    average: float = 0.998
    clip: float = 5.0
    watch: str = ""
    patience: int | None = None
    precision: Literal["bfloat16", "single"] = "bfloat16"
    device: str = "auto"
    threads: int = 1
    seed: int = 0
    track: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What every recipe says that trains a net: how it computes, and the seed that makes it repeatable."""

    precision: Precision = "bfloat16"
    threads: Annotated[int, "processor threads"] = 1
    seed: Annotated[int, "seed of every random choice"] = 0


@dataclass(frozen=True, kw_only=True)
class Learning(Run):
    """A recipe of a net that learns in the loop; its epochs and rates are its own."""

    weight_decay: Decay = 0.05
    average: Average = 0.99
    limit: Annotated[int | None, "use only so many photos a split, to try things out"] = None

    def plan(self, *, epochs: int, steps: int, rates: dict[str, float]) -> Plan:
        """The loop's plan of so many epochs of so many steps, with these peak rates (see :class:`Plan`)."""
        return Plan(
            epochs=epochs,
            steps_an_epoch=steps,
            rates=rates,
            weight_decay=self.weight_decay,
            average=self.average,
            precision=self.precision,
            threads=self.threads,
            seed=self.seed,
        )


@dataclass(frozen=True, kw_only=True)
class OwnModel(Learning):
    """A recipe whose net is measured on the validation photos after every epoch, and becomes a model with a card."""

    name: Annotated[str, "the model's name"] = "own"
    optimiser: Annotated[Optimiser, "optimiser"] = "adamw"
    patience: Annotated[int | None, "stop after so many epochs without a better validation score"] = None
    licence: Annotated[str, "licence of the model, for its card"] = "not stated"
    trained_on: Annotated[str, "data the model learns from and its licence, for its card"] = ""

    def plan(self, *, epochs: int, steps: int, rates: dict[str, float], watch: str = "") -> Plan:
        """As :meth:`Learning.plan`; watch: the measure whose best epoch is kept, empty to keep the last."""
        plan = super().plan(epochs=epochs, steps=steps, rates=rates)
        return replace(plan, optimiser=self.optimiser, watch=watch, patience=self.patience)
