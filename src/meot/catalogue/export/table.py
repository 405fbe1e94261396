"""A plain CSV with everything that is known of a product, a row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meot.catalogue.export import rules, sheet
from meot.catalogue.export.item import NOTICE, Item, amount
from meot.catalogue.export.vocabulary import load

DETAILS = ("pattern", "collar", "neckline", "sleeve", "fit", "denim_colour", "wash", "damage")
COLUMNS = (
    "id", "title", "description", "price", "currency", "link", "image", "more_images", "keyword", "brand", "gender",
    "availability", "age_group", "alt_text", "tags", "meot_category", "shopify_category", "shopify_category_path",
    "shopify_version", "google_category", "google_version", "naver_category", "colours",
    *(f"x_{question}" for question in DETAILS), *NOTICE, "origin", "confidence",
)  # fmt: skip


def problems(item: Item) -> Iterator[str]:
    """What makes it no row."""
    yield from rules.missing(item, ("id", "title", "photos"))
    yield from rules.bad_words(item)


def write(items: Sequence[Item]) -> str:
    """The CSV; several values in one cell stand with semicolons."""
    return sheet.write(COLUMNS, (_row(item) for item in items))


def _row(item: Item) -> list[str]:
    words = load()
    cells = {
        "id": item.id,
        "title": item.title,
        "description": item.description,
        "price": "" if item.price is None else amount(item.price),
        "currency": item.currency if item.price is not None else "",
        "link": item.link,
        "image": next(iter(item.photos), ""),
        "more_images": ";".join(item.photos[1:]),
        "keyword": item.keyword,
        "brand": item.brand,
        "gender": item.gender,
        "availability": item.availability,
        "age_group": item.age_group,
        "alt_text": item.alt,
        "tags": ";".join(item.tags),
        "meot_category": item.category,
        "shopify_category": f"gid://shopify/TaxonomyCategory/{item.shopify}" if item.shopify else "",
        "shopify_category_path": item.path,
        "shopify_version": words.shopify_version if item.shopify else "",
        "google_category": "" if item.google is None else str(item.google),
        "google_version": "" if item.google is None else words.google_version,
        "naver_category": item.naver_category,
        "colours": ";".join(item.colours),
        **{f"x_{question}": item.details.get(question, "") for question in DETAILS},
        **{name: item.notice.get(name, "") for name in (*NOTICE, "origin")},
        "confidence": ";".join(f"{name}={score:.2f}" for name, score in item.scores.items()),
    }
    return [cells[column] for column in COLUMNS]
