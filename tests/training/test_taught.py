from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra: pip install 'meot[train]'")

from meot.errors import ModelError
from meot.labels.lessons import Example
from meot.labels.likeness import KINDS, Group, load
from meot.models import store
from meot.training.taught import Played, Told, fit, fit_curve, play, probabilities, standard_of, sure_of, write

BLOCKS = (4, 8)
CENTRES = np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32) * 3 + 5


def told(kind: str, *, seed: int, count: int = 30, spread: float = 1.0, region: str = "") -> Told:
    """Photos of four classes around their centres."""
    rng = np.random.default_rng(seed)
    found = Told(kind)
    for name, centre in zip("abcd", CENTRES, strict=True):
        for _ in range(count):
            found.add((centre + rng.normal(size=12) * spread).astype(np.float32), name, region)
    return found


def everything(seed: int) -> dict[str, Told]:
    names = {"flat": "category_flat", "worn": "category_worn", "pattern": "component", "style": "style"}
    return {name: told(kind, seed=seed) for name, kind in names.items()}


def test_terms_are_those_that_a_group_weighs() -> None:
    seen = told("style", seed=0)
    standard = standard_of(seen.features, BLOCKS)
    played = play(seen, standard, seed=0, rounds=1)
    curve = fit_curve(played)
    again = told("style", seed=0)
    rng = np.random.default_rng(0)
    own = np.flatnonzero(np.array(again.labels) == "a")
    first = rng.permutation(own)[0]
    rest = np.flatnonzero(np.array(again.labels) != "a")
    asked = rng.permutation(np.concatenate([own[own != first], rest]))  # other order, same photos
    group = Group([Example(sha256="0", region="", encoder="", features=again.features[first])], standard)
    mine = sorted(group.probability(standard.direction(again.features[i]), curve) for i in asked)
    np.testing.assert_allclose(sorted(probabilities(played, curve)[: len(asked)]), mine, rtol=1e-4)


def test_probabilities_of_other_lessons_are_true() -> None:
    seen = told("style", seed=0, count=60, spread=4.0)
    standard = standard_of(seen.features, BLOCKS)
    curve = fit_curve(play(seen, standard, seed=0))
    asked = play(seen, standard, seed=1)
    p = probabilities(asked, curve)
    for low in np.arange(0, 1, 0.2):
        inside = (p >= low) & (p < low + 0.2)
        assert inside.sum() > 100
        assert asked.right[inside].mean() == pytest.approx(p[inside].mean(), abs=0.1)


def test_leaning_is_added_to_the_odds() -> None:
    seen = told("style", seed=0)
    played = play(seen, standard_of(seen.features, BLOCKS), seed=0)
    assert fit_curve(played, leaning=-1.0).bias == pytest.approx(fit_curve(played).bias - 1.0)


def test_sure_is_never_where_95_of_100_are_never_reached() -> None:
    clear, vague = told("style", seed=0, spread=0.5), told("style", seed=0, spread=40.0)
    for seen, never in ((clear, False), (vague, True)):
        played = play(seen, standard_of(seen.features, BLOCKS), seed=0)
        curve = fit_curve(played)
        sure = sure_of(played, curve)
        assert (sure > 1) is never
        if not never:
            p = probabilities(played, curve)
            assert played.right[p >= sure].mean() >= 0.95
    assert sure_of(Played(np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0, np.bool_)), curve) > 1


def test_only_garments_of_like_regions_are_asked_together() -> None:
    seen = told("category_worn", seed=0, region="upper")
    for other, name in (("lower", "jeans"), ("outer", "coat")):
        for features in told("category_worn", seed=2, count=2).features:
            seen.add(features, name, other)
    played = play(seen, standard_of(seen.features, BLOCKS), seed=0, rounds=1)
    upper_alone = 4 * 30 + 8  # the outer ones stand beside them, the lower ones do not
    assert len(played.right) == 4 * sum(upper_alone - n for n in (1, 2, 3, 5, 10)) + sum(
        (upper_alone - n) + (8 - n) for n in (1, 2, 3)
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    likeness = fit(everything(0), everything(1), "garment-x@1", blocks={"garment": BLOCKS, "outfit": BLOCKS})
    write(likeness, tmp_path)
    found = load(*store.find("taught", tmp_path, ending=".npz"))
    assert found.encoder == "garment-x@1"
    assert set(found.curves) == set(KINDS)
    assert found.curves["style"].bias == pytest.approx(likeness.curves["style"].bias)
    np.testing.assert_allclose(found.curves["style"].cosines, likeness.curves["style"].cosines, rtol=1e-5)
    np.testing.assert_allclose(found.outfit.mean, likeness.outfit.mean, rtol=1e-3)
    (tmp_path / "taught.npz").write_bytes(b"no longer what it was")
    with pytest.raises(ModelError, match="damaged"):
        store.find("taught", tmp_path, ending=".npz")


def test_the_bundled_file_is_for_the_bundled_garment_model() -> None:
    assert store.find("taught", ending=".npz")[1].encoder == store.find("garment")[1].label
