"""Keeping the file small and quick: products that have gone, and segments that are better one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words import tables
from meot.catalogue.words.segment import MOST_PRODUCTS, Postings, Segment, joined

_ALIKE = 4
"""So many segments of about one size become one; sizes are about one within this factor."""

Load = Callable[[int], Segment]
"""The segment of an id; it never changes, so it may have been kept."""


def mark_gone(connection: sqlite3.Connection, numbers: Iterable[int], load: Load) -> None:
    """Products with these numbers are found no more in the segments that there are."""
    gone = np.fromiter(numbers, np.int64)
    for segment in map(load, tables.segment_ids(connection)) if len(gone) else ():
        there = np.isin(segment.numbers, gone)
        if there.any():
            tables.put_alive(connection, segment, tables.alive(connection, segment) & ~there)


def tidy(connection: sqlite3.Connection, load: Load) -> None:
    """Drop segments whose products have all gone, join those of one size, write half empty ones again."""
    while True:
        sizes = {}
        for segment in map(load, tables.segment_ids(connection)):
            alive = tables.alive(connection, segment)
            sizes[segment.id] = int(alive.sum()), len(alive)
        chosen = _choose(sizes)
        if not chosen:
            return
        parts = [_whole(connection, load(id)) for id in chosen]
        draft = joined(parts)
        if len(draft.numbers):
            tables.put_segment(connection, draft)
        for id in chosen:
            tables.drop_segment(connection, id)


def _whole(connection: sqlite3.Connection, segment: Segment) -> tuple[Segment, NDArray[np.bool_], list[Postings]]:
    every = tables.postings(connection, segment.id, range(len(segment.words)))
    return segment, tables.alive(connection, segment), every


def _choose(sizes: dict[int, tuple[int, int]]) -> list[int]:
    """The segments to be made one; sizes: id -> (products that live, all)."""
    for id, (living, every) in sizes.items():
        if 2 * living < every or not living:
            return [id]
    tiers: dict[int, list[int]] = {}
    for id, (living, _) in sorted(sizes.items(), key=lambda item: item[1]):
        tiers.setdefault(int(np.log(living) / np.log(_ALIKE) + 1e-9), []).append(id)
    for alike in tiers.values():
        room = np.cumsum([sizes[id][0] for id in alike]) <= MOST_PRODUCTS
        if len(alike) >= _ALIKE and room.sum() > 1:
            return [id for id, fits in zip(alike, room, strict=True) if fits]
    return []
