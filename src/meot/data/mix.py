"""Pictures made of two: mixup, CutMix and copy-paste. All on arrays; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from meot.errors import DataError

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Mixed(NamedTuple):
    """images: as given; other: (N,) int64, whose picture was mixed in; share: (N,) float32 of the first, 0..1.

    The loss of row i is share[i] * loss(answer[i]) + (1 - share[i]) * loss(answer[other[i]]).
    """

    images: NDArray[np.float32]
    other: NDArray[np.int64]
    share: NDArray[np.float32]


def mixup(images: NDArray[np.float32], rng: Generator, *, alpha: float = 0.2) -> Mixed:
    """Every picture blended with another of the batch (Zhang et al. 2018); share ~ Beta(alpha, alpha), one a batch.

    images: (N, ...) float32, any layout and range. alpha: above 0; small values leave most batches nearly unmixed.
    """
    share = float(rng.beta(alpha, alpha))
    other = rng.permutation(len(images))
    blend = (share * images + (1 - share) * images[other]).astype(np.float32)
    return Mixed(blend, other, np.full(len(images), share, np.float32))


def cutmix(images: NDArray[np.float32], rng: Generator, *, alpha: float = 1.0) -> Mixed:
    """A rectangle of every picture replaced by another's (Yun et al. 2019). images: (N, C, H, W) float32.

    The rectangle may lie over the edge; share is what really remains of the first.
    """
    height, width = images.shape[2:]
    side = np.sqrt(1 - rng.beta(alpha, alpha))
    cy, cx = rng.integers(height), rng.integers(width)
    y0, y1 = np.clip([cy - side * height / 2, cy + side * height / 2], 0, height).astype(int)
    x0, x1 = np.clip([cx - side * width / 2, cx + side * width / 2], 0, width).astype(int)
    other = rng.permutation(len(images))
    cut = images.copy()
    cut[:, :, y0:y1, x0:x1] = images[other, :, y0:y1, x0:x1]
    share = 1 - (y1 - y0) * (x1 - x0) / (height * width)
    return Mixed(cut, other, np.full(len(images), share, np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A photo with its things. image: (H, W, 3) uint8 RGB; masks: (K, H, W) bool; labels: K class names."""

    image: Image
    masks: Mask
    labels: tuple[str, ...]

    @property
    def boxes(self) -> NDArray[np.float64]:
        """(K, 4) float64 xyxy px around the masks, right and bottom edge outside; zeros for an empty mask."""
        return np.array([_box(mask) for mask in self.masks], np.float64).reshape(-1, 4)


def _box(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def copy_paste(
    scene: Scene,
    other: Scene,
    rng: Generator,
    *,
    wanted: Sequence[str] | None = None,
    scale: tuple[float, float] = (0.6, 1.2),
    least: float = 0.2,
    soft: float = 1.0,
) -> Scene:
    """``scene`` with things of ``other`` pasted onto it (Ghiasi et al. 2021), each by itself.

    wanted: class names to paste, for example the rare ones; None: all. scale: range of the factor on the size that
    just fits the scene. least: things of the scene of which less than this share stays visible are dropped. soft: px,
    deviation of the blur of the pasted edge; 0 pastes sharply. Things stay wholly inside, half of them mirrored.
    The same scene comes back when ``other`` has nothing wanted. DataError for masks of another size than the photo.
    """
    for each in (scene, other):
        if each.masks.shape[1:] != each.image.shape[:2] or len(each.masks) != len(each.labels):
            raise DataError(
                f"masks are {each.masks.shape}, expected {len(each.labels)} of the photo's {each.image.shape[:2]}; "
                "run 'meot data check'"
            )
    image, masks, labels = scene.image.copy(), scene.masks.copy(), list(scene.labels)
    before = masks.sum((1, 2))
    for mask, label in zip(other.masks, other.labels, strict=True):
        if mask.any() and (wanted is None or label in wanted):
            piece, shape = _fitted(other.image, mask, image.shape[:2], rng, scale)
            place = _paste(image, piece, shape, rng, soft)
            masks &= ~place
            masks, labels = np.concatenate([masks, place[None]]), [*labels, label]
            before = np.append(before, place.sum())
    stays = masks.sum((1, 2)) >= np.maximum(1, least * before)
    return Scene(image=image, masks=masks[stays], labels=tuple(np.array(labels, object)[stays].tolist()))


def _fitted(
    image: Image, mask: Mask, room: tuple[int, int], rng: Generator, scale: tuple[float, float]
) -> tuple[Image, Mask]:
    """The thing cut out, mirrored half of the time, at a random size not larger than ``room`` (height, width)."""
    x0, y0, x1, y1 = _box(mask)
    fits = min(room[0] / (y1 - y0), room[1] / (x1 - x0))
    factor = fits * min(1.0, float(rng.uniform(*scale)))
    size = (max(1, int((x1 - x0) * factor)), max(1, int((y1 - y0) * factor)))
    turn = -1 if rng.random() < 0.5 else 1
    piece = np.ascontiguousarray(image[y0:y1, x0:x1][:, ::turn])
    shape = np.ascontiguousarray(mask[y0:y1, x0:x1][:, ::turn]).astype(np.uint8)
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    seen = np.asarray(cv2.resize(piece, size, interpolation=smooth), np.uint8)
    return seen, np.asarray(cv2.resize(shape, size, interpolation=cv2.INTER_NEAREST), bool)


def _paste(image: Image, piece: Image, shape: Mask, rng: Generator, soft: float) -> Mask:
    """Draw ``piece`` at a random place of ``image``, in place; (H, W) bool where it is now."""
    height, width = shape.shape
    y = int(rng.integers(image.shape[0] - height + 1))
    x = int(rng.integers(image.shape[1] - width + 1))
    weight = shape.astype(np.float32)
    if soft > 0:
        blurred = cv2.GaussianBlur(weight, (0, 0), soft, borderType=cv2.BORDER_CONSTANT)
        weight = np.minimum(np.asarray(blurred, np.float32), weight)
    part = image[y : y + height, x : x + width]
    part[...] = np.rint(piece * weight[..., None] + part * (1 - weight[..., None])).astype(np.uint8)
    place = np.zeros(image.shape[:2], bool)
    place[y : y + height, x : x + width] = shape
    return place
