"""Drafts written in the format of a shop, and what the shop would still ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from meot.answers.listing.draft import FAILED, Draft
from meot.answers.listing.item import ASKED, Place, item_of
from meot.answers.listing.wording import LANGUAGES, Writer, questions
from meot.catalogue.export import registry
from meot.catalogue.export.vocabulary import load as load_vocabulary
from meot.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """text: the file, of the ``count`` products that the format's rules let in. left: (product, reason) of others."""

    text: str
    count: int
    left: tuple[tuple[str, str], ...]


def write(drafts: Sequence[Draft], to: str, *, language: str, place: Place, taxonomy: Taxonomy) -> Written:
    """The drafts in a format of :data:`meot.catalogue.export.registry.NAMES`, checked by its own rules before.

    What a draft is not sure of stays empty; a product that cannot do without it is left out, with the reason.
    """
    format, writer = registry.named(to), Writer(language=language, taxonomy=taxonomy)
    usable = [draft for draft in drafts if draft.state != FAILED]
    left = [(draft.product, draft.reason) for draft in drafts if draft.state == FAILED]
    products: dict[str, str] = {}
    items = []
    for draft in usable:
        item = item_of(draft, writer, taxonomy, place)
        products.setdefault(item.id, draft.product)
        items.append(item)
    good, bad = registry.sort_out(items, format)
    left += [(products[id], reason) for id, reason in bad]
    return Written(text=format.write(good), count=len(good), left=tuple(left))


def ask(draft: Draft, to: str | None, writer: Writer) -> dict[str, str]:
    """Field -> question of what the format ``to`` (Naver, the strictest, without one) wants and nobody has said."""
    if draft.state == FAILED:
        return {}
    values = draft.values
    texts = writer.write(values)
    return questions({**values, "title": texts.title}, ASKED[to or "naver"], writer)


def tell(draft: Draft, to: str | None, language: str, taxonomy: Taxonomy) -> dict[str, Any]:
    """A draft with its texts in every language, its ids elsewhere, and the questions in one language, as JSON."""
    writers = {each: Writer(language=each, taxonomy=taxonomy) for each in LANGUAGES}
    return {
        **draft.as_json(),
        "texts": {each: writer.write(draft.values).as_json() for each, writer in writers.items()},
        "category": _elsewhere(draft, taxonomy),
        "questions": ask(draft, to, writers[language]),
    }


def _elsewhere(draft: Draft, taxonomy: Taxonomy) -> dict[str, Any]:
    """Shopify's and Google's categories of a draft, with the versions of their vocabularies."""
    item, words = item_of(draft, Writer(language="en", taxonomy=taxonomy), taxonomy, str), load_vocabulary()
    found: dict[str, Any] = {}
    if item.shopify:
        found["shopify"] = {
            "version": words.shopify_version,
            "id": f"gid://shopify/TaxonomyCategory/{item.shopify}",
            "path": {each: words.path(item.shopify, each) for each in LANGUAGES},
        }
    if item.google is not None:
        found["google"] = {"version": words.google_version, "id": item.google}
    return found
