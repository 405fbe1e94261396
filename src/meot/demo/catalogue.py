"""The drawn catalogue: which products there are, their names in two languages, their table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from meot.demo.cloth import Rgb
from meot.demo.scene import photograph
from meot.errors import CatalogueError

PALETTE: dict[str, tuple[Rgb, str, str]] = {
    "navy": ((32, 40, 72), "Navy", "네이비"),
    "red": ((176, 34, 44), "Red", "레드"),
    "white": ((236, 236, 234), "White", "화이트"),
    "black": ((34, 33, 36), "Black", "블랙"),
    "blue": ((62, 98, 150), "Blue", "블루"),
    "green": ((52, 104, 70), "Green", "그린"),
    "beige": ((206, 186, 154), "Beige", "베이지"),
    "pink": ((226, 150, 170), "Pink", "핑크"),
    "gray": ((128, 128, 130), "Gray", "그레이"),
    "yellow": ((228, 190, 70), "Yellow", "옐로"),
    "brown": ((112, 76, 52), "Brown", "브라운"),
    "denim": ((70, 100, 150), "Blue", "블루"),
    "dark_denim": ((38, 52, 86), "Indigo", "진청"),
    "light_denim": ((148, 172, 204), "Light blue", "연청"),
}
_PATTERNS = {
    "solid": ("", ""),
    "stripe": ("striped", "스트라이프"),
    "check": ("checked", "체크"),
    "dot": ("dotted", "도트"),
    "floral": ("floral", "플라워"),
    "graphic": ("printed", "프린팅"),
}
_KINDS = {
    "t_shirt": ("T-shirt", "티셔츠", "상의", 19000),
    "longsleeve": ("long-sleeve top", "긴팔 티셔츠", "상의", 24000),
    "knit": ("sweater", "니트", "상의", 49000),
    "hoodie": ("hoodie", "후드티", "상의", 52000),
    "shirt": ("shirt", "셔츠", "상의", 39000),
    "polo": ("polo shirt", "폴로 셔츠", "상의", 35000),
    "tank_top": ("tank top", "민소매 티셔츠", "상의", 15000),
    "jacket": ("zip jacket", "집업 재킷", "아우터", 79000),
    "coat": ("double-breasted coat", "더블 코트", "아우터", 159000),
    "dress": ("dress", "원피스", "원피스", 69000),
    "skirt": ("skirt", "치마", "하의", 42000),
    "shorts": ("shorts", "반바지", "하의", 29000),
    "trousers": ("trousers", "슬랙스 바지", "하의", 45000),
    "jeans": ("jeans", "청바지", "하의", 59000),
    "hat": ("bucket hat", "버킷햇 모자", "모자", 22000),
}
_ITEMS = """t_shirt navy solid; t_shirt white graphic/red; t_shirt black graphic/white; t_shirt red stripe/white;
t_shirt green solid; t_shirt beige dot/red; t_shirt gray solid; t_shirt yellow graphic/navy; longsleeve red stripe/navy;
longsleeve white stripe/navy; longsleeve black solid; longsleeve pink floral/white; longsleeve gray solid; knit
white solid; knit gray solid; knit red solid; knit navy solid; hoodie black solid; hoodie navy solid; hoodie
gray graphic/red; hoodie green solid; shirt blue check/white; shirt red check/navy; shirt white solid; shirt
blue stripe/white; shirt white stripe/blue; shirt navy floral/pink; polo green solid; polo navy solid; polo
beige check/brown; polo white solid; tank_top beige solid; tank_top black solid; tank_top white graphic/blue;
jacket black solid; jacket blue solid; jacket beige solid; coat gray solid; coat brown solid; coat black solid;
coat navy solid; dress navy dot/white; dress red floral/yellow; dress black solid; dress pink solid; dress white
floral/red; skirt red floral/yellow; skirt black solid; skirt pink stripe/white; skirt navy check/green; shorts
white solid; shorts beige solid; shorts navy check/white; trousers black solid; trousers navy solid; trousers
beige solid; trousers gray check/black; jeans denim solid; jeans dark_denim solid; jeans light_denim solid; hat
green solid; hat white solid; hat beige solid; hat black solid"""
_GROUNDS = ("white", "wall", "white", "sheet", "wood")

Progress = Callable[[int, int], None]


class Item(NamedTuple):
    """A product to draw."""

    category: str
    colour: str
    pattern: str
    figure: str


def items() -> list[Item]:
    """Every product of the demonstration, in its order."""
    found = []
    for text in _ITEMS.replace("\n", " ").split(";"):
        category, colour, pattern = text.split()
        kind, _, figure = pattern.partition("/")
        found.append(Item(category, colour, kind, figure or "white"))
    return found


def titles(item: Item) -> tuple[str, str]:
    """The product's name in Korean and in English."""
    english, korean, _, _ = _KINDS[item.category]
    parts_en = [PALETTE[item.colour][1], _PATTERNS[item.pattern][0], english]
    parts_ko = [PALETTE[item.colour][2], _PATTERNS[item.pattern][1], korean]
    return " ".join(p for p in parts_ko if p), " ".join(p for p in parts_en if p)


def draw_item(item: Item, *, seed: int, ground: str) -> Image.Image:
    """The product's photo."""
    rng = np.random.default_rng(seed)
    colours = (PALETTE[item.colour][0], PALETTE[item.figure][0])
    return photograph(item.category, ground_kind=ground, pattern_kind=item.pattern, colours=colours, rng=rng)


def draw_catalogue(folder: Path, *, seed: int = 0, count: int | None = None, progress: Progress | None = None) -> Path:
    """Draw the products into ``folder``/images and write their table; returns the path of products.csv.

    The same seed draws the same photos; photos that are there already are kept. count: only the first so many of a
    fixed shuffle. CatalogueError when the folder cannot be written.
    """
    chosen = items()
    order = np.random.default_rng(7).permutation(len(chosen))[:count] if count else np.arange(len(chosen))
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        rows = []
        for done, i in enumerate(order, start=1):
            rows.append(_draw_row(chosen[i], int(i), folder, seed))
            if progress is not None:
                progress(done, len(order))
        table = folder / "products.csv"
        aside = table.with_suffix(".part")
        with aside.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        aside.replace(table)
    except OSError as error:
        raise CatalogueError(
            f"{folder}: the demonstration cannot be written ({error.strerror}); name another --out"
        ) from None
    return table


def _draw_row(item: Item, number: int, folder: Path, seed: int) -> dict[str, str]:
    name = f"{number:03d}-{item.category}-{item.colour}-{item.pattern}"
    file = folder / "images" / f"{name}.jpg"
    if not file.exists():
        image = draw_item(item, seed=seed * 1000 + number, ground=_GROUNDS[number % len(_GROUNDS)])
        aside = file.with_suffix(".part")
        image.save(aside, "JPEG", quality=88)
        aside.replace(file)
    korean, english = titles(item)
    price = _KINDS[item.category][3] + 1000 * (number * 7 % 9)
    return {
        "id": name,
        "title": f"{korean} ({english})",
        "description": "Drawn for the demonstration; the price is invented.",
        "price": str(price),
        "currency": "KRW",
        "link": f"https://example.com/demo/{name}",
        "image": f"images/{name}.jpg",
        "keyword": _KINDS[item.category][2],
        "brand": "meot demo",
        "gender": "",
    }


def draw_query(*, seed: int = 0) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: a photo of a garment that is not in the catalogue but like some that are."""
    asked = (
        Item("dress", "blue", "dot", "white"),
        Item("t_shirt", "red", "stripe", "navy"),
        Item("jeans", "denim", "solid", "white"),
    )
    return np.asarray(draw_item(asked[seed % len(asked)], seed=90_000 + seed, ground="wall"), np.uint8)


def query_jpeg(seed: int) -> bytes:
    """The query photo as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(draw_query(seed=seed)).save(file, "JPEG", quality=90)
    return file.getvalue()
