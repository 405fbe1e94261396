"""Colours of product photos against the catalogue's own names, read through the product as a user would.

Protocol: every photo of the catalogue folder whose colour name has a place in the palette (``NAMES``, chosen by what
the words mean). The garment that is judged stands in the region of the product's kind, or is the look's first. A photo
without a garment counts as wrong. "blue" is right for light_blue too: the catalogue has one word for both. Products are
cut into two halves by a hash of their id; anchors were chosen with a look at the tuning half only.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
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
    """One product: the colour it should have, what was read in order, and whether somebody wears it."""

    truth: str
    read: tuple[str, ...]
    worn: bool


def half(id: str) -> str:
    """The half, tuning or reporting, of a product."""
    return "tuning" if hashlib.sha256(id.encode()).digest()[0] % 2 == 0 else "reporting"


def judged(look: Look, row: dict[str, str]) -> Garment | None:
    """The garment of the look that the product is."""
    wanted = REGIONS.get(row["sub_category"], MASTER.get(row["master_category"], ()))
    wanted = MASTER["Footwear"] if row["master_category"] == "Footwear" else wanted
    return next((g for g in look.garments if g.region in wanted), look.garments[0] if look.garments else None)


def colours(reader: Reader, folder: Path, which: str, limit: int | None) -> Iterator[Said]:
    """What the product says of the catalogue's photos of one half."""
    ours = {theirs: id for id, names in NAMES.items() for theirs in names}
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["base_colour"] in ours and half(row["id"]) == which]
    for row in tqdm(rows[:limit], desc="colours"):
        look = reader.read(photos.decode((folder / "images" / f"{row['id']}.jpg").read_bytes()))
        garment = judged(look, row)
        read = () if garment is None else (shade.id for shade in garment.colours)
        folded = dict.fromkeys("blue" if id == "light_blue" else id for id in read)
        yield Said(ours[row["base_colour"]], tuple(folded), look.worn)


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
    reader = wiring.build_reader(Settings(models=options.models))
    said = list(colours(reader, options.data / "catalogue", options.half, options.limit))
    show(f"Main colour, {options.half} half", accuracy(said), as_json=options.json)
    show("Each colour", recalls(said), as_json=options.json)
    show("Taken for one another", confusions(said), as_json=options.json)


if __name__ == "__main__":
    main()
