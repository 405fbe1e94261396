"""Deep metric learning via facility location (Oh Song, Jegelka, Rathod, Murphy, CVPR 2017), written from the paper.

Of N embedded photos some are medoids; every photo belongs to its nearest medoid. A set S of medoids scores

    F(S) = -sum_i min_{j in S} ||x_i - x_j||

and the truth, whose clusters are the items, scores with its best medoid in each of them

    F~(y) = sum_k max_{j in cluster k} -sum_{i in cluster k} ||x_i - x_j||.

The loss asks that no other clustering comes near the truth's score, and the further the worse that clustering is:

    [ max_{|S| = K} F(S) + gamma * (1 - NMI(g(S), y)) - F~(y) ]_+

where K is the number of items, g(S) the clustering by nearest medoid and NMI the normalised mutual information
I / sqrt(H H). The maximum is found greedily, then medoids are swapped within their clusters (the paper's algorithms
1 and 2). One deviation: a swap is judged by the whole score, not by its own cluster's, so that no swap lowers it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def distances(embeddings: Tensor) -> Tensor:
    """(N, D) float -> (N, N) float32 Euclidean distances with a finite gradient everywhere, zeros on the diagonal."""
    x = embeddings.float()
    square = (x[:, None] - x[None]).square().sum(2) if len(x) <= 64 else _gram(x)
    apart = square > 1e-12
    return torch.where(apart, square.where(apart, torch.ones_like(square)).sqrt(), torch.zeros_like(square))


def _gram(x: Tensor) -> Tensor:
    """(N, N) squared distances by one product of matrices, for batches whose differences would fill the memory."""
    norm = x.square().sum(1)
    square = (norm[:, None] + norm[None] - 2 * x @ x.t()).clamp_min(0.0)
    return square * (1 - torch.eye(len(x), device=x.device))


def _items(of: Tensor) -> Tensor:
    """The different values of (N,) int64."""
    return torch.unique(of)  # type: ignore[no-any-return]


def assign(apart: Tensor, medoids: Tensor) -> Tensor:
    """(N,) int64 place in ``medoids`` (K,) of each photo's nearest one; a medoid is its own nearest."""
    near = apart[:, medoids].clone()
    near[medoids, torch.arange(len(medoids), device=near.device)] = -1.0
    return near.argmin(1)


def score(apart: Tensor, medoids: Tensor) -> Tensor:
    """F(S): scalar, minus the sum of the distances (N, N) to the nearest of ``medoids`` (K,) int64."""
    return -apart[:, medoids].amin(1).sum()


def true_score(apart: Tensor, truth: Tensor) -> Tensor:
    """F~: scalar score of the clustering ``truth`` (N,) int64, each cluster with its best medoid."""
    same = truth[:, None] == truth[None]
    cost = (apart * same).sum(0)
    return -torch.stack([cost[truth == k].min() for k in _items(truth)]).sum()


def nmi(first: Tensor, second: Tensor) -> Tensor:
    """(B,) float32 normalised mutual information, 0..1, of clusterings (B, N) int64 with ``second`` (N,) int64.

    I / sqrt(H(first) H(second)); 1 when both have one cluster only, 0 when just one of them has.
    """
    truth = (second[:, None] == _items(second)).long().argmax(1)
    batch, count = first.shape
    classes, clusters = int(truth.max()) + 1, int(first.max()) + 1
    cell = (torch.arange(batch, device=first.device)[:, None] * clusters + first) * classes + truth
    table = torch.bincount(cell.flatten(), minlength=batch * clusters * classes).view(batch, clusters, classes)
    plogp = torch.zeros(count + 1, device=first.device)
    plogp[1:] = torch.arange(1, count + 1, device=first.device) / count
    plogp[1:] *= plogp[1:].clone().log()
    both = -plogp[table].sum((1, 2))
    own, other = -plogp[table.sum(2)].sum(1), -plogp[table.sum(1)].sum(1)
    joint = (own * other).sqrt()
    found = (own + other - both) / joint.clamp_min(1e-12)
    single = ((own <= 1e-9) & (other <= 1e-9)).float()
    return torch.where(joint > 1e-9, found.clamp(0.0, 1.0), single)


def augmented(apart: Tensor, truth: Tensor, choices: Tensor, gamma: float) -> Tensor:
    """(B,) F(S) + gamma (1 - NMI) of B sets of medoids, ``choices`` (B, K) int64."""
    count = choices.shape[1]
    near = apart[:, choices].transpose(0, 1).clone()  # (B, N, K)
    far = -near.amin(2).sum(1)
    batch = torch.arange(len(choices), device=apart.device)[:, None]
    near[batch, choices, torch.arange(count, device=apart.device)] = -1.0
    return far + gamma * (1 - nmi(near.argmin(2), truth))


@torch.no_grad()
def greedy(apart: Tensor, truth: Tensor, gamma: float) -> Tensor:
    """(K,) int64 medoids, K the number of clusters in ``truth``: each step adds the one that raises the score most.

    All candidates of a step are tried at once: distances to the nearest medoid so far are kept, and a candidate takes
    the photos that lie nearer to it.
    """
    count = len(truth)
    everyone = torch.arange(count, device=apart.device)
    nearest = torch.full((count,), torch.inf, device=apart.device)
    place = torch.zeros(count, dtype=torch.int64, device=apart.device)
    chosen: list[int] = []
    for step in range(len(_items(truth))):
        takes = apart.t() < nearest  # (candidate, photo)
        takes[:, chosen] = False  # a medoid stays in its own cluster
        takes[everyone, everyone] = True
        far = torch.where(takes, apart.t(), nearest).sum(1)
        clusters = torch.where(takes, torch.full_like(place, step), place)
        value = -far + gamma * (1 - nmi(clusters, truth))
        value[chosen] = -torch.inf
        best = int(value.argmax())
        place, nearest = clusters[best], torch.where(takes[best], apart[:, best], nearest)
        chosen.append(best)
    return torch.tensor(chosen, device=apart.device)


@torch.no_grad()
def refine(apart: Tensor, truth: Tensor, medoids: Tensor, gamma: float, *, rounds: int = 5) -> Tensor:
    """(K,) int64 medoids after swapping each for the best photo of its cluster, until nothing improves.

    The score never falls, so the result is at least as good as what it starts from.
    """
    best = augmented(apart, truth, medoids[None], gamma)[0]
    for _ in range(rounds):
        before = best
        for k in range(len(medoids)):
            members = (assign(apart, medoids) == k).nonzero()[:, 0]
            tried = medoids.repeat(len(members), 1)
            tried[:, k] = members
            values = augmented(apart, truth, tried, gamma)
            if values.max() > best:
                best, medoids = values.max(), tried[values.argmax()]
        if best <= before + 1e-6:
            break
    return medoids


class FacilityLocation(nn.Module):
    """The structured loss of (N, D) embeddings with (N,) int64 items, a scalar >= 0; for batches of several photos an
    item.

    gamma: how much a wrong clustering is to fall short of the truth, in units of the summed distance. It is 0 exactly
    when the truth scores at least ``gamma (1 - NMI)`` above whatever clustering was found. rounds: of swapping
    medoids; 0 leaves the greedy choice. ValueError when all photos are of one item, or each of its own.
    """

    def __init__(self, *, gamma: float = 1.0, rounds: int = 2) -> None:
        super().__init__()
        self.gamma, self.rounds = gamma, rounds

    def forward(self, embeddings: Tensor, items: Tensor) -> Tensor:
        """Scalar loss, per photo: divided by N so that rates do not depend on the batch."""
        clusters = len(_items(items))
        if not 1 < clusters < len(items):
            raise ValueError(f"expected 2 to {len(items) - 1} items among {len(items)} photos, got {clusters}")
        apart = distances(embeddings)
        fixed = apart.detach()
        medoids = refine(fixed, items, greedy(fixed, items, self.gamma), self.gamma, rounds=self.rounds)
        wrong = 1 - nmi(assign(fixed, medoids)[None], items)[0]
        loss: Tensor = torch.relu(score(apart, medoids) + self.gamma * wrong - true_score(apart, items))
        return loss / len(items)
