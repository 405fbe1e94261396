"""Worn photo -> product shot of the same top, by the vectors that looks carry.

Protocol: the worn photo's largest garment of upper, outer, whole or suit asks, every product shot's first garment
answers, cosine similarity. A photo without such a garment counts as a miss. The shipped model learned nothing from
these pairs. ``--learn N`` also shows what learning from N pairs of the train split would give: a ridge regression from
worn to product vectors, asked by the validation split only.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bench.table import arguments, interval, show
from meot import photos, wiring
from meot.settings import Settings
from meot.types import Reader

TOPS = ("upper", "outer", "whole", "suit")
Vectors = NDArray[np.float32]
"""(N, D) float32 unit vectors, zeros where nothing was read."""


def vector(reader: Reader, file: Path, *, tops: bool) -> NDArray[np.float32] | None:
    """(D,) float32 of the photo's largest fitting garment; None when there is none."""
    fitting = [g for g in reader.read(photos.load(file)).garments if not tops or g.region in TOPS]
    return max(fitting, key=lambda g: g.area).vector if fitting else None


def vectors(reader: Reader, folder: Path, names: list[str], *, tops: bool) -> Vectors:
    """Vectors of the named photos of a folder."""
    found = [vector(reader, folder / f"{name}.jpg", tops=tops) for name in tqdm(names, desc=folder.name)]
    size = next(len(v) for v in found if v is not None)
    return np.stack([np.zeros(size, np.float32) if v is None else v for v in found])


def ranks(asked: Vectors, gallery: Vectors, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """(Q,) how many of the gallery are nearer to each query than its own product at ``truth``."""
    near = asked @ gallery.T
    own = near[np.arange(len(asked)), truth]
    missing = (np.abs(asked).sum(1) == 0) | (np.abs(gallery[truth]).sum(1) == 0)
    return np.where(missing, len(gallery), (near > own[:, None]).sum(1))


def learn(worn: Vectors, product: Vectors, *, ridge: float = 1.0) -> NDArray[np.float64]:
    """(D, D) map from worn to product vectors by ridge regression, shrunk towards leaving them as they are."""
    x, y = worn.astype(np.float64), product.astype(np.float64)
    size = x.shape[1]
    return np.asarray(np.linalg.solve(x.T @ x + ridge * np.eye(size), x.T @ y + ridge * np.eye(size)), np.float64)


def rows_of(name: str, found: NDArray[np.int64]) -> list[dict[str, object]]:
    """Recall at 1, 5 and 10 with intervals."""
    table: list[dict[str, object]] = []
    for k in (1, 5, 10):
        hits = (found < k).astype(np.float64)
        low, high = interval(hits)
        table.append(
            {"vectors": name, "recall at": k, "asked": len(hits), "share": float(hits.mean()), "low": low, "high": high}
        )
    return table


def main() -> None:
    """Print recall at 1, 5 and 10."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--gallery", type=int, default=1500, help="how many pairs")
    parser.add_argument("--learn", type=int, default=0, help="how many train pairs to learn a map from, besides")
    options = parser.parse_args()
    folder = options.data / "pairs"
    with (folder / "pairs.csv").open(newline="") as lines:
        table = [(row["pair"], row["split"]) for row in csv.DictReader(lines)]
    table.sort(
        key=lambda row: row[1] == "validation"
    )  # the gallery is the end: validation pairs and train pairs before
    shown = table[-(options.limit or options.gallery) :]
    names = [name for name, _ in shown]
    reader = wiring.build_reader(Settings(models=options.models))
    asked = vectors(reader, folder / "worn", names, tops=True)
    gallery = vectors(reader, folder / "product", names, tops=False)
    rows = rows_of("shipped", ranks(asked, gallery, np.arange(len(names))))
    if options.learn:
        held = np.array([i for i, (_, split) in enumerate(shown) if split == "validation"])
        taught = [name for name, split in table if split == "train" and name not in set(names)][: options.learn]
        matrix = learn(
            vectors(reader, folder / "worn", taught, tops=True), vectors(reader, folder / "product", taught, tops=False)
        )
        moved = (asked[held] @ matrix).astype(np.float32)
        rows += rows_of("shipped, validation asks", ranks(asked[held], gallery, held))
        rows += rows_of(f"learned from {len(taught)} pairs", ranks(moved, gallery, held))
    show("Worn photo to product shot", rows, as_json=options.json)


if __name__ == "__main__":
    main()
