"""Keeping the word index up to the catalogue."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from meot.catalogue.words.file import BusyError
from meot.catalogue.words.index import Progress, WordIndex

if TYPE_CHECKING:  # the catalogue's texts are made of words
    from meot.catalogue.store import Catalogue

_TRIES = 4
_log = logging.getLogger(__name__)


def sync(catalogue: Catalogue, index: WordIndex, progress: Progress | None = None) -> None:
    """Bring the index up to the catalogue's present state, reading only what has changed; all of it when it is empty.

    Where another process is just doing so for more than a minute the index stays as it is. CatalogueError when the
    catalogue cannot be read.
    """
    for _ in range(_TRIES):  # again when the file had to be thrown away, or another process was faster
        since, this = index.generation, catalogue.fingerprint()
        if since == catalogue.generation() and index.catalogue == this:
            return
        if since > catalogue.generation() or index.catalogue not in ("", this):
            index.clear()  # it is of another catalogue that lay here
            since = -1
        changes = catalogue.changes(since)
        texts = catalogue.texts(changes.numbers)
        try:
            index.update(texts, changes.gone, changes.generation, progress, since=since, catalogue=this)
        except BusyError as error:
            _log.warning("the word index stays behind: %s", error)
            return
