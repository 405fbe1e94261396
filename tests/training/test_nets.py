from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch
from torch import nn

from meot.training.nets.garment import GarmentNet, restore_batch_norm
from meot.training.nets.parser import ParserNet, fix_padding

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]


def test_constant_padding_equals_same_padding_on_multiples_of_32() -> None:
    from typing import Any

    import timm

    torch.manual_seed(0)
    x = torch.randn(1, 3, 64, 96)
    net: Any = timm.create_model("tf_efficientnet_b0", pretrained=False, num_classes=0).eval()
    with torch.no_grad():
        expected = net.forward_features(x)
        fix_padding(net)
        torch.testing.assert_close(net.forward_features(x), expected)


def test_parser_answers_at_a_quarter_of_the_size() -> None:
    net = ParserNet(regions=12, categories=44).eval()
    with torch.no_grad():
        regions, worn, category = net(torch.zeros(2, 3, 64, 96))
    assert regions.shape == (2, 12, 16, 24)
    assert worn.shape == (2,)
    assert category.shape == (2, 44)


def test_restoring_batch_norm_leaves_the_answer_and_gives_statistics() -> None:
    torch.manual_seed(0)
    net = GarmentNet(categories=5)
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for norm in norms:
            norm.running_mean = torch.zeros(norm.num_features)
            norm.running_var = torch.full((norm.num_features,), 1 - norm.eps)
            norm.bias.uniform_(-0.1, 0.1)
    x = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        before = net.eval()(x)
        restore_batch_norm(net, [x])
        after = net.eval()(x)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)
    assert all(n.running_mean is not None and float(n.running_mean.abs().max()) > 0 for n in norms)
