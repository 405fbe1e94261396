"""A draft as an item that a format can be written from, and what is to be asked before."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urljoin

from meot.answers.listing.answer import CATEGORY, COLOUR, GOOGLE, SHOPIFY
from meot.answers.listing.draft import Draft, details
from meot.answers.listing.wording import Writer
from meot.catalogue.export import vocabulary
from meot.catalogue.export.item import Item
from meot.catalogue.sources import money
from meot.taxonomy import Taxonomy

NOTICE = {
    "material": "material",
    "size": "size",
    "manufacturer": "manufacturer",
    "care": "caution",
    "made": "packDateText",
    "warranty": "warrantyPolicy",
    "after_sales": "afterServiceDirector",
    "origin": "origin",
}
"""Our fields -> the names of the notice that Korean law asks of sellers of clothes."""
_ALWAYS = ("title", "category", "colour", "gender", "age_group", "price", "size", "material", "brand")
ASKED = {
    "shopify": _ALWAYS,
    "google": (*_ALWAYS, "link", "availability"),
    "google-table": (*_ALWAYS, "link", "availability"),
    "naver": (*_ALWAYS, "naver_category", "manufacturer", "origin", "care", "made", "warranty", "after_sales"),
    "json-ld": _ALWAYS,
    "csv": _ALWAYS,
}
"""Format -> the fields that it is asked for, when nothing says them."""
Place = Callable[[Path], str]
"""What a photo is called in the listing."""


def photos_at(base: str, root: Path) -> Place:
    """Photos will lie at an address, under their paths below ``root``."""
    start = base if base.endswith("/") else base + "/"

    def place(photo: Path) -> str:
        inside = photo.relative_to(root) if photo.is_relative_to(root) else Path(photo.name)
        return urljoin(start, quote(inside.as_posix()))

    return place


def common_folder(photos: Sequence[Path]) -> Path:
    """The deepest folder that all photos lie below."""
    return Path(os.path.commonpath([str(photo.absolute().parent) for photo in photos])) if photos else Path()


def photos_beside(out: Path | None) -> Place:
    """Photos stay where they are: relative to the file when they lie below its folder, else with their whole path."""
    folder = (out.parent if out is not None else Path()).absolute()

    def place(photo: Path) -> str:
        return photo.relative_to(folder).as_posix() if photo.is_relative_to(folder) else str(photo)

    return place


def item_of(draft: Draft, writer: Writer, taxonomy: Taxonomy, place: Place) -> Item:
    """The item of a draft, in the writer's language; only of what is filled in."""
    values = {**draft.values}
    texts = writer.write({"title": "", **values})
    cost = money.read(values.get("price", ""))
    category = next((known for known in taxonomy.categories if known.id == values.get(CATEGORY)), None)
    shopify = values.get(SHOPIFY, "") if category is None else category.shopify
    google = values.get(GOOGLE) if category is None else category.google
    return Item(
        id=values.get("sku") or draft.product,
        title=texts.title,
        description=texts.description,
        alt=texts.alt,
        tags=texts.tags,
        photos=tuple(place(reading.file.path) for reading in draft.photos if not reading.failure),
        price=None if cost is None else cost.amount,
        currency="" if cost is None else cost.currency or money.code(values.get("currency", "")) or "KRW",
        link=values.get("link", ""),
        brand=values.get("brand", ""),
        availability=values.get("availability", ""),
        keyword=writer.category(values[CATEGORY]) if CATEGORY in values else "",
        category=values.get(CATEGORY, ""),
        shopify=shopify,
        google=None if google is None else int(google),
        path=vocabulary.load().path(shopify, writer.language),
        naver_category=values.get("naver_category", ""),
        colours=tuple(id for id in values.get(COLOUR, "").split(";") if id),
        colour_names=writer.colours(values),
        details=details(values),
        detail_names=writer.details(values),
        gender=values.get("gender", ""),
        age_group=values.get("age_group", ""),
        notice=_notice(values, writer),
        scores={name: answer.score for name, answer in draft.answers.items() if answer.sure and answer.score},
    )


def _notice(values: Mapping[str, str], writer: Writer) -> dict[str, str]:
    said = {name: values[field] for field, name in NOTICE.items() if values.get(field)}
    colours = ", ".join(writer.colours(values))
    return said | ({"color": colours} if colours else {})
