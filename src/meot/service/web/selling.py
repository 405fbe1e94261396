"""Who sells a product, for how much, since when: for the cards and the page of a product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from meot.catalogue.store import Catalogue
from meot.types import Match, Offer, Price, Product

WIDE, HIGH = 640.0, 200.0
_MARGIN = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A product's best offer. shop: who makes it. seen: seconds since 1970, None when nobody knows. sellers: how many
    sell it.
    """

    price: float | None
    currency: str
    shop: str
    link: str
    seen: float | None
    sellers: int


def sales_of(catalogue: Catalogue, matches: Iterable[Match]) -> dict[int, Sale]:
    """The best offer for each product found, by its number."""
    found = list(matches)
    offers = catalogue.offers_of([match.number for match in found])
    return {match.number: best_of(match.product, offers.get(match.number, ())) for match in found}


def best_of(product: Product, offers: Sequence[Offer]) -> Sale:
    """The lowest offer in the product's own currency, for others cannot be compared; else what its source says."""
    alike = [offer for offer in offers if offer.price is not None and offer.currency == product.currency]
    best = alike[0] if alike else next(iter(offers), None)
    if best is None:
        shop = shop_of("", product.link, product.source)
        return Sale(price=product.price, currency=product.currency, shop=shop, link=product.link, seen=None, sellers=0)
    return Sale(
        price=best.price,
        currency=best.currency,
        shop=shop_of(best.seller, best.link or product.link, product.source),
        link=best.link or product.link,
        seen=best.seen,
        sellers=len(alike),
    )


def shop_of(seller: str, link: str, source: str) -> str:
    """What to call a shop: its name, else its site, else where the product was read from; "" for a file or folder."""
    if seller:
        return seller
    try:
        host = urlsplit(link).hostname or urlsplit(source).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One seller's prices as steps. steps: the path of an SVG of :data:`WIDE` x :data:`HIGH`."""

    seller: str
    steps: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was asked for a product. rows: newest first. lines: empty while nothing changed. Times in seconds."""

    rows: tuple[Price, ...]
    lines: tuple[Line, ...]
    low: float
    high: float
    currency: str
    first: float
    last: float


def history_of(prices: Sequence[Price], offers: Sequence[Offer], currency: str) -> History | None:
    """A product's history in its own currency, up to when its offers were last seen; None when no price is known."""
    known = [price.price for price in prices if price.price is not None and price.currency == currency]
    if not known:
        return None
    first, low, high = prices[0].at, min(known), max(known)
    last = max([prices[-1].at, *(offer.seen for offer in offers if offer.seen is not None)])
    lines: list[Line] = []
    if low < high:
        until = {offer.seller: offer.seen or last for offer in offers}
        for seller in dict.fromkeys(price.seller for price in prices):
            own = [price for price in prices if price.seller == seller and price.currency == currency]
            steps = _steps(own, until.get(seller, last), (first, last), (low, high))
            lines += [Line(seller=seller, steps=steps)] if steps else []
    return History(
        rows=tuple(reversed(prices)),
        lines=tuple(lines),
        low=low,
        high=high,
        currency=currency,
        first=first,
        last=last,
    )


def _steps(own: Sequence[Price], until: float, times: tuple[float, float], bounds: tuple[float, float]) -> str:
    """Right to the next price, then up or down to it; broken where a seller asked nothing."""

    def x(at: float) -> str:
        return f"{WIDE * (at - times[0]) / max(times[1] - times[0], 1e-9):.1f}"

    def y(price: float) -> str:
        share = (price - bounds[0]) / (bounds[1] - bounds[0])
        return f"{HIGH - _MARGIN - (HIGH - 2 * _MARGIN) * share:.1f}"

    path, drawing = "", False
    ends = [*(price.at for price in own[1:]), max(until, own[-1].at)] if own else []
    for price, end in zip(own, ends, strict=True):
        if price.price is not None:
            path += f"V{y(price.price)}H{x(end)}" if drawing else f"M{x(price.at)} {y(price.price)}H{x(end)}"
        drawing = price.price is not None
    return path
