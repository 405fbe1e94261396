"""Photos fetched while those before them are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from meot.catalogue.sources.entry import Broken, Entry
from meot.catalogue.sources.fetch.fetcher import Fetcher

THREADS = 4
WINDOW = 32
"""Entries whose photos are asked for before their turn."""


class Coming(NamedTuple):
    """An entry with its photos: files, or files that are on their way (``result`` raises PhotoError)."""

    entry: Entry | Broken
    photos: tuple[Path | Future[Path], ...]


def fetch_ahead(entries: Iterable[Entry | Broken], fetcher: Fetcher) -> Generator[Coming, None, None]:
    """Each entry in its order, its addresses already asked for; at most :data:`WINDOW` entries are held."""
    waiting: deque[Coming] = deque()
    rest = iter(entries)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fetch")
    try:
        while True:
            for entry in islice(rest, WINDOW - len(waiting)):
                photos = () if isinstance(entry, Broken) else entry.photos
                coming = tuple(p if isinstance(p, Path) else pool.submit(fetcher.photo, p) for p in photos)
                waiting.append(Coming(entry, coming))
            if not waiting:
                return
            yield waiting.popleft()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
