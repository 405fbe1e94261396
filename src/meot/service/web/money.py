"""Prices as people write them."""

from __future__ import annotations

_SIGNS = {"KRW": "₩", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥"}
_WHOLE = frozenset({"KRW", "JPY", "VND"})
"""Currencies without a smaller unit in use."""


def format_price(price: float, currency: str, language: str) -> str:
    """₩39,000 and $12.50 in English, 39,000원 in Korean; an unknown currency by its code."""
    amount = f"{price:,.0f}" if currency in _WHOLE else f"{price:,.2f}"
    if language == "ko" and currency == "KRW":
        return f"{amount}원"
    sign = _SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}".strip()
