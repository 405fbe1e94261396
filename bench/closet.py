"""Owned garments beside wanted ones: what finds them, what the verdicts are worth, the paper's four cases, and time.

Truth is what people said: kind by label, colour by label mask (CIELAB, nearer than 20), pattern by eye where known.
Closets of 60 garments are drawn by chance from people other than the wanted garment's; figures are of the validation
split, with 95 % intervals over wanted garments. ``--fit`` writes the scale, from the train split alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import closet_cases, closet_pairs, closet_speed
from bench.closet_fit import REST, Grid, as_toml, closets, fit, grid, nearest, precision_at_1, twins
from bench.closet_truths import Known, flat, flat_files, read, street, street_files
from bench.table import arguments, interval, show
from meot import wiring
from meot.answers.closet import similarity
from meot.answers.closet.similarity import PARTS, Scale, load_scale
from meot.settings import Settings


def _figure(values: NDArray[np.float64]) -> dict[str, object]:
    low, high = interval(values)
    return {"wanted": len(values), "share": float(values.mean()), "low": low, "high": high}


def finding(grids: dict[str, Grid], scale: Scale) -> list[dict[str, object]]:
    """precision@1 of kind, colour and pattern, with all parts, with the cosine alone, and without each part."""
    alone = np.where(np.array(PARTS) == "cosine", 1.0, 0.0)
    ways = {"cosine alone": alone, "all parts": scale.weights.astype(np.float64)}
    for i, part in enumerate(PARTS):
        ways[f"without {part}"] = np.where(np.arange(len(PARTS)) == i, 0.0, scale.weights)
    rows: list[dict[str, object]] = []
    for name, each in grids.items():
        drawn = closets(each, draws=10, holding=True)
        for way, weights in ways.items():
            rows.append({"closet": name, "compared by": way, **_figure(precision_at_1(each, drawn, weights))})
    return rows


def verdicts(grids: dict[str, Grid], scale: Scale) -> list[dict[str, object]]:
    """How often each verdict is given, and how often the nearest garment then agrees."""
    rows: list[dict[str, object]] = []
    for name, each in grids.items():
        best = nearest(each, closets(each, draws=4, holding=False), scale)
        said = best.similarity
        given = np.array([scale.verdict(value) for value in said.tolist()])
        for verdict in ("own", "close", "missing"):
            these = given == verdict
            rows.append(
                {
                    "closet": name,
                    "verdict": verdict,
                    "given": float(these.mean()),
                    "similarity": float(said[these].mean()) if these.any() else None,
                    "kind, colour, pattern": float(best.alike[these].mean()) if these.any() else None,
                    "kind, rough colour": float(best.near[these].mean()) if these.any() else None,
                }
            )
    return rows


def _of(known: list[Known], *, train: bool) -> list[Known]:
    return [each for each in known if each.train is train]


def main() -> None:
    """Print every part, or fit."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"), help="folder of the labels by eye")
    parser.add_argument("--cache", type=Path, help="keep what was read in this file for the next run")
    parser.add_argument("--cases", type=int, default=300, help="how many quadruples of the paper's cases at most")
    parser.add_argument("--time", action="store_true", help="also measure closets of up to ten thousand garments")
    parser.add_argument("--fit", action="store_true", help="fit the scale and write it beside the code")
    options = parser.parse_args()
    reader = wiring.build_reader(Settings(models=options.models))
    files = [*street_files(options.data), *flat_files(options.data, options.labels)]
    seen = read(reader, [*files, *closet_pairs.files(options.data)], options.cache)
    worn, laid = (source(options.data, options.labels, seen) for source in (street, flat))
    if options.fit:
        mine, theirs = _of(worn, train=True), _of(laid, train=True)
        to_flat, to_worn = grid(mine, theirs), grid(mine, mine)
        among = grid(theirs, theirs)
        found = as_toml(fit([to_flat, to_worn, among], [to_flat, to_worn], among, grid(mine, mine, REST)))
        Path(similarity.__file__).with_name("scale.toml").write_text(found, encoding="utf-8")
        print(found)
        return
    scale = load_scale()
    wanted = _of(worn, train=False)
    grids = {"flat lays": grid(wanted, _of(laid, train=False)), "street photos": grid(wanted, wanted)}
    show("Nearest owned garment", finding(grids, scale), as_json=options.json)
    show("Verdicts", verdicts(grids, scale), as_json=options.json)
    laid_out = _of(laid, train=False)
    count, share = twins(grid(laid_out, laid_out), scale, scale.twin_from)
    show("Duplicates among flat lays", [{"pairs": count, "kind, colour, pattern": share}], as_json=options.json)
    show("The very same top, worn and as a product", closet_pairs.rows(options.data, seen, scale), as_json=options.json)
    show("... which comes first", closet_pairs.found_first(options.data, seen, scale), as_json=options.json)
    unseen = closet_cases.rows(wanted, scale, most=options.cases)
    every = closet_cases.rows([replace(each, train=False) for each in worn], scale, most=options.cases)
    show("The paper's four cases, validation photos", unseen, as_json=options.json)
    show("The paper's four cases, all photos", every, as_json=options.json)
    if options.time:
        show("Time", closet_speed.rows(laid, scale), as_json=options.json)


if __name__ == "__main__":
    main()
