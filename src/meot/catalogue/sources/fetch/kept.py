"""What was fetched before: for each address its file, and what the server asks to be shown to tell it unchanged."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from meot.errors import CatalogueError

_LEFT_S = 86_400.0
_MAGIC = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif", b"BM": "bmp", b"II*\0": "tif", b"MM\0*": "tif"}


class Kept(NamedTuple):
    """file: below the folder. size: in bytes. etag, modified: as the server sent them. checked: seconds since 1970."""

    file: str
    size: int
    etag: str
    modified: str
    checked: float


class Addresses:
    """Address -> :class:`Kept`, in ``addresses.db`` of a folder. Safe to use from several threads and processes."""

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(folder / "addresses.db", timeout=30, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is fetched again
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS addresses (address TEXT PRIMARY KEY, file TEXT NOT NULL, size INTEGER"
                " NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL, checked REAL NOT NULL) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise CatalogueError(f"{folder}: photos cannot be kept there ({error}); check the folder") from None

    def find(self, address: str) -> Kept | None:
        """What is kept of an address, if its file is still there as it was."""
        with self._lock:
            row = self._database.execute(
                "SELECT file, size, etag, modified, checked FROM addresses WHERE address = ?", (address,)
            ).fetchone()
        if row is None:
            return None
        kept = Kept(*row)
        path = self.folder / kept.file
        return kept if path.is_file() and path.stat().st_size == kept.size else None

    def put(self, address: str, kept: Kept) -> None:
        """Keep what was fetched. CatalogueError when it cannot be written."""
        with self._lock:
            try:
                with self._database:
                    self._database.execute("REPLACE INTO addresses VALUES (?, ?, ?, ?, ?, ?)", (address, *kept))
            except sqlite3.Error as error:
                raise unwritable(self.folder, error) from None

    def new_file(self) -> IO[bytes]:
        """A file to write into; what a killed run left is gone after a day. CatalogueError when there is none."""
        try:
            for left in self.folder.glob("*.part"):
                with suppress(FileNotFoundError):  # another thread finished it meanwhile
                    if time.time() - left.stat().st_mtime > _LEFT_S:
                        left.unlink()
            return tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False)
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()


def unwritable(path: Path, error: Exception) -> CatalogueError:
    """What to raise when photos cannot be kept."""
    reason = getattr(error, "strerror", None) or error
    return CatalogueError(f"{path}: cannot be written ({reason}); check space and rights, then run the command again")


def write(out: IO[bytes], block: bytes) -> None:
    """Write; CatalogueError when that fails, since a full disk is no failure of the host that is asked."""
    try:
        out.write(block)
    except OSError as error:
        raise unwritable(Path(out.name), error) from None


def name_photo(file: Path, sha256: str) -> str | None:
    """Where a photo is kept, by its content; None for a file that does not begin as a photo does."""
    with file.open("rb") as stream:
        head = stream.read(16)
    webp = "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None
    suffix = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), webp)
    return f"{sha256[:2]}/{sha256}.{suffix}" if suffix else None


def name_feed(address: str) -> str:
    """Where a feed is kept, by its address."""
    return f"feeds/{hashlib.sha256(address.encode()).hexdigest()[:24]}"
