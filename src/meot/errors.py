"""Every error meot raises on purpose. Messages say what, expected, got, and what to do next."""

import difflib
from collections.abc import Iterable


class MeotError(Exception):
    """Root of all errors a person can mend; anything else is a defect of ours.

    key: of the sentence by which a page says the same in a visitor's language, "" where there is none. told: what that
    sentence names, by the names it has there.
    """

    def __init__(self, message: str = "", key: str = "", **told: object) -> None:
        super().__init__(message)
        self.key, self.told = key, told


class PhotoError(MeotError):
    """A photo cannot be read: not an image, truncated, too large, too small."""


class ModelError(MeotError):
    """A model file is missing, damaged, or does not fit this version."""


class CatalogueError(MeotError):
    """A catalogue cannot be opened or written, or a row of a source is broken."""


class QueryError(MeotError):
    """A question cannot be answered as asked: unknown region, category, colour, empty words."""


class DataError(MeotError):
    """A training table is broken: missing photo, unknown label, mask of another size."""


class SettingsError(MeotError):
    """A setting or command line option has a value that cannot be used."""


def nearest(name: str, known: Iterable[str]) -> str:
    """What to say of an unknown name: the nearest known one, or the first twenty there are."""
    names = list(known)
    found = near(name, names)
    if found:
        return f"did you mean {found!r}?"
    return f"known are {', '.join(sorted(names)[:20])}" if names else "there are none"


def near(name: str, known: Iterable[str]) -> str:
    """The known name that is nearest to an unknown one; "" where none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, cutoff=0.5)), "")
