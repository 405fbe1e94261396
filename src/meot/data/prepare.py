"""A garment in a photo -> the square picture a classifier sees, in the ways compared by Cho et al.

numpy and OpenCV only. Channels stand in the order red, green, blue, then alpha, then edges, each where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from meot.data.images import box_around
from meot.errors import DataError, nearest

Way = Literal["box", "mask_black", "mask_alpha", "tight_box"]
Fill = Literal["photo", "nearest", "black", "white", "mean"]
Extra = Literal["none", "canny", "only_canny", "grey_contrast"]
Image = NDArray[np.uint8]
BoxPx = tuple[float, float, float, float]
WAYS: tuple[Way, ...] = get_args(Way)
EXTRAS: tuple[Extra, ...] = get_args(Extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How a garment becomes a picture of ``side`` x ``side`` px with its proportions kept.

    way: "box" cuts the box as it was given (the whole photo where there is none); "mask_black" and "mask_alpha" cut the
    box around the mask and put the rest on black, or leave it and tell the mask in a fourth channel, 255 the garment;
    "tight_box" cuts the box around the mask and shows what is in it. margin: added on each side, as a share of the
    longer side. fill: what makes the cut square: "photo" takes in its surroundings, and the nearest pixel beyond the
    photo's edge; "nearest", "black", "white" and "mean" (of the cut) take in nothing.
    extra: "canny" adds a channel of edges, 0 or 255; "only_canny" shows the edges in red, green and blue alike and
    nothing else; "grey_contrast" shows greys of evened contrast (CLAHE, clip limit 2, 8 x 8 tiles) in all three.
    """

    way: Way = "box"
    side: int = 224
    margin: float = 0.03
    fill: Fill = "photo"
    extra: Extra = "none"

    @property
    def channels(self) -> int:
        """3 to 5."""
        return 3 + (self.way == "mask_alpha") + (self.extra == "canny")

    @property
    def name(self) -> str:
        """As :func:`parse` reads it: "mask_alpha", "tight_box+canny"."""
        return self.way if self.extra == "none" else f"{self.way}+{self.extra}"


def parse(text: str, *, side: int = 224, margin: float = 0.03, fill: Fill = "photo") -> Preparation:
    """The preparation called WAY or WAY+EXTRA. DataError for another name, with the nearest known."""
    known = {(way if extra == "none" else f"{way}+{extra}"): (way, extra) for way in WAYS for extra in EXTRAS}
    if text not in known:
        raise DataError(f"no preparation is called {text!r}; {nearest(text, known)}")
    way, extra = known[text]
    return Preparation(way=way, side=side, margin=margin, fill=fill, extra=extra)


def prepare(
    image: Image, *, box: BoxPx | None, mask: NDArray[np.bool_] | Image | None, how: Preparation, name: str = "photo"
) -> Image:
    """(side, side, C) uint8, C being ``how.channels``, of a garment in an (H, W, 3) uint8 RGB ``image``.

    box: xyxy px, None for the whole photo. mask: (H, W), the garment where it is not 0; only "box" does without.
    DataError when the box has no area in the photo, and when the mask is missing, empty or of another size; ``name``
    is for the message.
    """
    height, width = image.shape[:2]
    around = (0.0, 0.0, float(width), float(height)) if box is None else box
    if how.way != "box":
        around = _around(mask, (height, width), how.way, name)
    cut = _Cut.of(around, (height, width), how, name)
    seen = cut.picture(image, how)
    alpha = None if mask is None or how.way in ("box", "tight_box") else cut.mask(mask, how.side)
    edges = _edges(seen, alpha) if how.extra in ("canny", "only_canny") else None
    if how.extra == "only_canny" and edges is not None:
        seen = np.repeat(edges[..., None], 3, 2)
    elif how.extra == "grey_contrast":
        seen = _evened(seen)
        if how.way == "mask_black" and alpha is not None:
            seen = np.asarray(np.rint(seen * (alpha[..., None] / 255.0)), np.uint8)
    elif how.way == "mask_black" and mask is not None:
        seen = cut.picture(np.where(mask[..., None] > 0, image, np.uint8(0)), replace(how, fill="black"))
    layers = [seen]
    if how.way == "mask_alpha" and alpha is not None:
        layers.append(alpha[..., None])
    if how.extra == "canny" and edges is not None:
        layers.append(edges[..., None])
    return np.ascontiguousarray(np.concatenate(layers, 2))


def _around(mask: NDArray[np.bool_] | Image | None, size: tuple[int, int], way: str, name: str) -> BoxPx:
    if mask is None:
        raise DataError(f"{name}: {way} needs a mask, got none; give the table masks, or have the parser make them")
    if mask.shape != size:
        raise DataError(
            f"{name}: expected a mask of {size[1]}x{size[0]} px, got {mask.shape[1]}x{mask.shape[0]}; "
            "make both the same size"
        )
    box = box_around(mask)
    if box is None:
        raise DataError(f"{name}: the mask is empty; mark the garment in it or leave the photo out")
    return box


@dataclass(frozen=True, slots=True)
class _Cut:
    """Whole-pixel xyxy of what is taken from the photo, and what is added left, top, right, bottom to be square."""

    box: tuple[int, int, int, int]
    added: tuple[int, int, int, int]

    @classmethod
    def of(cls, box: BoxPx, size: tuple[int, int], how: Preparation, name: str) -> _Cut:
        height, width = size
        extra = how.margin * max(box[2] - box[0], box[3] - box[1])
        x0, y0 = max(0, int(np.floor(box[0] - extra))), max(0, int(np.floor(box[1] - extra)))
        x1, y1 = min(width, int(np.ceil(box[2] + extra))), min(height, int(np.ceil(box[3] + extra)))
        if x1 <= x0 or y1 <= y0 or box[2] <= box[0] or box[3] <= box[1]:
            raise DataError(
                f"{name}: box {tuple(round(edge, 1) for edge in box)} has no area in a photo of {width}x{height} px; "
                "expected left, top, right, bottom in px"
            )
        side = max(x1 - x0, y1 - y0)
        left, top = (side - (x1 - x0)) // 2, (side - (y1 - y0)) // 2
        square = (x0 - left, y0 - top, x0 - left + side, y0 - top + side)
        if how.fill == "photo":
            x0, y0, x1, y1 = max(0, square[0]), max(0, square[1]), min(width, square[2]), min(height, square[3])
        return cls((x0, y0, x1, y1), (x0 - square[0], y0 - square[1], square[2] - x1, square[3] - y1))

    def picture(self, image: Image, how: Preparation) -> Image:
        """(side, side, 3) uint8."""
        piece = self._piece(image)
        if how.fill in ("photo", "nearest"):
            return _resized(self._bordered(piece, cv2.BORDER_REPLICATE, (0.0, 0.0, 0.0)), how.side)
        mean = piece.reshape(-1, 3).mean(0)
        value = {"black": np.zeros(3), "white": np.full(3, 255.0), "mean": mean}[how.fill]
        colour = (float(value[0]), float(value[1]), float(value[2]))
        return _resized(self._bordered(piece, cv2.BORDER_CONSTANT, colour), how.side)

    def mask(self, mask: NDArray[np.bool_] | Image, side: int) -> Image:
        """(side, side) uint8, 255 the garment, soft at its edge."""
        piece = np.where(self._piece(mask) > 0, np.uint8(255), np.uint8(0))
        return _resized(self._bordered(piece, cv2.BORDER_CONSTANT, (0.0, 0.0, 0.0)), side)

    def _piece(self, image: NDArray[np.bool_] | Image) -> NDArray[np.bool_] | Image:
        x0, y0, x1, y1 = self.box
        piece: NDArray[np.bool_] | Image = image[y0:y1, x0:x1]
        return piece

    def _bordered(self, piece: NDArray[np.bool_] | Image, kind: int, value: tuple[float, float, float]) -> Image:
        left, top, right, bottom = self.added
        return np.asarray(cv2.copyMakeBorder(np.asarray(piece, np.uint8), top, bottom, left, right, kind, value=value))


def _resized(image: Image, side: int) -> Image:
    smooth = cv2.INTER_AREA if image.shape[0] > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (side, side), interpolation=smooth), np.uint8)


def _evened(seen: Image) -> Image:
    """Greys of evened contrast (CLAHE, Zuiderveld 1994) in red, green and blue alike, (H, W, 3) uint8."""
    evened = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY))
    return np.repeat(np.asarray(evened, np.uint8)[..., None], 3, 2)


def _edges(seen: Image, alpha: Image | None) -> Image:
    """(H, W) uint8, 255 on edges (Canny 1986), its thresholds a third below and above the median grey.

    alpha: edges are kept where it is more than half, so that they are of the cloth and not of the mask.
    """
    grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
    middle = float(np.median(grey))
    found = np.asarray(cv2.Canny(grey, max(10.0, 0.66 * middle), max(30.0, min(255.0, 1.33 * middle))), np.uint8)
    return found if alpha is None else np.where(alpha > 127, found, np.uint8(0))
