"""Detectors of garments from torchvision: RetinaNet, Faster and Mask R-CNN on ResNets, and a light FCOS on MobileNetV2.

Every one takes a list of (3, H, W) float32 photos, normalised as :func:`meot.models.pixels.normalise` does and already
of the canvas's size, with targets while it trains, and gives a dict of losses or of boxes, labels and scores.
Class 0 is "nothing" inside all of them, the light one included, so that one set of targets serves all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from torch import Tensor, nn
from torchvision.models import get_model_weights, mobilenet_v2
from torchvision.models.detection import FasterRCNN, MaskRCNN, RetinaNet
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN, resnet_fpn_backbone
from torchvision.models.detection.fcos import FCOS, FCOSHead
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from meot.errors import DataError
from meot.models import store
from meot.training.nets.backbones import read_convolutions
from meot.training.nets.garment import LEVELS
from meot.training.nets.weights import fill, read_weights

Kind = Literal["light", "retinanet", "fasterrcnn", "maskrcnn"]
Body = Literal["resnet18", "resnet34", "resnet50", "resnet101"]

_WIDTH = 96
"""Channels of the light net's feature pyramid."""

_COCO = {
    "retinanet": "retinanet_resnet50_fpn",
    "fasterrcnn": "fasterrcnn_resnet50_fpn",
    "maskrcnn": "maskrcnn_resnet50_fpn",
}


def build(
    kind: Kind,
    *,
    classes: int,
    canvas: tuple[int, int],
    body: Body = "resnet50",
    weights: str = "",
    freeze: int = 0,
    score_from: float = 0.05,
) -> nn.Module:
    """A detector of ``classes`` classes on photos of ``canvas`` (height, width) px, multiples of 32.

    weights: "" is the bundled garment net's for "light" and random for the others; "random"; "download" takes
    torchvision's ImageNet weights of the backbone, "coco" its whole COCO detector but for the class layer (ResNet50
    only); else a .safetensors or .pt file of the backbone or of a whole detector. freeze: so many first stages of
    the backbone, 0..5, stay as they are. score_from: boxes with a lower score are not given.
    DataError for weights the net does not have; ModelError for a file that does not fit.
    """
    if not 0 <= freeze <= 5:
        raise DataError(f"freeze counts stages of the backbone, expected 0..5, got {freeze}")
    pretrained = weights in ("download", "coco")
    own = kind == "light"
    backbone = _mobilenet(weights) if own else _resnet(body, pretrained, weights == "download", kind == "retinanet")
    size: dict[str, Any] = {
        "min_size": min(canvas),
        "max_size": max(canvas),
        "image_mean": [0.0] * 3,
        "image_std": [1.0] * 3,
    }
    net = _assemble(kind, backbone, classes + 1, size, score_from)
    if weights == "coco":
        _fill_from_coco(net, kind, body)
    elif weights not in ("", "random", "download"):
        _fill_from_file(net, Path(weights))
    for stage in _stages(net)[:freeze]:
        stage.requires_grad_(False)
    return net


def _assemble(kind: Kind, backbone: nn.Module, classes: int, size: dict[str, Any], score_from: float) -> nn.Module:
    net: nn.Module
    if kind == "light":
        anchors = AnchorGenerator(sizes=((8,), (16,), (32,), (64,), (128,)), aspect_ratios=((1.0,),) * 5)
        head = FCOSHead(_WIDTH, anchors.num_anchors_per_location()[0], classes, num_convs=2)
        net = FCOS(
            backbone, classes, anchor_generator=anchors, head=head, score_thresh=score_from, nms_thresh=0.6, **size
        )
    elif kind == "retinanet":
        net = RetinaNet(backbone, classes, score_thresh=score_from, detections_per_img=100, **size)
    elif kind == "fasterrcnn":
        net = FasterRCNN(backbone, classes, box_score_thresh=score_from, **size)
    else:
        net = MaskRCNN(backbone, classes, box_score_thresh=score_from, **size)
    return net


def _resnet(body: Body, frozen_norms: bool, download: bool, one_stage: bool) -> nn.Module:
    """A ResNet with a feature pyramid: P3..P7 for RetinaNet, P2..P6 for the two-stage nets."""
    levels: dict[str, Any] = {"returned_layers": [2, 3, 4], "extra_blocks": LastLevelP6P7(256, 256)}
    backbone: nn.Module = resnet_fpn_backbone(
        backbone_name=body,
        weights=get_model_weights(body).DEFAULT if download else None,
        norm_layer=FrozenBatchNorm2d if frozen_norms else nn.BatchNorm2d,
        trainable_layers=5,
        **(levels if one_stage else {}),
    )
    return backbone


def _mobilenet(weights: str) -> nn.Module:
    """MobileNetV2's levels of strides 8, 16 and 32 under a pyramid of 96 channels and strides 8..128."""
    if weights == "coco":
        raise DataError("there are no COCO weights for the light net; use weights = 'download' or leave it empty")
    start = get_model_weights("mobilenet_v2").DEFAULT if weights == "download" else None
    features = mobilenet_v2(weights=start).features
    if weights == "":
        file, _ = store.find("garment")
        read_convolutions(features, file)
    levels = {str(place): str(i) for i, place in enumerate(LEVELS)}
    backbone: nn.Module = BackboneWithFPN(features, levels, [32, 96, 1280], _WIDTH, LastLevelP6P7(_WIDTH, _WIDTH))
    return backbone


def _stages(net: nn.Module) -> list[nn.Module]:
    """The five stages of a detector's backbone, from the photo inwards."""
    body: Mapping[str, nn.Module] = net.backbone.body  # type: ignore[assignment, union-attr]
    if "conv1" in body:
        stem = nn.ModuleList([body["conv1"], body["bn1"]])
        return [stem, *(body[f"layer{i}"] for i in (1, 2, 3, 4))]
    layers, ends = list(body.values()), (2, 4, 7, 14, 19)
    return [nn.ModuleList(layers[a:b]) for a, b in zip((0, *ends), ends, strict=False)]


def freeze_norms(net: nn.Module) -> None:
    """Keep the backbone's batch norms as they came: a start from weights, and few photos a step, want that."""
    for stage in _stages(net):
        for module in stage.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def _fill_from_coco(net: nn.Module, kind: Kind, body: Body) -> None:
    if body != "resnet50":
        raise DataError(f"COCO weights are for resnet50, got body = {body!r}; use weights = 'download' instead")
    state = get_model_weights(_COCO[kind]).DEFAULT.get_state_dict(progress=True)
    fill(net, state, f"{_COCO[kind]} (COCO)", most="backbone.body.")


def _fill_from_file(net: nn.Module, file: Path) -> None:
    state = read_weights(file)
    if not any(name.startswith("backbone.") for name in state):
        state = {f"backbone.body.{name.removeprefix('features.')}": value for name, value in state.items()}
    fill(net, state, str(file), most="backbone.body.")


class DetectorFile(nn.Module):
    """What a detector's model file computes."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(1, 3, H, W) -> (n, 4) float32 xyxy px of the canvas, (n,) int64 labels from 0, (n,) float32 scores."""
        found = self.net([pixels[0]])[0]
        return found["boxes"], found["labels"] - 1, found["scores"]
