"""A file that is there when it is whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from meot.catalogue.archive.layout import BackupError


@contextmanager
def appearing(file: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block has ended well, and is gone otherwise; its owner's alone."""
    try:
        with _unnamed(file) as (raw, name):
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
            name()  # fails when another one has that name by now
    except OSError as error:
        reason = error.strerror or error
        raise BackupError(f"{file}: cannot be written ({reason}); give another place with space and rights") from error


@contextmanager
def _unnamed(file: Path) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """A file in the folder of ``file``, and what gives it that name."""
    try:  # on Linux one without any name, of which not even a kill leaves something
        number = os.open(file.parent, os.O_TMPFILE | os.O_RDWR, 0o600)
    except (AttributeError, OSError):
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as raw:
            yield raw, lambda: os.link(raw.name, file)
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        with os.fdopen(number, "w+b") as nameless:
            source = f"/proc/self/fd/{number}"
            yield nameless, lambda: os.link(source, file.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
