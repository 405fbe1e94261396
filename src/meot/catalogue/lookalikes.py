"""Names that eyes cannot tell from another person's."""

from __future__ import annotations

import unicodedata

from meot.catalogue.passwords import AccountError

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""Alphabets that share the looks of letters, as Unicode's names of the letters begin."""
_UNSEEN = frozenset("\u115f\u1160")
"""Hangul fillers: letters without a shape. The plain form of a name has these two for all four of them."""


def check(plain: str) -> None:
    """AccountError for a plain name with letters of several such alphabets, or with letters that nobody sees.

    The two sides of a mail address may have an alphabet each.
    """
    if _UNSEEN & set(plain) or any(len(_alphabets(side)) > 1 for side in plain.split("@")):
        raise AccountError(
            "a name may not mix Latin, Cyrillic and Greek letters, nor hold letters that are not seen; change it",
            "alike",
        )


def _alphabets(text: str) -> frozenset[str]:
    return _ALPHABETS & {unicodedata.name(sign, "").partition(" ")[0] for sign in text}
