"""The plain colours of a picture, which tell denim from denim better than a net that learned to see past them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Shades(nn.Module):
    """(N, 3, S, S) normalised pixels -> (N, 43): mean and deviation a channel, softly counted shares of lightness,
    of lightness among bluish pixels, and of blue against yellow. What a backbone trained to ignore light forgets."""

    size = 6 + 15 + 15 + 7

    def forward(self, pixels: Tensor) -> Tensor:
        """Shares of a garment's shades."""
        x = functional.avg_pool2d(pixels.float(), 4).flatten(2)
        light, blue = x.mean(1), (x[:, 2] - x[:, 0])
        bins = torch.linspace(-1.8, 2.2, 15, device=x.device)
        near = (-((light[:, :, None] - bins) ** 2) / 0.06).softmax(2)
        bluish = torch.sigmoid(4 * (blue - 0.2))[:, :, None]
        hues = (-((blue[:, :, None] - torch.linspace(-1.5, 1.5, 7, device=x.device)) ** 2) / 0.15).softmax(2)
        deviation = ((x - x.mean(2, keepdim=True)) ** 2).mean(2).add(1e-6).sqrt()
        shares = [near.mean(1), (near * bluish).mean(1) / (bluish.mean(1) + 1e-2), hues.mean(1)]
        return torch.cat([x.mean(2), deviation, *shares], 1)
