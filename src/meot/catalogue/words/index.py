"""The word index: which products hold all the words of a question, best first."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING

from meot.catalogue.words import tables, upkeep
from meot.catalogue.words.file import ClosedError, DamagedError, File, UnwritableError, throw_away
from meot.catalogue.words.finding import Finder, View
from meot.catalogue.words.question import terms
from meot.catalogue.words.ranking import Hits, nothing
from meot.catalogue.words.segment import Segment, blocks, draft
from meot.catalogue.words.tokens import Fields
from meot.errors import CatalogueError

if TYPE_CHECKING:  # it is made of words itself
    from meot.catalogue.senses import Senses

MOST_HITS = 100_000
"""Hits of one question at most; the best are kept."""
_log = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Told how many more products were indexed."""


class WordIndex:
    """Finds products by words. Kept in a file that several processes may share, or in memory; thread-safe.

    The file is derived: when it is missing, damaged or of another version the index is empty (:attr:`generation` -1)
    and :func:`meot.catalogue.words.follow.sync` fills it again. Where it cannot be written the index lives in memory.
    """

    def __init__(self, *, file: File, path: Path | None) -> None:
        self._file, self._path = file, path
        self._writing, self._changing = Lock(), RLock()
        self._seen = file, -1, View()  # of which file, of its revision

    @classmethod
    def open(cls, file: Path | None) -> WordIndex:
        """The index in a file, made when there is none that can be used; None: in memory."""
        return cls(file=_open(file), path=file)

    @property
    def in_memory(self) -> bool:
        """Whether it lives in memory only."""
        return self._file.in_memory

    @property
    def generation(self) -> int:
        """The generation of the catalogue that it shows; -1 when it is empty."""
        return self._state().generation

    @property
    def catalogue(self) -> str:
        """The fingerprint of the catalogue that it shows; "" when it had no product, or none was said."""
        return self._state().catalogue

    def _state(self) -> tables.State:
        for _ in range(2):
            try:
                file = self._current()
                with file.reading() as connection:
                    return tables.state(connection)
            except DamagedError as error:
                self._renew(file, error)
        return tables.State(-1, "", 0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # -- writing

    def update(
        self,
        texts: Iterable[tuple[int, Fields]],
        gone: Iterable[int],
        generation: int,
        progress: Progress | None = None,
        *,
        since: int | None = None,
        catalogue: str = "",
    ) -> None:
        """Put (number, texts) of products in place of what was known of them, and forget those ``gone``.

        One transaction: killed at any moment it happened wholly or not at all. generation: of the catalogue, that is
        shown then. since: the generation that the change counts from; nothing happens when the index shows another,
        nor when it shows ``generation`` or a later one already. catalogue: its fingerprint.

        A file that is damaged is made anew, empty, and one that cannot be written is left for memory; in both cases
        the change is not made: look at :attr:`generation`. BusyError when another process writes for a minute.
        """
        with self._writing:
            file = self._current()
            try:
                with file.writing() as connection:
                    shown = tables.state(connection).generation
                    if shown < generation and since in (None, shown):
                        self._put(file, connection, texts, gone, progress)
                        tables.put_state(connection, generation, catalogue)
            except DamagedError as error:
                self._renew(file, error)
            except UnwritableError as error:
                self._leave(error)

    def clear(self) -> None:
        """Forget everything."""
        with self._writing, self._current().writing() as connection:
            for id in tables.segment_ids(connection):
                tables.drop_segment(connection, id)
            tables.put_state(connection, -1, "")

    def _put(
        self,
        file: File,
        connection: sqlite3.Connection,
        texts: Iterable[tuple[int, Fields]],
        gone: Iterable[int],
        progress: Progress | None,
    ) -> None:
        seen_in, _, view = self._seen
        kept = {segment.id: segment for segment in view.segments} if seen_in is file else {}
        load = partial(_load, connection, kept)
        upkeep.mark_gone(connection, gone, load)
        for block in blocks(texts):
            upkeep.mark_gone(connection, block, load)
            tables.put_segment(connection, draft(block.items()))
            if progress is not None:
                progress(len(block))
        upkeep.tidy(connection, load)

    def _current(self) -> File:
        """The file, opened again when another process put a new one in its place."""
        with self._changing:
            if self._file.is_replaced():
                self._replace(_open(self._path))
            return self._file

    def _renew(self, damaged: File, reason: Exception) -> None:
        """Begin again with an empty file, unless another thread has done so."""
        with self._changing:
            if damaged is not self._file:
                return
            if isinstance(reason, ClosedError):
                raise CatalogueError("the word index is closed; open it again")
            _log.warning("the word index is made anew: %s", reason)
            if self._path is not None and not self._file.is_replaced():
                throw_away(self._path)
            self._replace(_open(self._path))

    def _leave(self, reason: Exception) -> None:
        """Go on in memory."""
        with self._changing:
            _log.warning("the word index is kept in memory: %s", reason)
            self._path = None
            self._replace(File(None))

    def _replace(self, file: File) -> None:
        self._file.close()
        self._file = file

    # -- reading

    def search(self, text: str, senses: Senses) -> Hits:
        """The products that hold all words of ``text``, best first, MOST_HITS at most; none without letter or digit.

        senses: what :func:`meot.catalogue.senses.understand` makes of ``text``; a word may stand there in any of its
        names. Which garment has the colour and the kind that were said is for the caller to see, by ``senses.colours``
        and the like, and ``Hits.titled`` says whose title alone answers. Where a word was corrected, understand
        the text with the correction to know what is meant.
        """
        for _ in range(2):
            try:
                file = self._current()
                with file.reading() as connection:
                    finder = Finder(connection=connection, view=self._view(file, connection), senses=senses)
                    return finder.find(terms(text, senses), MOST_HITS)
            except DamagedError as error:
                self._renew(file, error)
        return nothing()

    def _view(self, file: File, connection: sqlite3.Connection) -> View:
        """The segments in the file's present state; those that were there before are kept."""
        seen_in, seen, view = self._seen
        revision = tables.state(connection).revision
        if seen_in is not file or revision != seen:
            kept = {segment.id: segment for segment in view.segments} if seen_in is file else {}
            ids = tables.segment_ids(connection)
            segments = tuple(kept.get(id) or tables.segment(connection, id) for id in ids)
            view = View(segments, tuple(tables.alive(connection, segment) for segment in segments))
            self._seen = file, revision, view
        return view


def _load(connection: sqlite3.Connection, known: dict[int, Segment], id: int) -> Segment:
    if id not in known:
        known[id] = tables.segment(connection, id)
    return known[id]


def _open(path: Path | None) -> File:
    for _ in range(2 if path is not None else 0):
        try:
            return File(path)
        except DamagedError as error:
            _log.warning("the word index is made anew: %s", error)
            try:
                throw_away(path)  # type: ignore[arg-type]
            except OSError:
                break
        except (OSError, CatalogueError) as error:
            _log.warning("the word index is kept in memory: %s", error)
            break
    return File(None)
