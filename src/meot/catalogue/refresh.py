"""Bringing a catalogue up to what its sources say now: prices, texts and photos, what is new, what has gone.

Every step may be done twice, so a refresh that dies is started again and ends as if nothing had happened. What a source
says is compared before anything is written: a source that says the same leaves the catalogue's generation as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from meot.catalogue.bringing import Intake
from meot.catalogue.feeds import Feed, Feeds, Known
from meot.catalogue.files import PhotoFile, stamp
from meot.catalogue.intake import Progress, count
from meot.catalogue.pool import Inline, Pool
from meot.catalogue.preview import Refreshed, SourceError, blocks, check_half, entries_again, id_of
from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.sources.fetch.ahead import fetch_ahead
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.errors import PhotoError
from meot.types import Look, Reader

_NOTED_AT_ONCE = 5_000
"""Products whose freshness is written in one transaction."""


def refresh(
    catalogue: Catalogue,
    reader: Reader,
    feed: Feed,
    *,
    fetcher: Fetcher,
    pool: Pool | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Refreshed:
    """Bring the products of a source up to what it says now; what it names no more is retired, with its history kept.

    Products are retired only when the source was read to its end and nothing in it was cut off or unreadable. A source
    that names less than half of its products is refused, nothing changed; ``force`` lifts both. A source that cannot
    be read is told in ``refused``. fetcher, pool: as for :func:`meot.catalogue.intake.add`; the fetcher is closed. A
    database server that goes away is asked again for a minute; CatalogueError when it stays away, or when the
    catalogue cannot be written.
    """
    done = Refreshed(source=feed.name)
    with closing(fetcher), catalogue.database.persisting():
        try:
            alive = check_half(catalogue, feed, fetcher, force=force)
            work = _Refresh(
                catalogue=catalogue, pool=pool or Inline(reader=reader), feed=feed, fetcher=fetcher, done=done
            )
            work.run(alive, force=force, progress=progress)
        except SourceError as error:
            done.refused = str(error)
    return done


@dataclass(kw_only=True)
class _Refresh(Intake):
    """The refresh of one source. before: what is known of the entries on their way. hides: see :class:`Broken`."""

    feed: Feed
    fetcher: Fetcher
    done: Refreshed
    before: dict[str, Known] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    hides: bool = False
    started: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        """Count in one place."""
        self.feeds, self.failed = Feeds(database=self.catalogue.database), self.done.failed

    def run(self, alive: int, *, force: bool, progress: Progress | None) -> None:
        """Read the source to its end, then retire what it did not name. SourceError where it breaks off."""
        self.feeds.start(self.feed.name, self.started)
        total = count(self.feed.where, self.feed.format or None) if progress else 0

        def tell(read: int) -> None:
            if progress is not None:
                progress(read, total)

        with closing(fetch_ahead(self._that_differ(tell), self.fetcher)) as all_coming:
            for _ in self.take(all_coming):
                pass
        self._note_seen(all_of_them=True)
        self.read_again()
        self._retire(alive, force=force)
        self.feeds.finish(self.feed.name)

    def store(self, entry: Entry, files: list[PhotoFile], looks: Mapping[str, Look], *, whole: bool) -> None:
        """Store a product; one that is known keeps the photos that could not be had this time."""
        known = self.before.pop(entry.product.id, None)
        if known is not None and not whole:
            files = _filled(files, known.files)
        if not files and known is None:
            return
        number, changed = self.catalogue.put(entry.product, files, looks)
        self.seen.append(number)
        self._note_seen()
        if known is None:
            self.done.added += 1
        elif known.retired:
            self.done.back += 1
        else:
            self.done.updated += changed
            self.done.unchanged += not changed

    def _that_differ(self, tell: Callable[[int], None]) -> Iterator[Entry | Broken]:
        """The entries that may be other ones than what is stored; the others are only noted as seen."""
        read = 0
        for block in blocks(entries_again(self.feed, self.fetcher)):
            known = self.feeds.known(self.feed.name, list(dict.fromkeys(map(id_of, block))))
            for entry in block:
                stored = known.get(id_of(entry))
                if isinstance(entry, Broken):
                    self.hides |= entry.hides
                    self.seen += [stored.number] if stored else []
                elif stored is not None and self._is_same(entry, stored):
                    self.done.unchanged += 1
                    self.seen.append(stored.number)
                    continue
                elif stored is not None:
                    self.before[entry.product.id] = stored
                yield entry
            self._note_seen()
            read += len(block)
            tell(read)

    def _is_same(self, entry: Entry, stored: Known) -> bool:
        """Whether the catalogue has just this, photos and all, without asking anybody."""
        if stored.retired or stored.product != entry.product:
            return False
        here = [p if isinstance(p, Path) else self.fetcher.at_hand(p) for p in entry.photos]
        files = list(dict.fromkeys(p.absolute() for p in here if p is not None))
        if None in here or len(files) != len(stored.files):
            return False
        try:
            return all(
                path == file.path and stamp(path) == (file.size, file.modified)
                for path, file in zip(files, stored.files, strict=True)
            )
        except PhotoError:
            return False

    def _note_seen(self, *, all_of_them: bool = False) -> None:
        if len(self.seen) >= _NOTED_AT_ONCE or (self.seen and all_of_them):
            # a clock that is set back meanwhile must not make what was just seen look old
            self.catalogue.saw(self.seen, max(time.time(), self.started))
            self.seen.clear()

    def _retire(self, alive: int, *, force: bool) -> None:
        """Retire what was not named, unless the source was not whole."""
        gone = self.feeds.living(self.feed.name, unseen_since=self.started)
        if gone and not force and (self.hides or 2 * gone > alive):
            self.done.kept = gone
        elif gone:
            self.done.retired = self.catalogue.retire(self.feed.name, unseen_since=self.started)


def _filled(files: list[PhotoFile], before: tuple[PhotoFile, ...]) -> list[PhotoFile]:
    """The photos that came, with those from before that may still be meant."""
    came = {file.sha256 for file in files}
    if came <= {file.sha256 for file in before}:
        return list(before)
    return files + [file for file in before if file.sha256 not in came]
