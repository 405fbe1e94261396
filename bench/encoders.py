"""Own encoders beside the bundled vectors: worn photo -> product shot of the same top, and the time a garment takes.

Protocol as in ``bench.retrieval``: the worn photo's largest garment of upper, outer, whole or suit asks, every product
shot's first garment answers, cosine similarity. Each photo is read once; every encoder sees the same garments.
"""

from __future__ import annotations

import csv
import time

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bench.retrieval import TOPS, Vectors, ranks, rows_of
from bench.table import arguments, show
from meot import photos, wiring
from meot.settings import Settings
from meot.types import Look
from meot.vectors import own

BUNDLED = "bundled"


class Seen:
    """What one encoder made of one side's photos: vectors, and the milliseconds of processor time a garment took."""

    def __init__(self, name: str, *, threads: int) -> None:
        self.name = name
        self._own = None if name == BUNDLED else own.OwnVectors(encoder=own.load(name, threads=threads))
        self.vectors: list[NDArray[np.float32] | None] = []
        self._spent: list[float] = []

    def see(self, look: Look, *, tops: bool) -> None:
        """Take the vector of the look's largest fitting garment."""
        start = time.process_time()
        seen = look if self._own is None else self._own.apply(look)
        if look.garments:
            self._spent.append(1000 * (time.process_time() - start) / len(look.garments))
        fitting = [g for g in seen.garments if not tops or g.region in TOPS]
        self.vectors.append(max(fitting, key=lambda g: g.area).vector if fitting else None)

    def stacked(self) -> Vectors:
        """(N, D), zeros where nothing was read."""
        size = next(len(v) for v in self.vectors if v is not None)
        return np.stack([np.zeros(size, np.float32) if v is None else v for v in self.vectors])

    def milliseconds(self) -> float | None:
        """Median for a garment, beside the reading that all encoders share; None for the bundled vectors."""
        return float(np.median(self._spent)) if self._own is not None and self._spent else None


def main() -> None:
    """Print recall at 1, 5 and 10, and milliseconds a garment."""
    parser = arguments(__doc__ or "")
    parser.add_argument("encoder", nargs="*", help="names as --encoder takes them")
    parser.add_argument("--gallery", type=int, default=500, help="how many pairs")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    folder = options.data / "pairs"
    with (folder / "pairs.csv").open(newline="") as lines:
        table = sorted(csv.DictReader(lines), key=lambda row: row["split"] == "validation")
    names = [row["pair"] for row in table[-(options.limit or options.gallery) :]]
    reader = wiring.build_reader(Settings(models=options.models, threads=options.threads))
    sides: dict[str, list[Seen]] = {}
    for side in ("worn", "product"):
        sides[side] = [Seen(name, threads=options.threads) for name in (BUNDLED, *options.encoder)]
        for name in tqdm(names, desc=side):
            look = reader.read(photos.load(folder / side / f"{name}.jpg"))
            for seen in sides[side]:
                seen.see(look, tops=side == "worn")
    rows: list[dict[str, object]] = []
    times: list[dict[str, object]] = []
    for worn, product in zip(sides["worn"], sides["product"], strict=True):
        rows += rows_of(worn.name, ranks(worn.stacked(), product.stacked(), np.arange(len(names))))
        times.append({"vectors": worn.name, "ms worn": worn.milliseconds(), "ms product": product.milliseconds()})
    show("Worn photo to product shot", rows, as_json=options.json)
    show("Processor time a garment, milliseconds, median", times, as_json=options.json)


if __name__ == "__main__":
    main()
