"""The human parser: EfficientNet-B0 (Tan and Le 2019) under a light feature-pyramid decoder (Lin et al. 2017).

Three answers from one pass: a region map, whether the photo shows clothes being worn, and, for a photo of a
single unworn garment, its category.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import load_file
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

_WIDTH = 96
_LEVELS = (24, 40, 112, 320)


def fix_padding(net: nn.Module) -> None:
    """Replace TensorFlow's "SAME" convolutions by constant padding, equal for sides that are multiples of 32."""
    for name, child in net.named_children():
        if isinstance(child, Conv2dSame):
            kernel, stride = child.kernel_size[0], child.stride[0]
            total = kernel - stride
            plain = nn.Conv2d(
                child.in_channels,
                child.out_channels,
                kernel,
                stride,
                0,
                groups=child.groups,
                bias=child.bias is not None,
            )
            plain.load_state_dict(child.state_dict())
            low = total // 2
            setattr(net, name, nn.Sequential(nn.ZeroPad2d((low, total - low, low, total - low)), plain))
        else:
            fix_padding(child)


def _separable(width: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    )


class ParserNet(nn.Module):
    """(N, 3, H, W) float32, H and W multiples of 32 -> region logits, worn logit, category logits."""

    def __init__(self, *, regions: int, categories: int, weights: Path | None = None, pretrained: bool = False) -> None:
        super().__init__()
        backbone: Any = timm.create_model("tf_efficientnet_b0", pretrained=pretrained, num_classes=0)
        if weights is not None:
            missing, unexpected = backbone.load_state_dict(load_file(weights), strict=False)
            lost = [k for k in missing if not k.startswith(("conv_head", "bn2"))]
            if lost or unexpected:
                raise ValueError(
                    f"{weights} does not fit tf_efficientnet_b0: missing {lost[:3]}, unexpected {unexpected[:3]}"
                )
        self.stem = nn.Sequential(backbone.conv_stem, backbone.bn1)
        self.blocks: nn.Sequential = backbone.blocks
        fix_padding(self)
        self.lateral = nn.ModuleList([nn.Conv2d(c, _WIDTH, 1) for c in _LEVELS])
        self.context = nn.Sequential(nn.Conv2d(_LEVELS[-1], _WIDTH, 1), nn.ReLU(inplace=True))
        self.smooth = nn.ModuleList([_separable(_WIDTH, kernel) for kernel in (3, 5, 5, 5)])
        self.detail = nn.Sequential(_separable(_WIDTH, 3), nn.Dropout2d(0.1))
        self.regions = nn.Conv2d(_WIDTH, regions, 1)
        pooled = _LEVELS[-1] + _LEVELS[-2]
        self.worn = nn.Linear(pooled, 1)
        self.category = nn.Sequential(nn.Dropout(0.3), nn.Linear(pooled, categories))

    def freeze_early(self) -> None:
        """Keep the stem and the first three stages as pretrained: most of the cost, a fortieth of the weights."""
        for part in (self.stem, self.blocks[0], self.blocks[1], self.blocks[2]):
            part.requires_grad_(False)
            part.eval()

    def levels(self, x: Tensor) -> list[Tensor]:
        """Features at strides 4, 8, 16, 32."""
        x = self.stem(x)
        kept = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in (1, 2, 4, 6):
                kept.append(x)
        return kept

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, regions, H/4, W/4) logits, (N,) worn logit, (N, categories) logits."""
        levels = self.levels(x)
        top = levels[-1].mean((2, 3), keepdim=True)
        pooled = torch.cat([top.flatten(1), levels[-2].mean((2, 3))], 1)
        y = self.smooth[3](self.lateral[3](levels[3]) + self.context(top))
        for i in (2, 1, 0):
            y = nn.functional.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)
            y = self.smooth[i](y + self.lateral[i](levels[i]))
        return self.regions(self.detail(y)), self.worn(pooled).flatten(), self.category(pooled)
