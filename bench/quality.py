"""Category on flat lays, region maps and boxes on street photos, read through the product as a user would.

Protocol: validation splits of the data folder. Category: the look's first garment, its scores summed over the
categories of each label, best of the 10 or 17 labels. Region maps: nine superclasses of CCP, pixels of all masked
photos pooled. Calibration error: of the summed score of the best of 17 labels, and of the score that the product
shows, for the labels that mean one category. Boxes: one truth box a region and photo
around the mask's pixels; AP at IoU 0.5, all-point. Category on street photos: the main person's garment in each region
whose mask pixels bear one label, right when its category is one that the label may mean; no garment there is wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from bench.answers import Said, share, trust
from bench.table import arguments, interval, show
from meot import photos, taxonomy, wiring
from meot.data.sources import ccp, clothing
from meot.evaluation.calibration import adaptive_error, error_by_chance, expected_error
from meot.settings import Settings
from meot.taxonomy import Taxonomy
from meot.training.calibrate import worn_truths
from meot.types import Garment, Look, Reader

BOX_REGIONS = ("upper", "outer", "lower", "whole", "feet", "bag", "head")


def label_scores(scores: dict[str, float], labels: list[str], terms: Taxonomy) -> dict[str, float]:
    """Label -> summed score of the categories it may mean."""
    ids = [c.id for c in terms.categories]
    return {x: sum(scores.get(ids[i], 0.0) for i in terms.categories_of("clothing", x)) for x in labels}


def best_label(scores: dict[str, float], labels: list[str], terms: Taxonomy) -> str:
    """The label whose categories have the largest summed score."""
    sums = label_scores(scores, labels, terms)
    return max(sums, key=lambda label: sums[label])


def flat_lays(reader: Reader, folder: Path, limit: int | None) -> list[dict[str, object]]:
    """Category accuracy, share of photos with exactly one garment, and calibration, on flat lays."""
    terms = taxonomy.load()
    rows = clothing.read(folder, "validation")[:limit]
    seventeen = sorted({row.labels["category"] for row in clothing.read(folder, "train")})
    ten = sorted(clothing.TEN)
    hits: dict[str, list[float]] = {"ten classes": [], "17 classes": [], "exactly one garment": []}
    sure: list[tuple[float, bool]] = []
    said: list[tuple[float, bool]] = []
    shown: list[tuple[float, bool]] = []
    for row in tqdm(rows, desc="flat lays"):
        look = reader.read(photos.load(row.photo))
        hits["exactly one garment"].append(float(len(look.garments) == 1))
        scores = dict(look.garments[0].category.scores) if look.garments else {}
        sums = label_scores(scores, seventeen, terms)
        said.append((max(sums.values()), max(sums, key=lambda name: sums[name]) == row.labels["category"]))
        hits["17 classes"].append(float(best_label(scores, seventeen, terms) == row.labels["category"]))
        if row.labels["category"] in ten:
            hits["ten classes"].append(float(best_label(scores, ten, terms) == row.labels["category"]))
        if look.garments:
            category = look.garments[0].category
            right = row.labels["category"] in terms.category(category.id).clothing
            sure.append((category.sure, right))
            if len(terms.categories_of("clothing", row.labels["category"])) == 1:
                shown.append((category.score, right))
    table: list[dict[str, object]] = []
    for name, values in hits.items():
        array = np.array(values)
        low, high = interval(array)
        table.append({"flat lays": name, "photos": len(array), "share": float(array.mean()), "low": low, "high": high})
    array = np.array(sure, np.float64)
    for name, picked in (("right where sure", array[array[:, 0] > 0, 1]), ("sure", array[:, 0])):
        low, high = interval(picked) if len(picked) else (0.0, 0.0)
        share = float(picked.mean()) if len(picked) else 0.0
        table.append({"flat lays": name, "photos": len(picked), "share": share, "low": low, "high": high})
    return table + _calibration("of the label's score", said) + _calibration("of the score shown", shown)


def _calibration(which: str, said: list[tuple[float, bool]]) -> list[dict[str, object]]:
    """Lines of calibration errors of (score, right) pairs."""
    score, right = np.array([s for s, _ in said], np.float64), np.array([r for _, r in said], bool)
    errors = {
        f"calibration error {which}": expected_error(score, right),
        "the same, bins of equal numbers": adaptive_error(score, right),
        "true scores would show": error_by_chance(score) if said else 0.0,
    }
    return [{"flat lays": name, "photos": len(said), "share": e, "low": e, "high": e} for name, e in errors.items()]


def average_precision(found: list[tuple[float, bool]], truths: int) -> float:
    """Area under the precision-recall curve (all points, precision made monotone) of (score, hit) pairs."""
    if truths == 0:
        return float("nan")
    hit = np.array([h for _, h in sorted(found, key=lambda pair: -pair[0])], np.float64)
    if len(hit) == 0:
        return 0.0
    recall = np.cumsum(hit) / truths
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * precision))


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two xyxy boxes."""
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, wide) * max(0.0, tall)
    either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / either if either > 0 else 0.0


def truth_box(mask: NDArray[np.bool_]) -> tuple[float, float, float, float] | None:
    """xyxy box around all True pixels; None when there are none."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return None
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)


def street_photos(
    reader: Reader, folder: Path, limit: int | None
) -> tuple[list[dict[str, object]], list[dict[str, object]], list[dict[str, object]]]:
    """IoU a superclass, AP50 a region and category accuracy on street photos with label masks."""
    terms = taxonomy.load()
    allowed = dict(worn_truths(folder, terms, limit))
    said: dict[str, list[Said]] = {}
    names = list(dict.fromkeys(r.ccp9[0] for r in terms.regions))
    group = np.zeros(256, np.int64)
    for region in terms.regions:
        group[region.value] = names.index(region.ccp9[0])
    lut = ccp.region_lut(terms, ccp.labels(folder))
    counts = np.zeros((len(names), len(names)), np.int64)
    found: dict[str, list[tuple[float, bool]]] = {region: [] for region in BOX_REGIONS}
    truths = dict.fromkeys(BOX_REGIONS, 0)
    for row in tqdm(ccp.read(folder, "validation", masked_only=True)[:limit], desc="street photos"):
        assert row.mask is not None
        truth = lut[np.asarray(Image.open(row.mask))]
        look = reader.read(photos.load(row.photo))
        for place, categories in allowed[row.photo].items():
            ids = tuple(terms.categories[i].id for i in sorted(categories))
            said.setdefault(place, []).append(_worn(row.photo, look, place, ids))
        pairs = group[truth] * len(names) + group[look.regions]
        counts += np.bincount(pairs.ravel(), minlength=len(names) ** 2).reshape(len(names), -1)
        for name in BOX_REGIONS:
            box = truth_box(truth == terms.region(name).value)
            truths[name] += box is not None
            mine = sorted((g for g in look.garments if g.region == name), key=lambda g: -g.score)
            best = _best(mine, box)
            found[name] += [(garment.score, rank == best) for rank, garment in enumerate(mine)]
    return _maps(counts, names), _boxes(found, truths), worn_rows(said, terms)


def _worn(photo: Path, look: Look, region: str, truth: tuple[str, ...]) -> Said:
    """What the main person wears in ``region``, beside the categories that it may be."""
    mine = [g.category for g in look.garments if g.person == 0 and g.region == region]
    return Said(photo=str(photo), group=str(photo), street=True, truth=truth, answer=mine[0] if mine else None)


def worn_rows(said: dict[str, list[Said]], terms: Taxonomy) -> list[dict[str, object]]:
    """Lines for all labels, for those that leave one answer of several, and a region. A category's score says nothing
    of a label that means several, and is 1 in a region of one category: no calibration error of those.
    """
    choice = [region for region in said if sum(c.region == region for c in terms.categories) > 1]
    parts = {"every label": [s for some in said.values() for s in some]}
    parts["one category of several"] = [s for region in choice for s in said[region] if len(s.truth) == 1]
    parts |= {region: said[region] for region in BOX_REGIONS if region in said}
    rows: list[dict[str, object]] = []
    for name, some in ((name, some) for name, some in parts.items() if some):
        hit = share([s.right for s in some], [s.group for s in some])
        worth = trust(some)
        if name not in ("one category of several", *choice) or any(len(s.truth) > 1 for s in some):
            worth |= dict.fromkeys(("ECE", "adaptive", "by chance"))
        rows.append({"street photos": name, "n": len(some), "accuracy": hit} | worth)
    return rows


def _best(garments: list[Garment], box: tuple[float, ...] | None) -> int:
    """Position of the highest-scoring garment that meets the box at IoU 0.5, -1 when none does."""
    if box is None:
        return -1
    return next((i for i, g in enumerate(garments) if overlap(g.box, box) >= 0.5), -1)


def _maps(counts: NDArray[np.int64], names: list[str]) -> list[dict[str, object]]:
    hit = np.diag(counts)
    iou = hit / np.maximum(counts.sum(0) + counts.sum(1) - hit, 1)
    rows: list[dict[str, object]] = [{"region map": n, "share": float(v)} for n, v in zip(names, iou, strict=True)]
    rows.append({"region map": "mean IoU", "share": float(iou.mean())})
    rows.append({"region map": "pixel accuracy", "share": float(hit.sum() / counts.sum())})
    return rows


def _boxes(found: dict[str, list[tuple[float, bool]]], truths: dict[str, int]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"boxes": r, "truths": truths[r], "AP50": average_precision(found[r], truths[r])} for r in BOX_REGIONS
    ]
    values = [average_precision(found[r], truths[r]) for r in BOX_REGIONS]
    rows.append({"boxes": "mean", "truths": sum(truths.values()), "AP50": float(np.nanmean(values))})
    return rows


def main() -> None:
    """Print every table."""
    options = arguments(__doc__ or "").parse_args()
    reader = wiring.build_reader(Settings(models=options.models))
    show("Flat lays", flat_lays(reader, options.data / "clothing", options.limit), as_json=options.json)
    maps, boxes, worn = street_photos(reader, options.data / "ccp", options.limit)
    show("Region maps on street photos", maps, as_json=options.json)
    show("Garment boxes on street photos", boxes, as_json=options.json)
    show("Category on street photos", worn, as_json=options.json)


if __name__ == "__main__":
    main()
