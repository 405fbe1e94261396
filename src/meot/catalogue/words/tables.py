"""What stands in the file of the word index: its state, segments, and their postings.

Everything is stored behind a checksum: SQLite itself would not notice a byte that changed. All functions take a
connection within a transaction and raise DamagedError when something is not what was written.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meot.catalogue.words.file import DamagedError
from meot.catalogue.words.segment import Draft, Postings, Segment

_KEY = 32
"""Bits of a posting's key that are the word's place in its segment; the segment's id stands above them."""
_MANY = 500
"""Words that are read at once; SQLite limits how many values one statement may hold."""


class State(NamedTuple):
    """generation, catalogue: what the file shows, and of which. revision: grows with every change of the file."""

    generation: int
    catalogue: str
    revision: int


def state(connection: sqlite3.Connection) -> State:
    """What the file shows."""
    row = connection.execute("SELECT generation, catalogue, revision FROM state").fetchone()
    if row is None:
        raise DamagedError("it has no state")
    return State(*row)


def put_state(connection: sqlite3.Connection, generation: int, catalogue: str) -> None:
    """Say what is shown now: which generation of which catalogue; the revision goes up by one."""
    change = "UPDATE state SET generation = ?, catalogue = ?, revision = revision + 1"
    connection.execute(change, (generation, catalogue))


def put_segment(connection: sqlite3.Connection, draft: Draft) -> int:
    """Store a new segment; its id."""
    stored = (draft.numbers.tobytes(), draft.lengths.tobytes(), "\n".join(draft.words).encode())
    insert = "INSERT INTO segments (numbers, lengths, words, gone) VALUES (?, ?, ?, ?)"
    id = connection.execute(
        insert, (*(_sealed(each) for each in stored), _sealed(_packed(len(draft.numbers))))
    ).lastrowid
    assert id is not None  # SQLite numbers what it inserts
    bounds = draft.bounds.tolist()
    rows = (
        (id << _KEY | word, _sealed(draft.postings[start:end].tobytes()))
        for word, (start, end) in enumerate(pairwise(bounds))
    )
    connection.executemany("INSERT INTO postings (key, data) VALUES (?, ?)", rows)
    return id


def drop_segment(connection: sqlite3.Connection, id: int) -> None:
    """Forget a segment."""
    connection.execute("DELETE FROM segments WHERE id = ?", (id,))
    connection.execute("DELETE FROM postings WHERE key BETWEEN ? AND ?", (id << _KEY, (id + 1 << _KEY) - 1))


def segment_ids(connection: sqlite3.Connection) -> list[int]:
    """The ids of all segments, oldest first."""
    return [id for (id,) in connection.execute("SELECT id FROM segments ORDER BY id")]


def segment(connection: sqlite3.Connection, id: int) -> Segment:
    """What is kept in memory of a segment. DamagedError when it is not what was written."""
    row = connection.execute("SELECT numbers, lengths, words FROM segments WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise DamagedError(f"segment {id} is gone")
    numbers, lengths, words = map(_opened, row)
    split = words.decode().split("\n") if words else []
    return Segment(id, np.frombuffer(numbers, np.int64), np.frombuffer(lengths, np.uint8), split)


def alive(connection: sqlite3.Connection, segment: Segment) -> NDArray[np.bool_]:
    """(D,) which products of a segment are still to be found there."""
    (stored,) = connection.execute("SELECT gone FROM segments WHERE id = ?", (segment.id,)).fetchone() or (b"",)
    bits = np.frombuffer(_opened(stored), np.uint8)
    return ~np.unpackbits(bits, count=len(segment.numbers)).astype(np.bool_)


def put_alive(connection: sqlite3.Connection, segment: Segment, alive: NDArray[np.bool_]) -> None:
    """Say which products of a segment are still to be found there: (D,) bool."""
    packed = _sealed(np.packbits(~alive).tobytes())
    connection.execute("UPDATE segments SET gone = ? WHERE id = ?", (packed, segment.id))


def postings(connection: sqlite3.Connection, id: int, words: Sequence[int]) -> list[Postings]:
    """The postings of words of segment ``id``, given by their places, ascending. DamagedError."""
    found: list[Postings] = []
    base = id << _KEY
    if len(words) > 1 and words[-1] - words[0] == len(words) - 1:
        rows = connection.execute(
            "SELECT data FROM postings WHERE key BETWEEN ? AND ?", (base | words[0], base | words[-1])
        )
        found = [_postings(data) for (data,) in rows]
    else:
        for start in range(0, len(words), _MANY):
            some = [base | word for word in words[start : start + _MANY]]
            marks = ", ".join("?" * len(some))
            rows = connection.execute(f"SELECT data FROM postings WHERE key IN ({marks}) ORDER BY key", some)
            found += [_postings(data) for (data,) in rows]
    if len(found) != len(words):
        raise DamagedError(f"words of segment {id} are gone")
    return found


def frequency(connection: sqlite3.Connection, id: int, word: int) -> int:
    """How often a word of segment ``id`` stands in it."""
    row = connection.execute("SELECT length(data) FROM postings WHERE key = ?", (id << _KEY | word,)).fetchone()
    return 0 if row is None else int(row[0]) // 4 - 1


def _postings(data: bytes) -> Postings:
    return np.frombuffer(_opened(data), np.uint32)


def _packed(count: int) -> bytes:
    return np.packbits(np.zeros(count, np.bool_)).tobytes()


def _sealed(data: bytes) -> bytes:
    """``data`` behind its checksum: SQLite itself would not notice a byte that changed."""
    return zlib.crc32(data).to_bytes(4, "little") + data


def _opened(sealed: bytes) -> bytes:
    data = sealed[4:]
    if zlib.crc32(data).to_bytes(4, "little") != sealed[:4]:
        raise DamagedError("a checksum does not fit")
    return data
