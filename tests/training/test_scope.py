"""The scope recipe: what is fitted, where the thresholds lie, and that the file answers as the net does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from meot.errors import DataError
from meot.models.card import read_card
from meot.models.session import OnnxSession
from meot.training.recipes.scope import ScopeRecipe, save
from meot.training.scope.net import KEPT, Seen, fit, thresholds

D = KEPT[-1][1]


def seen(count: int = 240, *, seed: int = 0) -> Seen:
    """Descriptors in which one number of the evidence tells clothes from the rest, turned around when worn."""
    rng = np.random.default_rng(seed)
    clothes, worn = rng.random(count) < 0.5, rng.random(count) < 0.4
    x = rng.standard_normal((count, D)).astype(np.float32)
    x[:, :-20] = 0
    x[:, -3] += 4 * np.where(clothes ^ worn, 1, -1)
    return Seen(x, worn, clothes)


@pytest.fixture(scope="module")
def recipe() -> ScopeRecipe:
    return ScopeRecipe(data=Path(), lost=0.01, doubted=0.1, margin=0.25)


def test_the_file_tells_clothes_from_the_rest_both_ways(recipe: ScopeRecipe, tmp_path: Path) -> None:
    train, held = seen(), seen(seed=1)
    net = fit(train, recipe)
    trust = thresholds(net, Seen(held.seen[held.clothes], held.worn[held.clothes], held.clothes[held.clothes]), recipe)
    file = save(net, train, trust, {"garment": "g@1", "parser": "p@1"}, recipe, tmp_path)
    assert file.stat().st_size < 20_000
    card = read_card(file.with_suffix(".json"))
    assert card.encoder == "g@1"
    for kind in ("flat", "worn"):
        assert card.settings[f"{kind}_floor"] < card.settings[f"{kind}_sure"]
    inputs = {"seen": held.seen, "worn": held.worn.astype(np.float32)[:, None]}
    (score,) = OnnxSession(model=file, threads=1).run(inputs)
    assert ((score > 0) == held.clothes).mean() > 0.9


def test_few_photos_of_clothes_lose_by_the_thresholds(recipe: ScopeRecipe) -> None:
    held = seen(400, seed=2)
    mine = Seen(held.seen[held.clothes], held.worn[held.clothes], held.clothes[held.clothes])
    net = fit(seen(), recipe)
    trust = thresholds(net, mine, recipe)
    import torch

    score = net(torch.from_numpy(mine.seen), torch.from_numpy(mine.worn.astype(np.float32)[:, None])).detach().numpy()
    flat = score[~mine.worn]
    assert (flat < trust["flat_floor"]).mean() <= recipe.lost
    assert 0.05 < (flat < trust["flat_sure"]).mean() < 0.15


def test_one_side_alone_cannot_be_learned(recipe: ScopeRecipe) -> None:
    train = seen(60)
    with pytest.raises(DataError, match="use more photos"):
        fit(Seen(train.seen, train.worn, np.ones_like(train.clothes)), recipe)
