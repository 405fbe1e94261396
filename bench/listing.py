"""Listings drafted from product photos against a shop's own words: how much is filled in, and how much of it is right.

Protocol: every product of the catalogue folder is drafted as a seller would: one photo, no facts. Its article type,
colour and gender are what the shop itself says, mapped to our words (``CATEGORIES``, ``bench.colours.NAMES``,
``GENDERS``); a type or colour without a place in our vocabulary is counted by itself, where nothing can be right. A
field is filled when it stands in the listing; right is counted among the filled. Beside it: the same answers filled in
whatever their score, and the most common class of the tuning half everywhere. With ``--titles`` the shop's titles are
given as facts, so that their words tell the gender. Products are cut into halves as in ``bench.colours``; the limits of
colours were chosen on the tuning half.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from bench.colours import NAMES, half
from bench.table import arguments, interval, show
from meot import photos, taxonomy, wiring
from meot.answers.listing.answer import AGE_GROUP, CATEGORY, COLOUR, GENDER, GOOGLE, Answer
from meot.answers.listing.draft import Draft, make
from meot.answers.listing.evidence import TOO_WIDE
from meot.answers.listing.reading import Reading, of_look
from meot.catalogue.files import PhotoFile
from meot.settings import Settings
from meot.types import Reader

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Tshirts": ("t_shirt", "longsleeve", "polo"),
    "Shirts": ("shirt",),
    "Tops": ("top", "blouse", "tank_top", "t_shirt", "longsleeve"),
    "Tunics": ("top", "blouse", "dress"),
    "Sweaters": ("knit", "cardigan"),
    "Sweatshirts": ("sweatshirt", "hoodie"),
    "Jackets": ("jacket",),
    "Trousers": ("trousers",),
    "Track Pants": ("trousers",),
    "Lounge Pants": ("trousers",),
    "Capris": ("trousers",),
    "Jeans": ("jeans",),
    "Leggings": ("leggings",),
    "Churidar": ("leggings",),
    "Shorts": ("shorts",),
    "Lounge Shorts": ("shorts",),
    "Skirts": ("skirt",),
    "Dresses": ("dress",),
    "Innerwear Vests": ("tank_top",),
    "Bra": ("bra",),
    "Briefs": ("briefs",),
    "Trunk": ("briefs",),
    "Boxers": ("briefs", "shorts"),
    "Stockings": ("tights",),
    "Shrug": ("cardigan",),
    "Casual Shoes": ("sneakers", "flats", "boots"),
    "Sports Shoes": ("sneakers",),
    "Formal Shoes": ("flats", "boots"),
    "Flats": ("flats", "sandals"),
    "Heels": ("heels", "sandals"),
    "Sandals": ("sandals",),
    "Flip Flops": ("sandals",),
    "Socks": ("socks",),
    "Caps": ("hat",),
    "Hat": ("hat",),
    "Handbags": ("bag",),
    "Backpacks": ("bag",),
    "Clutches": ("bag",),
    "Laptop Bag": ("bag",),
    "Messenger Bag": ("bag",),
    "Duffel Bag": ("bag",),
    "Rucksacks": ("bag",),
    "Waist Pouch": ("bag",),
    "Wallets": ("bag",),
    "Belts": ("belt",),
    "Sunglasses": ("eyewear",),
    "Scarves": ("scarf",),
    "Mufflers": ("scarf",),
    "Stoles": ("scarf",),
    "Ties": ("tie",),
    "Gloves": ("gloves",),
    "Watches": ("watch",),
    "Cufflinks": ("jewellery",),
}
"""The shop's article type -> our categories that say the same; Kurtas, Kurtis, Sarees ... have none."""
FIELDS = (CATEGORY, GOOGLE, COLOUR, GENDER, AGE_GROUP)
GENDERS = {"Men": "male", "Women": "female", "Unisex": "unisex", "Boys": "male", "Girls": "female"}
AGES = {"Men": "adult", "Women": "adult", "Boys": "kids", "Girls": "kids"}


class Judged(NamedTuple):
    """A field of one product. truth: our words that are right, empty where our vocabulary has none. said: the answer
    that leads, filled in or not; None where there is none.
    """

    field: str
    truth: tuple[str, ...]
    said: str | None
    filled: bool
    apparel: bool


def truths(row: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Field -> the right answers of a product."""
    colour = next((id for id, names in NAMES.items() if row["base_colour"] in names), "")
    age = AGES.get(row["gender"], "")
    return {
        CATEGORY: CATEGORIES.get(row["article_type"], ()),
        COLOUR: (colour, *(["light_blue"] if colour == "blue" else [])) if colour else (),
        GENDER: (GENDERS[row["gender"]],),
        AGE_GROUP: (age,) if age else (),
        GOOGLE: google_of(CATEGORIES.get(row["article_type"], ())),
    }


def google_of(categories: Sequence[str]) -> tuple[str, ...]:
    """Google's ids of categories, but for those that only say "clothing" or "accessory"."""
    ids = [str(category.google) for category in taxonomy.load().categories if category.id in categories]
    return tuple(dict.fromkeys(id for id in ids if id not in TOO_WIDE))


def rows_of(folder: Path, which: str) -> list[dict[str, str]]:
    """The products of one half."""
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if half(row["id"]) == which]


def drafts(
    reader: Reader, rows: Sequence[Mapping[str, str]], folder: Path, *, titles: bool, threshold: float | None
) -> Iterator[tuple[Mapping[str, str], Draft]]:
    """Each product with its draft."""
    for row in tqdm(rows, desc="listing", mininterval=5):
        file = folder / "images" / f"{row['id']}.jpg"
        photo = photos.decode(file.read_bytes())
        reading = of_look(PhotoFile(file, photo.sha256, 0, 0), reader.read(photo))
        yield row, _draft(row, reading, reader.models, titles, threshold)


def _draft(
    row: Mapping[str, str], reading: Reading, models: Mapping[str, str], titles: bool, threshold: float | None
) -> Draft:
    given = {"title": row["title"]} if titles else {}
    return make(row["id"], [reading], taxonomy.load(), models=models, given=given, threshold=threshold)


def judge(row: Mapping[str, str], draft: Draft) -> Iterator[Judged]:
    """Every field of a product that the shop speaks of."""
    apparel = row["master_category"] == "Apparel"
    for field, truth in truths(row).items():
        answer = answer_of(draft, field)
        said = answer.value if answer is not None and answer.value else None
        yield Judged(field, truth, said, answer is not None and answer.sure, apparel)


def answer_of(draft: Draft, field: str) -> Answer | None:
    """The answer to a field; Google's category follows from ours where that is sure."""
    category = draft.answers.get(CATEGORY)
    if field == GOOGLE and category is not None and (category.sure or GOOGLE not in draft.answers):
        ids = google_of([category.value])
        return replace(category, value=ids[0]) if ids else None
    return draft.answers.get(field)


def figures(judged: Sequence[Judged], common: Mapping[str, str]) -> list[dict[str, object]]:
    """A row a field: filled in when sure, whatever the score, and the most common class everywhere."""
    found = []
    for field in FIELDS:
        some = [j for j in judged if j.field == field]
        for way, said in (
            ("sure", [j.said if j.filled else None for j in some]),
            ("whatever the score", [j.said for j in some]),
            ("most common", [common[field] for _ in some]),
        ):
            found.append({"field": field, "filled in": way, **_shares([j.truth for j in some], said)})
    return found


def _shares(truth: Sequence[tuple[str, ...]], said: Sequence[str | None]) -> dict[str, object]:
    filled = [(t, s) for t, s in zip(truth, said, strict=True) if s is not None]
    hits = np.array([s in t for t, s in filled], np.float64)
    low, high = interval(hits) if len(hits) else (None, None)
    right = (float(hits.mean()), low, high) if len(hits) else None
    mapped = [s in t for t, s in filled if t]
    return {
        "n": len(truth),
        "filled": len(filled) / max(1, len(truth)),
        "right of the filled": right,
        "of those with a word of ours": float(np.mean(mapped)) if mapped else None,
    }


def saved(judged: Sequence[Judged]) -> list[dict[str, object]]:
    """What a seller has still to do: fields that are right, wrong and open, of all."""
    rows = []
    for title, some in (("all", judged), ("clothes", [j for j in judged if j.apparel])):
        states = Counter("open" if not j.filled else "right" if j.said in j.truth else "wrong" for j in some)
        proposed = sum(not j.filled and j.said in j.truth for j in some)
        total = max(1, len(some))
        shares: dict[str, object] = {state: states[state] / total for state in ("right", "wrong", "open")}
        rows.append({"products": title, "fields": len(some), **shares, "open, first candidate right": proposed / total})
    return rows


def common_of(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Field -> the most common right answer of some products."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for row in rows:
        for field, truth in truths(row).items():
            counts[field].update(truth[:1])
    return {field: counter.most_common(1)[0][0] for field, counter in counts.items()}


def main() -> None:
    """Print every table."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--half", choices=["reporting", "tuning"], default="reporting", help="of the products")
    parser.add_argument("--titles", action="store_true", help="give the shop's titles as facts")
    parser.add_argument("--threshold", type=float, default=None, help="fill in from this score")
    options = parser.parse_args()
    folder = options.data / "catalogue"
    reader = wiring.build_reader(Settings(models=options.models))
    rows = rows_of(folder, options.half)[: options.limit]
    made = drafts(reader, rows, folder, titles=options.titles, threshold=options.threshold)
    judged = [each for row, draft in made for each in judge(row, draft)]
    common = common_of(rows_of(folder, "tuning"))
    show(f"Fields, {options.half} half", figures(judged, common), as_json=options.json)
    clothes = [each for each in judged if each.apparel]
    show("The same, clothes only", figures(clothes, common), as_json=options.json)
    show("What is left to do", saved(judged), as_json=options.json)


if __name__ == "__main__":
    main()
