"""Every error meot raises on purpose. Messages say what, expected, got, and what to do next."""

import difflib
from collections.abc import Iterable


class MeotError(Exception):
    """Root of all errors a person can mend; anything else is a defect of ours."""


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
    near = difflib.get_close_matches(name, names, 1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known are {', '.join(sorted(names)[:20])}" if names else "there are none"
