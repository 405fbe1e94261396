"""Prices as shops write them: "19.99 USD", "₩19,900", "19,900원", "1.299,00 €"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# a sign that several countries use ($, ¥) names no currency: unknown stays unknown
_SIGNS = {"₩": "KRW", "원": "KRW", "WON": "KRW", "€": "EUR", "£": "GBP", "US$": "USD", "円": "JPY", "₹": "INR"}
_NUMBER = r"\d+(?:[ ,']\d{3})*(?:\.\d+)?|\d{1,3}(?:[ .]\d{3})+,\d{2}|\d{1,3}(?:\.\d{3}){2,}|\d+,\d{1,2}"
_MONEY = re.compile(rf"([^\d\-+.,]*)({_NUMBER})(\D*)")
_LONGEST = 64


class Money(NamedTuple):
    """amount: in the currency's main unit. currency: ISO 4217 code, empty when the text does not say."""

    amount: float
    currency: str


def read(text: str) -> Money | None:
    """The money in a text, None when it is empty. ValueError when it is no price."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    found = _MONEY.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise ValueError(f"price must be a number, got {text[:_LONGEST]!r}")
    return Money(_amount(found[2]), code(found[1]) or code(found[3]))


def code(text: str) -> str:
    """The currency that a sign or code names, empty when it names none for certain."""
    text = unicodedata.normalize("NFKC", text).strip(" .:~").upper()
    return _SIGNS.get(text) or (text if re.fullmatch("[A-Z]{3}", text) else "")


def lowest(texts: Iterable[str]) -> str:
    """The text with the lowest price, as of a product's variants; empty for none, the first where one is no price."""
    given = [text for text in texts if text]
    try:
        return min(given, key=lambda text: found.amount if (found := read(text)) else 0.0, default="")
    except ValueError:
        return given[0]


def _amount(digits: str) -> float:
    if re.search(r",\d{1,2}$", digits):
        return float(re.sub("[ .]", "", digits).replace(",", "."))
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    return float(re.sub("[ ,']", "", digits))
