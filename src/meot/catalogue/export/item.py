"""What every format is written from: a product as a seller would list it, each part given, read for sure, or empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOTICE = (
    "material", "color", "size", "manufacturer", "caution", "packDateText", "warrantyPolicy", "afterServiceDirector",
)  # fmt: skip
"""What Korean law has a seller of clothes say, under Naver's names for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product to be listed, its texts in one language. What nobody knows is empty or None.

    photos: main photo first, addresses or paths. category: id of the taxonomy. shopify, google: its ids there.
    path: the category's path in the shop's language. colours: the taxonomy's ids; details: question -> answer, ids.
    gender: "male", "female" or "unisex"; age_group: Google's words. notice: :data:`NOTICE` name -> text, and "origin".
    scores: field -> how sure what was read from photos is, 0..1.
    """

    id: str
    title: str
    description: str = ""
    alt: str = ""
    tags: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    price: float | None = None
    currency: str = ""
    link: str = ""
    brand: str = ""
    availability: str = ""
    keyword: str = ""
    category: str = ""
    shopify: str = ""
    google: int | None = None
    path: str = ""
    naver_category: str = ""
    colours: tuple[str, ...] = ()
    colour_names: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    detail_names: Mapping[str, str] = field(default_factory=dict)
    gender: str = ""
    age_group: str = ""
    notice: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def full_path(self) -> str:
        """The path down to the keyword, which is often narrower than the shop's own category."""
        parts = [part for part in (self.path, self.keyword) if part]
        return self.path if self.path.endswith(f"> {self.keyword}") else " > ".join(parts)


def amount(price: float) -> str:
    """A price as every format takes it: 129000, 19.99."""
    return f"{price:.0f}" if price == int(price) else f"{price:.2f}"
