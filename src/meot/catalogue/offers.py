"""What sellers ask for products, now and before; each function takes an open connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from meot.catalogue.tables import offers, prices, products
from meot.types import Offer, Price, Product


def put(connection: Connection, number: int, product: Product, at: float) -> None:
    """Note what the seller of a product asks at ``at``; the history grows only when that is new."""
    key = (offers.c.product == number, offers.c.seller == product.seller)
    asked = {"price": product.price, "currency": product.currency, "availability": product.availability}
    values = asked | {"link": product.link, "seen": at}
    stored = connection.execute(select(offers).where(*key)).mappings().first()
    if stored is None:
        made = connection.execute(
            insert(offers).values(product=number, seller=product.seller, first_seen=at, **values)
        ).inserted_primary_key
        assert made is not None  # every table here has one
        connection.execute(insert(prices).values(offer=int(made[0]), at=at, **asked))
        return
    connection.execute(update(offers).where(offers.c.key == stored["key"]).values(values))
    if {name: stored[name] for name in asked} != asked:
        connection.execute(insert(prices).values(offer=stored["key"], at=at, **asked))


def of(connection: Connection, number: int) -> list[Offer]:
    """The offers for a product, the lowest price first, those without a price last."""
    columns = [offers.c[name] for name in Offer.__dataclass_fields__]
    found = connection.execute(select(*columns).where(offers.c.product == number)).mappings()
    return sorted((Offer(**row) for row in found), key=_lowest_first)


def of_many(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Offer]]:
    """Product -> its offers as :func:`of` has them, of those that have any."""
    columns = [offers.c[name] for name in Offer.__dataclass_fields__]
    query = select(offers.c.product, *columns).where(offers.c.product.in_(numbers))
    found: dict[int, list[Offer]] = {}
    for number, *values in connection.execute(query):
        found.setdefault(number, []).append(Offer(**dict(zip(Offer.__dataclass_fields__, values, strict=True))))
    return {number: sorted(some, key=_lowest_first) for number, some in found.items()}


def _lowest_first(offer: Offer) -> tuple[bool, float, str]:
    return offer.price is None, offer.price or 0.0, offer.seller


def history(connection: Connection, number: int) -> list[Price]:
    """Every price that was asked for a product, the oldest first."""
    query = (
        select(offers.c.seller, prices.c.at, prices.c.price, prices.c.currency, prices.c.availability)
        .join(offers, offers.c.key == prices.c.offer)
        .where(offers.c.product == number)
        .order_by(prices.c.at, prices.c.key)
    )
    return [Price(**row) for row in connection.execute(query).mappings()]


def saw(connection: Connection, numbers: Sequence[int], at: float) -> None:
    """Note that the source said the same of these products, and of who sells them, at ``at``, seconds since 1970."""
    seller = select(products.c.seller).where(products.c.number == offers.c.product).scalar_subquery()
    told = (offers.c.product.in_(numbers), offers.c.seller == seller)
    connection.execute(update(offers).where(*told).values(seen=at))
