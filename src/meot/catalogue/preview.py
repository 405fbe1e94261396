"""What a refresh would do: a source compared with what the catalogue holds of it, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from meot.catalogue.feeds import Feed, Feeds, Known
from meot.catalogue.intake import Progress, entries_of
from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.sources.fetch.fetcher import Fetcher
from meot.catalogue.store import Catalogue
from meot.errors import CatalogueError, PhotoError

_AT_ONCE = 500


class SourceError(CatalogueError):
    """A source cannot be read, or not to its end; the catalogue is well."""


@dataclass(kw_only=True)
class Refreshed:
    """What the refresh of a source did, in products.

    updated: other words, price or photos. back: retired ones that it names again. kept: no longer named, but not
    retired since the source was not whole. failed: (name, reason) of what could not be used. refused: why the source
    was left where it was, or not read to its end; "" when all went well.
    """

    source: str
    added: int = 0
    updated: int = 0
    back: int = 0
    retired: int = 0
    unchanged: int = 0
    kept: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    refused: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ``meot catalogue refresh --json`` prints it."""
        counts = {name: getattr(self, name) for name in ("added", "updated", "back", "retired", "unchanged", "kept")}
        failed = [{"name": name, "reason": reason} for name, reason in self.failed]
        return {"source": self.source, **counts, "failed": failed, "refused": self.refused}


def preview(
    catalogue: Catalogue, feed: Feed, *, fetcher: Fetcher, force: bool = False, progress: Progress | None = None
) -> Refreshed:
    """What :func:`meot.catalogue.refresh.refresh` would do; nothing is written to the catalogue, no photo looked at."""
    done = Refreshed(source=feed.name)
    feeds, read, named, whole = Feeds(database=catalogue.database), 0, 0, True
    with closing(fetcher):
        try:
            alive = check_half(catalogue, feed, fetcher, force=force)
            for block in blocks(entries_again(feed, fetcher)):
                known = feeds.known(feed.name, [id_of(entry) for entry in block])
                for entry in block:
                    whole &= not (isinstance(entry, Broken) and entry.hides)
                    named += id_of(entry) in known and not known[id_of(entry)].retired
                    _foresee(done, entry, known.get(id_of(entry)))
                read += len(block)
                if progress is not None:
                    progress(read, 0)
        except SourceError as error:
            done.refused = str(error)
            return done
    if whole or force:
        done.retired = max(alive - named, 0)
    else:
        done.kept = max(alive - named, 0)
    return done


def _foresee(done: Refreshed, entry: Entry | Broken, known: Known | None) -> None:
    if isinstance(entry, Broken):
        done.failed.append((entry.name, entry.reason))
    elif known is None:
        done.added += 1
    elif known.retired:
        done.back += 1
    elif known.product != entry.product:
        done.updated += 1
    else:
        done.unchanged += 1


def check_half(catalogue: Catalogue, feed: Feed, fetcher: Fetcher, *, force: bool) -> int:
    """How many products of the source live. SourceError when it cannot be read, or names less than half of them."""
    feeds = Feeds(database=catalogue.database)
    alive, named, damaged, empty = feeds.living(feed.name), 0, "", True
    for block in blocks(entries_again(feed, fetcher)):
        empty = False
        if force or not alive:
            break
        known = feeds.known(feed.name, list(dict.fromkeys(map(id_of, block))))
        named += sum(not product.retired for product in known.values())
        if 2 * named >= alive:
            break
        damaged = damaged or next((e.name for e in block if isinstance(e, Broken) and e.hides), "")
    if empty:
        raise SourceError(f"{feed.name}: expected products, got none; nothing was changed")
    if not force and 2 * named < alive:
        cut = f" and is damaged at {damaged}" if damaged else ""
        raise SourceError(
            f"{feed.name}: names only {named} of its {alive} products{cut}, so nothing was changed; "
            "if that is right, run it again with --force"
        )
    return alive


def entries_again(feed: Feed, fetcher: Fetcher) -> Iterator[Entry | Broken]:
    """The entries of a source. SourceError where it cannot be read."""
    try:
        yield from entries_of(feed.where, format=feed.format or None, name=feed.name, fetcher=fetcher)
    except (CatalogueError, PhotoError) as error:
        raise SourceError(str(error)) from error


def blocks(entries: Iterator[Entry | Broken]) -> Iterator[list[Entry | Broken]]:
    """Entries in lists that are compared with the catalogue in one question."""
    while block := list(islice(entries, _AT_ONCE)):
        yield block


def id_of(entry: Entry | Broken) -> str:
    """The id of the product that an entry names; "" when it names none."""
    return entry.id if isinstance(entry, Broken) else entry.product.id
