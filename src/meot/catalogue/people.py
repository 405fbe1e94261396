"""People: who they are, how they prove it, and what stands for them afterwards."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import unicodedata
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from meot.catalogue import attempts, lookalikes, passwords, roles
from meot.catalogue.database import Database
from meot.catalogue.passwords import AccountError
from meot.catalogue.tables import meta, people, tokens
from meot.errors import nearest

Kind = Literal["session", "api", "reset"]
ROLES = ("shopper", "seller", "admin")
SCOPES = ("read", "write")
MOST_TOKENS = 100
"""API tokens of a person."""
_NAME = re.compile(r"[\w.+-]+(?:@[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Person:
    """role: of :data:`ROLES`, each may what those before it may."""

    key: int
    name: str
    role: str
    created_at: float

    def may(self, role: str) -> bool:
        """Whether the person's role reaches ``role``."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Token:
    """What stands for a person. name: what its owner calls it. Times in seconds since 1970, None for never."""

    key: int
    kind: str
    name: str
    scopes: tuple[str, ...]
    created_at: float
    expires_at: float | None
    used_at: float | None


class People:
    """The people of a database and their secrets. Safe to use from several threads and processes."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    # -- accounts

    def add(self, name: str, password: str | None, *, role: str = "shopper") -> Person:
        """A new person; password None for one who cannot sign in. AccountError when name or password will not do."""
        plain = plain_name(name)
        lookalikes.check(plain)
        _check_role(role)
        hashed = "" if password is None else passwords.make(plain, password)
        with self._database.writing() as connection:
            if connection.scalar(select(people.c.key).where(people.c.name == plain)) is not None:
                raise AccountError(f"the name {plain} is taken; choose another, or sign in", "taken")
            values = {"name": plain, "password": hashed, "role": role, "created_at": time.time()}
            connection.execute(insert(people).values(values))
            return _find(connection, plain)

    def find(self, name: str) -> Person:
        """The person of that name. AccountError when there is none."""
        with self._database.reading() as connection:
            return _find(connection, plain_name(name))

    def all(self) -> list[Person]:
        """Everybody, by name."""
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(select(people).order_by(people.c.name)).mappings()]

    def check(self, name: str, password: str) -> Person:
        """The person whom name and password prove. AccountError, which does not tell which of the two is wrong."""
        wrong = AccountError("name or password is wrong; try again, or ask for a new password", "wrong")
        try:
            plain = plain_name(name)
        except AccountError:
            plain = ""
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(people.c.name == plain)).mappings().first()
        stored = row["password"] if row is not None and row["password"] else passwords.decoy()
        if (
            not passwords.fits(stored, password) or row is None or not row["password"]
        ):  # takes as long for a name unknown
            raise wrong
        if passwords.is_dated(stored):
            self._store_password(int(row["key"]), passwords.make(plain, password))
        return _person(row)

    def set_password(self, person: Person, password: str) -> None:
        """Give the person another password; whoever is signed in as them is no longer. AccountError when it is weak."""
        self._store_password(person.key, passwords.make(person.name, password))
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.person == person.key, tokens.c.kind != "api"))

    def set_role(self, person: Person, role: str, *, by: Person | None = None) -> None:
        """Give the person another role. by: the administrator who does; None for who runs the service.

        AccountError for a role that there is not, and when nobody who can sign in would administer; DemotedError when
        ``by`` does no more.
        """
        _check_role(role)
        with self._database.writing() as connection:
            roles.give(connection, person.key, role, by=None if by is None else by.key)

    def step_down(self, person: Person) -> None:
        """Before the person goes: they administer no more. AccountError when of those who stay nobody does."""
        with self._database.writing() as connection:
            roles.step_down(connection, person.key)

    def delete(self, person: Person) -> None:
        """Forget the person and every row that is theirs; their files are the closet's to delete, before."""
        with self._database.writing() as connection:
            connection.execute(delete(people).where(people.c.key == person.key))

    # -- what stands for them

    def issue(
        self, person: Person, kind: Kind, *, lasts_s: float | None, name: str = "", scopes: tuple[str, ...] = ()
    ) -> str:
        """A new secret that stands for the person; it is told once and stored nowhere. lasts_s: None for ever.

        AccountError for a scope that there is not, and for more than :data:`MOST_TOKENS` of the kind "api".
        """
        for scope in scopes:
            if scope not in SCOPES:
                raise AccountError(f"no scope is called {scope!r}; {nearest(scope, SCOPES)}", "scope")
        secret, now = f"meot_{secrets.token_urlsafe(32)}", time.time()
        shown = "".join(filter(str.isprintable, name))[:255]  # no database keeps NUL alike
        ends = None if lasts_s is None else now + lasts_s
        values = {"person": person.key, "kind": kind, "sha256": _digest(secret), "name": shown}
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires_at < now))
            mine = (tokens.c.person == person.key, tokens.c.kind == "api")
            count = connection.scalar(select(func.count()).select_from(tokens).where(*mine)) if kind == "api" else 0
            if int(count or 0) >= MOST_TOKENS:
                raise AccountError(f"a person may have {MOST_TOKENS} tokens; take one back first", "tokens")
            connection.execute(
                insert(tokens).values(**values, scopes=" ".join(scopes), created_at=now, expires_at=ends)
            )
        return secret

    def bearer(self, secret: str, kind: Kind) -> tuple[Person, Token] | None:
        """Whom a secret stands for; None when it is unknown, of another kind, or over."""
        now = time.time()
        with self._database.reading() as connection:
            wanted = (tokens.c.sha256 == _digest(secret), tokens.c.kind == kind)
            row = connection.execute(select(tokens).where(*wanted)).mappings().first()
            if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
                return None
            owner = connection.execute(select(people).where(people.c.key == row["person"])).mappings().one()
        return _person(owner), _token(row)

    def redeem(self, secret: str, password: str) -> Person:
        """Set a new password with a reset token, which is then used up. AccountError when either is not good."""
        found = self.bearer(secret, "reset")
        if found is None:
            raise AccountError("this link is used up or too old; ask for another", "over")
        self.set_password(found[0], password)
        return found[0]

    def tokens_of(self, person: Person, kind: Kind) -> list[Token]:
        """The person's tokens of a kind, the newest first."""
        mine = (tokens.c.person == person.key, tokens.c.kind == kind)
        with self._database.reading() as connection:
            found = connection.execute(select(tokens).where(*mine).order_by(tokens.c.key.desc()))
            return [_token(row) for row in found.mappings()]

    def revoke(self, person: Person, token: int) -> None:
        """Take back one of the person's tokens; another person's stays."""
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.person == person.key, tokens.c.key == token))

    def signing_key(self) -> bytes:
        """What this database's service signs its cookies with, (32,) bytes; made at the first question."""
        named = meta.c.name == "signing_key"
        with self._database.reading() as connection:
            known = connection.scalar(select(meta.c.value).where(named))
        if known is None:
            with self._database.writing() as connection:
                known = connection.scalar(select(meta.c.value).where(named))
                if known is None:
                    known = secrets.token_hex(32)
                    connection.execute(insert(meta).values(name="signing_key", value=known))
        return bytes.fromhex(known)

    # -- limits

    def try_once(self, bucket: str, *, most: int, window_s: float) -> bool:
        """Count an attempt of ``bucket`` ("sign in from 192.0.2.7"); False when it is one too many for the window."""
        with self._database.writing() as connection:
            return attempts.count(connection, _digest(bucket), most=most, window_s=window_s)

    def _store_password(self, key: int, hashed: str) -> None:
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.key == key).values(password=hashed))

    def count(self) -> int:
        """How many people there are."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(people)) or 0)


def plain_name(name: str) -> str:
    """A name in the one form that is stored. AccountError for one that will not do."""
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    if not 2 <= len(plain) <= 100 or not _NAME.fullmatch(plain):
        raise AccountError("a name must be 2 to 100 letters and digits, or a mail address; change it", "name")
    return plain


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"no role is called {role!r}; {nearest(role, ROLES)}", "role")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _find(connection: Connection, plain: str) -> Person:
    row = connection.execute(select(people).where(people.c.name == plain)).mappings().first()
    if row is None:
        raise AccountError(f"nobody is called {plain}; check the name", "nobody")
    return _person(row)


def _person(row: RowMapping) -> Person:
    return Person(row["key"], row["name"], row["role"], row["created_at"])


def _token(row: RowMapping) -> Token:
    told = {name: row[name] for name in Token.__dataclass_fields__}
    return Token(**told | {"scopes": tuple(row["scopes"].split())})
