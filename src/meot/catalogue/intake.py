"""Bringing a source into a catalogue: read what is new, skip what is known, report what is broken.

Photos may be read in other threads or processes (:mod:`meot.catalogue.pool`); products go in one after the other, in
the order of the source, from the thread that called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meot.catalogue.bringing import Intake
from meot.catalogue.feeds import Feeds
from meot.catalogue.place import Place
from meot.catalogue.pool import Inline, Pool
from meot.catalogue.sources import registry
from meot.catalogue.sources.entry import Broken, Entry, Origin
from meot.catalogue.sources.fetch.ahead import fetch_ahead
from meot.catalogue.sources.fetch.ask import Limits
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError
from meot.types import Reader

Progress = Callable[[int, int], None]
"""Called with how many entries of the source are done, and of how many; 0 when that is not known yet."""
COUNTED = 8 << 20
"""A file of at most so many bytes is read twice, so that progress has an end to show."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an intake did.

    added: products that were new or changed. read: photos read. skipped: photos known already, so not read again.
    failed: (name, reason) of each photo or row that could not come in.
    """

    added: int
    read: int
    skipped: int
    failed: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The summary as ``meot catalogue add --json`` prints it."""
        failed = [{"name": name, "reason": reason} for name, reason in self.failed]
        return {"added": self.added, "read": self.read, "skipped": self.skipped, "failed": failed}


def build_fetcher(
    catalogue: Place,
    *,
    private_hosts: bool = False,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Fetcher:
    """What fetches for the catalogue at that place, into the folder beside it (``shop.photos`` of ``shop.db``)."""
    return Fetcher(folder=catalogue.beside("photos"), private_hosts=private_hosts, headers=headers, limits=limits)


def add(
    catalogue: Catalogue,
    reader: Reader,
    source: Path | str,
    *,
    format: str | None = None,
    name: str = "",
    fetcher: Fetcher | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Bring every product of ``source`` into the catalogue: a folder of photos, a file, or an address of the web.

    format: one of :data:`meot.catalogue.sources.registry.NAMES`; None takes it from the content. name: of the source,
    so that it may move; else it is known by where it is. fetcher: brings what has an address; None makes the
    catalogue's own. pool: where photos are read; None reads them with ``reader``, one after the other, and a pool given
    takes its place.

    Each product goes in with its photos' readings in one transaction, so the work may be stopped at any moment and
    started again; lost are then only readings on their way, of ``pool.ahead`` products at most. A photo is read once
    for its content (sha256) and the reader's models. A product without a readable photo stays out and is reported.
    PhotoError or CatalogueError when the source as a whole is unusable, CatalogueError when the catalogue cannot be
    written, ClusterError when the pool's workers are gone; what went in before stays. A database server that goes away
    is asked again for a minute. The source is noted, so that it can be refreshed.
    """
    with closing(fetcher or build_fetcher(catalogue.place)) as bringing, catalogue.database.persisting():
        check_source(source, format=format, fetcher=bringing)
        total = count(source, format)
        feeds = Feeds(database=catalogue.database)
        feed = feeds.note(source, name=name, format=format or "", private_hosts=bringing.private_hosts)
        intake = Intake(catalogue=catalogue, pool=pool or Inline(reader=reader))
        entries = entries_of(source, format=format, name=feed.name, fetcher=bringing)
        with closing(fetch_ahead(entries, bringing)) as all_coming:
            for done in intake.take(all_coming):
                if progress is not None:
                    progress(done, total)
        intake.read_again()
        feeds.finish(feed.name)
    return Summary(intake.added, intake.read, intake.skipped, intake.failed)


def check_source(source: Path | str, *, format: str | None = None, fetcher: Fetcher | None = None) -> None:
    """Raise what :func:`add` would for a source that is unusable as a whole, before a catalogue is made for it."""
    if next(iter(entries_of(source, format=format, fetcher=fetcher)), None) is None:
        raise CatalogueError(f"{source}: expected a product a row, got none below the header; check the file")


def entries_of(
    source: Path | str, *, format: str | None = None, name: str = "", fetcher: Fetcher | None = None
) -> Iterator[Entry | Broken]:
    """The products of a source. CatalogueError for another kind of file, PhotoError for no photos."""
    if isinstance(source, Path):
        return registry.read(Origin(source, called=name), format=format)
    if fetcher is None:
        raise CatalogueError(
            f"{source}: expected a file, got an address but nothing to fetch it with; hand in a fetcher"
        )
    polite = format is None or registry.named(format).for_people

    def fetch(address: str) -> Path:
        return fetcher.feed(address, polite=polite)

    return registry.read(Origin(fetch(source), source, name), format=format, fetch=fetch)


def count(source: Path | str, format: str | None) -> int:
    """How many entries a source has; 0 where that would take long to find out."""
    if isinstance(source, str) or (source.is_file() and source.stat().st_size > COUNTED):
        return 0
    return sum(1 for _ in entries_of(source, format=format))
