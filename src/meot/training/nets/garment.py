"""The garment net: MobileNetV2 (Sandler et al. 2018) over one garment's crop."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

LEVELS = (6, 13, 18)
"""Positions in MobileNetV2's features whose outputs make the vector: 32, 96 and 1280 channels."""


class GarmentNet(nn.Module):
    """(N, 3, S, S) float32 -> category logits (N, C); :meth:`levels` gives the feature maps the vector is made of."""

    def __init__(self, *, categories: int, weights: Path | None = None, pretrained: bool = False) -> None:
        super().__init__()
        net = mobilenet_v2(weights=MobileNet_V2_Weights.IMAGENET1K_V2 if pretrained else None)
        if weights is not None:
            state = {k: v.float() if v.is_floating_point() else v for k, v in load_file(weights).items()}
            lost, unexpected = net.load_state_dict(state, strict=False)
            if [k for k in lost if not k.startswith("classifier")] or [k for k in unexpected if "classifier" not in k]:
                raise ValueError(
                    f"{weights} does not fit mobilenet_v2: missing {lost[:3]}, unexpected {unexpected[:3]}"
                )
        self.features = net.features
        self.category = nn.Sequential(nn.Dropout(0.25), nn.Linear(1280, categories))

    def levels(self, x: Tensor) -> list[Tensor]:
        """Feature maps at :data:`LEVELS`."""
        kept = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in LEVELS:
                kept.append(x)
        return kept

    def forward(self, x: Tensor) -> Tensor:
        """(N, C) category logits."""
        logits: Tensor = self.category(self.features(x).mean((2, 3)))
        return logits

    def freeze_early(self) -> None:
        """Keep the first layers (to stride 4) as pretrained."""
        for layer in self.features[:3]:
            layer.requires_grad_(False)
            layer.eval()


def pooled(levels: list[Tensor]) -> Tensor:
    """(N, 2816) mean and deviation of each channel of the feature maps at :data:`LEVELS`, over the whole crop."""
    found = []
    for each in levels:
        level = each.float()
        mean = level.mean((2, 3), keepdim=True)
        found += [mean.flatten(1), (((level - mean) ** 2).mean((2, 3)) + 1e-6).sqrt()]
    return torch.cat(found, 1)


@torch.no_grad()
def restore_batch_norm(net: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give folded batch norms (identity + bias) statistics to train with, leaving the eval output unchanged.

    For each norm with mean m and variance v of its input over ``batches``: running mean m, running variance v,
    weight sqrt(v + eps), bias + m.
    """
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    sums = {m: torch.zeros(2, m.num_features, dtype=torch.float64) for m in norms}
    counts = dict.fromkeys(norms, 0)

    def gather(module: nn.Module, args: tuple[Tensor, ...], _: Tensor) -> None:
        assert isinstance(module, nn.BatchNorm2d)
        x = args[0].double()
        sums[module] += torch.stack([x.sum((0, 2, 3)), (x * x).sum((0, 2, 3))])
        counts[module] += x.shape[0] * x.shape[2] * x.shape[3]

    hooks = [m.register_forward_hook(gather) for m in norms]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, square = sums[norm] / counts[norm]
        variance = (square - mean**2).clamp_min(1e-5)
        norm.running_mean, norm.running_var = mean.float(), variance.float()
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)
