"""Drafts of listings, kept in a database with the catalogue's tables."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from meot.catalogue.database import Database
from meot.catalogue.rows import models_key
from meot.catalogue.tables import drafts
from meot.errors import CatalogueError, nearest

LONGEST_PRODUCT = 500
_AT_ONCE = 200
"""Drafts in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """product: what its photos are called together. photos: what was read from each. fields: what is known of it, with
    what is open. corrected: field -> what a person said. state: "sure", "review" or "failed" (reason). Photos and
    fields are whatever JSON can say; those who draft know what they mean.
    """

    product: str
    photos: Sequence[Mapping[str, Any]]
    fields: Mapping[str, Any]
    state: str
    reason: str
    models: Mapping[str, str]
    corrected: Mapping[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """A text that changes with what is known or said of the product."""
        known = json.dumps([self.fields, self.corrected], ensure_ascii=False, sort_keys=True, default=dict)
        return hashlib.sha256(known.encode()).hexdigest()[:16]


class ChangedError(CatalogueError):
    """A draft is no longer as whoever changes it saw it."""


class Drafts:
    """The drafts of one person, or of nobody in particular (person None). Every write is one transaction.

    All methods raise CatalogueError when the database cannot be read or written.
    """

    def __init__(self, *, database: Database, person: int | None = None) -> None:
        self.database, self.person = database, person

    @classmethod
    def open(cls, url_or_path: Path | str, *, create: bool, person: int | None = None) -> Drafts:
        """The drafts in a file or a server's database; with ``create`` a new one where there is none yet."""
        return cls(database=Database.open(url_or_path, create=create), person=person)

    @property
    def name(self) -> str:
        """Where they are kept, without a password."""
        return self.database.place.name

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Drafts:
        """The drafts themselves; they are closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def put(self, draft: StoredDraft, *, seen: StoredDraft | None = None) -> None:
        """Store a draft in place of the one of that product.

        seen: what that must still be; ChangedError, and nothing is stored, when somebody changed it meanwhile.
        CatalogueError for a name that is too long.
        """
        if not 0 < len(draft.product) <= LONGEST_PRODUCT:
            raise CatalogueError(
                f"a product's name must have 1 to {LONGEST_PRODUCT} characters, got {len(draft.product)}; shorten it"
            )
        with self.database.writing() as connection:
            row = self._check(connection, draft.product, seen)
            known, values = None if row is None else row["key"], _row(draft)
            if known is None:
                made = {"person": self.person, "created_at": values["updated_at"]}
                connection.execute(insert(drafts).values(**values, **made))
                return
            connection.execute(update(drafts).where(drafts.c.key == known).values(values))

    def find(self, product: str) -> StoredDraft | None:
        """The draft of a product; None when there is none."""
        with self.database.reading() as connection:
            same = (self._mine(), drafts.c.product == product)
            row = connection.execute(select(drafts).where(*same)).mappings().first()
        return None if row is None else _draft(row)

    def get(self, product: str) -> StoredDraft:
        """The draft of a product. CatalogueError when there is none."""
        found = self.find(product)
        if found is not None:
            return found
        with self.database.reading() as connection:
            known = list(connection.scalars(select(drafts.c.product).where(self._mine())))
        raise CatalogueError(f"{self.name}: no draft is called {product!r}; {nearest(product, known)}")

    def all(self, state: str | None = None) -> Iterator[StoredDraft]:
        """The drafts in the order in which they were first made, those of a state alone when one is given."""
        wanted = [self._mine(), *([] if state is None else [drafts.c.state == state])]
        with self.database.reading() as connection:
            keys = list(connection.scalars(select(drafts.c.key).where(*wanted).order_by(drafts.c.key)))
        for start in range(0, len(keys), _AT_ONCE):
            some = select(drafts).where(drafts.c.key.in_(keys[start : start + _AT_ONCE])).order_by(drafts.c.key)
            with self.database.reading() as connection:
                rows = list(connection.execute(some).mappings())
            yield from map(_draft, rows)

    def keys(self, state: str | None = None) -> list[int]:
        """The keys of the drafts, in the order in which they were first made; those of a state alone when given."""
        wanted = [self._mine(), *([] if state is None else [drafts.c.state == state])]
        with self.database.reading() as connection:
            return list(connection.scalars(select(drafts.c.key).where(*wanted).order_by(drafts.c.key)))

    def at(self, keys: Sequence[int]) -> dict[int, StoredDraft]:
        """Key -> draft of those keys that are this person's, in the order of the keys."""
        query = select(drafts).where(self._mine(), drafts.c.key.in_(list(keys))).order_by(drafts.c.key)
        with self.database.reading() as connection:
            return {row["key"]: _draft(row) for row in connection.execute(query).mappings()}

    def counts(self) -> dict[str, int]:
        """State -> how many drafts are in it."""
        query = select(drafts.c.state, func.count()).where(self._mine()).group_by(drafts.c.state)
        with self.database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def remove(
        self, products: Sequence[str], *, seen: StoredDraft | None = None, first: Callable[[], None] = lambda: None
    ) -> int:
        """Forget the drafts of these products; how many there were.

        seen: what the one draft must still be, as in :meth:`put`. first: called when nothing stands against it, before
        they are forgotten.
        """
        with self.database.writing() as connection:
            if seen is not None:
                self._check(connection, seen.product, seen)
            first()
            done = connection.execute(delete(drafts).where(self._mine(), drafts.c.product.in_(products)))
            return int(done.rowcount)

    def _check(self, connection: Connection, product: str, seen: StoredDraft | None) -> RowMapping | None:
        """The row of a product, None for none. ChangedError when it is not what was ``seen``."""
        same = (self._mine(), drafts.c.product == product)
        row = connection.execute(select(drafts).where(*same)).mappings().first()
        if seen is not None and (row is None or _draft(row) != seen):
            raise ChangedError(f"{product} was changed meanwhile; look at it again, then change it")
        return row

    def _mine(self) -> ColumnElement[bool]:
        return drafts.c.person.is_(None) if self.person is None else drafts.c.person == self.person


def count_corrections(database: Database) -> dict[str, int]:
    """Field -> how many drafts, of whomever, a person corrected it in; the most often corrected first."""
    counted: Counter[str] = Counter()
    with database.reading() as connection:
        for text in connection.scalars(select(drafts.c.corrected)):
            counted.update(json.loads(text).keys())
    return dict(counted.most_common())


def _row(draft: StoredDraft) -> dict[str, Any]:
    return {
        "product": draft.product,
        "photos": _text(list(draft.photos)),
        "fields": _text(dict(draft.fields)),
        "corrected": _text(dict(draft.corrected)),
        "state": draft.state,
        "reason": draft.reason,
        "models": models_key(draft.models),
        "updated_at": time.time(),
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _draft(row: RowMapping) -> StoredDraft:
    return StoredDraft(
        product=row["product"],
        photos=json.loads(row["photos"]),
        fields=json.loads(row["fields"]),
        corrected=json.loads(row["corrected"]),
        state=row["state"],
        reason=row["reason"],
        models=json.loads(row["models"]),
    )
