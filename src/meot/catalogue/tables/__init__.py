"""The tables of a catalogue, one module for each matter; ``migrations`` bring an older catalogue up to them."""

from __future__ import annotations

from meot.catalogue.tables.accounts import attempts, people, replies, tokens
from meot.catalogue.tables.columns import metadata
from meot.catalogue.tables.owned import not_alike, owned_garments, owned_photos
from meot.catalogue.tables.shop import garments, meta, offers, photos, prices, product_photos, products, sources
from meot.catalogue.tables.taught import examples, lessons
from meot.catalogue.tables.work import drafts, jobs

SCHEMA_VERSION = 2
"""Raised with every change of these tables, by a step in ``migrations``; a newer catalogue is refused."""

__all__ = [
    "SCHEMA_VERSION",
    "attempts",
    "drafts",
    "examples",
    "garments",
    "jobs",
    "lessons",
    "meta",
    "metadata",
    "not_alike",
    "offers",
    "owned_garments",
    "owned_photos",
    "people",
    "photos",
    "prices",
    "product_photos",
    "products",
    "replies",
    "sources",
    "tokens",
]
