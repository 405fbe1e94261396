"""Unpacking a file that may come from anybody: plain files alone, and no more bytes than a backup would have."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from meot.catalogue.archive import layout
from meot.catalogue.archive.layout import BackupError

_CHUNK = 1 << 20
_FREELY, _MOST_RATIO = 64 << 20, 100


class _PlainMember(tarfile.TarInfo):
    """A member that is a plain file: links, devices, folders and other headers are refused unread."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type == tarfile.GNUTYPE_LONGNAME and self.size <= layout.LONGEST_NAME:
            return super()._proc_member(tar)  # type: ignore[misc, no-any-return]  # the name of the member behind it
        if self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BackupError(f"the backup holds {self.name[:80]!r}, which is no plain file; restore another one")
        return super()._proc_member(tar)  # type: ignore[misc, no-any-return]


class _Guarded:
    """Unpacked bytes, until there are far more of them than of packed ones."""

    def __init__(self, unpacked: gzip.GzipFile, packed: int) -> None:
        self._unpacked, self._left = unpacked, max(_FREELY, packed * _MOST_RATIO)

    def read(self, size: int) -> bytes:
        data = self._unpacked.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BackupError("the backup unpacks to far more than a backup does; restore another one")
        return data


Members = Iterator[tuple[str, int, IO[bytes]]]


@contextmanager
def unpack(file: Path) -> Iterator[Members]:
    """(name, size, content) of each member in turn; BackupError when the file cannot be read as a backup."""
    try:
        with gzip.open(file) as unpacked:
            guarded = _Guarded(unpacked, file.stat().st_size)
            with tarfile.open(fileobj=guarded, mode="r|", tarinfo=_PlainMember) as tar:  # type: ignore[call-overload]
                yield _walk(tar)
            while guarded.read(_CHUNK):  # to the end, where the checksum of the packing stands
                pass
    except FileNotFoundError:
        raise BackupError(f"{file}: no such file; check the path") from None
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, OSError) as error:
        raise BackupError(f"{file}: cannot be read as a backup; copy it again or restore another one") from error


def _walk(tar: tarfile.TarFile) -> Members:
    for member in tar:
        stream = tar.extractfile(member)
        assert stream is not None  # it is a plain file
        yield member.name, member.size, stream
        tar.members = []  # type: ignore[attr-defined]  # they would all be kept
