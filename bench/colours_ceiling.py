"""How well a learner that sees the shop's own words could name colours: what is left to win, not what ships.

Protocol: trees learn the shop's word from the tuning half and name the reporting half, both read as in
``bench.colours``: first from the pixels of the garment that is judged (a histogram in the space in which colours are
named, and quantiles of CIELAB), then also from the shop's own article type, then also from the garment model's
features. A photo without a garment has no pixels. Nothing that ships learns from these photos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction import DictVectorizer

from bench.colours import OURS, judged, looks, rows_of
from bench.table import arguments, interval, show
from meot import taxonomy, wiring
from meot.labels.colour import cast, to_lab
from meot.settings import Settings
from meot.types import Garment, Look

_LIGHTNESS = np.array([17, 33, 47, 60, 77, 90])
_HUE = np.array([-30, -15, -7, -3, 3, 7, 15, 30])
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_SHAPE = (len(_LIGHTNESS) + 1, len(_HUE) + 1, len(_HUE) + 1)


class Known(NamedTuple):
    """What a learner may know of one photo. pixels: (P,) float32. type: the shop's word. features: (F,) float32."""

    pixels: NDArray[np.float32]
    type: str
    features: NDArray[np.float32] | None


def know(look: Look, garment: Garment | None, row: Mapping[str, str]) -> Known:
    """What a look and the shop's row tell of the garment that is judged."""
    if garment is None:
        return Known(np.zeros(int(np.prod(_SHAPE)) + 3 * len(_QUANTILES), np.float32), row["article_type"], None)
    return Known(_described(_pixels(look, garment)), row["article_type"], garment.features)


def _pixels(look: Look, garment: Garment) -> NDArray[np.uint8]:
    """(N, 3) uint8: the garment's pixels in the light in which colours are named; of all its box where it has none."""
    x0, y0, x1, y1 = (round(edge) for edge in garment.box)
    own, regions = look.photo.pixels[y0:y1, x0:x1], look.regions[y0:y1, x0:x1]
    mask = regions == taxonomy.load().region(garment.region).value
    lit = np.minimum(own * cast(look.photo.pixels, look.regions == 0), 255).astype(np.uint8)
    return np.asarray(lit[mask] if mask.any() else lit.reshape(-1, 3), np.uint8)


def _described(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    lab = to_lab(rgb)
    histogram = np.zeros(_SHAPE, np.float32)
    bins = (np.digitize(lab[:, 0], _LIGHTNESS), np.digitize(lab[:, 1], _HUE), np.digitize(lab[:, 2], _HUE))
    np.add.at(histogram, bins, 1 / len(lab))
    return np.concatenate([np.sqrt(histogram).ravel(), np.quantile(lab, _QUANTILES, 0).ravel()]).astype(np.float32)


def ceiling(
    seen: Sequence[Known], words: Sequence[str], held: Sequence[Known], truths: Sequence[str]
) -> list[dict[str, object]]:
    """A row for each that the learner may know: learned from ``seen``, right on ``held``."""
    types = DictVectorizer(sparse=False).fit([{"type": known.type} for known in seen])
    size = max((len(known.features) for known in seen if known.features is not None), default=0)

    def table(some: Sequence[Known]) -> list[NDArray[np.float32]]:
        none = np.zeros(size, np.float32)
        return [
            np.stack([known.pixels for known in some]),
            types.transform([{"type": known.type} for known in some]).astype(np.float32),
            np.stack([none if known.features is None else known.features for known in some]),
        ]

    learned, asked = table(seen), table(held)
    rows: list[dict[str, object]] = []
    for many, title in enumerate(("pixels", "and the shop's article type", "and the garment model's features"), 1):
        trees = ExtraTreesClassifier(600, min_samples_leaf=2, max_features=0.15, random_state=0)
        trees.fit(np.concatenate(learned[:many], 1), words)
        scores = trees.predict_proba(np.concatenate(asked[:many], 1))
        order = trees.classes_[np.argsort(-scores, 1)]
        first = np.asarray(order[:, 0] == np.asarray(truths), np.float64)
        second = first + (order[:, 1] == np.asarray(truths))
        rows.append(
            {
                "learned from": title,
                "n": len(truths),
                "top-1": (float(first.mean()), *interval(first)),
                "top-2": float(second.mean()),
            }
        )
    return rows


def main() -> None:
    """Print the table."""
    parser = arguments(__doc__ or "")
    options = parser.parse_args()
    reader, folder = wiring.build_reader(Settings(models=options.models)), options.data / "catalogue"
    known: list[list[Known]] = []
    words: list[list[str]] = []
    for half in ("tuning", "reporting"):
        rows = rows_of(folder, half)[: options.limit]
        known.append([know(look, judged(look, row), row) for row, look in looks(reader, folder, rows)])
        words.append([OURS[row["base_colour"]] for row in rows])
    found = ceiling(known[0], words[0], known[1], words[1])
    show("Learned from the shop's words of the tuning half, reporting half", found, as_json=options.json)


if __name__ == "__main__":
    main()
