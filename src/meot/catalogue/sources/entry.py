"""What a source yields: records as its format tells them, then entries once they are checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from meot.catalogue.sources.fetch.address import without_secrets
from meot.types import Product


class Origin(NamedTuple):
    """Where products are read from. address: where ``file`` was fetched from; empty for a file or folder of yours.

    called: a name of its own, so that it may move; empty for one that is known by where it is.
    """

    file: Path
    address: str = ""
    called: str = ""

    @property
    def name(self) -> str:
        """How to speak of it."""
        return self.base or self.file.name

    @property
    def base(self) -> str:
        """What relative addresses in it are joined to; empty for a file of yours."""
        return without_secrets(self.address)

    @property
    def source(self) -> str:
        """What products of it carry as their source; keys in an address stay out of it."""
        return self.called or self.base or str(self.file.absolute())


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a format says of one product, in its own words; :func:`check.check` makes an :class:`Entry` of it.

    name: how to speak of it. price, sale_price: as written, with or without a currency. photos: main photo first;
    text is an address, a path is a file that may be read. assume: currency where the price has none.
    What the format does not say stays empty.
    """

    name: str
    id: str
    title: str
    photos: tuple[Path | str, ...]
    description: str = ""
    price: str = ""
    sale_price: str = ""
    currency: str = ""
    assume: str = ""
    link: str = ""
    keyword: str = ""
    brand: str = ""
    gender: str = ""
    availability: str = ""
    season: str = ""
    released: str = ""
    seller: str = ""


class Entry(NamedTuple):
    """A product with its photos, main photo first. name: how to speak of it ("products.csv line 12").

    photos: files, or addresses (http, https) to be fetched.
    """

    name: str
    product: Product
    photos: tuple[Path | str, ...]


class Broken(NamedTuple):
    """A part of a source that cannot become a product, and why.

    id: of the product that it names; empty when it names none. hides: whether it may have named products, and nobody
    can tell which (a file that is cut off), so that none may be taken for gone.
    """

    name: str
    reason: str
    id: str = ""
    hides: bool = False
