"""Nets that turn a picture into features, by name: meot's own garment net, torchvision's, timm's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from meot.errors import DataError, ModelError, nearest
from meot.models import store
from meot.training.nets.garment import LEVELS, GarmentNet, pooled
from meot.training.nets.shades import Shades
from meot.training.nets.weights import fill, read_weights

SHADES = "shades"
"""No net at all: the plain colours, which tell denim from denim better than a net that learned to see past them."""
OWN = "meot"
"""The bundled garment model's net: knows clothes already, nothing is downloaded."""


class Backbone(nn.Module):
    """(N, 3, S, S) float32 -> (N, F) float32 features; ``size`` is F.

    ``blocks``: sizes of the features' parts in their order, together F. A head gives each part the same say.
    """

    size: int

    @property
    def blocks(self) -> tuple[int, ...]:
        """One part, where a net does not say more."""
        return (self.size,)

    def parts(self) -> list[nn.Module]:
        """The layers that have no layers inside, from the first to the last: what "the first n layers" counts."""
        return [module for module in self.modules() if not list(module.children())]

    def freeze(self, first: int) -> None:
        """Keep the first ``first`` layers as they are: no gradient, batch norms with their own statistics."""
        for module in self.parts()[:first]:
            module.requires_grad_(False)
            module.eval()


class GarmentFeatures(Backbone):
    """Mean and deviation of the garment net's three feature levels: shape at the end, cloth and print before it."""

    size = 2 * (32 + 96 + 1280)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Mean and deviation of each level: cloth and print would drown in the last level's channels."""
        return (32, 32, 96, 96, 1280, 1280)

    def __init__(self, net: GarmentNet) -> None:
        super().__init__()
        self.features = net.features

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2816) features."""
        levels = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in LEVELS:
                levels.append(x)
        return pooled(levels)


class Pooled(Backbone):
    """A torchvision or timm net without its last layer, globally average-pooled."""

    def __init__(self, net: nn.Module, size: int) -> None:
        super().__init__()
        self.net, self.size = net, size

    def forward(self, x: Tensor) -> Tensor:
        """(N, F) features."""
        features: Tensor = self.net(x)
        return features.flatten(1).float()


class PlainColours(Backbone):
    """:class:`Shades` as a backbone of its own."""

    size = Shades.size

    def __init__(self) -> None:
        super().__init__()
        self.shades = Shades()

    def forward(self, x: Tensor) -> Tensor:
        """(N, 43) features."""
        found: Tensor = self.shades(x)
        return found


def build(name: str, weights: str = "") -> Backbone:
    """The backbone of that name.

    name: "meot", "shades", a torchvision name (resnet34, resnet50, vgg16, densenet121, ...) or a timm name. weights:
    "" for a random start (for "meot": the bundled model's), "download" for the library's own pretrained ones, else a
    .safetensors or .pt file. DataError for an unknown name, with the nearest known; ModelError when a file does not
    fit.
    """
    if name == OWN:
        return GarmentFeatures(_own(weights))
    if name == SHADES:
        return PlainColours()
    import timm
    import torchvision.models as zoo

    net: nn.Module
    if name in zoo.list_models(module=zoo):
        net, size = _torchvision(name, "DEFAULT" if weights == "download" else None)
    elif name in timm.list_models():
        made: Any = timm.create_model(name, pretrained=weights == "download", num_classes=0)
        net, size = made, int(made.num_features)
    else:
        known = [OWN, SHADES, *zoo.list_models(module=zoo), *timm.list_models()]
        raise DataError(f"no net is called {name!r}; {nearest(name, known)}")
    if weights not in ("", "download"):
        fill(net, read_weights(Path(weights)), weights)
    return Pooled(net, size)


def _torchvision(name: str, weights: str | None) -> tuple[nn.Module, int]:
    import torchvision.models as zoo

    net: Any = zoo.get_model(name, weights=weights)
    if name.startswith("vgg"):
        net.avgpool, net.classifier = nn.AdaptiveAvgPool2d(1), nn.Identity()
        return net, 512
    path, last = [(p, m) for p, m in net.named_modules() if isinstance(m, nn.Linear)][-1]
    parent = net.get_submodule(path.rpartition(".")[0])
    setattr(parent, path.rpartition(".")[2], nn.Identity())
    return net, last.in_features


def _own(weights: str) -> GarmentNet:
    if weights == "download":
        return GarmentNet(categories=1, pretrained=True)
    if weights:
        return GarmentNet(categories=1, weights=Path(weights))
    net = GarmentNet(categories=1)
    file, _ = store.find("garment")
    read_convolutions(net.features, file)
    return net


@torch.no_grad()
def read_convolutions(net: nn.Module, file: Path) -> None:
    """Fill the convolutions of ``net`` from a model file, whose batch norms are folded into them, in their order.

    Each batch norm becomes identity plus the folded bias. ModelError when their shapes do not agree.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(file)).graph
    values = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
    for node in graph.node:  # weights stored in half precision have a cast behind them
        if node.op_type == "Cast" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]].astype(np.float32)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    modules = list(net.modules())
    pairs = [(m, modules[i + 1]) for i, m in enumerate(modules) if isinstance(m, nn.Conv2d)]
    if len(pairs) > len(convolutions):
        raise ModelError(f"{file}: expected at least {len(pairs)} convolutions, found {len(convolutions)}")
    for (convolution, norm), node in zip(pairs, convolutions, strict=False):
        weight, bias = values[node.input[1]], values[node.input[2]]
        if tuple(weight.shape) != tuple(convolution.weight.shape) or not isinstance(norm, nn.BatchNorm2d):
            raise ModelError(f"{file}: {node.name} has shape {weight.shape}, expected {convolution.weight.shape}")
        convolution.weight.copy_(torch.from_numpy(weight.astype(np.float32)))
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.zero_()
        norm.running_var.fill_(1.0)
        norm.weight.fill_((1.0 + norm.eps) ** 0.5)
        norm.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
