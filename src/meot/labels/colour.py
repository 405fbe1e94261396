"""The colours of a garment's own pixels, named by the palette's anchors, each pixel in the light of all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meot.models.raster import grow, shrink
from meot.taxonomy import Taxonomy
from meot.types import Shade

_GRID, _SAMPLE = 5000, 700
"""Points of a garment's box that are looked at, and how many of those under the mask are named."""
_TO_XYZ = np.asarray(
    np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]).T
    / [0.950456, 1.0, 1.088754],
    np.float32,
)
"""Linear sRGB rows -> XYZ over the white of D65."""
_PART = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_PART <= 0.04045, _PART / 12.92, ((_PART + 0.055) / 1.055) ** 2.4).astype(np.float32)
"""An sRGB byte -> its linear light, 0..1."""
_LIGHTNESS, _CHROMA, _GREYNESS = 0.6, 14.0, 4.0
"""Of a distance between colours: light and shadow change lightness more than hue, and people tell a tint from gray
at a chroma of about four but hardly two strong colours of one hue."""
_WIDTH = 60.0
"""How fast, in squared distance, a second name loses against the nearest."""
_ROUNDS = 2
_LEAST_SHARE = 0.12
_MOST = 3
_GLOSS, _GLOSS_FROM = 0.7, 0.25
"""Share of a garment's gray that is shine on black, once that much of it is black: leather, satin, sunglasses."""
_SKIN_NEAR = 8.0
"""Distance within which a pixel beside skin is taken for skin."""
_BRIGHT, _MOST_LIFT = 245.0, 1.2
"""The largest channel that the brightest things of a well lit photo reach, and how far a darker one is lifted."""
_MANY, _MANY_LEAD, _MANY_SHARE = 5, 0.3, 0.1
"""A garment is of many colours when so many names have that share each and none has the lead."""


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 3) uint8 sRGB -> (N, 3) float32 CIELAB (L 0..100, D65)."""
    xyz = _LINEAR[rgb] @ _TO_XYZ
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * np.float32(841 / 108) + np.float32(4 / 29))
    x, y, z = root[:, 0], root[:, 1], root[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def _space(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 3) uint8 sRGB -> (N, 3) float32 in which near means "the same name"."""
    lab = to_lab(rgb)
    chroma = np.sqrt(lab[:, 1] ** 2 + lab[:, 2] ** 2)
    lab[:, 1:] *= (_CHROMA * np.log1p(chroma / _GREYNESS) / np.maximum(chroma, 1e-6))[:, None]
    lab[:, 0] *= _LIGHTNESS
    return lab


def cast(pixels: NDArray[np.uint8], background: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(3,) gains, 1 to 1.2 beyond what hue needs, that bring a photo to the light in which colours are named.

    pixels: (H, W, 3) uint8 of the whole photo. background: (h, w) bool at any size, True where nothing is worn or laid.
    Brightness: a photo without anything bright is lifted, for white cloth indoors is photographed gray. Hue: paper or
    a wall behind the clothes is made neutral when it is bright, even and almost so; a wooden floor tells nothing.
    """
    rows = np.arange(0, pixels.shape[0], max(1, pixels.shape[0] // 64))
    columns = np.arange(0, pixels.shape[1], max(1, pixels.shape[1] // 64))
    height, width = background.shape
    there = background[(rows * height // pixels.shape[0])[:, None], columns * width // pixels.shape[1]]
    seen = pixels[rows[:, None], columns]
    brightest = max(float(np.quantile(seen.max(-1), 0.98)), 1.0)
    lift = np.float32(min(max(_BRIGHT / brightest, 1.0), _MOST_LIFT))
    return np.asarray(lift * _neutral(seen[there]), np.float32)


def _neutral(ground: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(3,) gains that make (N, 3) uint8 pixels of the ground gray; ones when it may have a colour of its own."""
    if len(ground) < 100:
        return np.ones(3, np.float32)
    lab = to_lab(ground)
    lightness, *hue = middle = np.median(lab, 0)
    even = float(np.median(np.abs(lab - middle).sum(1))) < 6
    if lightness < 78 or np.hypot(*hue) > 16 or not even:
        return np.ones(3, np.float32)
    white = np.median(ground, 0)
    return np.asarray(white.max() / np.maximum(white, 1.0), np.float32)


class Colours:
    """Names colours by the taxonomy's anchors."""

    def __init__(self, *, taxonomy: Taxonomy) -> None:
        plain = [colour for colour in taxonomy.colours if not colour.mixed]
        self._ids = [colour.id for colour in plain]
        anchors = [_space(np.array(colour.anchors, np.uint8)) for colour in plain]
        self._anchors, self._sizes = np.concatenate(anchors), [len(own) for own in anchors]
        self._lengths = (self._anchors**2).sum(1)
        self._mixed = next((colour.id for colour in taxonomy.colours if colour.mixed), None)

    def name(self, rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(N,) positions in the taxonomy's plain colours of (N, 3) uint8 sRGB pixels, each on its own."""
        return np.asarray(self._likeness(rgb).argmax(1), np.int64)

    def read(
        self,
        pixels: NDArray[np.uint8],
        mask: NDArray[np.bool_],
        *,
        skin: NDArray[np.bool_] | None = None,
        gains: NDArray[np.float32] | None = None,
    ) -> tuple[Shade, ...]:
        """Up to three colours of the pixels of (H, W, 3) uint8 under (H, W) ``mask``, largest share first.

        skin: (H, W) bool, where skin shows; what looks like it beside it is left out, as is the rim of the mask, which
        mixes with the floor. gains: (3,) from :func:`cast`; ``hex`` stays as photographed. A garment of many colours
        is so called first, with its three largest after. Empty when the mask is.
        """
        own = _own(pixels, mask, skin)
        if len(own) == 0:
            return ()
        lit = own if gains is None else np.minimum(own * gains, 255).astype(np.uint8)
        likeness = self._likeness(lit)
        shares = likeness.mean(0)
        for _ in range(_ROUNDS):
            told = likeness * shares
            told /= told.sum(1, keepdims=True)
            shares = told.mean(0)
        return self._shades(own, told.argmax(1), self._without_gloss(shares))

    def _likeness(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, K) float32, rows of sum 1: how well each plain colour's nearest anchor fits each of (N, 3) pixels."""
        every = self._lengths - 2 * (_space(rgb) @ self._anchors.T)
        far = np.minimum.reduceat(every, np.cumsum([0, *self._sizes[:-1]]), axis=1)
        fits = np.exp((far.min(1, keepdims=True) - far) / _WIDTH)
        return np.asarray(fits / fits.sum(1, keepdims=True), np.float32)

    def _without_gloss(self, shares: NDArray[np.float32]) -> NDArray[np.float32]:
        black, gray = self._ids.index("black"), self._ids.index("gray")
        if shares[black] < _GLOSS_FROM:
            return shares
        shine = np.zeros_like(shares)
        shine[black], shine[gray] = _GLOSS * shares[gray], -_GLOSS * shares[gray]
        return shares + shine

    def _shades(
        self, own: NDArray[np.uint8], names: NDArray[np.int64], shares: NDArray[np.float32]
    ) -> tuple[Shade, ...]:
        order = np.argsort(-shares, kind="stable")[:_MOST]
        shades: list[Shade] = []
        for i in order:
            if shares[i] < _LEAST_SHARE and shades:
                break
            mine = own[names == i]
            shades.append(Shade(self._ids[i], _hex(mine if len(mine) else own), round(float(shares[i]), 4)))
        many = shares[order[0]] < _MANY_LEAD and (shares >= _MANY_SHARE).sum() >= _MANY
        if many and self._mixed is not None:
            shades = [Shade(self._mixed, _hex(own), 1.0), *shades]
        return tuple(shades)


def _hex(own: NDArray[np.uint8]) -> str:
    r, g, b = np.median(own, 0).astype(int)
    return f"#{r:02x}{g:02x}{b:02x}"


def _own(pixels: NDArray[np.uint8], mask: NDArray[np.bool_], skin: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """(N, 3) uint8: some of the garment's pixels, without its rim and without skin that was taken in."""
    step = max(1, int((mask.size / _GRID) ** 0.5))
    small, inside = pixels[::step, ::step], np.asarray(mask[::step, ::step], np.bool_)
    inner = shrink(inside, 2)
    inner = inner if inner.sum() > 50 else inside
    if skin is not None and skin.any():
        inner = _without_skin(small, inner, skin[::step, ::step])
    own = small[inner] if inner.any() else pixels[mask]
    return np.ascontiguousarray(own[:: max(1, len(own) // _SAMPLE)])


def _without_skin(small: NDArray[np.uint8], inner: NDArray[np.bool_], skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """``inner`` without what looks like the skin near by, unless most of the garment does: a beige one stays."""
    if skin.sum() < 20:
        return inner
    places = np.flatnonzero(inner & grow(skin, max(4, min(inner.shape) // 8)))
    tone = _space(np.median(small[skin], 0)[None].astype(np.uint8))
    like = ((_space(small.reshape(-1, 3)[places]) - tone) ** 2).sum(1) < _SKIN_NEAR**2
    kept = inner.copy()
    kept.reshape(-1)[places[like]] = False
    return kept if kept.sum() > 0.5 * inner.sum() else inner
