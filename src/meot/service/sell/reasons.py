"""Why products are left out of a listing, in a visitor's language as far as it is known there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from meot.service.next_steps import for_pages

if TYPE_CHECKING:
    from meot.answers.listing.outgoing import Written
    from meot.service.web.voice import Voice

_NO_ADDRESS = re.compile(r"photo .*? (?:is no address|does not lie below the file's folder); .*?--photos-at")
_MISSING = re.compile(r"(\w+) is missing")
_NOT_READ = re.compile(r"no photo|.*: (?:photo |not found|cannot be opened|expected a photo).*")
_OTHERS = (
    ("too_long", re.compile(r"(?P<field>\w+)(?: .*)? has (?P<got>\d+) characters, (?P<most>\d+) are allowed")),
    ("too_many", re.compile(r"(?P<got>\d+) (?P<field>\w+), (?P<most>\d+) are allowed")),
    ("comma_in_tag", re.compile(r"tag (?P<got>'.*'|\".*\") has a comma, which parts tags")),
    ("no_won", re.compile(r"price must be (?:in KRW|whole won), got (?P<got>.*)")),
    ("no_naver_number", re.compile(r"naver_category must be a number \(leafCategoryId\), got (?P<got>.*)")),
    ("twice", re.compile(r"its id (?P<got>.*) stands there twice")),
    ("no_handle", re.compile(r"id (?P<got>.*) has no letter or digit for Shopify's handle")),
    ("no_path", re.compile(r"category (?P<got>\S+) has no path in Shopify's taxonomy")),
    ("not_read", _NOT_READ),
)


def group_reasons(written: Written, say: Voice) -> list[tuple[str, list[str]]]:
    """Reason -> the products that were left out for it, the most frequent reason first; a product may have several."""
    found: dict[str, list[str]] = {}
    for product, reason in written.left:
        for part in _split(reason):
            found.setdefault(_told(part, say), []).append(product)
    return sorted(found.items(), key=lambda each: -len(each[1]))


def _split(reason: str) -> list[str]:
    """The single reasons of a sentence that joins them."""
    if _NOT_READ.fullmatch(reason):
        return [reason]
    addresses = _NO_ADDRESS.findall(reason)
    rest = _NO_ADDRESS.sub("", reason)
    return [*addresses[:1], *(part.strip() for part in rest.split("; ") if part.strip(" ;"))]


def _told(reason: str, say: Voice) -> str:
    if _NO_ADDRESS.fullmatch(reason):
        return say("sell.needs_address")
    missing = _MISSING.fullmatch(reason)
    if missing is not None:
        return say("sell.needs_field", field=say.fact(missing.group(1), "sell_field"))
    for key, pattern in _OTHERS:
        if found := pattern.fullmatch(reason):
            named = {"field": say.fact(found["field"], "sell_field")} if "field" in pattern.groupindex else {}
            return say(f"sell_reason.{key}", **{**found.groupdict(), **named})
    return for_pages(reason)
