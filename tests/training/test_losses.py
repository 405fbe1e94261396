from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch

from meot.training.losses import one_of, soft_dice

pytestmark = pytest.mark.train


def test_one_allowed_class_is_cross_entropy() -> None:
    logits = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    truth = torch.tensor([0, 3, 6, 2, 2])
    allowed = torch.nn.functional.one_hot(truth, 7).float()
    expected = torch.nn.functional.cross_entropy(logits, truth, reduction="none")
    torch.testing.assert_close(one_of(logits, allowed), expected)


def test_several_allowed_classes_share_the_blame() -> None:
    logits = torch.zeros(1, 4)
    loss = one_of(logits, torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
    torch.testing.assert_close(loss, torch.tensor([0.5]).log().neg())


def test_rows_that_say_nothing_count_nothing() -> None:
    assert one_of(torch.randn(3, 4), torch.zeros(3, 4)).abs().sum() == 0


def test_dice_is_zero_for_a_perfect_map_and_ignores_the_unknown() -> None:
    target = torch.tensor([[[0, 1], [1, 255]]])
    perfect = torch.full((1, 2, 2, 2), -50.0)
    perfect[0, 0, 0, 0] = perfect[0, 1, 0, 1] = perfect[0, 1, 1, 0] = 50.0
    assert soft_dice(perfect, target).item() == pytest.approx(0, abs=1e-4)
    wrong = -perfect
    wrong[0, :, 1, 1] = 0
    assert soft_dice(wrong, target).item() > 0.3
