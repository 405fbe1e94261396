"""Worn photo -> product shot of the same top, by the vectors that looks carry.

Protocol: the worn photo's largest garment of upper, outer, whole or suit asks, every product shot's first garment
answers, cosine similarity. A photo without such a garment counts as a miss. Nothing is learned from these pairs.
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


def vector(reader: Reader, file: Path, *, tops: bool) -> NDArray[np.float32] | None:
    """(D,) float32 of the photo's largest fitting garment; None when there is none."""
    fitting = [g for g in reader.read(photos.load(file)).garments if not tops or g.region in TOPS]
    return max(fitting, key=lambda g: g.area).vector if fitting else None


def main() -> None:
    """Print recall at 1, 5 and 10."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--gallery", type=int, default=1500, help="how many pairs")
    options = parser.parse_args()
    with (options.data / "pairs" / "pairs.csv").open(newline="") as lines:
        names = [row["pair"] for row in csv.DictReader(lines)][-(options.limit or options.gallery) :]
    reader = wiring.build_reader(Settings(models=options.models))
    folder = options.data / "pairs"
    asked = [vector(reader, folder / "worn" / f"{n}.jpg", tops=True) for n in tqdm(names, desc="worn")]
    shown = [vector(reader, folder / "product" / f"{n}.jpg", tops=False) for n in tqdm(names, desc="products")]
    size = next(len(v) for v in shown if v is not None)
    gallery = np.stack([np.zeros(size, np.float32) if v is None else v for v in shown])
    ranks = np.full(len(names), len(names))
    for i, query in enumerate(asked):
        if query is not None and shown[i] is not None:
            near = gallery @ query
            ranks[i] = int((near > near[i]).sum())
    rows: list[dict[str, object]] = []
    for k in (1, 5, 10):
        hits = (ranks < k).astype(np.float64)
        low, high = interval(hits)
        rows.append({"recall at": k, "pairs": len(names), "share": float(hits.mean()), "low": low, "high": high})
    show("Worn photo to product shot", rows, as_json=options.json)


if __name__ == "__main__":
    main()
