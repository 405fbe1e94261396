"""Colours of product photos against the catalogue's own names, read through the product as a user would.

Protocol: every photo of the catalogue folder whose colour name has a place in the palette (``NAMES``, chosen by what
the words mean). The garment that is judged stands in the region of the product's kind, or is the look's first. A photo
without a garment counts as wrong. "blue" is right for light_blue too: the catalogue has one word for both. Products are
cut into two halves by a hash of their id; anchors and rules were chosen with a look at the tuning half only. What
a learner makes of the shop's own words, the most that can be hoped for, prints ``bench.colours_ceiling``.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from bench.table import arguments, interval, show
from meot import photos, taxonomy, wiring
from meot.settings import Settings
from meot.types import Garment, Look, Reader

NAMES = {
    "black": ("Black",),
    "gray": ("Grey", "Grey Melange", "Charcoal", "Silver", "Steel", "Metallic"),
    "white": ("White", "Off White"),
    "beige": ("Beige", "Cream", "Nude", "Skin"),
    "brown": ("Brown", "Coffee Brown", "Mushroom Brown", "Taupe", "Tan", "Copper", "Bronze", "Rust"),
    "khaki": ("Olive", "Khaki"),
    "navy": ("Navy Blue",),
    "blue": ("Blue", "Turquoise Blue"),
    "green": ("Green", "Lime Green", "Sea Green", "Fluorescent Green", "Teal"),
    "yellow": ("Yellow", "Mustard", "Gold"),
    "orange": ("Orange", "Peach"),
    "red": ("Red",),
    "burgundy": ("Maroon", "Burgundy"),
    "pink": ("Pink", "Rose", "Magenta"),
    "purple": ("Purple", "Lavender"),
    "multicolor": ("Multi",),
}
"""Our colour -> the catalogue's names of it."""
OURS = {theirs: id for id, names in NAMES.items() for theirs in names}
REGIONS = {
    "Topwear": ("upper", "outer", "suit"),
    "Bottomwear": ("lower",),
    "Dress": ("whole",),
    "Innerwear": ("upper", "lower"),
    "Loungewear and Nightwear": ("upper", "lower", "whole"),
    "Saree": ("whole",),
    "Apparel Set": ("upper", "lower", "whole"),
    "Bags": ("bag",),
    "Headwear": ("head",),
}
"""The catalogue's sub-category -> where its product is worn; other apparel anywhere, footwear on the feet."""
MASTER = {"Footwear": ("feet",), "Apparel": ("upper", "outer", "lower", "whole", "suit"), "Accessories": ("accessory",)}


class Said(NamedTuple):
    """One product: the colour it should have, what was read in order, and whether somebody wears it.

    where: whether the garment that was judged stands in the product's own region. any: whether any garment of the
    photo has the right colour first.
    """

    truth: str
    read: tuple[str, ...]
    worn: bool
    where: str = "its own region"
    any: bool = False


def half(id: str) -> str:
    """The half, tuning or reporting, of a product."""
    return "tuning" if hashlib.sha256(id.encode()).digest()[0] % 2 == 0 else "reporting"


def regions_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """Where a product of that kind is worn."""
    if row["master_category"] == "Footwear":
        return MASTER["Footwear"]
    return REGIONS.get(row["sub_category"], MASTER.get(row["master_category"], ()))


def judged(look: Look, row: Mapping[str, str]) -> Garment | None:
    """The garment of the look that the product is."""
    wanted = regions_of(row)
    return next((g for g in look.garments if g.region in wanted), look.garments[0] if look.garments else None)


def rows_of(folder: Path, which: str) -> list[dict[str, str]]:
    """The products of one half whose colour name has a place in the palette."""
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["base_colour"] in OURS and half(row["id"]) == which]


def looks(reader: Reader, folder: Path, rows: Sequence[dict[str, str]]) -> Iterator[tuple[dict[str, str], Look]]:
    """Each product with what was read from its photo."""
    for row in tqdm(rows, desc="colours", mininterval=5):
        yield row, reader.read(photos.decode((folder / "images" / f"{row['id']}.jpg").read_bytes()))


def said_of(look: Look, row: Mapping[str, str]) -> Said:
    """What the product says of one photo."""
    garment, truth = judged(look, row), OURS[row["base_colour"]]
    where = "nothing" if garment is None else "its own region"
    if garment is not None and garment.region not in regions_of(row):
        where = "another region"
    read = () if garment is None else _folded(garment)
    anywhere = any(_folded(each)[:1] == (truth,) for each in look.garments)
    return Said(truth, read, look.worn, where, anywhere)


def _folded(garment: Garment) -> tuple[str, ...]:
    return tuple(dict.fromkeys("blue" if shade.id == "light_blue" else shade.id for shade in garment.colours))


def accuracy(said: list[Said]) -> list[dict[str, object]]:
    """Top-1 and top-2 over all, worn and unworn; the same where names of one Shopify value count as one."""
    value = {c.id: c.shopify for c in taxonomy.load().colours}
    rows = []
    for title, some in (
        ("all", said),
        ("worn", [s for s in said if s.worn]),
        ("unworn", [s for s in said if not s.worn]),
    ):
        first = np.array([s.read[:1] == (s.truth,) for s in some], np.float64)
        low, high = interval(first) if some else (float("nan"), float("nan"))
        rows.append(
            {
                "photos": title,
                "n": len(some),
                "top-1": f"{first.mean():.3f} [{low:.3f}, {high:.3f}]",
                "top-2": float(np.mean([s.truth in s.read[:2] for s in some])),
                "any": float(np.mean([s.truth in s.read for s in some])),
                "top-1, Shopify's names": float(
                    np.mean([bool(s.read) and value[s.read[0]] == value[s.truth] for s in some])
                ),
            }
        )
    return rows


def places(said: list[Said]) -> list[dict[str, object]]:
    """How often another garment than the product was judged, and how often any of the photo has the right colour."""
    return [
        {
            "judged": where,
            "n": sum(s.where == where for s in said),
            "top-1": _share([s.read[:1] == (s.truth,) for s in said if s.where == where]),
            "any garment's first": _share([s.any for s in said if s.where == where]),
        }
        for where in ("its own region", "another region", "nothing")
    ]


def recalls(said: list[Said]) -> list[dict[str, object]]:
    """How often each colour is found and how often it is right when it is said."""
    return [
        {
            "colour": id,
            "n": sum(s.truth == id for s in said),
            "recall": _share([s.read[:1] == (id,) for s in said if s.truth == id]),
            "precision": _share([s.truth == id for s in said if s.read[:1] == (id,)]),
        }
        for id in NAMES
    ]


def confusions(said: list[Said], *, most: int = 20) -> list[dict[str, object]]:
    """The pairs that are taken for one another most."""
    pairs = Counter((s.truth, s.read[0] if s.read else "nothing") for s in said if s.read[:1] != (s.truth,))
    return [{"is": truth, "read as": read, "n": n} for (truth, read), n in pairs.most_common(most)]


def _share(hits: list[bool]) -> float:
    return float(np.mean(hits)) if hits else float("nan")


def main() -> None:
    """Print every table."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--half", choices=["reporting", "tuning"], default="reporting", help="of the products")
    options = parser.parse_args()
    reader, folder = wiring.build_reader(Settings(models=options.models)), options.data / "catalogue"
    read = looks(reader, folder, rows_of(folder, options.half)[: options.limit])
    said = [said_of(look, row) for row, look in read]
    show(f"Main colour, {options.half} half", accuracy(said), as_json=options.json)
    show("The garment that was judged", places(said), as_json=options.json)
    show("Each colour", recalls(said), as_json=options.json)
    show("Taken for one another", confusions(said), as_json=options.json)


if __name__ == "__main__":
    main()
