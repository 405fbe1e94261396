"""A small shop for questions in words, and asking it."""

from __future__ import annotations

from collections.abc import Mapping

from meot import taxonomy
from meot.catalogue.senses import understand
from meot.catalogue.store import Catalogue
from meot.catalogue.words import Fields, Hits, WordIndex, sync

SHIRT, TSHIRT, JEANS = (
    "Navy · 남색 · 네이비 · Shirt · 셔츠 · Top · 상의",
    "T-shirt · 티셔츠 · Top · 상의",
    "Jeans · 청바지",
)
SHOP: Mapping[str, Fields] = {
    "jogger": Fields("와이드 조거팬츠", "바지", "", "", ""),
    "jogger apart": Fields("코튼 조거 팬츠 블랙", "", "", "", ""),
    "t-shirt": Fields("Graphic T-Shirts", "", "", "", ""),
    "tee": Fields("반팔 티셔츠 화이트", "", "", "", TSHIRT),
    "t shirt apart": Fields("Basic T Shirt Pack", "", "", "", ""),
    "sweatshirt": Fields("Fleece Sweatshirt", "", "", "", ""),
    "shirt": Fields("Oxford Shirt", "", "Polo Club", "worn open over a T-shirt", ""),
    "linen shirt": Fields("린넨셔츠 베이지", "", "", "", ""),
    "flannel": Fields("체크 셔츠 플란넬", "", "", "", ""),
    "seen": Fields("SK-4410", "", "", "", SHIRT),
    "square": Fields("Square Dress", "", "", "layered tulle", ""),
    "dresses": Fields("Summer dresses", "", "", "", ""),
    "red": Fields("Red Coat", "", "", "", ""),
    "skirt": Fields("플리츠 치마", "", "", "", ""),
    "mens": Fields("Men's Chino 32", "", "", "", ""),
    "cardigan": Fields("니트 가디건", "", "", "", ""),
    "cafe": Fields("Café au lait knit", "", "", "", ""),
    "jeans": Fields("Light blue jeans", "", "", "", JEANS),
    "slim": Fields("Slim-fit trousers", "", "", "", ""),
    "stripes": Fields("Striped V Neck Sweater", "", "", "", ""),
    "rain cape": Fields("Hooded cover", "", "", "", "rain cape"),
    "jacket": Fields("Quilted jackets", "", "", "", ""),
    "denim": Fields("Denim piece", "", "", "", ""),
    "denim keyword": Fields("Other piece", "denim", "", "", ""),
    "denim brand": Fields("Other piece", "", "Denim", "", ""),
    "denim seen": Fields("Other piece", "", "", "", "Denim"),
    "denim description": Fields("Other piece", "", "", "a garment of denim", ""),
}


def stock(shop: Mapping[str, Fields]) -> WordIndex:
    """An index in memory; the number of a product is its place."""
    index = WordIndex.open(None)
    index.update(enumerate(shop.values()), (), 1)
    return index


def ask(index: WordIndex, text: str) -> Hits:
    """The hits of a question."""
    return index.search(text, understand(text, taxonomy.load()))


def found_by(catalogue: Catalogue, text: str) -> list[int]:
    """The numbers of the products that a catalogue's words find now."""
    index = WordIndex.open(None)
    sync(catalogue, index)
    numbers: list[int] = ask(index, text).numbers.tolist()
    return numbers


def names(hits: Hits, shop: Mapping[str, Fields] = SHOP) -> list[str]:
    """The names of what was found, best first."""
    return [list(shop)[number] for number in hits.numbers]
