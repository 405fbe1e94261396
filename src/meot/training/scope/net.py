"""The scope model: two logistic regressions on what the judge of a photo's garments sees, and their thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from meot.errors import DataError

if TYPE_CHECKING:
    from meot.training.recipes.scope import ScopeRecipe

KEPT = ((64, 1536), (2859, 2915))
"""Parts of the descriptor that are looked at: the two deeper levels' means (and the first one's deviation), and the
evidence; neither plain colours nor fine texture, by which drawn pictures differ from photos for no good reason."""


class Seen(NamedTuple):
    """seen: (N, D) float32 descriptors of pictures in which something was found; worn, clothes: (N,) bool."""

    seen: NDArray[np.float32]
    worn: NDArray[np.bool_]
    clothes: NDArray[np.bool_]


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
