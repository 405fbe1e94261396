"""The cut-off: how often "nothing similar" and "the same item" are right.

``--fit`` prints the numbers that ship, found on the clothing set (CC0) and on Clothing Co-Parsing (Apache-2.0) only:

- similar: the cosine from which two in five garments of one region, not surely of other kinds, have one main colour.
- same: the cosine and the lead over whatever follows that find most items again among those of which one in fifty
  real photos is told so wrongly: flat lays and people whose garment is not among the flat lays that answer. Found
  again are flat lays of the validation split, worn ones pasted onto people, flat ones in other light before another
  background; that is easier than life.

Without it the numbers on the model's card are measured on photos that had no part in them: the pairs' validation split
(a worn top and its product shot, 2,300 product shots answering), and flat lays of the clothing set's validation split
asking those of the train split, once with all there and once with their own category held out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.readings import Reading, Seen, read
from bench.table import arguments, interval, show
from meot import taxonomy
from meot.answers import cutoff as cutting
from meot.answers.cutoff import Bounds, Cutoff
from meot.answers.filters import regions_like
from meot.models import store

TOPS = ("upper", "outer", "whole", "suit")
_FAMILY = {c.id: c.family for c in taxonomy.load().categories}


def reached(asked: Sequence[Seen], answering: Sequence[Seen], *, worn: bool) -> NDArray[np.float32]:
    """(Q, N) cosines, -2 where a search does not compare: other regions, and other kinds than a flat lay surely is."""
    near: NDArray[np.float32] = np.stack([g.vector for g in asked]) @ np.stack([g.vector for g in answering]).T
    of = np.array([g.region for g in answering])
    family = np.array([_FAMILY[g.category] for g in answering])
    for row, garment in enumerate(asked):
        near[row, ~np.isin(of, regions_like(garment.region))] = -2
        if not worn and garment.sure:
            near[row, (family != _FAMILY[garment.category])] = -2
    return near


def _same(scores: NDArray[np.float32], bounds: Bounds) -> NDArray[np.int64]:
    """The places of those that are called the same item."""
    order = np.argsort(-scores)[: cutting.GROUP + 1]
    order = order[scores[order] >= bounds.similar]
    kinds = cutting.kinds(scores[order].tolist(), bounds)
    return order[[kind == cutting.SAME for kind in kinds]]


def pairs(asked: list[Seen], answering: list[Seen], truth: list[int], bounds: Bounds) -> list[dict[str, object]]:
    """Queries whose own product is there, and the same with it taken away."""
    near = reached(asked, answering, worn=True)
    own = near[np.arange(len(asked)), truth]
    named = [_same(row, bounds) for row in near]
    right = [place in same for place, same in zip(truth, named, strict=True)]
    said = np.array([len(same) > 0 for same in named])
    near[np.arange(len(asked)), truth] = -2
    wrongly = [len(_same(row, bounds)) > 0 for row in near]
    few = near[:, np.random.default_rng(0).permutation(len(answering))[:100]]
    among_few = [len(_same(row, bounds)) > 0 for row in few]
    kept = own >= bounds.similar
    return [
        _row("own product in another region, so not compared", own == -2),
        _row("own product compared, and kept by the cut", kept[own > -2]),
        _row("other products cut", (near < bounds.similar)[near > -2]),
        _row('"same item" said', said),
        _row("... and right", np.array(right)[said]),
        _row('"same item" said though the own product is not there', np.array(wrongly)),
        _row("... among 100 product shots only", np.array(among_few)),
    ]


def held_out(
    asked: list[tuple[str, Seen]], answering: list[tuple[str, Seen]], bounds: Bounds
) -> list[dict[str, object]]:
    """Queries (label, garment) against all, and with everything of their own label held out."""
    near = reached([g for _, g in asked], [g for _, g in answering], worn=False)
    labels, of = np.array([label for label, _ in asked]), np.array([label for label, _ in answering])
    alike: NDArray[np.bool_] = np.asarray(labels[:, None] == of[None])
    shown: NDArray[np.bool_] = near >= bounds.similar
    without = near.copy()
    without[alike] = -2
    left: NDArray[np.bool_] = without >= bounds.similar
    nothing = np.array(left.sum(1) == 0, np.bool_)
    some = np.array(shown.any(1), np.bool_)
    rows = [
        _row("flat lay, its category there: something shown", some),
        _row("... and the first is of its category", alike[np.arange(len(near)), near.argmax(1)][some]),
        _row("products shown that are of its category", alike[shown]),
        _row('category held out: "nothing similar"', nothing),
    ]
    few = [label for label in np.unique(labels) if (labels == label).sum() >= 8]
    return rows + [_row(f"  {label} held out", nothing[labels == label]) for label in few]


def by_cosine(near: NDArray[np.float32], **alike: NDArray[np.bool_]) -> list[dict[str, object]]:
    """Of the pairs that are compared, in steps of a tenth: how many, and which share of them is ``alike``."""
    rows: list[dict[str, object]] = []
    for tenth in range(10):
        there = (near >= tenth / 10) & (near < (tenth + 1) / 10)
        shares = {name: float(mask[there].mean()) if there.any() else None for name, mask in alike.items()}
        rows.append({"cosine from": tenth / 10, "pairs": int(there.sum()), **shares})
    return rows


def _row(name: str, hits: NDArray[np.bool_]) -> dict[str, object]:
    values = hits.astype(np.float64)
    drawn = values if len(values) <= 100_000 else values[:: len(values) // 100_000]
    low, high = interval(drawn, draws=200) if len(drawn) else (0.0, 0.0)
    return {
        "what": name,
        "of": len(values),
        "share": float(values.mean()) if len(values) else 0.0,
        "low": low,
        "high": high,
    }


def _largest(reading: Reading, *, tops: bool) -> Seen | None:
    fitting = [g for g in reading.garments if not tops or g.region in TOPS]
    return max(fitting, key=lambda g: g.area) if fitting else None


def read_pairs(data: Path, models: Path | None, keep: Path | None) -> tuple[list[Seen], list[Seen], list[int]]:
    """The validation split's worn tops, every product shot, and the place of each one's own among them."""
    with (data / "pairs" / "pairs.csv").open(newline="") as lines:
        split = {row["pair"]: row["split"] for row in csv.DictReader(lines)}
    files = [data / "pairs" / side / f"{pair}.jpg" for pair in split for side in ("worn", "product")]
    files = [file for file in files if file.parent.name == "product" or split[file.stem] == "validation"]
    worn: dict[str, Seen] = {}
    product: dict[str, Seen] = {}
    for reading in read(data, files, "pairs", models=models, keep=keep):
        _, side, name = reading.photo.split("/")
        garment = _largest(reading, tops=side == "worn")
        if garment is not None:
            (worn if side == "worn" else product)[Path(name).stem] = garment
    places = {pair: i for i, pair in enumerate(product)}
    both = [pair for pair in worn if pair in places]
    return [worn[pair] for pair in both], list(product.values()), [places[pair] for pair in both]


def read_flats(data: Path, models: Path | None, keep: Path | None) -> dict[str, list[tuple[str, Seen]]]:
    """Split -> (label, garment) of the flat lays."""
    with (data / "clothing" / "labels.csv").open(newline="") as lines:
        rows = {row["image"]: row for row in csv.DictReader(lines)}
    files = [data / "clothing" / "images" / f"{image}.jpg" for image in rows]
    found: dict[str, list[tuple[str, Seen]]] = {"train": [], "validation": []}
    for reading in read(data, files, "clothing", models=models, keep=keep):
        row = rows[Path(reading.photo).stem]
        if reading.garments and not reading.worn and row["split"] in found:
            found[row["split"]].append((row["label"], reading.garments[0]))
    return found


def main() -> None:
    """Print the figures."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--fit", action="store_true", help="print the numbers for the model's card instead")
    parser.add_argument("--keep", type=Path, help="folder in which readings are kept for the next run")
    options = parser.parse_args()
    card = store.find("garment", options.models)[1]
    if options.fit:
        from bench import cutoff_fit  # draws with the workshop's libraries

        show(
            "Settings for the card",
            cutoff_fit.fit(options.data, card, options.models, options.keep),
            as_json=options.json,
        )
        return
    measured = Cutoff.of(card)
    if measured is None:
        raise SystemExit(f"{card.label}: its card has no cut-off; find one with --fit")
    asked, answering, truth = read_pairs(options.data, options.models, options.keep)
    rows = pairs(asked, answering, truth, measured.worn)
    show("Worn tops, their product shots among others", rows, as_json=options.json)
    own = np.zeros((len(asked), len(answering)), np.bool_)
    own[np.arange(len(asked)), truth] = True
    rows = by_cosine(reached(asked, answering, worn=True), own=own)
    show("... the same item, by cosine", rows, as_json=options.json)
    flats = read_flats(options.data, options.models, options.keep)
    rows = held_out(flats["validation"], flats["train"], measured.flat)
    show("Flat lays", rows, as_json=options.json)
    rows = _similar_kinds(flats["validation"], flats["train"])
    show("... a similar kind, by cosine", rows, as_json=options.json)


def _similar_kinds(asked: list[tuple[str, Seen]], answering: list[tuple[str, Seen]]) -> list[dict[str, object]]:
    def equal(of: Callable[[tuple[str, Seen]], str]) -> NDArray[np.bool_]:
        first, second = np.array([of(each) for each in asked]), np.array([of(each) for each in answering])
        return np.asarray(first[:, None] == second[None])

    category, colour = equal(lambda each: each[0]), equal(lambda each: each[1].main_colour)
    near = reached([g for _, g in asked], [g for _, g in answering], worn=False)
    return by_cosine(near, category=category, colour=colour, both=category & colour)


if __name__ == "__main__":
    main()
