"""Checks that several formats share; each says in one clause what is wrong with a product, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meot.catalogue.export.item import Item
from meot.catalogue.export.vocabulary import AGE_GROUPS, GENDERS
from meot.catalogue.sources.check import is_address


def missing(item: Item, needed: Sequence[str]) -> Iterator[str]:
    """Which of these fields of the item is empty."""
    for name in needed:
        if getattr(item, name) in ("", None, ()):
            yield f"{name} is missing"


def too_long(what: str, text: str, most: int) -> Iterator[str]:
    """Whether a text has more than ``most`` characters."""
    if len(text) > most:
        yield f"{what} has {len(text)} characters, {most} are allowed"


def no_addresses(photos: Sequence[str]) -> Iterator[str]:
    """Whether a photo is no address of the web."""
    bad = next((photo for photo in photos if not is_address(photo)), None)
    if bad is not None:
        yield f"photo {bad} is no address; say where the photos will lie with --photos-at"


def bad_words(item: Item) -> Iterator[str]:
    """Whether gender or age group is a word that no shop takes."""
    if item.gender and item.gender not in GENDERS:
        yield f"gender must be one of {', '.join(GENDERS)}, got {item.gender!r}"
    if item.age_group and item.age_group not in AGE_GROUPS:
        yield f"age group must be one of {', '.join(AGE_GROUPS)}, got {item.age_group!r}"
    if item.price is not None and item.price <= 0:
        yield f"price must be above 0, got {item.price}"
