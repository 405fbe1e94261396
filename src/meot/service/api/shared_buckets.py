"""The buckets of a service of several processes: they count together who asks how often."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from meot.service.api.pace import MOST_KNOWN, Buckets, pour

_LOG = logging.getLogger("meot.service")
_FULL_S = 60.0
"""A bucket that nobody took from for so long is full again, and need not be known."""
_TIDY_S = 10.0
_PATIENCE_S = 1.0
_ALONE_S = 10.0
"""So long nobody asks for the file again when it could not be used: each try may take the patience above."""
_SET_UP = "CREATE TABLE IF NOT EXISTS buckets (who TEXT PRIMARY KEY, level REAL, at REAL) WITHOUT ROWID"


class SharedBuckets:
    """As :class:`meot.service.api.pace.Buckets`, in a file that the processes share; best one in memory.

    A small SQLite file, because one that dies in the middle of counting then leaves it whole and unlocked. Where the
    file cannot be used, each process counts for itself. now: seconds of a clock that the processes share, too.

    Libraries were looked for: limits keeps its counts in a server or in one process; pyrate-limiter writes a row for
    every request and needs a bucket made for everybody who asks.
    """

    def __init__(self, *, file: Path, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now, self._lock = most, now, threading.Lock()
        self._alone_until: float | None = None
        self._alone = Buckets(most=most, now=now)
        self._tidied = float("-inf")
        self._connection = sqlite3.connect(file, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode = TRUNCATE", "PRAGMA synchronous = OFF", _SET_UP):
            self._connection.execute(statement)

    def take(self, who: str) -> float:
        """Take one; the seconds until there is one again, 0.0 when there was one."""
        with self._lock:
            if self._alone_until is not None and self._now() < self._alone_until:
                return self._alone.take(who)
            try:
                with self._connection:
                    self._connection.execute("BEGIN IMMEDIATE")
                    wait = self._take(who, self._now())
            except sqlite3.Error as error:
                if self._alone_until is None:
                    _LOG.warning("requests are counted by each process for itself: %s", error)
                self._alone_until = self._now() + _ALONE_S
                return self._alone.take(who)
            self._alone_until = None
            return wait

    def _take(self, who: str, now: float) -> float:
        if now - self._tidied > _TIDY_S:
            self._tidy(now)
        known = self._connection.execute("SELECT level, at FROM buckets WHERE who = ?", (who,)).fetchone()
        level, wait = pour(known or (float(self._most), now), most=self._most, now=now)
        self._connection.execute("REPLACE INTO buckets VALUES (?, ?, ?)", (who, level, now))
        return wait

    def _tidy(self, now: float) -> None:
        """Forget who came long ago, and of too many those who came longest ago."""
        self._tidied = now
        self._connection.execute("DELETE FROM buckets WHERE at <= ?", (now - _FULL_S,))
        order = "SELECT who FROM buckets ORDER BY at DESC LIMIT -1 OFFSET ?"
        self._connection.execute(f"DELETE FROM buckets WHERE who IN ({order})", (MOST_KNOWN,))
