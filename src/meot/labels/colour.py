"""The colours of a garment's own pixels, named by the nearest anchor in CIELAB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.models.raster import shrink
from meot.taxonomy import Taxonomy
from meot.types import Shade

_SAMPLE = 2000
_WEIGHTS = np.array([0.7, 1.0, 1.0], np.float32)
"""Of L, a, b in a distance: light and shadow change L more than they change hue."""
_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
).T / [0.950456, 1.0, 1.088754]
"""Linear sRGB rows -> XYZ over the white of D65."""
_LEAST_SHARE = 0.12
_MOST = 3


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 3) uint8 sRGB -> (N, 3) float32 CIELAB (L 0..100, D65)."""
    part = rgb.astype(np.float32) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (841 / 108) + 4 / 29)
    x, y, z = root[:, 0], root[:, 1], root[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


class Colours:
    """Names colours by the taxonomy's anchors."""

    def __init__(self, *, taxonomy: Taxonomy) -> None:
        anchors = [(i, rgb) for i, colour in enumerate(taxonomy.colours) for rgb in colour.anchors]
        self._ids = [colour.id for colour in taxonomy.colours]
        self._of_anchor = np.array([i for i, _ in anchors])
        self._lab = to_lab(np.array([rgb for _, rgb in anchors], np.uint8)) * _WEIGHTS

    def name(self, rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(N,) positions in the taxonomy's colours of (N, 3) uint8 sRGB pixels."""
        near = (to_lab(rgb) * _WEIGHTS) @ self._lab.T - 0.5 * (self._lab**2).sum(1)
        return np.asarray(self._of_anchor[near.argmax(1)], np.int64)

    def read(self, pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> tuple[Shade, ...]:
        """Up to three colours of the pixels of (H, W, 3) uint8 under (H, W) ``mask``, largest share first.

        The rim of the mask is left out: it mixes with skin and floor. Empty when the mask is.
        """
        inner = shrink(np.asarray(mask, np.bool_), 2)
        own = pixels[inner] if inner.sum() > 50 else pixels[mask]
        if len(own) == 0:
            return ()
        own = np.ascontiguousarray(own[:: max(1, len(own) // _SAMPLE)])
        names = self.name(own)
        counts = np.bincount(names, minlength=len(self._ids))
        shades: list[Shade] = []
        for i in np.argsort(-counts, kind="stable")[:_MOST]:
            share = counts[i] / len(own)
            if share < _LEAST_SHARE and shades:
                break
            r, g, b = np.median(own[names == i], 0).astype(int)
            shades.append(Shade(id=self._ids[i], hex=f"#{r:02x}{g:02x}{b:02x}", share=float(share)))
        return tuple(shades)
