"""Listings drafted from flat lays that people took with their phones, and photos put together by likeness.

Protocol: the validation photos of the clothing data set, one a product, its label mapped to the categories that it may
mean; a field is filled when it stands in the draft. For likeness the pairs' validation tops, each as a product shot and
worn, one after the other: are the two put together, and nothing else?
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.listing import FIELDS, Judged, answer_of, figures, google_of
from bench.table import arguments, show
from meot import photos, taxonomy, wiring
from meot.answers.listing.answer import CATEGORY, GOOGLE
from meot.answers.listing.draft import make
from meot.answers.listing.evidence import pick
from meot.answers.listing.group import ALIKE, merge
from meot.answers.listing.reading import of_look
from meot.catalogue.files import PhotoFile
from meot.data.sources import clothing
from meot.settings import Settings
from meot.types import Reader


def phones(reader: Reader, folder: Path, limit: int | None) -> list[Judged]:
    """Flat lays taken with phones, as private sellers take them: the category, and Google's."""
    known = taxonomy.load()
    judged: list[Judged] = []
    for row in tqdm(clothing.read(folder, "validation")[:limit], desc="phones", mininterval=5):
        truth = tuple(known.categories[i].id for i in known.categories_of("clothing", row.labels["category"]))
        if not truth:  # "Other", "Not sure", "Skip"
            continue
        reading = of_look(PhotoFile(row.photo, "", 0, 0), reader.read(photos.load(row.photo)))
        draft = make(row.photo.stem, [reading], known, models=reader.models)
        for field, right in ((CATEGORY, truth), (GOOGLE, google_of(truth))):
            answer = answer_of(draft, field)
            judged.append(Judged(field, right, answer.value if answer else None, bool(answer and answer.sure), True))
    return judged


def likeness(reader: Reader, folder: Path, limit: int | None) -> list[dict[str, object]]:
    """Photos of tops, each as a product shot and worn, one after another: are the two put together, and no others?"""
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        names = [row["pair"] for row in csv.DictReader(file) if row["split"] != "train"][:limit]
    vectors, items = [], []
    for place, name in enumerate(tqdm(names, desc="likeness", mininterval=5)):
        for side in ("product", "worn"):
            file_ = next((folder / side).glob(f"{name}.*"))
            reading = of_look(PhotoFile(file_, "", 0, 0), reader.read(photos.load(file_)))
            shown = pick([reading], "upper").garments
            if shown:
                vectors.append(shown[0].vector)
                items.append(place)
    rows: list[dict[str, object]] = []
    for alike in (0.65, 0.7, ALIKE, 0.8, 0.85):
        groups = merge(np.stack(vectors), ["upper"] * len(items), alike=alike)
        joined = [items[a] == items[b] for group in groups for i, a in enumerate(group) for b in group[:i]]
        there = sum(count == 2 for count in Counter(items).values())
        rows.append(
            {
                "alike from": alike,
                "pairs": there,
                "put together": sum(joined) / max(1, there),
                "right of what is put together": float(np.mean(joined)) if joined else None,
            }
        )
    return rows


def main() -> None:
    """Print both tables."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--pairs", type=int, default=250, help="of photos for likeness")
    options = parser.parse_args()
    reader = wiring.build_reader(Settings(models=options.models))
    judged = phones(reader, options.data / "clothing", options.limit)
    told = {field: Counter(j.truth[0] for j in judged if j.field == field and j.truth) for field in FIELDS}
    common = {field: found.most_common(1)[0][0] if found else "" for field, found in told.items()}
    rows = [row for row in figures(judged, common) if row["n"]]
    show("Flat lays taken with phones", rows, as_json=options.json)
    found = likeness(reader, options.data / "pairs", options.pairs)
    show("Photos put together by likeness", found, as_json=options.json)


if __name__ == "__main__":
    main()
