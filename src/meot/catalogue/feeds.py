"""What a catalogue was filled from, so that it can be read again, and what it holds of each."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, case, delete, func, insert, select, update

from meot.catalogue import rows, write
from meot.catalogue.database import Database
from meot.catalogue.files import PhotoFile
from meot.catalogue.find import blocks
from meot.catalogue.insist import insists
from meot.catalogue.sources.check import is_address
from meot.catalogue.sources.fetch.address import without_secrets
from meot.catalogue.tables import photos, product_photos, products, sources
from meot.errors import CatalogueError, nearest
from meot.types import Product

LONGEST_NAME = 200
_ALWAYS = 1e18  # seconds since 1970; MySQL knows no infinity
LONGEST_ADDRESS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source of products. name: what its products carry as their source. address: of the web, without keys, or an
    absolute path. format: "" for what its content says. private_hosts: whether it may lead into a private network.
    started, finished: when it was last begun to be read and last read to its end, seconds since 1970; None for never.
    """

    name: str
    address: str
    format: str = ""
    private_hosts: bool = False
    started: float | None = None
    finished: float | None = None

    @property
    def where(self) -> Path | str:
        """What to read: an address, or a path."""
        return self.address if is_address(self.address) else Path(self.address)


class Standing(NamedTuple):
    """What there is of a source. products: that live. oldest, newest: of their freshness, seconds since 1970."""

    feed: Feed
    products: int
    retired: int
    oldest: float | None
    newest: float | None


class Known(NamedTuple):
    """A product as it stands in the catalogue, with its photos, main photo first."""

    number: int
    product: Product
    retired: bool
    files: tuple[PhotoFile, ...]


class Feeds:
    """The sources of a catalogue. Every method is one transaction and raises CatalogueError when it cannot be done."""

    def __init__(self, *, database: Database) -> None:
        self.database = database

    @insists
    def note(self, source: Path | str, *, name: str = "", format: str = "", private_hosts: bool = False) -> Feed:
        """Note that a source is being read, under its name if it is given one; keys in its address are not stored.

        A name that is known moves to this address; a source that is known by its address takes the name, and its
        products with it. CatalogueError when another source has that name or address.
        """
        address = without_secrets(source) if isinstance(source, str) else str(source.absolute())
        _check(name, address)
        values = {"address": address, "format": format, "private_hosts": private_hosts, "started": time.time()}
        with self.database.writing() as connection:
            here = _row(connection, sources.c.address == address)
            called = name or (here["name"] if here else address)
            there = _row(connection, sources.c.name == called)
            if here and there and here["key"] != there["key"]:
                raise CatalogueError(
                    f"{address}: expected a source that is not in yet, got one that is in as {here['name']}; "
                    f"forget that one first, or leave the name {called} out"
                )
            if here and not there:
                _rename(connection, here["name"], called)
            if here or there:
                key = (here or there)["key"]  # type: ignore[index]
                connection.execute(update(sources).where(sources.c.key == key).values(name=called, **values))
            else:
                connection.execute(insert(sources).values(name=called, **values))
        return Feed(name=called, address=address, format=format, private_hosts=private_hosts)

    @insists
    def start(self, name: str, at: float) -> None:
        """Note that a source is being read since ``at``."""
        with self.database.writing() as connection:
            connection.execute(update(sources).where(sources.c.name == name).values(started=at))

    @insists
    def finish(self, name: str) -> None:
        """Note that a source was just read to its end."""
        with self.database.writing() as connection:
            connection.execute(update(sources).where(sources.c.name == name).values(finished=time.time()))

    def forget(self, name: str) -> int:
        """Read a source no more, and take its products out of all answers; how many those are.

        They stay in the catalogue with their history, and come back when the source is added again.
        """
        with self.database.writing() as connection:
            connection.execute(delete(sources).where(sources.c.name == name))
            return write.retire(connection, name, unseen_since=_ALWAYS, at=time.time())

    @insists
    def all(self) -> list[Feed]:
        """Every source, in the order they came in."""
        with self.database.reading() as connection:
            return [_feed(row) for row in connection.execute(select(sources).order_by(sources.c.key)).mappings()]

    def find(self, text: str) -> Feed:
        """The source of that name, address or path; an address keeps the keys that it is given with.

        CatalogueError when there is none.
        """
        known = self.all()
        spellings = {text, without_secrets(text)} if is_address(text) else {text, str(Path(text).absolute())}
        for feed in known:
            if feed.address in spellings and is_address(text):
                return replace(feed, address=text)
            if spellings & {feed.name, feed.address}:
                return feed
        if not known:
            raise CatalogueError(f"{text}: this catalogue has no sources yet; bring one in with `meot catalogue add`")
        raise CatalogueError(f"no source is called {without_secrets(text)!r}; {nearest(text, [f.name for f in known])}")

    def standings(self) -> list[Standing]:
        """Every source with what there is of it."""
        p = products.c
        living = case((p.retired.is_(None), p.seen))
        query = select(
            p.source, func.count(), func.count(p.retired), func.min(living), func.max(living)
        ).group_by(p.source)  # fmt: skip
        with self.database.reading() as connection:
            counted = {row[0]: row[1:] for row in connection.execute(query)}
        found = []
        for feed in self.all():
            every, retired, oldest, newest = counted.get(feed.name, (0, 0, None, None))
            found.append(Standing(feed, every - retired, retired, oldest, newest))
        return found

    # -- what a refresh compares with

    @insists
    def living(self, name: str, *, unseen_since: float | None = None) -> int:
        """How many products of a source live; of those that it has not named since a moment, if given."""
        wanted = [products.c.source == name, products.c.retired.is_(None)]
        if unseen_since is not None:
            wanted.append(products.c.seen.is_(None) | (products.c.seen < unseen_since))
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(products).where(*wanted)) or 0)

    @insists
    def known(self, name: str, ids: Sequence[str]) -> dict[str, Known]:
        """Id -> product of those of a source that are known, those that were retired among them."""
        with self.database.reading() as connection:
            wanted = (products.c.source == name, products.c.id.in_(ids))
            found = connection.execute(select(products).where(*wanted)).mappings().all()
            files = _files(connection, [row["number"] for row in found])
        return {
            row["id"]: Known(
                row["number"], rows.as_product(row), row["retired"] is not None, tuple(files.get(row["number"], ()))
            )
            for row in found
        }

    def numbers(self, text: str) -> list[int]:
        """The numbers of the products that have a text as their number, or as their id in whatever source."""
        meant = products.c.id == text
        if text.isdecimal() and len(text) < 19:
            meant |= products.c.number == int(text)
        with self.database.reading() as connection:
            return sorted(connection.scalars(select(products.c.number).where(meant)))


def _files(connection: Connection, numbers: Sequence[int]) -> dict[int, list[PhotoFile]]:
    found: dict[int, list[PhotoFile]] = {}
    p = photos.c
    query = select(product_photos.c.product, p.path, p.sha256, p.size, p.modified).join(
        product_photos, product_photos.c.photo == p.key
    )
    for block in blocks(numbers):
        told = query.where(product_photos.c.product.in_(block))
        for number, path, *rest in connection.execute(told.order_by(product_photos.c.product, product_photos.c.place)):
            found.setdefault(number, []).append(PhotoFile(Path(path), *rest))
    return found


def _check(name: str, address: str) -> None:
    if name and not re.fullmatch(rf"[^\x00-\x1f/\\]{{1,{LONGEST_NAME}}}", name):
        raise CatalogueError(
            f"a source's name must have 1 to {LONGEST_NAME} characters and no slash, got {name[:80]!r}; give another"
        )
    if len(address) > LONGEST_ADDRESS:
        raise CatalogueError(
            f"a source's address must have at most {LONGEST_ADDRESS} characters, got {len(address)}; save it as a file"
        )


def _row(connection: Connection, same: object) -> RowMapping | None:
    return connection.execute(select(sources).where(same)).mappings().first()  # type: ignore[arg-type]


def _rename(connection: Connection, before: str, name: str) -> None:
    """Have the products of a source carry its new name."""
    if connection.scalar(select(products.c.number).where(products.c.source == name).limit(1)) is not None:
        raise CatalogueError(f"{name} is the source of other products already; give another name")
    if connection.scalar(select(products.c.number).where(products.c.source == before).limit(1)) is not None:
        values = {"source": name, "changed": write.raise_generation(connection)}
        connection.execute(update(products).where(products.c.source == before).values(values))


def _feed(row: RowMapping) -> Feed:
    return Feed(
        name=row["name"],
        address=row["address"],
        format=row["format"],
        private_hosts=bool(row["private_hosts"]),
        started=row["started"],
        finished=row["finished"],
    )


def headers_of(feed: Feed) -> dict[str, str]:
    """The headers that the environment has for the host of a source (``MEOT_HEADER_HOST``), one a line."""
    host = re.sub(r"[^a-z0-9]", "_", (urlsplit(feed.address).hostname or "").lower()).upper()
    lines = os.environ.get(f"MEOT_HEADER_{host}", "").splitlines() if host else []
    parts = [line.partition(":") for line in lines if ":" in line]
    return {name.strip(): value.strip() for name, _, value in parts}
