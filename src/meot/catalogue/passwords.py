"""Passwords: what one must be, and how it is kept (argon2id)."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from meot.errors import CatalogueError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200


class AccountError(CatalogueError):
    """A name, password or token that will not do; the sentence says why and is fit for who typed it.

    kind: one word for the reason, by which a page finds its sentence in another language.
    """

    def __init__(self, said: str, kind: str) -> None:
        super().__init__(said)
        self.kind = kind


def make(name: str, password: str) -> str:
    """What is kept of a person's password. AccountError when it is too easy to guess."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"a password must be {SHORTEST} to {LONGEST} signs long; change it", "length")
    if len(set(password)) < 5 or name in password.casefold():
        raise AccountError("a password must not hold the name or repeat a few signs; change it", "easy")
    return hasher().hash(password)


def fits(kept: str, password: str) -> bool:
    """Whether ``password`` is the one that ``kept`` was made of."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return len(password) <= LONGEST and hasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(kept: str) -> bool:
    """Whether it was made with weaker parameters than today's."""
    return hasher().check_needs_rehash(kept)


@cache
def decoy() -> str:
    """What is kept of a password that nobody knows: checking against it takes as long as against a real one."""
    return hasher().hash(secrets.token_hex(16))


def hasher() -> PasswordHasher:
    """argon2id as RFC 9106 recommends it where memory is scarce."""
    from argon2 import PasswordHasher

    return PasswordHasher()
